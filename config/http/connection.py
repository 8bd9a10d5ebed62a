"""requests and urllib3 with connections that ask the policy where they may go."""

from __future__ import annotations

import contextvars
import http.client
import io
import socket
import ssl
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import requests.adapters
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util import Retry

from config.http.errors import HttpUnreachable
from config.http.policy import Policy
from config.http.watchdog import Watch, Watchdog

if TYPE_CHECKING:
    from urllib3._base_connection import BaseHTTPConnection

CONNECT_SECONDS = 5.0
_SocketOptions = Sequence[tuple[int, int, int | bytes]]

_current: contextvars.ContextVar[Exchange] = contextvars.ContextVar("http_exchange")


class Exchange:
    """One request on its way: its rules, its deadline and how far it has come.

    Used as a context manager around the whole exchange; the connection classes below find it as
    the current one of their thread.
    """

    def __init__(self, policy: Policy, watchdog: Watchdog, seconds: float) -> None:
        self._policy = policy
        self._watchdog = watchdog
        self._began = time.monotonic()
        self._ends = self._began + seconds
        self._watch: Watch | None = None
        self._token: contextvars.Token[Exchange] | None = None
        self.sent = False

    def __enter__(self) -> Self:
        self._token = _current.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        self.unguard()
        if self._token is not None:
            _current.reset(self._token)

    @property
    def elapsed(self) -> float:
        """Seconds since the request was asked for."""
        return time.monotonic() - self._began

    @property
    def left(self) -> float:
        """Seconds until the deadline, never so few that a socket would mean "do not wait"."""
        return max(self._ends - time.monotonic(), 0.001)

    @property
    def expired(self) -> bool:
        """Whether the deadline has passed or the connection was cut at it."""
        fired = self._watch is not None and self._watch.fired
        return fired or time.monotonic() >= self._ends

    def guard(self, sock: socket.socket) -> None:
        """Have `sock` cut at the deadline, and let no single wait on it be longer."""
        sock.settimeout(self.left)
        if self._watch is None:
            self._watch = self._watchdog.watch(sock, self._ends)

    def unguard(self) -> None:
        """End the watch: the connection is done with, or about to serve someone else."""
        if self._watch is not None:
            self._watchdog.cancel(self._watch)

    def open(self, host: str, port: int, options: _SocketOptions) -> socket.socket:
        """Connect to the first checked address of `host` that answers.

        The addresses share the connect time evenly, so that a dead one leaves time for the next.
        Raises `HttpRefused` and `HttpUnreachable`.
        """
        ends = time.monotonic() + min(CONNECT_SECONDS, self.left)
        addresses = self._policy.addresses_for(host, port, ends - time.monotonic())
        for tried, address in enumerate(addresses):
            share = (ends - time.monotonic()) / (len(addresses) - tried)
            sock = _connect(address, port, share, options) if share > 0 else None
            if sock is not None:
                self.guard(sock)
                return sock
        raise HttpUnreachable("no connection", host=host)


def _connect(
    address: str, port: int, seconds: float, options: _SocketOptions
) -> socket.socket | None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        sock = socket.socket(family, socket.SOCK_STREAM)
    except OSError:
        return None
    try:
        for option in options:
            sock.setsockopt(*option)
        sock.settimeout(seconds)
        sock.connect((address, port))
    except OSError:
        sock.close()
        return None
    return sock


class _BoundedReader(io.BufferedReader):
    """Remembers the last line it read, and reads nothing without a bound.

    A negative chunk length would make urllib3 read to the end of the stream in one piece.
    """

    last_line = b""

    def readline(self, size: int | None = -1, /) -> bytes:
        self.last_line = super().readline(size)
        return self.last_line

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            raise http.client.HTTPException("a read without a bound")
        return super().read(size)


class StrictResponse(http.client.HTTPResponse):
    """An answer whose headers came to their end.

    http.client takes a connection that closes within the headers for an answer without a body,
    and a lost answer would pass for success. It also ends at an interim answer (1xx, other than
    100), whose final one would then meet the next request on the same connection.
    """

    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:  # noqa: ANN401
        super().__init__(sock, *args, **options)
        self.fp.close()
        self.fp = self._reader = _BoundedReader(sock.makefile("rb", buffering=0))

    def begin(self) -> None:
        """Read status and headers; raise `http.client.HTTPException` where they are not whole."""
        super().begin()
        if self._reader.last_line not in {b"\r\n", b"\n"}:
            raise http.client.HTTPException("headers broke off")
        if self.status < http.HTTPStatus.OK:
            raise http.client.HTTPException("an interim answer")


class GuardedHTTPConnection(HTTPConnection):
    """Resolves, checks and connects in one step, and to nothing but what was checked.

    TLS, which urllib3 starts on the socket returned here, still verifies the host name.
    """

    response_class = StrictResponse

    def _new_conn(self) -> socket.socket:
        return _current.get().open(self._dns_host, self.port, self.socket_options or ())

    def send(self, data: Any) -> None:  # noqa: ANN401 - the type of http.client
        """Send, with the deadline of this request on a connection kept from an earlier one."""
        if self.sock is None:
            self.connect()
        exchange = _current.get()
        exchange.guard(self.sock)
        exchange.sent = True
        super().send(data)


class GuardedHTTPSConnection(GuardedHTTPConnection, HTTPSConnection):
    """The same over TLS."""


class _GuardedPool(HTTPConnectionPool):
    ConnectionCls = GuardedHTTPConnection

    def _put_conn(self, conn: BaseHTTPConnection | None) -> None:
        # Before another thread can take the connection: its request has a deadline of its own.
        _current.get().unguard()
        super()._put_conn(conn)


class _GuardedTLSPool(_GuardedPool, HTTPSConnectionPool):
    ConnectionCls = GuardedHTTPSConnection


class GuardedAdapter(requests.adapters.HTTPAdapter):
    """requests' adapter over guarded pools: no retries, one TLS context loaded once."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls
        super().__init__(pool_connections=64, pool_maxsize=8, max_retries=Retry(total=False))

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: object
    ) -> None:
        """Build the pools from the guarded connection classes."""
        super().init_poolmanager(
            connections, maxsize, block=block, ssl_context=self._tls, **pool_kwargs
        )
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = {"http": _GuardedPool, "https": _GuardedTLSPool}

    def cert_verify(self, conn: object, url: object, verify: object, cert: object) -> None:
        """Leave the pools alone: requests would load its bundle again for every connection."""
