"""The thread that cuts connections."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from config.http.watchdog import Watchdog


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    ours.settimeout(5)
    yield ours, theirs
    ours.close()
    theirs.close()


def test_cuts_at_the_deadline(pair):
    watch = Watchdog().watch(pair[0], time.monotonic() + 0.05)
    assert pair[0].recv(1) == b""
    assert watch.fired


def test_an_earlier_deadline_overtakes(pair):
    dog = Watchdog()
    later = dog.watch(pair[1], time.monotonic() + 60)
    dog.watch(pair[0], time.monotonic() + 0.05)
    assert pair[0].recv(1) == b""
    assert not later.fired
    dog.cancel(later)


def test_a_cancelled_watch_never_fires(pair):
    dog = Watchdog()
    first = dog.watch(pair[0], time.monotonic() + 0.02)
    dog.cancel(first)
    time.sleep(0.05)
    pair[1].send(b"x")
    assert pair[0].recv(1) == b"x"
    assert (first.fired, first.over) == (False, True)


def test_starts_again_after_its_thread_has_ended(pair):
    dog = Watchdog()
    with socket.socket() as other:
        dog.cancel(dog.watch(other, time.monotonic()))
    while dog._thread is not None:
        time.sleep(0.001)
    watch = dog.watch(pair[0], time.monotonic() + 0.02)
    assert pair[0].recv(1) == b""
    assert watch.fired


def test_a_closed_socket_is_no_trouble(pair):
    dog = Watchdog()
    pair[0].close()
    watch = dog.watch(pair[1], time.monotonic() + 0.02)
    assert pair[1].recv(1) == b""
    while not watch.over:
        time.sleep(0.001)


def test_starts_again_where_a_fork_left_its_thread_behind(pair):
    dog = Watchdog()
    dog._thread = threading.Thread(target=int)
    dog._thread.start()
    dog._thread.join()
    dog.watch(pair[0], time.monotonic() + 0.02)
    assert pair[0].recv(1) == b""
