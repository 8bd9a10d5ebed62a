"""Security headers, compression and caching of every answer."""

from __future__ import annotations

import gzip
from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from config.settings import Settings

_COMPRESSIBLE = ("text/", "application/json", "application/javascript", "image/svg+xml")
_MIN_COMPRESS = 600
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; "
)


def frame_with(*origins: str) -> None:
    """Let this answer be framed by `origins` (a registration or refusal page of the protocol)."""
    g.frame_origins = origins


def submit_to(origin: str) -> None:
    """Let a form of this answer be posted to `origin` (the Deep Linking return)."""
    g.form_origins = (*g.get("form_origins", ()), origin)


def origin_of(url: str) -> str:
    """Return scheme and authority of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def content_security_policy() -> str:
    """Return the policy of the present answer.

    Only the platform of this very launch may frame us. No inline script or style anywhere.
    """
    launch = g.get("launch")
    targets = ("'self'", *g.get("form_origins", ()))
    framers = g.get("frame_origins") or (launch.frame_origins if launch else ()) or ("'none'",)
    return (
        f"{_POLICY}form-action {' '.join(targets)}; "
        f"frame-ancestors {' '.join(framers)}; base-uri 'none'"
    )


def init_headers(app: Flask, settings: Settings) -> None:
    """Put the headers on every answer."""

    always = [
        ("X-Content-Type-Options", "nosniff"),
        # Not "no-referrer": with it browsers write "Origin: null" on our own forms.
        ("Referrer-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ]
    if settings.public_url.startswith("https://"):
        always.append(("Strict-Transport-Security", "max-age=31536000"))

    @app.after_request
    def _finish(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", content_security_policy())
        headers.extend(always)
        # A platform shows our icon beside the activity; everything else stays at home.
        static = request.endpoint == "static"
        headers.add("Cross-Origin-Resource-Policy", "cross-origin" if static else "same-origin")
        if static and "v" in request.args:
            headers["Cache-Control"] = "public, max-age=31536000, immutable"
        else:
            headers.setdefault("Cache-Control", "no-store")
        return _compress(response)


def _compress(response: Response) -> Response:
    """Compress texts: on a weak line bytes cost more than our CPU."""
    if (
        response.status_code not in {200, 400, 401, 403, 404}
        or "gzip" not in request.headers.get("Accept-Encoding", "")
        or "Content-Encoding" in response.headers
        or not (response.mimetype or "").startswith(_COMPRESSIBLE)
    ):
        return response
    response.direct_passthrough = False
    body = response.get_data()
    if len(body) >= _MIN_COMPRESS:
        response.set_data(gzip.compress(body, 6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    response.headers.add("Vary", "Accept-Encoding")
    return response
