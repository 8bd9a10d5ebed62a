"""Compile every catalogue that is newer than its compiled form."""

from __future__ import annotations

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def main() -> None:
    """Write messages.mo beside each messages.po."""
    for source in Path(__file__).parent.glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            with source.open("rb") as catalogue, target.open("wb") as compiled:
                write_mo(compiled, read_po(catalogue, locale=source.parent.parent.name))


if __name__ == "__main__":
    main()
