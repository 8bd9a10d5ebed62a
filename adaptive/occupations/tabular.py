"""Read the public tables (CSV, zipped CSV, XLSX) and say plainly what is wrong with one."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from python_calamine import CalamineError, CalamineWorkbook

Source = str | Path | IO[bytes]
"""A file on disk or an open binary stream (an upload)."""

MAX_UNPACKED_BYTES = 200_000_000
"""The largest table inside a zip that is read; the biggest of ESCO 1.1.1 has 21 MB."""


class BadTable(ValueError):
    """A table cannot be read. The message names the file, the line and the way to mend it.

    `file` is the name shown to the operator, `line` the first line of the record (from 1; 0 when
    the file as a whole is meant), `mend` what to do about it.
    """

    def __init__(self, file: str, line: int, what: str, mend: str) -> None:
        place = f"{file}, line {line}" if line else file
        super().__init__(f"{place}: {what} {mend}")
        self.file = file
        self.line = line
        self.mend = mend


@dataclass(frozen=True, slots=True)
class Row:
    """One record: its file and first line for messages, and its cells by column name."""

    file: str
    line: int
    cells: Mapping[str, str]

    def text(self, column: str) -> str:
        """Return the cell without surrounding blanks; raise `BadTable` when it is empty."""
        value = self.cells[column].strip()
        if not value:
            raise self.bad(f"the cell “{column}” is empty.", "Fill it in or take the line out.")
        return value

    def number(self, column: str, low: float, high: float) -> float:
        """Return the cell as a number within [low, high]; raise `BadTable` otherwise."""
        raw = self.text(column)
        try:
            value = float(raw)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise self.bad(
                f"“{raw}” in “{column}” is not a number from {low:g} to {high:g}.",
                "Correct it or download the file again.",
            )
        return value

    def number_or_none(self, column: str, low: float, high: float) -> float | None:
        """Return None for an empty cell, else as `number`."""
        return self.number(column, low, high) if self.cells[column].strip() else None

    def bad(self, what: str, mend: str) -> BadTable:
        """Make (not raise) the error for this record."""
        return BadTable(self.file, self.line, what, mend)


def name_of(source: Source) -> str:
    """The file name to show for a source."""
    if isinstance(source, str | Path):
        return Path(source).name
    return Path(str(getattr(source, "name", "uploaded file"))).name


def _header_of(
    file: str, line: int, header: Sequence[str], required: Sequence[str]
) -> Sequence[str]:
    header = [cell.strip() for cell in header]
    missing = [column for column in required if column not in header]
    if missing:
        raise BadTable(
            file,
            line,
            f"the column “{missing[0]}” is missing; found: {', '.join(filter(None, header))}.",
            "Use the official file, saved as comma-separated UTF-8, with its first line kept.",
        )
    return header


def _rows(
    file: str,
    lines: Iterable[str],
    required: Sequence[str],
    header_cell: str | None = None,
    short_lines: bool = False,
) -> Iterator[Row]:
    """Yield records; `header_cell` is the first cell of the header when a preamble precedes it."""
    reader = csv.reader(lines, strict=True)
    header: Sequence[str] | None = None
    start = 1
    try:
        for cells in reader:
            line, start = start, reader.line_num + 1
            if header is None:
                if header_cell is not None and (not cells or cells[0].strip() != header_cell):
                    continue
                header = _header_of(file, line, cells, required)
                continue
            if not any(cell.strip() for cell in cells):
                continue
            if short_lines:
                cells = cells + [""] * (len(header) - len(cells))
            if len(cells) != len(header):
                raise BadTable(
                    file,
                    line,
                    f"{len(cells)} cells where the header has {len(header)}.",
                    "Look for a missing quotation mark or comma on this line.",
                )
            yield Row(file, line, dict(zip(header, cells, strict=True)))
    except UnicodeDecodeError as error:
        raise BadTable(file, start, "not UTF-8 text.", "Save the file as UTF-8.") from error
    except csv.Error as error:
        raise BadTable(
            file, start, f"not readable as CSV ({error}).", "Close the open quotation mark."
        ) from error
    if header is None:
        wanted = header_cell or required[0]
        raise BadTable(
            file, 0, f"no header line with “{wanted}” found.", "Use the official file unchanged."
        )


@contextmanager
def _opened(source: Source) -> Iterator[IO[bytes]]:
    if not isinstance(source, str | Path):
        yield source
        return
    with ExitStack() as stack:
        try:
            stream = stack.enter_context(Path(source).open("rb"))
        except OSError as error:
            raise BadTable(
                name_of(source), 0, f"cannot be opened ({error.strerror}).", "Check the path."
            ) from error
        yield stream


def csv_rows(
    source: Source, required: Sequence[str], header_cell: str | None = None
) -> Iterator[Row]:
    """Yield the records of a CSV file in file order.

    `required` are the columns that must exist; `header_cell` names the first cell of the header
    when other lines come before it. Raises `BadTable`.
    """
    with _opened(source) as stream:
        text = io.TextIOWrapper(stream, "utf-8-sig", newline="")
        try:
            yield from _rows(name_of(source), text, required, header_cell)
        finally:
            text.detach()


def zipped_csv_rows(
    source: Source, member: str, required: Sequence[str], *, short_lines: bool = False
) -> Iterator[Row]:
    """Yield the records of the CSV file `member` inside a zip.

    `short_lines` accepts records whose last, empty cells were left out. Raises `BadTable`.
    """
    shown = f"{name_of(source)} › {member}"
    with _opened(source) as stream:
        try:
            archive = zipfile.ZipFile(stream)
        except zipfile.BadZipFile as error:
            raise BadTable(
                name_of(source), 0, "not a zip file.", "Download it again, do not unpack it."
            ) from error
        with archive:
            try:
                info = archive.getinfo(member)
            except KeyError:
                raise BadTable(
                    name_of(source),
                    0,
                    f"the zip holds no “{member}”.",
                    "Choose classification and language on the download page as documented.",
                ) from None
            if info.file_size > MAX_UNPACKED_BYTES:
                raise BadTable(shown, 0, "far too large.", "Use the official file.")
            try:
                with archive.open(info) as raw:
                    text = io.TextIOWrapper(raw, "utf-8-sig", newline="")
                    yield from _rows(shown, text, required, None, short_lines)
            except zipfile.BadZipFile as error:
                raise BadTable(shown, 0, f"damaged ({error}).", "Download it again.") from error


def xlsx_rows(source: Source, required: Sequence[str]) -> Iterator[Row]:
    """Yield the records of the first sheet of an XLSX workbook, cells as text.

    Raises `BadTable`. Numbers keep the shortest text that gives the same number back.
    """
    file = name_of(source)
    with _opened(source) as stream:
        try:
            book = CalamineWorkbook.from_filelike(stream)
            table = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
        except (CalamineError, ValueError, OSError) as error:
            raise BadTable(
                file, 0, f"not a readable XLSX workbook ({error}).", "Download it again."
            ) from error
    if not table:
        raise BadTable(file, 0, "the first sheet is empty.", "Download it again.")
    header = _header_of(file, 1, [str(cell) for cell in table[0]], required)
    for line, cells in enumerate(table[1:], start=2):
        if any(str(cell).strip() for cell in cells):
            yield Row(file, line, dict(zip(header, map(str, cells), strict=False)))
