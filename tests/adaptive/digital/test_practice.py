from __future__ import annotations

import re
import shutil

import pytest

from adaptive.digital import load_bank, load_practice
from adaptive.digital.__main__ import main
from adaptive.digital.bank import CONTENT
from adaptive.digital.practice import TASKS


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(CONTENT, tmp_path / "digital")


def test_each_area_and_band_has_a_task_with_steps_in_english():
    practice = load_practice()
    assert practice.problems == ()
    assert len(TASKS) == 20
    for task in TASKS:
        assert 2 <= len(practice.steps(task, "en")) <= 5
        assert load_bank().text(task, "en")


def test_steps_are_short_sentences_in_plain_words():
    practice = load_practice()
    for language, tasks in practice.texts.items():
        for steps in tasks.values():
            for step in steps:
                assert not re.search(r"\b(test|NEET|тест)", step, re.IGNORECASE), step
                for sentence in re.split(r"(?<=[.?!])\s+", step):
                    assert len(sentence.split()) <= 15, (language, sentence)


def test_a_translator_adds_a_language_with_one_file_and_without_code(folder):
    (folder / "practice.sr.toml").write_text(
        '[info-step-0]\nsteps = ["Отвори мапу.", "Тражи аутобус."]\n', encoding="utf-8"
    )
    practice = load_practice(folder)
    assert practice.problems == ()
    assert practice.steps("info-step-0", "sr") == ("Отвори мапу.", "Тражи аутобус.")
    assert practice.steps("info-step-1", "sr") == ()
    assert practice.steps("info-step-0", "xx") == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[info-step-9]\nsteps = ["a", "b"]', r"de\.toml, line 1: \[info-step-9\] nothing uses"),
        ('\n[info-step-0]\nsteps = ["a"]', r"line 2: \[info-step-0\] has 1 steps; write 2 to 5"),
        ('[info-step-0]\nsteps = ["a", " "]', "has a step that is empty or longer than 120"),
        ('[info-step-0]\nsteps = ["a", 7]', "put each step in quotes"),
        ('[info-step-0]\nstep = ["a", "b"]', "needs steps = .* and nothing else"),
        ("info-step-0 = 5", "line 1: .* needs steps"),
    ],
)
def test_a_mistake_is_named_and_the_rest_still_loads(folder, text, says):
    (folder / "practice.de.toml").write_text(
        f'{text}\n[info-step-1]\nsteps = ["Eins.", "Zwei."]\n', encoding="utf-8"
    )
    practice = load_practice(folder)
    (problem,) = practice.problems
    assert re.search(says, problem), problem
    assert practice.steps("info-step-0", "de") == ()
    assert practice.steps("info-step-1", "de") == ("Eins.", "Zwei.")
    assert practice.steps("info-step-0", "en")


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"[info-step-0]\nsteps = [\"a]\n", "at line 2"), (b"\xff\xfe", "not UTF-8")],
)  # fmt: skip
def test_a_file_that_cannot_be_read_costs_only_itself(folder, content, says):
    (folder / "practice.de.toml").write_bytes(content)
    practice = load_practice(folder)
    (problem,) = practice.problems
    assert problem.startswith("practice.de.toml") and says in problem
    assert practice.steps("info-step-0", "en")


def test_english_has_to_be_whole(folder):
    english = folder / "practice.en.toml"
    english.write_text(english.read_text().replace("[safe-step-2]", "[safe-step-8]"))
    assert "practice.en.toml: no steps for safe-step-2" in load_practice(folder).problems[-1]
    english.unlink()
    assert "the file is missing" in load_practice(folder).problems[0]


def test_the_command_says_how_far_each_language_is(capsys):
    assert main() == 0
    assert "en: steps for 20 of 20 tasks" in capsys.readouterr().out
