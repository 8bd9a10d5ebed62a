from __future__ import annotations

import random

import pytest

from adaptive.digital import ANSWERS, UnknownAnswer, load_bank, next_question, results
from adaptive.digital.bank import AREAS
from adaptive.digital.routing import SURE_ENOUGH

BANK = load_bank()


def walk(answer):
    """Answer every question with a rule; return the questions in order and the answers."""
    asked, answers = [], {}
    while (question := next_question(BANK, answers)) is not None:
        asked.append(question)
        answers[question.id] = answer(question)
    return asked, answers


def person(band):
    """Somebody who manages alone up to a band and with help one level above it."""

    def answer(question):
        if question.level <= band:
            return "own"
        return "help" if question.level == band + 1 else "not_yet"

    return answer


def test_screeners_of_all_areas_come_first():
    asked, _ = walk(lambda question: "own")
    assert [q.area for q in asked[:5]] == list(AREAS)
    assert {q.stage for q in asked[:5]} == {"screener"}
    assert {q.stage for q in asked[5:]} == {"follow-up"}


@pytest.mark.parametrize("seed", range(60))
def test_ten_to_fifteen_questions_whatever_is_answered(seed):
    dice = random.Random(seed)
    asked, answers = walk(lambda question: dice.choice(ANSWERS))
    assert 10 <= len(asked) <= 15
    assert len(answers) == len(asked)
    for area in AREAS:
        follow_ups = [q for q in asked if q.area == area and q.stage == "follow-up"]
        assert 1 <= len(follow_ups) <= 2


@pytest.mark.parametrize("band", range(4))
def test_a_steady_person_gets_the_own_band_everywhere(band):
    _, answers = walk(person(band))
    found = results(BANK, answers)
    assert [one.band for one in found] == [band] * 5
    assert all(one.certainty > 0.5 for one in found)
    assert [one.step for one in found] == [f"{area}-step-{band}" for area in AREAS]


def test_follow_ups_are_asked_where_they_tell_most():
    strong, _ = walk(person(3))
    weak, _ = walk(person(0))
    assert {q.level for q in strong[5:]} == {3}
    assert {q.level for q in weak[5:]} == {1}


def test_a_second_follow_up_comes_only_while_the_band_is_unsure():
    answers = {f"{area}-0": "own" for area in AREAS}
    answers["info-3a"] = "own"
    sure = results(BANK, answers)[0].certainty >= SURE_ENOUGH
    assert sure
    assert next_question(BANK, answers).area == "comm"
    answers["info-3a"] = "not_yet"
    assert results(BANK, answers)[0].certainty < SURE_ENOUGH
    assert next_question(BANK, answers).area == "info"


def test_not_sure_says_nothing_and_ends_without_a_band():
    asked, answers = walk(lambda question: "not_sure")
    assert len(asked) == 15
    for one in results(BANK, answers):
        assert one.band is None
        assert one.certainty == 0
        assert one.chances == (0.25,) * 4
        assert one.step == f"{one.area}-step-0"


def test_better_answers_never_lower_an_area():
    order = {"not_yet": 0, "help": 1, "own": 2}
    for question in BANK.of("safe"):
        means = []
        for answer in order:
            chances = results(BANK, {question.id: answer})[3].chances
            means.append(sum(band * p for band, p in enumerate(chances)))
        assert means == sorted(means)
        assert means[0] < means[-1]


def test_a_harder_question_done_alone_counts_more():
    easy = results(BANK, {"make-1a": "own"})[2].chances
    hard = results(BANK, {"make-3a": "own"})[2].chances
    assert hard[3] > easy[3]


def test_results_add_up_and_do_not_depend_on_the_order_of_answers():
    _, answers = walk(person(2))
    turned = dict(reversed(answers.items()))
    assert results(BANK, turned) == results(BANK, answers)
    assert all(sum(one.chances) == pytest.approx(1) for one in results(BANK, answers))


def test_areas_do_not_touch_each_other():
    alone = results(BANK, {"info-0": "own"})[0]
    assert results(BANK, {"info-0": "own", "comm-0": "not_yet"})[0] == alone


@pytest.mark.parametrize("answers", [{"info-9": "own"}, {"info-0": "7"}, {"info-0": ""}])
@pytest.mark.parametrize("ask", [next_question, results])
def test_unknown_answers_are_refused(ask, answers):
    with pytest.raises(UnknownAnswer):
        ask(BANK, answers)
