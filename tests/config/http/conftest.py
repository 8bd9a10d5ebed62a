"""A fault server, a door that may reach it, and a resolver that answers from a script."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from config.http import HttpDoor
from tests.faults.server import FaultServer

MakeDoor = Callable[..., HttpDoor]


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running


@pytest.fixture
def make_door() -> Iterator[MakeDoor]:
    doors: list[HttpDoor] = []

    def make(**settings: Any) -> HttpDoor:
        doors.append(HttpDoor(**{"user_agent": "BackOnTrack/1", **settings}))
        return doors[-1]

    yield make
    for door in doors:
        door.close()


@pytest.fixture
def door(server: FaultServer, make_door: MakeDoor) -> HttpDoor:
    return make_door(allow_http=True, allowed_hosts=[server.address])


class Names:
    """A resolver: each name answers with its lists of addresses in turn, the last one staying."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._answers: dict[str, list[list[str]]] = {}

    def set(self, name: str, *answers: list[str]) -> None:
        self._answers[name] = list(answers)

    def getaddrinfo(self, host: str, port: int, *args: Any, **options: Any) -> list[Any]:
        self.asked.append(host)
        if host not in self._answers:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        answers = self._answers[host]
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            (
                socket.AF_INET6 if ":" in address else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (address, port),
            )
            for address in found
        ]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    resolver = Names()
    monkeypatch.setattr(socket, "getaddrinfo", resolver.getaddrinfo)
    return resolver


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The addresses that a socket was asked to connect to; every one of them declines."""
    tried: list[tuple[str, int]] = []

    def connect(_sock: socket.socket, address: tuple[str, int]) -> None:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    return tried
