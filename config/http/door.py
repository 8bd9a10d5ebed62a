"""The door itself: every outgoing request of the service passes here."""

from __future__ import annotations

import contextlib
import http.client
import logging
import re
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias, TypedDict, Unpack
from urllib.parse import urlsplit

import requests
import urllib3.exceptions
from requests.structures import CaseInsensitiveDict
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from config.http.connection import Exchange, GuardedAdapter
from config.http.errors import (
    HttpError,
    HttpProtocolError,
    HttpRefused,
    HttpTimedOut,
    HttpTooLarge,
    HttpUnreachable,
)
from config.http.policy import Policy
from config.http.response import HttpResponse
from config.http.watchdog import Watchdog

Pairs: TypeAlias = Mapping[str, Any] | Iterable[tuple[str, Any]]

_READ_SIZE = 65_536
# urllib3 writes whole URLs, query included, into what it logs.
_TALKATIVE = ("urllib3.connection", "urllib3.connectionpool", "urllib3.poolmanager",
              "urllib3.response", "urllib3.util.retry")  # fmt: skip
_METHOD = re.compile(r"[A-Z]+")


class RequestOptions(TypedDict, total=False):
    """The options of `HttpDoor.request`."""

    headers: Mapping[str, str] | None
    params: Pairs | None
    data: Pairs | bytes | str | None
    json: object
    deadline: float | None
    max_bytes: int | None


def _silent(_record: logging.LogRecord) -> bool:
    return False


class HttpDoor:
    """Sends requests to public addresses and to those the operator lists, and to no other.

    - A name is resolved once, inside the connect step; every address is checked and the checked
      address itself is connected to, so a name server cannot swap it in between (DNS rebinding).
    - `deadline` (seconds) bounds name look-up, connect (at most 5 s of it), TLS, headers and body
      together; `max_bytes` bounds the decoded body.
    - Redirects are answers, nothing is retried, no proxy, `.netrc`, cookie or other environment
      setting is used.

    Plain http needs `allow_http`. `allowed_hosts` are (host, port) pairs, as written in URLs, that
    may have private addresses. `ca_bundle` is a PEM file of authorities to trust instead of the
    public ones. `before_request` runs before each request and may raise: the place to assert that
    no database transaction is open. Safe for use by many threads; connections are kept alive.
    """

    def __init__(
        self,
        *,
        allow_http: bool = False,
        allowed_hosts: Iterable[tuple[str, int]] = (),
        ca_bundle: str | None = None,
        user_agent: str,
        deadline: float = 10.0,
        max_bytes: int = 5_000_000,
        before_request: Callable[[], None] | None = None,
    ) -> None:
        if not user_agent.strip():
            raise ValueError("some sites answer 403 to a request without a User-Agent: name one")
        self._policy = Policy(allow_http=allow_http, allowed_hosts=allowed_hosts)
        self._headers = {
            "User-Agent": user_agent,
            "Accept": "*/*",
            "Accept-Encoding": "gzip, deflate",
        }
        self._deadline = deadline
        self._max_bytes = max_bytes
        self._before_request = before_request
        self._watchdog = Watchdog()
        bundle = ca_bundle or DEFAULT_CA_BUNDLE_PATH
        self._adapter = GuardedAdapter(ssl.create_default_context(cafile=bundle))
        for name in _TALKATIVE:
            logging.getLogger(name).addFilter(_silent)

    def check_url(self, url: str) -> None:
        """Raise `HttpRefused` if a request to `url` would be refused, without any traffic.

        For URLs that are stored now and fetched later. A host name is not looked up here: its
        addresses are checked at each connection.
        """
        self._policy.check_url(url)

    def get(self, url: str, **options: Unpack[RequestOptions]) -> HttpResponse:
        """Send a GET; options and errors as for `request`."""
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Unpack[RequestOptions]) -> HttpResponse:
        """Send a POST; options and errors as for `request`."""
        return self.request("POST", url, **options)

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Pairs | None = None,
        data: Pairs | bytes | str | None = None,
        json: object = None,
        deadline: float | None = None,
        max_bytes: int | None = None,
    ) -> HttpResponse:
        """Send one request and return its answer, whatever its status.

        `params` are added to the query; `data` is a form, or the body as it is; `json` is sent as
        a JSON body. `deadline` (seconds) and `max_bytes` replace the door's own.

        Raises `HttpRefused`, `HttpUnreachable`, `HttpTimedOut`, `HttpTooLarge` and
        `HttpProtocolError`, all of them `HttpError`.
        """
        if self._before_request is not None:
            self._before_request()
        seconds = self._deadline if deadline is None else deadline
        limit = self._max_bytes if max_bytes is None else max_bytes
        with Exchange(self._policy, self._watchdog, seconds) as exchange:
            prepared = self._prepare(method, url, headers, params, data, json)
            outcome = (
                prepared
                if isinstance(prepared, HttpError)
                else self._exchange(exchange, prepared, limit)
            )
        if isinstance(outcome, HttpError):
            # Raised here, outside every except block and without the frames it came through: the
            # errors and the variables of requests and urllib3 hold URLs and headers.
            raise outcome.with_traceback(None)
        return outcome

    def close(self) -> None:
        """Close the connections that are kept alive; the door may still be used."""
        self._adapter.close()

    def _prepare(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        params: Pairs | None,
        data: Pairs | bytes | str | None,
        json: object,
    ) -> requests.PreparedRequest | HttpError:
        prepared = requests.PreparedRequest()
        try:
            self._policy.check_url(url)
            merged = CaseInsensitiveDict(self._headers)
            merged.update(headers or {})
            for value in merged.values():
                value.encode("latin-1")
            prepared.prepare(
                method=method.upper(), url=url, headers=merged, params=params, data=data, json=json
            )
        except HttpRefused as refusal:
            return refusal
        except (requests.RequestException, ValueError):
            return HttpRefused("not a request that can be sent")
        if not _METHOD.fullmatch(prepared.method or ""):
            return HttpRefused("method")
        return prepared

    def _exchange(
        self, exchange: Exchange, request: requests.PreparedRequest, limit: int
    ) -> HttpResponse | HttpError:
        host = urlsplit(request.url or "").hostname or ""
        try:
            answer = self._adapter.send(
                request,
                stream=True,
                timeout=(exchange.left, exchange.left),
                proxies={},
            )
            with contextlib.closing(answer):
                body = _read(answer, limit)
        except HttpError as error:
            return error
        except (
            requests.RequestException,
            urllib3.exceptions.HTTPError,
            http.client.HTTPException,
            OSError,
            ValueError,  # from numbers of the peer that make no sense
        ) as error:
            return _translate(error, exchange, host)
        if exchange.expired:
            return HttpTimedOut("deadline", host=host, may_have_arrived=True)
        if body is None:
            return HttpTooLarge("too large", host=host, may_have_arrived=True)
        return HttpResponse(
            status=answer.status_code,
            reason=answer.reason or "",
            headers=answer.headers,
            body=body,
            url=request.url or "",
            elapsed=exchange.elapsed,
        )


