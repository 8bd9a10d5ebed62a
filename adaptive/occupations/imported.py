"""Make a catalogue and index entries of ESCO's 3,000 occupations from the files that were read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from adaptive.occupations.derive import Vector, by_esco
from adaptive.occupations.esco import ConceptLabels, CrosswalkRow, EscoOccupation
from adaptive.occupations.model import Catalogue, Figure, Occupation
from adaptive.occupations.nesta import Conditions
from adaptive.occupations.onet import OnetInterests, OnetJobZone
from adaptive.occupations.search import Entry


@dataclass(frozen=True, slots=True)
class Imported:
    """What the official files said, each part optional but the occupations."""

    occupations: Iterable[EscoOccupation]
    labels: Iterable[ConceptLabels] = ()
    crosswalk: Iterable[CrosswalkRow] = ()
    interests: Iterable[OnetInterests] = ()
    job_zones: Iterable[OnetJobZone] = ()
    conditions: Iterable[Conditions] = ()
    version: str = field(default="esco-1.1.1")


@dataclass(frozen=True, slots=True)
class OwnFigures:
    """What is known of single occupations, by the id that they have here; any part may lack.

    `interests` are six ratings in the order R I A S E C; the meaning of the other figures is that
    of `Occupation`.
    """

    interests: Mapping[str, Vector] = field(default_factory=dict)
    job_zone: Mapping[str, Figure] = field(default_factory=dict)
    training: Mapping[str, Figure] = field(default_factory=dict)
    remote: Mapping[str, Figure] = field(default_factory=dict)


def own_figures(data: Imported) -> OwnFigures:
    """Carry O*NET's figures over the crosswalk and take Nesta's as they are, by ESCO URI.

    Where O*NET has no job zone for an occupation, Nesta's stands in.
    """
    crosswalk, conditions = list(data.crosswalk), list(data.conditions)
    zones = by_esco(crosswalk, {z.code: (float(z.zone),) for z in data.job_zones})
    return OwnFigures(
        interests=by_esco(crosswalk, {o.code: o.scores for o in data.interests}),
        job_zone={
            **{c.uri: Figure(c.job_zone, "Nesta") for c in conditions if c.job_zone is not None},
            **{uri: Figure(value[0], "O*NET") for uri, value in zones.items()},
        },
        training={c.uri: Figure(c.training, "Nesta") for c in conditions if c.training is not None},
        remote={c.uri: Figure(c.remote, "Nesta") for c in conditions if c.remote is not None},
    )


def _first_sentence(text: str) -> str:
    sentence, full_stop, _ = text.partition(". ")
    return sentence + "." if full_stop else sentence


def _figure(own: Figure | None, group: Figure, isco: str) -> Figure:
    """The occupation's own figure, else that of its unit group, said to be so."""
    return own or Figure(group.value, group.source if group.borrowed else f"ISCO {isco}")


def occupations_of(
    occupations: Iterable[EscoOccupation],
    titles: Mapping[str, Mapping[str, str]],
    own: OwnFigures,
    embedded: Catalogue,
) -> Iterator[Occupation]:
    """Yield one occupation per ESCO occupation, under the same id (its `uri`).

    `titles` has id -> language -> title. A figure that is missing comes from the embedded
    catalogue's unit group and is marked "ISCO <code>", as are the editorial judgements, which
    exist per group only. An occupation of a unit group that the embedded catalogue lacks is
    left out.
    """
    for esco in occupations:
        group = embedded.get(esco.isco)
        if group is None:
            continue
        interests = own.interests.get(esco.uri)
        borrowed = (
            group.interests_source
            if group.interests_source.startswith("ISCO")
            else f"ISCO {esco.isco}"
        )
        yield Occupation(
            id=esco.uri,
            isco=esco.isco,
            titles={**titles.get(esco.uri, {}), "en": esco.label},
            interests=interests or group.interests,
            interests_source="O*NET" if interests else borrowed,
            job_zone=_figure(own.job_zone.get(esco.uri), group.job_zone, esco.isco),
            training=_figure(own.training.get(esco.uri), group.training, esco.isco),
            remote=_figure(own.remote.get(esco.uri), group.remote, esco.isco),
            outdoors=group.outdoors,
            with_people=group.with_people,
            home_able=group.home_able,
            suggested=group.suggested,
            does=_first_sentence(esco.description) or group.does,
        )


def imported_occupations(data: Imported, embedded: Catalogue) -> Iterator[Occupation]:
    """Yield the occupations of the files as read; see `own_figures` and `occupations_of`."""
    titles = {c.uri: {code: words[0] for code, words in c.labels.items()} for c in data.labels}
    return occupations_of(data.occupations, titles, own_figures(data), embedded)


def imported_entries(
    occupations: Iterable[EscoOccupation], labels: Iterable[ConceptLabels]
) -> list[Entry]:
    """Index entries of ESCO occupations: every label of every language, English included."""
    known = {concept.uri: concept.labels for concept in labels}
    return [
        Entry(
            esco.uri,
            {**known.get(esco.uri, {}), "en": (esco.label, *esco.alternatives)},
        )
        for esco in occupations
    ]
