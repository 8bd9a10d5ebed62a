"""Cuts a connection at its deadline, whatever the thread that uses it is waiting for.

A socket's own time-out counts from one received byte to the next, so a peer that sends a byte now
and then holds a reader for ever.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import socket
import threading
import time


class Watch:
    """One connection under watch; `fired` tells that it was cut at its deadline.

    It holds a duplicate of the socket's descriptor. TLS moves the original into another object
    while it shakes hands, and a descriptor number could be in use for something else by the time
    the deadline comes; the duplicate stays ours, and shutting it down ends the connection itself.
    """

    __slots__ = ("_twin", "fired")

    def __init__(self, sock: socket.socket) -> None:
        self._twin: socket.socket | None = socket.fromfd(sock.fileno(), sock.family, sock.type)
        self.fired = False

    @property
    def over(self) -> bool:
        """Whether the watch has fired or was cancelled."""
        return self._twin is None

    def cut(self) -> None:
        """Shut the connection down in both directions."""
        if self._twin is None:
            return
        self.fired = True
        with contextlib.suppress(OSError):  # the peer was faster
            self._twin.shutdown(socket.SHUT_RDWR)
        self.release()

    def release(self) -> None:
        """Let go of the duplicate descriptor."""
        if self._twin is not None:
            self._twin.close()
            self._twin = None


class Watchdog:
    """One thread for all watches; it starts with the first and ends when none is left."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._heap: list[tuple[float, int, Watch]] = []
        self._order = itertools.count()
        self._thread: threading.Thread | None = None

    def watch(self, sock: socket.socket, at: float) -> Watch:
        """Cut `sock` when `time.monotonic()` reaches `at`, unless cancelled before."""
        watch = Watch(sock)
        with self._condition:
            heapq.heappush(self._heap, (at, next(self._order), watch))
            # A fork leaves the child with a thread that is not alive.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="http-watchdog", daemon=True)
                self._thread.start()
            elif self._heap[0][2] is watch:
                self._condition.notify()
        return watch

    def cancel(self, watch: Watch) -> None:
        """End a watch: the connection may serve another request after this deadline."""
        with self._condition:
            watch.release()

    def _run(self) -> None:
        with self._condition:
            while self._heap:
                at, _, watch = self._heap[0]
                left = at - time.monotonic()
                if left > 0 and not watch.over:
                    self._condition.wait(left)
                    continue
                heapq.heappop(self._heap)
                watch.cut()
            self._thread = None
