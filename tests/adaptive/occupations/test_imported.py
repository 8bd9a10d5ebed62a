"""Imported ESCO occupations: own figures where there are any, else the unit group's, marked."""

from __future__ import annotations

from adaptive.occupations import Catalogue, build_index, load_catalogue, match
from adaptive.occupations.esco import ConceptLabels, CrosswalkRow, EscoOccupation
from adaptive.occupations.imported import Imported, imported_entries, imported_occupations
from adaptive.occupations.nesta import Conditions
from adaptive.occupations.onet import OnetInterests, OnetJobZone

TILER = EscoOccupation("tiler", "7122.6", "7122", "tile fitter", ("tiler",), "Fits tiles. Cuts.")
RIDER = EscoOccupation("rider", "9331.1", "9331", "pedal driver", (), "")
OTHER = EscoOccupation("other", "9999.1", "9999", "nobody", (), "")
DATA = Imported(
    occupations=(TILER, RIDER, OTHER),
    labels=[ConceptLabels("tiler", {"de": ("Fliesenleger", "Plattenleger"), "en": ("tiler",)})],
    crosswalk=[CrosswalkRow("47", "tiler", "exactMatch")],
    interests=[OnetInterests("47", "Tile", (7.0, 1.0, 3.0, 1.0, 2.0, 4.0))],
    job_zones=[OnetJobZone("47", 2)],
    conditions=[Conditions("tiler", None, 3.5, None, 0.6)],
)


def test_own_figures_first_then_the_unit_groups_and_marked() -> None:
    embedded = load_catalogue()
    tiler, rider = imported_occupations(DATA, embedded)
    group = embedded.get("9331")
    assert group is not None
    assert tiler.interests == (7.0, 1.0, 3.0, 1.0, 2.0, 4.0)
    assert (tiler.job_zone.value, tiler.job_zone.source) == (2.0, "O*NET")
    assert (tiler.training.value, tiler.training.source) == (3.5, "Nesta")
    assert tiler.remote.source == "ISCO 7122"
    assert tiler.titles == {"de": "Fliesenleger", "en": "tile fitter"}
    assert tiler.title("hu") == "Tile fitter"
    assert tiler.does == "Fits tiles."
    assert rider.interests == group.interests
    assert rider.interests_source == "ISCO 9331"
    assert rider.job_zone.borrowed
    assert rider.does == group.does


def test_an_imported_catalogue_is_matched_and_searched_like_the_embedded_one() -> None:
    catalogue = Catalogue.of(imported_occupations(DATA, load_catalogue()), DATA.version)
    found = match(
        dict(zip("RIASEC", (7.0, 1.0, 3.0, 1.0, 2.0, 4.0), strict=True)),
        dict.fromkeys("RIASEC", 0.1),
        catalogue,
    )
    assert found[0].occupation.id == "tiler"
    index = build_index(imported_entries(DATA.occupations, DATA.labels))
    assert index.search("Plattenlegerin", "de")[0].id == "tiler"
    assert index.search("tiler", "en")[0].id == "tiler"
    assert index.search("nobody", "en")[0].id == "other"
