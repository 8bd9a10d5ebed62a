"""The tool as it is served, for the driver: `python -m tests.bench.served PORT DATABASE KEYS`."""

from __future__ import annotations

import sys
from urllib.parse import urlsplit

from config.settings import Settings
from lti_tool.services import build_services
from lti_tool.serving import serve
from lti_tool.web.app import create_app


def main(port: str, database_url: str, keys_url: str) -> None:
    """Serve until terminated."""
    settings = Settings(
        public_url=f"http://127.0.0.1:{port}",
        secret_key="a-bench-secret-key-0123456789-abcdefghi",
        seal_keys=("a-bench-seal-key-9876543210-jihgfedcba",),
        database_url=database_url,
        demo=True,
        allowed_hosts=(urlsplit(keys_url).netloc,),
        log_level="ERROR",
    )
    services = build_services(settings)
    serve(create_app(settings, services), services, host="127.0.0.1", port=int(port))


if __name__ == "__main__":
    main(*sys.argv[1:])
