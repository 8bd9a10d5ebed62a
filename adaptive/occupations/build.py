"""Make the embedded catalogue's data files from the official downloads.

    python -m adaptive.occupations.build --data DIR [--out DIR]

DIR holds `esco/` and `onet/` with the files named in `adaptive/content/occupations/README.md`.
Only numbers derived from them and the official titles of the 436 ISCO-08 unit groups are
written; the hand-written files beside them (titles in Bosnian and Serbian, editorial.csv) stay.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Sequence
from pathlib import Path

from adaptive.occupations.derive import Derived, Vector, by_esco, by_unit_group
from adaptive.occupations.esco import read_crosswalk, read_occupations, read_unit_groups
from adaptive.occupations.nesta import read_conditions
from adaptive.occupations.onet import read_interests, read_job_zones
from adaptive.occupations.tabular import BadTable

OFFICIAL_LANGUAGES = ("en", "de", "hu", "sk", "cs", "sl", "ro", "bg")
HOME = Path(__file__).resolve().parent.parent / "content" / "occupations"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def _cells(figure: Derived) -> list[str]:
    return [*(f"{value:.2f}" for value in figure.value), figure.source]


def build(data: Path) -> dict[str, str]:
    """Return the files to write, name -> text. Same input, same output. Raises `BadTable`."""
    esco_dir, onet_dir = data / "esco", data / "onet"
    groups = list(
        read_unit_groups(esco_dir / "isco08_unit_groups_multilingual.csv", OFFICIAL_LANGUAGES)
    )
    codes = [group.code for group in groups]
    isco_of = {o.uri: o.isco for o in read_occupations(esco_dir / "esco_v1.1.1_en_csv.zip")}
    crosswalk = list(read_crosswalk(esco_dir / "crosswalk_esco_onet.csv"))
    conditions = list(read_conditions(esco_dir / "occupation_remote_jobzone.csv"))

    interests = {o.code: o.scores for o in read_interests(onet_dir / "Interests.xlsx")}
    zones: dict[str, Vector] = {
        z.code: (float(z.zone),) for z in read_job_zones(onet_dir / "Job Zones.xlsx")
    }
    training: dict[str, Vector] = {c.uri: (c.training,) for c in conditions if c.training}
    remote: dict[str, Vector] = {c.uri: (c.remote,) for c in conditions if c.remote is not None}

    columns = {
        "interests": by_unit_group(by_esco(crosswalk, interests), isco_of, codes, "O*NET"),
        "job_zone": by_unit_group(by_esco(crosswalk, zones), isco_of, codes, "O*NET"),
        "training": by_unit_group(training, isco_of, codes, "Nesta"),
        "remote": by_unit_group(remote, isco_of, codes, "Nesta"),
    }
    header = ["isco08", *"RIASEC", "interests_source"]
    for name in ("job_zone", "training", "remote"):
        header += [name, f"{name}_source"]
    figures = [
        [code, *(cell for column in columns.values() for cell in _cells(column[code]))]
        for code in codes
    ]
    titles = [[g.code, *(g.titles[code] for code in OFFICIAL_LANGUAGES)] for g in groups]
    return {
        "figures.csv": _table(header, figures),
        "titles.csv": _table(["isco08", *OFFICIAL_LANGUAGES], titles),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files; return the exit status."""
    parser = argparse.ArgumentParser(description="Make the embedded occupation catalogue.")
    parser.add_argument("--data", type=Path, required=True, help="folder with esco/ and onet/")
    parser.add_argument("--out", type=Path, default=HOME, help="where to write")
    options = parser.parse_args(arguments)
    try:
        files = build(options.data)
    except BadTable as error:
        print(error, file=sys.stderr)
        return 1
    for name, text in files.items():
        (options.out / name).write_text(text, encoding="utf-8")
        print(f"{options.out / name}: {len(text.encode())} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
