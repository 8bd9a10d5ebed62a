"""A file of opportunities: comma- or semicolon-separated, one a line, all of it or nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from adaptive.opportunities.network import LANGUAGES
from lti_tool.opportunities.models import Opportunity
from lti_tool.opportunities.operations import TooMany, add, change, publish
from lti_tool.opportunities.values import FIELDS, TEXT_FIELDS, Fault, NotValid, Values, read

MOST_BYTES = 200_000
MOST_LINES = 500
COLUMNS = (*FIELDS, *(f"{field}.{language}" for language in LANGUAGES for field in TEXT_FIELDS))
NEEDED = ("reference", "kind", "organisation")


@dataclass(frozen=True, slots=True)
class LineFault:
    """What is wrong on a line of the file; line 0 means the file as a whole."""

    line: int
    fault: Fault


class BadFile(ValueError):
    """The file cannot be taken; nothing of it was."""

    def __init__(self, faults: Sequence[LineFault]) -> None:
        """Keep what is wrong, in the order of the lines."""
        super().__init__(f"{len(faults)} faults, the first on line {faults[0].line}")
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Line:
    """One opportunity of a file, with the number of its line."""

    number: int
    values: Values


@dataclass(frozen=True, slots=True)
class Imported:
    """How many opportunities were added, changed, and there already."""

    added: int
    changed: int
    same: int


def decode(content: bytes) -> str:
    """Return a file as text.

    Raises:
        BadFile: it is too large, or not UTF-8.
    """
    if len(content) > MOST_BYTES:
        raise BadFile([LineFault(0, Fault("", "file_large", str(MOST_BYTES // 1000)))])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BadFile([LineFault(line, Fault("", "file_letters"))]) from None


def read_table(text: str) -> list[Line]:
    """Read all lines of a file and check them, each alone and against each other.

    Raises:
        BadFile: with everything that is wrong.
    """
    lines = _lines(text)
    header = [cell.strip() for cell in lines[0][1]] if lines else []
    _check_header(lines[0][0] if lines else 0, header)
    found: list[Line] = []
    faults: list[LineFault] = []
    seen: set[str] = set()
    for line, cells in lines[1:]:
        if len(cells) > len(header):
            faults.append(LineFault(line, Fault("", "cells", str(len(header)))))
            continue
        try:
            values = read(dict(zip(header, cells, strict=False)))
        except NotValid as wrong:
            faults += [LineFault(line, fault) for fault in wrong.faults]
            continue
        if values.reference is None:
            faults.append(LineFault(line, Fault("reference", "empty")))
        elif values.reference in seen:
            faults.append(LineFault(line, Fault("reference", "twice", values.reference)))
        else:
            seen.add(values.reference)
            found.append(Line(line, values))
    if not found and not faults:
        faults.append(LineFault(0, Fault("", "file_empty")))
    if faults:
        raise BadFile(faults)
    return found


def import_all(
    session: Session, tenant_id: str, found: Sequence[Line], now: datetime, *, open_now: bool
) -> Imported:
    """Add or change an organisation's opportunities, known again by their reference.

    New ones are drafts, or open at once if `open_now`. One that was ended stays so. What the file
    does not name stays as it is.

    Raises:
        BadFile: an open one's last day has passed, or there would be too many.
    """
    known = {
        row.reference: row
        for row in session.scalars(
            select(Opportunity).where(
                Opportunity.tenant_id == tenant_id, Opportunity.reference.is_not(None)
            )
        )
    }
    counts = {"added": 0, "changed": 0, "same": 0}
    for line in found:
        values = line.values
        row = known.get(values.reference)
        try:
            if row is None:
                row = add(session, tenant_id, values, now)
                counts["added"] += 1
                if open_now:
                    publish(row, now)
            else:
                counts["changed" if change(session, row, values, now) else "same"] += 1
        except NotValid as wrong:
            raise BadFile([LineFault(line.number, fault) for fault in wrong.faults]) from None
        except TooMany:
            raise BadFile([LineFault(line.number, Fault("", "too_many"))]) from None
    return Imported(**counts)


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """Return the records that are not blank with the numbers of their first lines."""
    first = text.partition("\n")[0]
    mark = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    found: list[tuple[int, list[str]]] = []
    start = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append((start, cells))
            start = reader.line_num + 1
            if len(found) > MOST_LINES + 1:
                raise BadFile([LineFault(start - 1, Fault("", "file_long", str(MOST_LINES)))])
    except csv.Error:
        raise BadFile([LineFault(start, Fault("", "file_quotes"))]) from None
    return found


def _check_header(line: int, header: Sequence[str]) -> None:
    if not header:
        raise BadFile([LineFault(0, Fault("", "file_empty"))])
    faults = [Fault("", "column_missing", name) for name in NEEDED if name not in header]
    faults += [Fault("", "column_unknown", name) for name in header if name not in COLUMNS]
    faults += [
        Fault("", "column_twice", name) for name in dict.fromkeys(header) if header.count(name) > 1
    ]
    if faults:
        raise BadFile([LineFault(line, fault) for fault in faults])
