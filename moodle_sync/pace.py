"""How hard we may lean on a Moodle: few connections, fewer when it slows down."""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from moodle_sync.client import Caller
from moodle_sync.errors import RETRYABLE, Kind, MoodleError
from moodle_sync.form import Params

_WINDOW = 20
_SLOW = 2.0
_FLOOR = 0.05


@dataclass(frozen=True, slots=True)
class Politeness:
    """The limits of one run. `connections` at once at most; `tries` of a read; waits in seconds."""

    connections: int = 2
    tries: int = 5
    longest_wait: float = 60.0


class Pace:
    """How many requests may be under way now: additive increase, multiplicative decrease.

    The yardstick is the fastest answer of the same function and about the same size, because a
    page of people takes a hundred times as long as a greeting. The limit halves when the newest
    answers took twice their usual time, or one failed as a slow or broken site fails; it grows by
    one after a window of good ones.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._limit = most
        self._usual: dict[tuple[str, int], float] = {}
        self._newest: deque[float] = deque(maxlen=_WINDOW)
        self._lock = threading.Lock()

    @property
    def limit(self) -> int:
        """How many requests may be under way."""
        return self._limit

    def note(self, function: str, seconds: float, size: int, error: MoodleError | None) -> None:
        """Take notice of an answer of `size` bytes."""
        with self._lock:
            if error is not None and error.kind in {Kind.TRANSIENT, Kind.BUSY}:
                self._halve()
                return
            alike = function, size.bit_length()
            usual = min(self._usual.get(alike, seconds), seconds)
            self._usual[alike] = usual
            self._newest.append(seconds / max(usual, _FLOOR))
            if len(self._newest) < _WINDOW:
                return
            if sorted(self._newest)[_WINDOW * 3 // 4] > _SLOW:
                self._halve()
            elif self._limit < self._most:
                self._limit += 1
                self._newest.clear()

    def _halve(self) -> None:
        self._limit = max(1, self._limit // 2)
        self._newest.clear()


class PatientCaller:
    """A caller for reads: tries again what may work in a moment, with full jitter in between."""

    def __init__(
        self,
        client: Caller,
        politeness: Politeness,
        sleep: Callable[[float], None],
        jitter: random.Random | None = None,
    ) -> None:
        self._client = client
        self._politeness = politeness
        self._sleep = sleep
        self._jitter = jitter or random.Random()

    def call(self, function: str, params: Params | None = None) -> object:
        """Return the answer of a *reading* function; raises `MoodleError` after the last try."""
        for attempt in range(1, self._politeness.tries + 1):
            try:
                return self._client.call(function, params)
            except MoodleError as error:
                if error.kind not in RETRYABLE or attempt == self._politeness.tries:
                    raise
            longest = min(self._politeness.longest_wait, 2.0**attempt)
            self._sleep(self._jitter.uniform(0.5, longest))
        raise AssertionError("a try either returns or raises")
