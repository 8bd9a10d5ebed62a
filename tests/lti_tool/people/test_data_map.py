"""Everything that the schema holds is declared: whose it is, why, for how long."""

from __future__ import annotations

from lti_tool.people.data_map import GLOBAL, OTHER, PERSONAL, Whose
from lti_tool.tables import TABLES


def test_every_table_is_declared_once():
    assert set(PERSONAL) & set(OTHER) == set()
    assert set(PERSONAL) | set(OTHER) == set(TABLES)


def test_every_column_is_declared_once():
    for name, declared in PERSONAL.items():
        columns = [*declared.exported, *declared.other]
        assert sorted(columns) == sorted(TABLES[name].columns.keys()), name
    for name, columns in OTHER.items():
        assert sorted(columns.split()) == sorted(TABLES[name].columns.keys()), name


def test_purpose_and_retention_are_said():
    for name, declared in PERSONAL.items():
        assert len(declared.purpose.split()) > 2, name
        assert declared.retention, name


def test_whatever_points_to_a_person_is_about_a_person():
    for name, table in TABLES.items():
        targets = {key.referred_table.name for key in table.foreign_key_constraints}
        if targets & {"user", "interest_attempt"}:
            assert name in PERSONAL, name
        if name not in PERSONAL:
            assert not {"sub", "user_id", "user"} & set(table.columns.keys()), name


def test_a_table_of_no_tenant_is_about_nobody():
    assert set(OTHER) >= GLOBAL
    for name, table in TABLES.items():
        assert ("tenant_id" in table.columns) == (name not in GLOBAL), name


def test_no_secret_is_exported():
    for name, declared in PERSONAL.items():
        assert not [c for c in declared.exported if "hash" in c or "sealed" in c], name
        assert declared.whose in Whose
