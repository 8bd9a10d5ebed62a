"""TLS is verified against the host name although the connection goes to a number."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from config.http import HttpUnreachable
from tests.faults.server import FaultServer, json_answer, trickle_body


def certificate(folder: Path, name: str) -> Path:
    """Write a self-made authority's certificate for `name` with its key; return the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Self-made")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
def bundle(tmp_path) -> str:
    return str(certificate(tmp_path, "moodle.test"))


@pytest.fixture
def secure(bundle, names) -> Iterator[FaultServer]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(bundle)
    names.set("moodle.test", ["127.0.0.1"])
    names.set("other.test", ["127.0.0.1"])
    with FaultServer(tls=context) as running:
        running.script("/x", json_answer(1))
        yield running


@pytest.fixture
def allowed(secure) -> list[tuple[str, int]]:
    port = secure.address[1]
    return [("moodle.test", port), ("other.test", port), ("127.0.0.1", port)]


def test_the_named_host_is_trusted_and_kept(secure, allowed, bundle, make_door, names):
    door = make_door(allowed_hosts=allowed, ca_bundle=bundle)
    for _ in range(3):
        assert door.get(f"https://moodle.test:{secure.address[1]}/x").json() == 1
    assert secure.connections == 1
    assert names.asked == ["moodle.test"]


@pytest.mark.parametrize("host", ["other.test", "127.0.0.1"])
def test_another_name_is_not(host, secure, allowed, bundle, make_door):
    door = make_door(allowed_hosts=allowed, ca_bundle=bundle)
    with pytest.raises(HttpUnreachable) as failure:
        door.get(f"https://{host}:{secure.address[1]}/x")
    assert (failure.value.reason, failure.value.may_have_arrived) == ("tls", False)
    assert secure.requests == []


def test_an_unknown_authority_is_not(secure, allowed, make_door):
    with pytest.raises(HttpUnreachable) as failure:
        make_door(allowed_hosts=allowed).get(f"https://moodle.test:{secure.address[1]}/x")
    assert failure.value.reason == "tls"
    assert secure.requests == []


def test_a_bundle_of_the_operator_replaces_the_public_one(secure, allowed, make_door, tmp_path):
    other = str(certificate(tmp_path, "elsewhere.test"))
    with pytest.raises(HttpUnreachable):
        make_door(allowed_hosts=allowed, ca_bundle=other).get(
            f"https://moodle.test:{secure.address[1]}/x"
        )


def test_a_missing_bundle_is_noticed_at_once(make_door):
    with pytest.raises(OSError, match="No such file"):
        make_door(ca_bundle="/nonexistent.pem")


def test_the_deadline_cuts_through_tls(secure, allowed, bundle, make_door):
    secure.script("/slow", trickle_body())
    door = make_door(allowed_hosts=allowed, ca_bundle=bundle)
    with pytest.raises(Exception, match="deadline"):
        door.get(f"https://moodle.test:{secure.address[1]}/slow", deadline=0.5)
