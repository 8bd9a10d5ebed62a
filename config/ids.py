"""Identifiers that the application makes itself, so that no database has to."""

from __future__ import annotations

import secrets
import time


def new_id() -> str:
    """Return a UUIDv7 (RFC 9562 §5.7) as 32 lower-case hexadecimal digits.

    They sort by the millisecond of their making, which keeps B-trees compact, and carry 74 random
    bits. An id is a name, not a secret: whoever knows one may do nothing by it.
    """
    milliseconds = time.time_ns() // 1_000_000
    random_bits = secrets.randbits(74)
    value = (milliseconds & (1 << 48) - 1) << 80
    value |= 0x7 << 76 | (random_bits >> 62) << 64
    value |= 0b10 << 62 | random_bits & (1 << 62) - 1
    return f"{value:032x}"
