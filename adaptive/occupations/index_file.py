"""Keep a title index in one file, so that a server need not build it again at every start."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import fields
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from adaptive.occupations.latent import Latent
from adaptive.occupations.postings import Postings
from adaptive.occupations.search import Parts, TitleIndex

_FORMAT = 1
_TEXTS = ("ids", "labels", "folded", "languages")
_POSTINGS = ("starts", "texts", "weights", "idf")

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


def write_index(index: TitleIndex, stream: IO[bytes]) -> None:
    """Write the index to an open binary stream, uncompressed (NumPy's .npz, no pickles)."""
    parts = index.parts
    texts = {name: getattr(parts, name) for name in _TEXTS}
    about = {"format": _FORMAT, "vocabulary": list(parts.vocabulary), **texts}
    arrays: dict[str, Any] = {
        "about": np.frombuffer(json.dumps(about, ensure_ascii=False).encode(), np.uint8),
        "owner": parts.owner,
        "spoken": parts.spoken,
        **_put("by_label", parts.by_label),
        **_put("by_entry", parts.by_entry),
        **{f"latent.{part.name}": getattr(parts.latent, part.name) for part in fields(Latent)},
    }
    for language, postings in parts.by_language.items():
        arrays |= _put(f"by_language.{language}", postings)
    np.savez(stream, **arrays)


def read_index(stream: IO[bytes]) -> TitleIndex:
    """Read an index written by `write_index`. Raises ValueError when the file is another one."""
    try:
        with np.load(stream, allow_pickle=False) as arrays:
            about = json.loads(arrays["about"].tobytes())
            if about["format"] != _FORMAT:
                raise ValueError("The index file has another format; build it again.")
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
                    latent=Latent(
                        **{part.name: arrays[f"latent.{part.name}"] for part in fields(Latent)}
                    ),
                )
            )
    except (KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError("This is no title index file; build it again.") from error
