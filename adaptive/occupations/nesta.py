"""Read Nesta's table of work conditions per ESCO occupation.

Mapping Career Causeways (Kanders, Djumalieva, Sleeman, Orlic 2020),
https://github.com/nestauk/mapping-career-causeways, MIT licence. The figures come from O*NET
through Nesta's own crosswalk; the remote-labour index is that of del Rio-Chanona et al. 2020.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from adaptive.occupations.esco import OCCUPATION
from adaptive.occupations.tabular import Source, csv_rows


@dataclass(frozen=True, slots=True)
class Conditions:
    """Work conditions of one ESCO occupation; None where the table has no figure.

    `job_zone` 1-5; `training` O*NET's nine steps of on-the-job training (1 none or a short
    demonstration, 2 up to a month, 3 to three months, 4 to six months, 5 to a year … 9 over ten
    years), a mean; `remote` share of the work that can be done from home, 0-1; `proximity` how
    close to other people the work is done, 0-1.
    """

    uri: str
    job_zone: float | None
    training: float | None
    remote: float | None
    proximity: float | None


def read_conditions(source: Source) -> Iterator[Conditions]:
    """Read the table. Raises `BadTable`."""
    columns = (
        "concept_uri",
        "job_zone",
        "on_the_job_training",
        "remote_labor_index",
        "physical_proximity",
    )
    for row in csv_rows(source, columns):
        uri = row.text("concept_uri")
        if not uri.startswith(OCCUPATION):
            raise row.bad(f"“{uri}” is no ESCO occupation.", f"It starts with {OCCUPATION}")
        yield Conditions(
            uri=uri,
            job_zone=row.number_or_none("job_zone", 1, 5),
            training=row.number_or_none("on_the_job_training", 1, 9),
            remote=row.number_or_none("remote_labor_index", 0, 1),
            proximity=row.number_or_none("physical_proximity", 0, 1),
        )
