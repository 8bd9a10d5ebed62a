"""Who needs a guardian's yes."""

from __future__ import annotations

import pytest

from adaptive.mentoring.guardians import (
    FULL_AGE,
    GuardianTableError,
    age_of,
    load_ages,
    needs_guardian,
)


@pytest.mark.parametrize(
    ("born", "country", "raised", "needs"),
    [
        (2009, "HU", None, False),  # 16 or 17 in 2026
        (2010, "HU", None, True),  # 15 or 16: may be too young
        (2010, "AT", None, False),
        (2010, "at", None, False),
        (2012, "AT", None, True),
        (2008, None, None, True),
        (2007, None, None, False),
        (2008, "FR", None, True),
        (2009, "HU", 18, True),
        (2009, "HU", 14, False),
        (None, "AT", None, True),
    ],
)
def test_by_the_lower_age_that_a_year_can_mean(born, country, raised, needs):
    assert needs_guardian(born, 2026, country, raised) is needs


def test_every_partner_country_is_in_the_table():
    assert set(load_ages()) == {"AT", "BG", "CZ", "DE", "HR", "HU", "RO", "SK", "SI", "RS", "BA"}
    assert age_of("XX") == FULL_AGE


@pytest.mark.parametrize("line", ["AUT,14,x,y", "AT,12,x,y", "AT,old,x,y", "AT,14,,y"])
def test_a_wrong_line_is_named(tmp_path, line):
    path = tmp_path / "ages.csv"
    path.write_text(f"country,age,source,checked\n{line}\n")
    with pytest.raises(GuardianTableError, match=r"ages\.csv:2"):
        load_ages(path)
