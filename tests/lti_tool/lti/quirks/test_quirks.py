"""Each quirk by its name: which product has it. What it does is tested where it is used."""

from __future__ import annotations

from dataclasses import fields

import pytest

from lti_tool.lti.quirks import Quirks, for_product, moodle
from lti_tool.lti.quirks.generic import QUIRKS as GENERIC

KNOWN: dict[str, dict[str, object]] = {
    "moodle": {
        "deep_link_url": False,
        "deep_link_presentation": False,
        "ungraded_progress": False,
        "empty_result_is_zero": True,
        "roster_links_drop_role": True,
        "relaunch_url": moodle.relaunch_url,
    },
    "canvas": {
        "container_limit": 100,
        "vendor_hosts": ("sso.canvaslms.com", ".instructure.com"),
    },
    "sakai": {"lone_deployment": "1"},
    "open edx": {"lone_deployment": "1"},
}
TABLE = [(product, name) for product, quirks in KNOWN.items() for name in quirks]


@pytest.mark.parametrize(("product", "name"), TABLE)
def test_product_has_its_quirk(product: str, name: str) -> None:
    assert getattr(for_product(product), name) == KNOWN[product][name]
    assert getattr(GENERIC, name) != KNOWN[product][name]


@pytest.mark.parametrize("product", KNOWN)
def test_product_has_no_other_quirk(product: str) -> None:
    for field in fields(Quirks):
        if field.name not in KNOWN[product]:
            assert getattr(for_product(product), field.name) == getattr(GENERIC, field.name)


def test_every_quirk_is_some_products() -> None:
    assert {field.name for field in fields(Quirks)} == {name for _, name in TABLE}


@pytest.mark.parametrize("code", ["Moodle", " moodle ", "MOODLE"])
def test_a_products_code_is_read_with_patience(code: str) -> None:
    assert for_product(code) is for_product("moodle")


@pytest.mark.parametrize("code", ["", "unheard-of", "moodle2"])
def test_what_is_unknown_follows_the_standard(code: str) -> None:
    assert for_product(code) is GENERIC
