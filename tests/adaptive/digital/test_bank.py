from __future__ import annotations

import re
import shutil

import pytest

from adaptive.digital import LANGUAGES, BankError, load_bank
from adaptive.digital.bank import AREAS, CONTENT

BANK = load_bank()


def spoiled(tmp_path, file, change):
    """Return the problems of a copy of the bank with one file changed."""
    folder = tmp_path / "digital"
    shutil.copytree(CONTENT, folder)
    path = folder / file
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(BankError) as caught:
        load_bank(folder)
    return caught.value.problems


class TestShippedBank:
    def test_it_has_a_screener_and_two_follow_ups_a_level_in_every_area(self):
        for area in AREAS:
            levels = sorted((q.stage, q.level) for q in BANK.of(area))
            assert levels == [*((("follow-up", n)) for n in (1, 1, 2, 2, 3, 3)), ("screener", 2)]

    def test_every_text_is_there_in_all_ten_languages(self):
        assert set(BANK.texts) == set(LANGUAGES)
        keys = {frozenset(texts) for texts in BANK.texts.values()}
        assert len(keys) == 1
        assert len(next(iter(keys))) == 68

    def test_no_language_is_called_reviewed_before_a_person_reviewed_it(self):
        assert set(BANK.status.values()) == {"draft"}

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_texts_are_short_and_differ_from_each_other(self, language):
        texts = list(BANK.texts[language].values())
        assert len(set(texts)) == len(texts)
        assert max(len(text.split()) for text in texts) <= 18

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_words_that_must_not_appear(self, language):
        for text in BANK.texts[language].values():
            assert not re.search(r"\b(test|NEET|тест)", text, re.IGNORECASE), text

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_each_language_keeps_to_its_script(self, language):
        cyrillic = language in ("bg", "sr")
        for text in BANK.texts[language].values():
            plain = text.replace("Wi-Fi", "")
            foreign = r"[A-Za-z]" if cyrillic else r"[А-я]"
            assert not re.search(foreign, plain), text

    def test_no_two_languages_share_a_question(self):
        for question in BANK.questions:
            texts = {language: BANK.text(question.id, language) for language in LANGUAGES}
            assert len(set(texts.values())) == len(LANGUAGES), texts


class TestMistakes:
    @pytest.mark.parametrize(
        ("before", "after", "says"),
        [
            ("info-0,info", "info-0,inform", r"questions\.csv, line 2: unknown area 'inform'; use"),
            ("info-0,info,1.2", "info-0,info,2.1", r"line 2: '2\.1' is no competence of info"),
            ("info-0,info,1.2", "info-0,info,1.4", r"'1\.4' is no competence of info; use one of"),
            ("screener,2", "opener,2", "line 2: unknown stage 'opener'; use screener"),
            ("follow-up,1", "follow-up,7", "line 3: the level must be 1, 2 or 3, not '7'"),
            ("info-1b,", "info-1a,", "line 4: the id 'info-1a' is empty or taken"),
            ("id,area", "name,area", "line 1: the header must be id,area,competence,stage,level"),
            ("info-1a,info,1.1,follow-up,1", "info-1a,info,1.1", "line 3: 3 cells instead of 5"),
            ("info-1a,info,1.1,follow-up,1\n", "", "info has 1 follow-ups of level 1; add 1"),
            ("info-0,info,1.2,screener,2\n", "", "info has 0 screeners; it needs exactly one"),
        ],
    )
    def test_structure(self, tmp_path, before, after, says):
        problems = spoiled(tmp_path, "questions.csv", lambda text: text.replace(before, after, 1))
        assert re.search(says, problems[0])

    @pytest.mark.parametrize(
        ("before", "after", "says"),
        [
            ("band-0,", "bund-0,", r"hu\.csv, line 8: nothing uses 'bund-0'; correct the spelling"),
            ("band-1,", "band-0,", "line 9: 'band-0' stands there twice; keep one"),
            ("band-0,Most kezdem", "band-0,", "line 8: 'band-0' has no text; write one"),
            ("Most kezdem", "nagyon " * 30, "line 8: 'band-0' has .* use at most 120"),
            ("status,draft", "status,fine", "line 2: the status must be draft or reviewed"),
            ("Most kezdem", "Most, kezdem", "line 8: 3 cells instead of 2; put a text"),
            ("band-0,Most kezdem\n", "", r"hu\.csv: no text for band-0; add a line"),
            ("status,draft\n", "", "no text for status"),
        ],
    )
    def test_texts(self, tmp_path, before, after, says):
        problems = spoiled(tmp_path, "hu.csv", lambda text: text.replace(before, after, 1))
        assert re.search(says, problems[0])

    def test_all_mistakes_come_at_once(self, tmp_path):
        problems = spoiled(
            tmp_path, "ro.csv", lambda text: text.replace("band-0", "a").replace("band-1", "b")
        )
        assert len(problems) == 3

    def test_a_missing_language_file_is_named(self, tmp_path):
        folder = tmp_path / "digital"
        shutil.copytree(CONTENT, folder)
        (folder / "bs.csv").unlink()
        with pytest.raises(BankError, match=r"bs\.csv: the file is missing"):
            load_bank(folder)

    def test_a_file_in_another_encoding_is_named(self, tmp_path):
        folder = tmp_path / "digital"
        shutil.copytree(CONTENT, folder)
        (folder / "de.csv").write_bytes("key,text\nband-0,für\n".encode("latin-1"))
        with pytest.raises(BankError, match=r"de\.csv: not UTF-8"):
            load_bank(folder)

    def test_a_spreadsheets_byte_order_mark_does_no_harm(self, tmp_path):
        folder = tmp_path / "digital"
        shutil.copytree(CONTENT, folder)
        text = (folder / "de.csv").read_text(encoding="utf-8")
        (folder / "de.csv").write_text(text, encoding="utf-8-sig")
        assert load_bank(folder) == BANK
