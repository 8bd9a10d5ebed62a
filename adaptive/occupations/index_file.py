"""Keep a title index in one file, so that a server need not build it again at every start.

The file is a line that names the format, the length of a JSON header (8 bytes, little-endian),
the header, and every array as its bare bytes on a border of 64 bytes. A file on disk is mapped
into memory, so only what searches touch is ever read, and processes share it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from adaptive.occupations.latent import Latent
from adaptive.occupations.postings import Postings
from adaptive.occupations.search import Parts, TitleIndex

FORMAT = b"backontrack title index 2\n"
_TEXTS = ("ids", "labels", "folded", "languages")
_POSTINGS = ("starts", "texts", "weights", "idf")
_BORDER = 64

Arrays = Mapping[str, NDArray[Any]]


def _put(name: str, postings: Postings) -> dict[str, NDArray[Any]]:
    return {
        f"{name}.count": np.array(postings.count),
        **{f"{name}.{part}": getattr(postings, part) for part in _POSTINGS},
    }


def _take(name: str, arrays: Arrays) -> Postings:
    return Postings(
        **{part: arrays[f"{name}.{part}"] for part in _POSTINGS},
        count=int(arrays[f"{name}.count"]),
    )


def _up(place: int) -> int:
    return -(-place // _BORDER) * _BORDER


def write_index(index: TitleIndex, stream: IO[bytes]) -> None:
    """Write the index to an open binary stream."""
    parts = index.parts
    arrays: dict[str, NDArray[Any]] = {
        "owner": parts.owner,
        "spoken": parts.spoken,
        **_put("by_label", parts.by_label),
        **_put("by_entry", parts.by_entry),
        **{f"latent.{part.name}": getattr(parts.latent, part.name) for part in fields(Latent)},
    }
    for language, postings in parts.by_language.items():
        arrays |= _put(f"by_language.{language}", postings)
    places: dict[str, tuple[str, tuple[int, ...], int]] = {}
    end = 0
    for name, array in arrays.items():
        places[name] = (array.dtype.str, array.shape, end)
        end = _up(end + array.nbytes)
    texts = {name: getattr(parts, name) for name in _TEXTS}
    about = {**texts, "vocabulary": list(parts.vocabulary), "arrays": places, "size": end}
    header = json.dumps(about, ensure_ascii=False).encode()
    start = len(FORMAT) + 8 + len(header)
    stream.write(FORMAT + len(header).to_bytes(8, "little") + header + bytes(_up(start) - start))
    for array in arrays.values():
        stream.write(np.ascontiguousarray(array).tobytes())
        stream.write(bytes(_up(array.nbytes) - array.nbytes))


def _content(stream: IO[bytes]) -> NDArray[np.uint8]:
    """All bytes of the stream: mapped when it is a file, else read."""
    try:
        return np.memmap(stream, np.uint8, "r")
    except (AttributeError, OSError, ValueError):
        stream.seek(0)
        return np.frombuffer(stream.read(), np.uint8)


def read_index(stream: IO[bytes]) -> TitleIndex:
    """Read an index written by `write_index`; the stream may be closed afterwards.

    Raises ValueError when the content is something else or was cut off.
    """
    content = _content(stream)
    begin = len(FORMAT) + 8
    if content[: len(FORMAT)].tobytes() != FORMAT:
        raise ValueError("This is no title index file of this version; build it again.")
    length = int.from_bytes(content[len(FORMAT) : begin].tobytes(), "little")
    data = content[_up(begin + length) :]
    try:
        about = json.loads(content[begin : begin + length].tobytes())
    except ValueError:
        about = {"size": -1}
    if len(data) != about["size"]:
        raise ValueError("This title index file was cut off; build it again.")

    def array(kind: str, shape: list[int], offset: int) -> NDArray[Any]:
        size = np.dtype(kind).itemsize * int(np.prod(shape, dtype=np.int64))
        return data[offset : offset + size].view(kind).reshape(shape).view(np.ndarray)

    arrays = {name: array(*place) for name, place in about["arrays"].items()}
    return TitleIndex(
        Parts(
            **{name: tuple(about[name]) for name in _TEXTS},
            vocabulary={gram: number for number, gram in enumerate(about["vocabulary"])},
            owner=arrays["owner"],
            spoken=arrays["spoken"],
            by_label=_take("by_label", arrays),
            by_entry=_take("by_entry", arrays),
            by_language={
                language: _take(f"by_language.{language}", arrays)
                for language in about["languages"]
            },
            latent=Latent(**{part.name: arrays[f"latent.{part.name}"] for part in fields(Latent)}),
        )
    )
