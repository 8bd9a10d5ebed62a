"""The settings of one installation, read from the environment and refused when unsafe."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "BACKONTRACK_"
_MIN_SECRET = 32
_DATABASES = ("sqlite:///", "postgresql://", "postgresql+psycopg://")


class SettingsError(Exception):
    """The settings are missing or unsafe; the message lists each problem with its mend."""


class Settings(BaseSettings):
    """Every setting is an environment variable with the prefix BACKONTRACK_.

    `demo` loosens what only a machine of one's own may loosen: http and loopback addresses.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    public_url: str
    """Where browsers and platforms reach the tool, scheme and host without a path."""
    secret_key: SecretStr
    """Signs states, forms and hand-over tokens; at least 32 characters."""
    seal_keys: Annotated[tuple[SecretStr, ...], NoDecode]
    """Encrypt secrets at rest; comma-separated, newest first; at least 32 characters each."""
    database_url: str = "sqlite:///var/backontrack.db"
    demo: bool = False
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    """host:port pairs on private addresses that the tool may call (a Moodle in the same LAN)."""
    ca_bundle: Path | None = None
    """Certificate authorities to trust besides the system's, as one PEM file."""
    trusted_proxies: int = 0
    """How many reverse proxies stand in front and set X-Forwarded-For."""
    default_locale: str = "en"
    serbian_script: Literal["Cyrl", "Latn"] = "Cyrl"
    help_email: str = ""
    """Where people write who cannot use a page; shown in the accessibility statement."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("seal_keys", "allowed_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("public_url")
    @classmethod
    def _no_path(cls, value: str) -> str:
        parts = urlsplit(value)
        extra = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
        if parts.scheme not in {"http", "https"} or not parts.hostname or extra:
            raise ValueError("write scheme and host only, for example https://tool.example.org")
        # As browsers write it in Origin: in lower case, without the port that goes without saying.
        usual = {"http": ":80", "https": ":443"}[parts.scheme]
        return f"{parts.scheme}://{parts.netloc.lower().removesuffix(usual)}"

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if not value.startswith(_DATABASES):
            raise ValueError(
                "write sqlite:///path/of/file.db or postgresql+psycopg://user:password@host/name"
            )
        return value

    @model_validator(mode="after")
    def _safe(self) -> Settings:
        problems = list(self._problems())
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def _problems(self) -> list[str]:
        found = []
        if not self.demo and not self.public_url.startswith("https://"):
            found.append(f"{PREFIX}PUBLIC_URL must start with https:// (only the demo may do http)")
        for name, secret in [
            ("SECRET_KEY", self.secret_key),
            *(("SEAL_KEYS", k) for k in self.seal_keys),
        ]:
            value = secret.get_secret_value()
            if len(value) < _MIN_SECRET or len(set(value)) < _MIN_SECRET // 4:
                found.append(
                    f"{PREFIX}{name} is too weak; make one with "
                    "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
                )
        if not self.seal_keys:
            found.append(f"{PREFIX}SEAL_KEYS is empty; give at least one key")
        found.extend(
            f"{PREFIX}ALLOWED_HOSTS: write host:port, not {host!r}"
            for host in self.allowed_hosts
            if not host.rpartition(":")[2].isdigit()
        )
        return found

    @property
    def http_allow_list(self) -> tuple[tuple[str, int], ...]:
        """The allowed private addresses as (host, port)."""
        pairs = (host.rpartition(":") for host in self.allowed_hosts)
        return tuple((name, int(port)) for name, _, port in pairs)

    @property
    def sqlite_path(self) -> Path | None:
        """The database file, or None when the database is a server."""
        scheme, _, path = self.database_url.partition(":///")
        return Path(path) if scheme == "sqlite" else None


def load_settings() -> Settings:
    """Read the settings from the environment.

    Raises:
        SettingsError: with one line for each problem, naming the variable and the mend.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError("\n".join(_lines(error))) from None


def _lines(error: ValidationError) -> list[str]:
    lines: list[str] = []
    for problem in error.errors(include_input=False, include_url=False):
        message = problem["msg"].removeprefix("Value error, ")
        name = PREFIX + "_".join(str(part) for part in problem["loc"]).upper()
        if problem["type"] == "missing":
            lines.append(f"{name} is missing; set it in the environment (see docs/operator.md)")
        elif problem["loc"]:
            lines.append(f"{name}: {message}")
        else:
            lines.extend(message.split("\n"))
    return lines