def _read(answer: requests.Response, limit: int) -> bytes | None:
    """Return the decoded body, or None as soon as it is longer than `limit`."""
    parts, size = [], 0
    for part in answer.iter_content(_READ_SIZE):
        size += len(part)
        if size > limit:
            return None
        parts.append(part)
    return b"".join(parts)


def _translate(error: BaseException, exchange: Exchange, host: str) -> HttpError:
    """Return our error for one of requests, urllib3, http.client or the socket."""
    chain = list(_chain(error))
    kind: type[HttpError]
    if exchange.expired or _involves(chain, TimeoutError, urllib3.exceptions.TimeoutError):
        kind, reason = HttpTimedOut, "deadline"
    elif _involves(chain, ssl.SSLError, urllib3.exceptions.SSLError):
        kind, reason = HttpUnreachable, "tls"
    elif _involves(chain, OSError):
        kind, reason = HttpUnreachable, "connection broken"
    else:
        kind, reason = HttpProtocolError, "not a whole HTTP message"
    return kind(reason, host=host, may_have_arrived=exchange.sent)


def _involves(chain: Iterable[BaseException], *kinds: type[BaseException]) -> bool:
    """Whether one in `chain` is of `kinds`; requests' own do not count, they are all OSErrors."""
    return any(
        isinstance(link, kinds) and not isinstance(link, requests.RequestException)
        for link in chain
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield `error` and what it wraps: urllib3 and requests keep the wrapped one in `args`."""
    yield error
    for inner in error.args:
        if isinstance(inner, BaseException):
            yield from _chain(inner)
