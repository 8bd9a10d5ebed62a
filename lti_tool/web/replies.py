"""Answers that are another address: after a change always."""

from __future__ import annotations

from wsgiref.types import WSGIEnvironment

import flask
from flask import jsonify, redirect, request
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response


class _Bare(flask.Response):
    """No body, and an address that is used as it is.

    Werkzeug would parse, encode and quote the address anew, which costs more than a signature.
    """

    def get_wsgi_headers(self, _environ: WSGIEnvironment) -> Headers:
        """Return the headers as they were set."""
        return Headers([*self.headers, ("Content-Length", "0")])


def go(uri: str, code: int) -> flask.Response:
    """Send the browser to a URI that consists of quoted parts only (RFC 3986 §2)."""
    return _Bare(status=code, headers=[("Location", uri)])


def see_other(url: str) -> Response:
    """Send the browser on after a POST (RFC 9110 §15.4.4).

    The page's script asks for JSON instead, so that it learns the address without loading the
    page twice over a weak line.
    """
    if request.headers.get("Accept") == "application/json":
        return jsonify(next=url)
    return redirect(url, 303)
