"""Check the files of the questions and say what to mend: `python -m adaptive.situation`."""

from __future__ import annotations

import sys

from adaptive.situation.questions import load_questions


def main() -> int:
    """Print every fault, or how much is there; the exit code is 1 when something is wrong."""
    questions = load_questions()
    faults = dict.fromkeys([*questions.faults, *questions.check_languages()])
    for fault in faults:
        print(fault)  # noqa: T201 - a command's output
    if not faults:
        print(f"{len(questions.all)} questions: all files are sound")  # noqa: T201
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
