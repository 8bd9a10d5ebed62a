"""Sealed values open only in their place, signed ones only in their time and for their purpose."""

from __future__ import annotations

import pytest

from config.secrets import BadSignature, Seal, SealBroken, Signer

OLD, NEW = "old-key-0123456789-0123456789-0123", "new-key-abcdefghij-abcdefghij-abcd"


def test_a_sealed_value_opens_in_its_place_only():
    seal = Seal([OLD])
    sealed = seal.close("token", "site|token|1")
    assert seal.open(sealed, "site|token|1") == "token"
    with pytest.raises(SealBroken, match="another place"):
        seal.open(sealed, "site|token|2")


def test_key_rotation_old_values_open_and_are_renewed():
    sealed = Seal([OLD]).close("token", "place")
    both = Seal([NEW, OLD])
    renewed = both.renew(sealed)
    assert Seal([NEW]).open(renewed, "place") == "token"
    with pytest.raises(SealBroken):
        Seal([NEW]).open(sealed, "place")


def test_the_same_value_never_looks_the_same_twice():
    seal = Seal([OLD])
    assert seal.close("token", "place") != seal.close("token", "place")


def test_signed_payload_round_trip_and_age():
    signer = Signer(OLD, "state")
    token = signer.sign({"n": 1}, 1000.9)
    assert signer.read(token, 1300, 300) == {"n": 1}
    with pytest.raises(BadSignature, match="old"):
        signer.read(token, 1301, 300)
    with pytest.raises(BadSignature, match="old"):
        signer.read(token, 990, 300)


@pytest.mark.parametrize("token", ["", ".", "x.y", "é.é", "e30.e30", "a" * 5000])
def test_garbage_is_refused_cleanly(token):
    with pytest.raises(BadSignature):
        Signer(OLD, "state").read(token, 0, 300)


def test_purposes_do_not_mix():
    token = Signer(OLD, "state").sign({"n": 1}, 1000)
    with pytest.raises(BadSignature):
        Signer(OLD, "form").read(token, 1000, 300)


def test_every_changed_character_is_noticed():
    signer = Signer(OLD, "state")
    token = signer.sign({"n": 1}, 1000)
    for position, letter in enumerate(token):
        other = "A" if letter != "A" else "B"
        changed = token[:position] + other + token[position + 1 :]
        if changed.rstrip("=") == token:
            continue
        with pytest.raises(BadSignature):
            signer.read(changed, 1000, 300)
