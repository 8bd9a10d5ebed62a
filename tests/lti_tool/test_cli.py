"""The command line: it reads like a manual, and what goes wrong is one clear line."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from lti_tool.cli import main
from tests.faults.server import FaultServer, json_answer


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A shell with safe settings and a migrated database."""
    monkeypatch.setenv("BACKONTRACK_PUBLIC_URL", "https://tool.example.org")
    monkeypatch.setenv("BACKONTRACK_SECRET_KEY", "correct-horse-battery-staple-0123456789")
    monkeypatch.setenv("BACKONTRACK_SEAL_KEYS", "another-long-secret-abcdefghij-9876543210")
    monkeypatch.setenv("BACKONTRACK_DATABASE_URL", f"sqlite:///{tmp_path / 'tool.db'}")

    def run(*words: str, code: int = 0, stdin: str | None = None) -> Result:
        result = CliRunner().invoke(main, words, input=stdin)
        assert result.exit_code == code, (result.output, result.exception)
        assert "Traceback" not in result.output
        return result

    run("db", "upgrade")
    return run


def commands(group: click.Group, path: tuple[str, ...] = ()):
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


@pytest.mark.parametrize("words", [path for path, _ in commands(main)], ids=" ".join)
def test_every_command_explains_itself(words):
    result = CliRunner().invoke(main, [*words, "--help"])
    assert result.exit_code == 0
    text = result.output.split("Usage:")[1]
    assert len(text.split()) > 12
    assert re.search(r"[a-z]\.\n", text), "a sentence ends with a full stop"


def add_platform(shell, **changes: str) -> str:
    values = {
        "name": "Moodle", "issuer": "https://moodle.example", "client-id": "c1",
        "deployment-id": "1", "auth-url": "https://moodle.example/a",
        "token-url": "https://moodle.example/t", "jwks-url": "https://moodle.example/k",
    } | changes  # fmt: skip
    words = [word for name, value in values.items() for word in (f"--{name}", value)]
    return shell("platform", "add", *words).output.split()[-1]


def test_from_an_empty_database_to_a_platform(shell):
    assert "backontrack invite --tenant one" in shell("tenant", "add", "one", "One").output
    assert "one" in shell("tenant", "list").output
    invite = shell("invite").output.strip()
    assert re.fullmatch(r"https://tool\.example\.org/lti/register/[\w-]{43}", invite)
    platform = add_platform(shell)
    assert "active" in shell("platform", "list").output
    shown = shell("platform", "show", platform).output
    assert "https://moodle.example/k" in shown
    assert re.search(r"deployment +1\n", shown)
    shell("platform", "add-deployment", platform, "2")
    assert re.search(r"deployment +2\n", shell("platform", "show", platform).output)
    shell("platform", "disable", platform)
    assert "disabled" in shell("platform", "list").output
    shell("platform", "approve", platform)
    assert "active" in shell("platform", "list").output


def test_an_invite_works_once_and_is_stored_as_a_hash_only(shell, tmp_path):
    shell("tenant", "add", "one", "One")
    code = shell("invite").output.strip().rsplit("/", 1)[1]
    assert code.encode() not in (tmp_path / "tool.db").read_bytes()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["tenant", "add", "Not A Slug", "x"], "lower-case letters"),
        (["tenant", "add", "one", "again"], "exists already"),
        (["tenant", "add", "two", "x", "--country", "Hungary"], "as two letters"),
        (["tenant", "add", "two", "x", "--locale", "xx"], "none of our languages; there are: en"),
        (["invite", "--tenant", "nobody"], "no organisation 'nobody'; there are: one"),
        (["platform", "show", "x"], "no platform x; see: backontrack platform list"),
        (["platform", "disable", "x"], "no platform x"),
        (["sync", "--platform", "x"], "no platform x"),
        (["sync", "connect", "x", "--token-file", "/dev/null"], "the token is empty"),
    ],
)
def test_mistakes_are_one_clear_line(shell, words, said):
    shell("tenant", "add", "one", "One")
    result = shell(*words, code=1)
    assert said in result.output
    assert len(result.output.strip().splitlines()) == 1


def test_an_address_on_a_private_network_is_refused(shell):
    shell("tenant", "add", "one", "One")
    words = ["--name", "x", "--issuer", "https://10.0.0.5", "--client-id", "c",
             "--deployment-id", "1", "--auth-url", "https://10.0.0.5/a",
             "--token-url", "https://10.0.0.5/t", "--jwks-url", "https://10.0.0.5/k"]  # fmt: skip
    result = shell("platform", "add", *words, code=1)
    assert len(result.output.strip().splitlines()) == 1


