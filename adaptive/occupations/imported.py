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


def _first_sentence(text: str) -> str:
    sentence, full_stop, _ = text.partition(". ")
    return sentence + "." if full_stop else sentence


def _figure(own: Mapping[str, Vector], uri: str, source: str, group: Figure, isco: str) -> Figure:
    """The occupation's own figure, else that of its unit group, said to be so."""
    if uri in own:
        return Figure(own[uri][0], source)
    return Figure(group.value, group.source if group.borrowed else f"ISCO {isco}")


def imported_occupations(data: Imported, embedded: Catalogue) -> Iterator[Occupation]:
    """Yield one occupation per ESCO occupation.

    Interests and job zone come through the crosswalk, training and remote work from Nesta; what
    is missing comes from the embedded catalogue's unit group and is marked "ISCO <code>", as
    are the editorial judgements, which exist per group only. An occupation of a unit group that
    the embedded catalogue lacks is left out.
    """
    crosswalk = list(data.crosswalk)
    interests = by_esco(crosswalk, {o.code: o.scores for o in data.interests})
    zones = by_esco(crosswalk, {z.code: (float(z.zone),) for z in data.job_zones})
    conditions = list(data.conditions)
    training = {c.uri: (c.training,) for c in conditions if c.training is not None}
    remote = {c.uri: (c.remote,) for c in conditions if c.remote is not None}
    titles = {c.uri: {code: words[0] for code, words in c.labels.items()} for c in data.labels}
    for esco in data.occupations:
        group = embedded.get(esco.isco)
        if group is None:
            continue
        own = interests.get(esco.uri)
        borrowed = (
            group.interests_source
            if group.interests_source.startswith("ISCO")
            else f"ISCO {esco.isco}"
        )
        yield Occupation(
            id=esco.uri,
            isco=esco.isco,
            titles={**titles.get(esco.uri, {}), "en": esco.label},
            interests=own or group.interests,
            interests_source="O*NET" if own else borrowed,
            job_zone=_figure(zones, esco.uri, "O*NET", group.job_zone, esco.isco),
            training=_figure(training, esco.uri, "Nesta", group.training, esco.isco),
            remote=_figure(remote, esco.uri, "Nesta", group.remote, esco.isco),
            outdoors=group.outdoors,
            with_people=group.with_people,
            home_able=group.home_able,
            suggested=group.suggested,
            does=_first_sentence(esco.description) or group.does,
        )


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
