"""Check all lesson files and say what to mend: `python -m adaptive.lessons`."""

from __future__ import annotations

import sys

from adaptive.lessons.library import load_library


def main() -> int:
    """Print every fault, or how much is there; the exit code is 1 when something is wrong."""
    library = load_library()
    faults = dict.fromkeys([*library.faults, *library.check_languages()])
    for fault in faults:
        print(fault)  # noqa: T201 - a command's output
    if not faults:
        print(f"{len(library.packs)} packs, {len(library.lessons)} lessons: all files are sound")  # noqa: T201
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