def test_missing_settings_name_each_variable(monkeypatch):
    for name in list(os.environ):
        if name.startswith("BACKONTRACK_"):
            monkeypatch.delenv(name)
    result = CliRunner().invoke(main, ["platform", "list"])
    assert result.exit_code == 1
    for name in ("PUBLIC_URL", "SECRET_KEY", "SEAL_KEYS"):
        assert f"BACKONTRACK_{name} is missing" in result.output


def test_a_taken_port_is_one_clear_line(shell, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = shell("serve", "--port", str(port), code=1)
        assert result.output.strip() == f"port {port} is taken; choose another one with --port"
        data = str(tmp_path / "demo")
        result = shell("demo", "--port", str(port), "--data", data, code=1)
        assert result.output.strip() == f"port {port} is taken; choose another one with --port"
        words = ["--port", "0", "--lms-port", str(port), "--data", data]
        result = shell("demo", *words, code=1)
        assert result.output.strip() == f"port {port} is taken; choose another one with --lms-port"


def test_a_folder_without_write_permission_is_one_clear_line(tmp_path, monkeypatch):
    def refuse(*_args, **_options):
        raise PermissionError(13, "Permission denied", str(tmp_path / "x"))

    monkeypatch.setattr(Path, "mkdir", refuse)
    result = CliRunner().invoke(main, ["demo", "--data", str(tmp_path / "x")])
    assert result.exit_code == 1
    assert result.output.startswith("no permission to write")


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path):
    (tmp_path / "file").write_text("")
    result = CliRunner().invoke(main, ["demo", "--data", str(tmp_path / "file" / "demo")])
    assert result.exit_code == 1
    assert result.output == f"{tmp_path / 'file' / 'demo'} cannot be used: Not a directory\n"


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_an_old_schema_stops_the_start_with_the_mend(shell, monkeypatch, tmp_path, command):
    monkeypatch.setattr("config.migrations.head", lambda: "newer")
    assert "run: backontrack db upgrade" in shell(command, code=1).output
    for path in tmp_path.glob("tool.db*"):
        path.unlink()
    assert "does not exist yet; run: backontrack db upgrade" in shell(command, code=1).output


class TestDoctor:
    """It looks at everything in order and ends with 1 when something is wrong."""

    def test_an_installation_without_fault(self, shell):
        output = shell("doctor").output
        assert "✗" not in output
        assert "none is registered yet" in output

    def test_no_database(self, shell, tmp_path):
        for path in tmp_path.glob("tool.db*"):
            path.unlink()
        output = shell("doctor", code=1).output
        assert "does not exist" in output
        assert "backontrack db upgrade" in output

    def test_a_schema_that_is_behind(self, shell, monkeypatch):
        monkeypatch.setattr("config.migrations.head", lambda: "newer")
        assert "this version needs newer" in shell("doctor", code=1).output

    def test_a_platform_that_cannot_be_reached(self, shell):
        shell("tenant", "add", "one", "One")
        add_platform(shell, **{"jwks-url": "https://moodle.invalid/k"})
        output = shell("doctor", code=1).output
        assert "✗ platform Moodle" in output
        assert "check that the Moodle is up" in output

    @pytest.mark.parametrize(
        ("status", "said"), [(200, "clocks agree"), (500, "answers 500"), (404, "answers 404")]
    )
    def test_what_a_platform_answers(self, shell, monkeypatch, status, said):
        with FaultServer() as server:
            server.script("/k", json_answer({"keys": []}, status))
            monkeypatch.setenv("BACKONTRACK_DEMO", "1")
            monkeypatch.setenv("BACKONTRACK_ALLOWED_HOSTS", server.url.split("//")[1])
            shell("tenant", "add", "one", "One")
            add_platform(shell, **{"jwks-url": f"{server.url}/k"})
            output = shell("doctor", code=0 if status == 200 else 1).output
        assert said in output

    def test_pending_and_disabled_platforms_are_named_not_called(self, shell):
        shell("tenant", "add", "one", "One")
        platform = add_platform(shell, **{"jwks-url": "https://moodle.invalid/k"})
        shell("platform", "disable", platform)
        assert "is disabled" in shell("doctor").output


def test_keys_are_listed_and_turned(shell):
    shell("worker", "--once")
    before = shell("keys", "list").output
    assert len(before.splitlines()) == 2
    assert "--force" in shell("keys", "rotate", code=1).output
    shell("keys", "rotate", "--force")
    after = shell("keys", "list").output
    assert before.splitlines()[0].split()[0] in after.splitlines()[1]
