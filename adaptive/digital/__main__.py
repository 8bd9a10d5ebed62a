"""`python -m adaptive.digital`: says what is wrong with the files in adaptive/content/digital."""

from __future__ import annotations

import sys

from adaptive.digital.bank import LANGUAGES, BankError, load_bank
from adaptive.digital.practice import TASKS, load_practice


def main() -> int:
    """Print each mistake and how far each language is; returns 1 if there is a mistake."""
    practice = load_practice()
    problems = [*practice.problems]
    try:
        load_bank()
    except BankError as broken:
        problems += broken.problems
    for problem in problems:
        print(problem)  # noqa: T201 - a command's output
    for language in LANGUAGES:
        done = sum(bool(practice.steps(task, language)) for task in TASKS)
        print(f"{language}: steps for {done} of {len(TASKS)} tasks")  # noqa: T201
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
