"""The learning path as a learner without JavaScript walks it."""

from __future__ import annotations


def test_first_page(world):
    page = world.visit("path").get("/")
    assert page.h1.string == "My learning path"
    print(page.main.get_text("\n", strip=True)[:3000])
