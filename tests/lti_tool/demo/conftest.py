"""A practice LMS on a free port, and a small tool that is connected to it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from lti_tool.demo import run, seed
from tests.lti_tool.demo.small_tool import Server, SmallTool

RECORDINGS = Path(__file__).parents[2] / "recordings" / "moodle-4.5.6"


def recording(name: str) -> Any:
    """One exchange of a real Moodle 4.5.6, for example "ws/courses"."""
    return json.loads((RECORDINGS / f"{name}.json").read_text(encoding="utf-8"))


@dataclass
class World:
    """The practice LMS, the tool beside it, and the two activities that were placed."""

    lms: run.PracticeLms
    tool: SmallTool
    connected: seed.Connected

    def open(self, person: int, /, cmid: int | None = None, **query: str) -> Any:
        """Launch an activity as somebody; returns the tool's page."""
        browser = seed.signed_in(self.lms, person)
        url = f"{self.lms.url}/mod/lti/launch.php?id={cmid or self.connected.activities[0]}"
        page = browser.get(url + "".join(f"&{key}={value}" for key, value in query.items()))
        return browser.settle(page)

    def launched(self, person: int, /, cmid: int | None = None, **query: str) -> dict[str, Any]:
        """The claims of a launch."""
        before = len(self.tool.launches)
        self.open(person, cmid, **query)
        assert len(self.tool.launches) == before + 1
        return self.tool.claims()


@pytest.fixture(scope="session")
def tool_key() -> RSAKey:
    """The small tool's key."""
    return RSAKey.generate_key(2048)


@pytest.fixture(scope="session")
def first_start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a practice LMS after its first start; making a key takes its time."""
    folder = tmp_path_factory.mktemp("first")
    run.start(folder, port=0).stop()
    return folder


@pytest.fixture
def lms(tmp_path: Path, first_start: Path) -> Iterator[run.PracticeLms]:
    """A fresh practice LMS."""
    shutil.copytree(first_start, tmp_path / "lms")
    practice = run.start(tmp_path / "lms", port=0, tool_url="http://127.0.0.1:5000")
    yield practice
    practice.stop()


@pytest.fixture
def tool(tool_key: RSAKey) -> Iterator[SmallTool]:
    """A tool that nobody knows yet."""
    small = SmallTool(tool_key)
    server = Server(small)
    yield small
    server.stop()


@pytest.fixture
def world(lms: run.PracticeLms, tool: SmallTool) -> World:
    """Both, connected by script."""
    return World(lms, tool, seed.connect(lms, f"{tool.url}/register"))
