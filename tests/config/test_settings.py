"""Settings refuse what is unsafe, and say how to mend it."""

from __future__ import annotations

import pytest

from config.settings import SettingsError, load_settings

GOOD = {
    "BACKONTRACK_PUBLIC_URL": "https://tool.example.org",
    "BACKONTRACK_SECRET_KEY": "correct-horse-battery-staple-0123456789",
    "BACKONTRACK_SEAL_KEYS": "first-seal-key-abcdefghijklmnop-0123,"
    "second-seal-key-qrstuvwxyz-45678901",
}


@pytest.fixture(autouse=True)
def _good(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


def test_good_settings_are_read():
    settings = load_settings()
    assert settings.public_url == "https://tool.example.org"
    assert [key.get_secret_value()[:5] for key in settings.seal_keys] == ["first", "secon"]
    assert settings.http_allow_list == ()


@pytest.mark.parametrize(
    "written",
    ["https://Tool.Example.org", "https://tool.example.org:443", "https://tool.example.org/"],
)
def test_the_public_url_is_written_as_browsers_write_an_origin(monkeypatch, written):
    monkeypatch.setenv("BACKONTRACK_PUBLIC_URL", written)
    assert load_settings().public_url == "https://tool.example.org"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PUBLIC_URL", "http://tool.example.org", "must start with https://"),
        ("PUBLIC_URL", "https://tool.example.org/app", "scheme and host only"),
        ("PUBLIC_URL", "tool.example.org", "scheme and host only"),
        ("PUBLIC_URL", "https://tool.example.org?x", "scheme and host only"),
        ("PUBLIC_URL", "https://somebody@tool.example.org", "scheme and host only"),
        ("SECRET_KEY", "short", "SECRET_KEY is too weak"),
        ("SECRET_KEY", "a" * 64, "SECRET_KEY is too weak"),
        ("SEAL_KEYS", "", "SEAL_KEYS is empty"),
        ("SEAL_KEYS", "weak", "SEAL_KEYS is too weak"),
        ("ALLOWED_HOSTS", "moodle.lan", "write host:port"),
        ("DATABASE_URL", "mysql://somebody@db/tool", "write sqlite:///path/of/file.db or postg"),
        ("LOG_LEVEL", "LOUD", "BACKONTRACK_LOG_LEVEL"),
    ],
)
def test_unsafe_settings_are_refused(monkeypatch, name, value, said):
    monkeypatch.setenv(f"BACKONTRACK_{name}", value)
    with pytest.raises(SettingsError, match=said):
        load_settings()


def test_every_missing_setting_is_named_at_once(monkeypatch):
    for name in GOOD:
        monkeypatch.delenv(name)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert all(name in str(refused.value) for name in GOOD)


def test_a_refusal_never_shows_the_secret(monkeypatch):
    monkeypatch.setenv("BACKONTRACK_SECRET_KEY", "hunter2hunter2")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert "hunter2" not in str(refused.value)


def test_demo_alone_may_use_http(monkeypatch):
    monkeypatch.setenv("BACKONTRACK_PUBLIC_URL", "http://127.0.0.1:5000")
    monkeypatch.setenv("BACKONTRACK_DEMO", "1")
    assert load_settings().demo


def test_allowed_hosts_are_pairs(monkeypatch):
    monkeypatch.setenv("BACKONTRACK_ALLOWED_HOSTS", "moodle.lan:443, 10.0.0.5:8080")
    assert load_settings().http_allow_list == (("moodle.lan", 443), ("10.0.0.5", 8080))
