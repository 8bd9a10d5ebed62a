"""`backontrack demo` as a newcomer uses it: start, stop cleanly, start again, reset."""

from __future__ import annotations

import signal
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from lti_tool.demo import command


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_ports() -> tuple[int, int]:
    return free_port(), free_port()


def start(data: Path, ports: tuple[int, int]) -> tuple[subprocess.Popen[str], str]:
    """Start the demo and return it with all that it printed until it was ready."""
    process = subprocess.Popen(
        [sys.executable, "-m", "lti_tool.cli", "demo", "--data", str(data),
         "--port", str(ports[0]), "--lms-port", str(ports[1])],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if "Ctrl-C stops it" in line:
            return process, said
    process.stdout.close()
    process.wait()
    raise AssertionError(said)


def stop(process: subprocess.Popen[str]) -> str:
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 0, said
    return said


def platforms(data: Path) -> list[tuple[str, str]]:
    with sqlite3.connect(data / "tool.db") as connection:
        found = connection.execute("SELECT id, status FROM platform").fetchall()
    connection.close()
    return found


def programme(data: Path) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Return how many pairs are in each state, and who has which duty."""
    with sqlite3.connect(data / "tool.db") as connection:
        pairs = connection.execute("SELECT state, count(*) FROM mentoring_pair GROUP BY state")
        duties = connection.execute(
            "SELECT user.sub, duty FROM mentoring_staff JOIN user ON user.id = user_id ORDER BY 2"
        )
        found = dict(pairs.fetchall()), duties.fetchall()
    connection.close()
    return found


def examples(data: Path) -> int:
    with sqlite3.connect(data / "tool.db") as connection:
        (count,) = connection.execute("SELECT count(*) FROM opportunity WHERE example").fetchone()
    connection.close()
    return int(count)


def test_start_stop_start_again_and_reset(tmp_path):
    data = tmp_path / "demo"
    ports = free_ports()
    process, said = start(data, ports)
    with pytest.raises(AssertionError, match="A demo runs on the data"):
        start(data, free_ports())
    assert said.count("http://localhost:") == 1
    assert "Stopped." in stop(process)
    first = platforms(data)
    assert [status for _, status in first] == ["active"]
    assert examples(data) >= 12
    desk = programme(data)
    assert desk == (
        {"active": 4, "closed": 1, "offered": 1, "suspended": 1},
        [("36", "coordinator"), ("36", "safeguarding")],
    )

    with pytest.raises(AssertionError, match=f"belong to --port {ports[0]} and --lms-port"):
        start(data, free_ports())
    process, _ = start(data, ports)
    stop(process)
    assert platforms(data) == first
    assert programme(data) == desk

    (data / "own.txt").write_text("mine")
    command.forget(data)
    assert [path.name for path in data.iterdir()] == ["own.txt"]


@pytest.mark.parametrize("name", ["secrets.json", "env"])
def test_secrets_are_for_the_owner_only(tmp_path, name):
    settings = command.demo_settings(tmp_path, 5000, 5001)
    command._write_environment(settings, tmp_path / "env")
    assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


def test_the_same_secrets_at_each_start(tmp_path):
    first = command.demo_settings(tmp_path, 5000, 5001)
    assert command.demo_settings(tmp_path, 5000, 5001) == first
    assert command.demo_settings(tmp_path / ".." / tmp_path.name, 1, 2).secret_key == (
        first.secret_key
    )
