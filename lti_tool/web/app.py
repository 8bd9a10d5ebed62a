"""The application factory: small named steps, in order."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import flask_babel
from flask import Flask, g, request, url_for
from flask_babel import Babel
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from config.logging import configure_logging
from config.settings import Settings
from lti_tool.services import Services, build_services
from lti_tool.web import services
from lti_tool.web.access import check_policies, current_launch, init_access
from lti_tool.web.errors import init_errors
from lti_tool.web.headers import init_headers
from lti_tool.web.locale import LANGUAGES, Language, resolve_locale
from lti_tool.web.pace import init_pace
from lti_tool.web.rooms import register_rooms

_STATIC = Path(__file__).parent / "static"
_MAX_FORM = 256 * 1024


class _Tool(Flask):
    """Flask without its search for coroutines, at each hook of each request: we have none."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return a view or hook as it is."""
        return func


def create_app(settings: Settings, parts: Services | None = None) -> Flask:
    """Return the tool as a WSGI application; nothing is fetched or written yet."""
    app = _Tool(__name__)
    app.config.update(MAX_CONTENT_LENGTH=_MAX_FORM, MAX_FORM_MEMORY_SIZE=_MAX_FORM)
    app.extensions["backontrack"] = parts or build_services(settings)
    configure_logging(settings.log_level, human=settings.demo)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=0
        )
    init_locale(app, settings)
    init_templates(app)
    init_pace(app)
    init_access(app)
    init_errors(app)
    init_headers(app, settings)
    register_rooms(app)
    check_policies(app)
    return app


def init_locale(app: Flask, settings: Settings) -> None:
    """Choose the language of each request."""

    def select() -> str:
        if "locale" not in g:
            launch = g.get("launch")
            g.locale = resolve_locale(
                chosen=None,
                claim=launch.locale if launch else None,
                accept_language=list(request.accept_languages.values()),
                site_default=settings.default_locale,
                serbian_script=settings.serbian_script,
            )
        return str(g.locale)

    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(Path(__file__).parent / "translations")
    Babel(app, locale_selector=select, timezone_selector=lambda: "UTC")


@cache
def _fingerprint(name: str) -> str:
    return hashlib.sha256((_STATIC / name).read_bytes()).hexdigest()[:10]


def static_url(name: str) -> str:
    """Return the address of a static file with its content's fingerprint, cacheable for ever."""
    return url_for("static", filename=name, v=_fingerprint(name))


def current_language() -> Language:
    """Return the language of this page, for its `lang` attribute and the language switch."""
    return LANGUAGES[str(flask_babel.get_locale())]


def init_templates(app: Flask) -> None:
    """Refuse unknown variables in templates and give pages their helpers."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        static_url=static_url,
        current_language=current_language,
        languages=tuple(LANGUAGES.values()),
        keep_key=keep_key,
    )
    app.jinja_env.filters["dateformat"] = flask_babel.format_date


def keep_key() -> str:
    """Return a name under which the browser may keep this person's unsent answer.

    It tells nobody who the person is, and two people on one phone never share it.
    """
    launch = current_launch()
    return services().form_signer.mac(f"keep {launch.tenant_id} {launch.user_id}")[:16]
