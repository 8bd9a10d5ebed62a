from __future__ import annotations

import json

import numpy as np
import pytest

from adaptive.learning import (
    AnswerSequence,
    LearningDataError,
    calibrate,
    load_tracers,
    read_three_line,
)
from adaptive.learning.defaults import DEFAULTS, dump_tracers
from adaptive.learning.tracing import folds
from tests.adaptive.learning.test_tracers import learners


def write(tmp_path, text):
    path = tmp_path / "answers.csv"
    path.write_bytes(text)
    return path


def test_three_line_files_are_read_with_trailing_commas_and_either_line_end(tmp_path):
    path = write(tmp_path, b"3\r\n1,1,2,\r\n0,1,1,\r\n1\n7\n0\n\n")
    assert read_three_line(path) == [
        AnswerSequence(("1", "1", "2"), (False, True, True)),
        AnswerSequence(("7",), (False,)),
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"3\n1,1\n0,1\n", "line 1.*says '3' answers, then 2 skills"),
        (b"1\n1\n0\n2\n1,1\n0,2\n", "line 6: results must be 0 or 1"),
        (b"1\n1\n", "every learner needs three"),
        (b"x\n1\n0\n", "line 1"),
    ],
)
def test_broken_files_are_refused_with_the_line(tmp_path, text, says):
    with pytest.raises(LearningDataError, match=says):
        read_three_line(write(tmp_path, text))


def test_sequences_must_be_of_one_length():
    with pytest.raises(LearningDataError, match="2 skills but 1 results"):
        AnswerSequence(("a", "b"), (True,))
    with pytest.raises(LearningDataError, match="moments"):
        AnswerSequence(("a",), (True,), (1.0, 2.0))


def test_folds_are_even_whole_and_repeatable():
    found = folds(103, 5, seed=4)
    assert sorted(np.bincount(found)) == [20, 20, 21, 21, 21]
    assert (found == folds(103, 5, seed=4)).all()
    assert (found != folds(103, 5, seed=5)).any()
    with pytest.raises(LearningDataError):
        folds(3, 5, seed=0)


def test_the_shipped_defaults_say_their_version_and_name_no_skill():
    tracers = load_tracers()
    assert tracers.version == "1"
    assert "assist2009" in tracers.made_from
    assert not tracers.elo.parameters.easiness
    assert not tracers.bkt.skills
    assert dump_tracers(tracers) == DEFAULTS.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda c: c.pop("bkt"),
        lambda c: c["logistic"]["numbers"].pop("ability"),
        lambda c: c["elo"].update(step=1),
        lambda c: c["bkt"]["fallback"].update(slip=2),
    ],
)
def test_spoiled_parameter_files_are_refused_by_name(tmp_path, spoil):
    content = json.loads(DEFAULTS.read_text(encoding="utf-8"))
    spoil(content)
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(LearningDataError, match=r"mine\.json"):
        load_tracers(path)


def test_broken_json_is_refused_with_its_line(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text('{"version":\n oops}', encoding="utf-8")
    with pytest.raises(LearningDataError, match="line 2"):
        load_tracers(path)


@pytest.mark.parametrize("by_skill", [False, True])
def test_calibrating_writes_a_file_that_loads_and_reports(tmp_path, capsys, by_skill):
    lines = []
    for sequence in learners(40, seed=9, length=12):
        lines += [
            str(len(sequence.skills)),
            ",".join(sequence.skills),
            ",".join(str(int(c)) for c in sequence.correct),
        ]
    path, out = write(tmp_path, "\n".join(lines).encode()), tmp_path / "made.json"
    calibrate.main([str(out), "7", str(path), *(["--by-skill"] if by_skill else [])])
    made = load_tracers(out)
    assert (made.version, made.made_from) == ("7", "answers")
    assert sorted(made.bkt.skills) == (["s0", "s1", "s2", "s3"] if by_skill else [])
    assert capsys.readouterr().out.count("AUC") == 3
