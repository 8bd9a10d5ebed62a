"""Answers to forms: after a change, always another address."""

from __future__ import annotations

from flask import jsonify, redirect, request
from werkzeug.wrappers import Response


def see_other(url: str) -> Response:
    """Send the browser on after a POST (RFC 9110 §15.4.4).

    The page's script asks for JSON instead, so that it learns the address without loading the
    page twice over a weak line.
    """
    if request.headers.get("Accept") == "application/json":
        return jsonify(next=url)
    return redirect(url, 303)
