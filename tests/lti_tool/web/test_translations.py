"""Catalogues: what the code says is in them, and what they say fits the code."""

from __future__ import annotations

import pytest
from babel.messages.catalog import Catalog

from lti_tool.web.translations import catalogues, checks


@pytest.fixture(scope="module")
def template() -> Catalog:
    return catalogues.extract()


def test_pages_and_code_are_both_read(template):
    assert template.get("What do I like doing?") is not None
    assert template.get("Please open the activity again") is not None
    assert not any("demo/" in place for m in template for place, _line in m.locations)


@pytest.mark.parametrize("locale", catalogues.WRITTEN)
def test_every_written_catalogue_fits_the_code(locale, template):
    assert list(checks.faults(catalogues.read(locale), template)) == []


def make(msgid, text) -> tuple[Catalog, Catalog]:
    template, catalogue = Catalog(), Catalog(locale="cs")
    template.add(msgid)
    catalogue.add(msgid, text)
    return catalogue, template


@pytest.mark.parametrize(
    ("msgid", "text", "said"),
    [
        ("Hello %(name)s", "Ahoj %(jmeno)s", "placeholders"),
        ("Hello %(name)s", "Ahoj", "placeholders"),
        ("<b>Yes</b>", "Ano", "HTML tags"),
        ("Yes", " Ano", "space at the edge"),
        ("Yes", "slovo " * 29 + "konec", "sentence of 30 words"),
        (("%(num)s job", "%(num)s jobs"), ("%(num)s a", "%(num)s b"), "plural forms"),
    ],
)
def test_each_fault_is_found(msgid, text, said):
    catalogue, template = make(msgid, text)
    assert any(said in fault for fault in checks.faults(catalogue, template))


def test_good_texts_have_no_fault():
    catalogue, template = make(("%(num)s job", "%(num)s jobs"), ("jedna", "%(num)s", "%(num)s"))
    assert list(checks.faults(catalogue, template)) == []


def test_a_text_that_the_code_lost_is_found():
    catalogue, _ = make("Old", "Staré")
    assert any("make messages" in fault for fault in checks.faults(catalogue, Catalog()))


def test_completeness_counts_texts():
    catalogue, template = make("Yes", "Ano")
    template.add("No")
    assert checks.completeness(catalogue, template) == 0.5


def test_serbian_latin_follows_cyrillic_and_leaves_places_alone():
    text = "Љубав и џеп за %(name)s <b>Њива</b> &amp;"
    assert catalogues.to_latin(text) == "Ljubav i džep za %(name)s <b>Njiva</b> &amp;"


def test_update_keeps_what_is_there_and_drops_what_is_gone(tmp_path, monkeypatch, template):
    monkeypatch.setattr(catalogues, "HOME", tmp_path)
    catalogues.update("hu", template)
    catalogue = catalogues.read("hu")
    assert catalogue.num_plurals == 2
    catalogue["Start"].string = "Kezdés"
    catalogue.add("Gone", "Elment")
    with catalogues.path_of("hu").open("wb") as handle:
        catalogues.write_po(handle, catalogue)
    catalogues.update("hu", template)
    after = catalogues.read("hu")
    assert after["Start"].string == "Kezdés"
    assert after.get("Gone") is None
    catalogues.update("hu", template)
    assert catalogues.read("hu")["Start"].string == "Kezdés"
