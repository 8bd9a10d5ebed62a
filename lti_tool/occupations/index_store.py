"""The title index in the database: written with the data it belongs to, mapped by each process.

The database is the one place that every process of an installation shares, on one machine or on
several, and a backup of it is whole.
"""

from __future__ import annotations

import tempfile
import zlib

from sqlalchemy import Connection, delete, insert, select

from adaptive.occupations import Entry, TitleIndex, build_index, read_index, write_index
from lti_tool.occupations.models import OccupationIndexPart

_PART = 1 << 20
_QUICK = 1
"""zlib's fastest level; it more than halves the index already."""


def build_parts(entries: list[Entry]) -> list[bytes]:
    """Index the entries and return the index in compressed pieces; takes some 15 s for ESCO."""
    with tempfile.TemporaryFile() as stream:
        write_index(build_index(entries), stream)
        stream.seek(0)
        return [zlib.compress(part, _QUICK) for part in iter(lambda: stream.read(_PART), b"")]


def store_parts(connection: Connection, version: str, parts: list[bytes]) -> None:
    """Keep the pieces under a version; those of other versions go."""
    connection.execute(delete(OccupationIndexPart))
    for place, content in enumerate(parts):
        connection.execute(
            insert(OccupationIndexPart), {"version": version, "place": place, "content": content}
        )


def load_index(connection: Connection, version: str) -> TitleIndex | None:
    """Return the index of a version, None when there is none (any more).

    It is unpacked into a nameless temporary file and mapped from there, so memory holds what
    searches touch, and the system may take it back.
    """
    query = (
        select(OccupationIndexPart.content)
        .where(OccupationIndexPart.version == version)
        .order_by(OccupationIndexPart.place)
    )
    with tempfile.TemporaryFile() as stream:
        for content in connection.scalars(query, execution_options={"yield_per": 4}):
            stream.write(zlib.decompress(content))
        if not stream.tell():
            return None
        stream.flush()
        return read_index(stream)
