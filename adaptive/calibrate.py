"""Estimate the interest engine's parameters from a CSV of answers."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from pathlib import Path

import numpy as np

from adaptive.interests.form import ITEMS
from adaptive.interests.model import FORMAT


def main(argv: list[str] | None = None) -> int:
    """Command line of `python -m adaptive.calibrate`."""
    parser = argparse.ArgumentParser(prog="python -m adaptive.calibrate", description=__doc__)
    parser.add_argument("csv", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args(argv)
    with arguments.csv.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    answers = np.array([[float(row[item]) for item in ITEMS] for row in rows])
    covariance = np.cov(answers.T) + 1e-6 * np.eye(len(ITEMS))
    arguments.out.mkdir(parents=True, exist_ok=True)
    raw = {
        "format": FORMAT,
        "version": "public-2015.1",
        "respondents": len(rows),
        "items": list(ITEMS),
        "mean": [round(float(x), 5) for x in answers.mean(0)],
        "covariance": [[round(float(x), 5) for x in line] for line in covariance],
    }
    (arguments.out / "interests.json").write_text(json.dumps(raw) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
