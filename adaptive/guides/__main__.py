"""Check all files of the guides and say what to mend: `python -m adaptive.guides`."""

from __future__ import annotations

import sys

from adaptive.guides.library import load_guides


def main() -> int:
    """Print every fault, or how much is there; the exit code is 1 when something is wrong."""
    guides = load_guides()
    faults = dict.fromkeys([*guides.faults, *guides.check_languages()])
    for fault in faults:
        print(fault)  # noqa: T201 - a command's output
    if not faults:
        print(f"{len(guides.units)} units: all files are sound")  # noqa: T201
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
