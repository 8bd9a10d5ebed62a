"""What is held for a person to look at, and what is let through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adaptive.mentoring.wording import (
    CATEGORIES,
    CONTENT,
    KINDS,
    WordingError,
    examine,
    fold,
    load_lists,
)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Call me 0660 123 45 67", "phone"),
        ("+36 (30) 123-4567", "phone"),
        ("０６６０１２３４５６７", "phone"),
        ("06\u200b60\u200b1234567", "phone"),
        ("zero six six zero one two three four", "phone"),
        ("nulla hat három nulla egy kettő három", "phone"),
        ("anna@mail.example", "email"),
        ("anna.k at gmail dot com", "email"),
        ("anna (at) mail (dot) hu", "email"),
        ("anna kukac freemail pont hu", "email"),
        ("look at https://x.example/a", "link"),
        ("WWW.EXAMPLE.ORG", "link"),
        ("wa.me/12345", "link"),
        ("find me as @foo_bar", "handle"),
        ("add foo#1234", "handle"),
        ("my INSTA is foo", "elsewhere"),
        ("ｉｎｓｔａ", "elsewhere"),
        ("I want to kill myself", "self_harm"),
        ("Öngyilkos leszek", "self_harm"),
        ("ongyilkossag", "self_harm"),
        ("убићу се", "self_harm"),
        ("Ich will  sterben", "self_harm"),
        ("ще те убия", "threat"),
        ("I will KILL YOU", "threat"),
        ("küldj pénzt", "money"),
        ("Don’t tell anybody", "secrecy"),
        ("не казвай на никого", "secrecy"),
    ],
)
def test_is_held(text, kind):
    assert kind in {finding.kind for finding in examine(text)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "See you on 12.10.2026 at 18:30 - 19:30, or on 2026-10-13.",
        "I worked there 2019-2023.",
        "It costs 1 200 000 Ft, or 3.000,50 EUR.",
        "Room 12, floor 3, 2 pm, 15 people, 100 points.",
        "We meet at nine. Six or seven people came.",
        "I came home.At nine I slept.Me too.",
        "Das Leben ist schön. Die Nudeln auch. Ich will lernen.",
        "Hét órakor jó? Holnap 10.00-11.00 között.",
        "Kako si? Ja sam dobro, vidimo se u pet.",
        "Ce faci? Sunt bine. Vino la opt.",
        "Как си? Аз съм добре.",
    ],
)
def test_is_let_through(text):
    assert examine(text) == ()


def test_each_kind_is_said_once_and_in_order():
    kinds = [f.kind for f in examine("a@b.example c@d.example 06601234567 kill you kill you")]
    assert kinds == sorted(set(kinds), key=KINDS.index)


@given(st.text(max_size=300))
def test_any_text_can_be_examined(text):
    assert all(finding.kind in KINDS for finding in examine(text))
    assert fold(fold(text)) == fold(fold(fold(text)))


def test_every_language_has_every_category():
    for path in CONTENT.glob("words.*.csv"):
        text = path.read_text(encoding="utf-8")
        assert all(f"\n{category}," in text for category in CATEGORIES), path.name
    assert len(list(CONTENT.glob("words.*.csv"))) == 10


@pytest.mark.parametrize("line", ["rude,x", "threat,*", "threat,"])
def test_a_wrong_list_names_file_and_line(tmp_path, line):
    (tmp_path / "words.en.csv").write_text(f"category,pattern\nthreat,ok\n{line}\n")
    with pytest.raises(WordingError, match=r"words\.en\.csv:3"):
        load_lists(tmp_path)
