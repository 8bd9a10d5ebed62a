"""A copy of everything, and its deletion: of this person, of nobody else, and for good."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, update

from config.clock import utcnow
from config.secrets import Signer
from lti_tool.cli import main
from lti_tool.people.data_map import PERSONAL, Whose
from lti_tool.people.erasure import PURPOSE, erase_person, mark_of
from lti_tool.people.export import FORMAT, export_person
from lti_tool.people.person import find_person
from lti_tool.people.retention import KEPT, MOST_PEOPLE, purge
from lti_tool.tables import TABLES
from tests.lti_tool.people.school import ISSUER, add_person, add_school, contents

OWN = {Whose.USER, Whose.SELF, Whose.ATTEMPT, Whose.AUTHOR, Whose.PAIR, Whose.EVENT}
SUB, OTHER = "4711", "14711"
SIGNER = Signer("x" * 40, PURPOSE)


@pytest.fixture
def school(database):
    with database.write_connection() as connection:
        return add_school(connection)


@pytest.fixture
def people(database, school):
    with database.write_connection() as connection:
        return [add_person(connection, school, sub) for sub in (SUB, OTHER)]


def erase(database, platform=ISSUER, sub=SUB):
    with database.write_connection() as connection:
        found = find_person(connection, platform, sub)
        return erase_person(connection, SIGNER, found, utcnow())


def test_the_copy_has_every_table_and_only_this_person(database, people):
    with database.read_connection() as connection:
        copy = export_person(connection, find_person(connection, ISSUER, SUB), utcnow())
    text = json.dumps(copy)
    assert copy["format"] == FORMAT
    assert set(copy["data"]) == set(PERSONAL)
    for name, part in copy["data"].items():
        assert len(part["rows"]) == 1, name
        assert set(part["rows"][0]) == set(PERSONAL[name].exported)
        assert part["purpose"] == PERSONAL[name].purpose
    assert f"kanarek-{SUB}" in text
    assert OTHER not in text
    assert people[1] not in text
    assert json.loads(text) == copy


def test_erasing_takes_everything_of_this_person_and_nothing_else(database, school):
    with database.write_connection() as connection:
        add_person(connection, school, OTHER)
    before = contents(database)
    with database.write_connection() as connection:
        add_person(connection, school, SUB)
    receipt = erase(database)
    assert receipt.rows == dict.fromkeys(PERSONAL, 1)
    assert contents(database) == before


def test_erasing_again_is_no_error_and_changes_nothing(database, people):
    first = erase(database)
    left = contents(database)
    again = erase(database)
    assert again.rows == {}
    assert again.person == first.person
    assert contents(database) == left


def test_the_receipt_names_nobody_and_is_recognised(database, people):
    receipt = erase(database)
    text = json.dumps(receipt.as_dict())
    assert SUB not in text
    assert ISSUER not in text
    with database.read_connection() as connection:
        assert receipt.person == mark_of(SIGNER, find_person(connection, ISSUER, SUB))
        assert receipt.person != mark_of(SIGNER, find_person(connection, ISSUER, OTHER))
    assert receipt.person != mark_of(
        Signer("y" * 40, PURPOSE), find_person_in(database, ISSUER, SUB)
    )


def find_person_in(database, platform, sub):
    with database.read_connection() as connection:
        return find_person(connection, platform, sub)


def test_the_same_number_at_another_site_is_another_person(database, school, people):
    with database.write_connection() as connection:
        neighbour = add_school(connection, "https://other.example")
        add_person(connection, neighbour, SUB)
    before = contents(database)
    receipt = erase(database, "https://other.example")
    assert receipt.rows == dict.fromkeys(PERSONAL, 1)
    after = contents(database)
    assert all(len(after[name]) == len(before[name]) - 1 for name in PERSONAL)
    assert erase(database).rows == dict.fromkeys(PERSONAL, 1)


def test_somebody_who_never_came_is_on_lists_only(database, people):
    with database.write_connection() as connection:
        for name, declared in reversed(PERSONAL.items()):
            if declared.whose in OWN:
                connection.execute(TABLES[name].delete())
    with database.read_connection() as connection:
        found = find_person(connection, ISSUER, SUB)
        assert found.user_id is None
        assert "roster_entry" in export_person(connection, found, utcnow())["data"]
    assert set(erase(database).rows) == {
        name for name, declared in PERSONAL.items() if declared.whose not in OWN
    }


def test_what_nobody_did_stays_when_somebody_unknown_is_erased(database, school):
    event = {"tenant_id": school["tenant_id"], "id": "1", "kind": "pair", "subject_id": "2"}
    with database.write_connection() as connection:
        connection.execute(
            TABLES["mentoring_event"].insert().values(**event, verb="lapse", at=utcnow())
        )
    assert erase(database).rows == {}
    assert len(contents(database)["mentoring_event"]) == 1


def test_a_teachers_review_of_the_person_ends(database, people):
    sessions = TABLES["launch_session"]
    with database.write_connection() as connection:
        connection.execute(
            update(sessions)
            .where(sessions.c.user_id == people[1])
            .values(details={"for_user": SUB})
        )
    assert erase(database).rows["launch_session"] == 2


def test_a_course_with_the_persons_number_stays(database, school, people):
    changes = TABLES["moodle_change"]
    with database.write_connection() as connection:
        connection.execute(update(changes).values(entity="course", key=SUB))
    assert "moodle_change" not in erase(database).rows


@pytest.mark.parametrize("platform", ["https://nobody.example", "", "%"])
def test_an_unknown_platform_is_said(database, people, platform):
    with pytest.raises(LookupError, match="no platform"), database.read_connection() as connection:
        find_person(connection, platform, SUB)


def test_two_platforms_of_one_issuer_are_named_by_id(database, school):
    with database.write_connection() as connection:
        platforms = TABLES["platform"]
        row = dict(connection.execute(select(platforms)).mappings().one())
        connection.execute(platforms.insert().values({**row, "id": "p2", "client_id": "c2"}))
        with pytest.raises(LookupError, match="by its id"):
            find_person(connection, ISSUER, SUB)
        assert find_person(connection, "p2", SUB).platform_id == "p2"


def test_what_is_erased_is_not_in_the_file_any_more(sqlite_database):
    database = sqlite_database
    with database.write_connection() as connection:
        school = add_school(connection)
    with database.write_connection() as connection:
        add_person(connection, school, SUB)
    folder = database.path.parent

    def stored() -> bytes:
        return b"".join(path.read_bytes() for path in folder.glob(database.path.name + "*"))

    assert f"kanarek-{SUB}".encode() in stored()
    erase(database)
    database.shrink_log()
    assert b"kanarek" not in stored()


# Retention.


def count(database, name: str) -> int:
    with database.read_connection() as connection:
        return connection.execute(select(func.count()).select_from(TABLES[name])).scalar_one()


def run_purge(database, now):
    with database.write_connection() as connection:
        return purge(connection, now)


def test_two_years_after_the_last_visit_a_person_is_gone(database, school):
    now = utcnow()
    with database.write_connection() as connection:
        add_person(connection, school, "1", now - KEPT - timedelta(days=1))
        add_person(connection, school, "2", now - KEPT + timedelta(days=1))
    done = run_purge(database, now)
    assert done["people"] == 1
    assert done["changes"] == 0
    with database.read_connection() as connection:
        assert connection.execute(select(TABLES["user"].c.sub)).scalars().all() == ["2"]
    for name in ("interest_answer", "own_skill", "progress", "score_delivery"):
        assert count(database, name) == 1, name
    assert run_purge(database, now) == {"expired": 0, "people": 0, "left": 0, "changes": 0}


def test_who_was_here_by_a_joined_account_stays(database, school):
    now = utcnow()
    with database.write_connection() as connection:
        old = add_person(connection, school, "1", now - KEPT - timedelta(days=1))
        new = add_person(connection, school, "2", now)
        links = TABLES["account_link"]
        connection.execute(
            update(links).where(links.c.user_id.in_([old, new])).values(person_id="p")
        )
        found = find_person(connection, ISSUER, "1")
        assert export_person(connection, found, now)["joined_accounts"] == 1
    assert run_purge(database, now)["people"] == 0
    with database.write_connection() as connection:
        connection.execute(update(links).values(person_id=links.c.user_id))
    assert run_purge(database, now)["people"] == 1


def test_many_people_go_in_portions(database, school):
    now = utcnow()
    users = TABLES["user"]
    with database.write_connection() as connection:
        old = now - KEPT - timedelta(days=1)
        rows = [
            {**{c.name: None for c in users.c}, "tenant_id": school["tenant_id"], "id": f"u{n}",
             "platform_id": school["platform_id"], "sub": str(n), "created_at": old,
             "last_seen_at": old}
            for n in range(MOST_PEOPLE + 1)
        ]  # fmt: skip
        connection.execute(users.insert(), rows)
    assert run_purge(database, now)["people"] == MOST_PEOPLE
    assert run_purge(database, now)["people"] == 1


def test_who_left_a_course_long_ago_is_off_its_list(database, school):
    now = utcnow()
    with database.write_connection() as connection:
        for sub in ("1", "2"):
            add_person(connection, school, sub, now)
        roster, member = TABLES["roster_entry"], TABLES["moodle_member"]
        for at, sub in ((now - KEPT - timedelta(days=1), "1"), (now - timedelta(days=1), "2")):
            connection.execute(update(roster).where(roster.c.sub == sub).values(left_at=at))
            connection.execute(
                update(member)
                .where(member.c.user_id == sub)
                .values(presence="gone", missing_since=at)
            )
    assert run_purge(database, now)["left"] == 5
    for name in ("roster_entry", "moodle_member", "moodle_grade", "moodle_completion"):
        assert count(database, name) == 1, name


def test_nonces_launches_and_codes_go_when_they_expire(database, school):
    now = utcnow()
    with database.write_connection() as connection:
        add_person(connection, school, "1", now)
        connection.execute(
            TABLES["used_nonce"].insert().values(platform_id="p", nonce_hash="n", expires_at=now)
        )
    assert run_purge(database, now)["expired"] == 0
    assert run_purge(database, now + timedelta(seconds=1))["expired"] == 3
    assert count(database, "user") == 1


# The commands.


@pytest.fixture
def shell(sqlite_database, monkeypatch):
    monkeypatch.setenv("BACKONTRACK_PUBLIC_URL", "https://tool.example.org")
    monkeypatch.setenv("BACKONTRACK_SECRET_KEY", "correct-horse-battery-staple-0123456789")
    monkeypatch.setenv("BACKONTRACK_SEAL_KEYS", "another-long-secret-abcdefghij-9876543210")
    monkeypatch.setenv("BACKONTRACK_DATABASE_URL", f"sqlite:///{sqlite_database.path}")
    with sqlite_database.write_connection() as connection:
        add_person(connection, add_school(connection), SUB)

    def run(*words: str, code: int = 0, stdin: str | None = None) -> str:
        result = CliRunner().invoke(main, words, input=stdin)
        assert result.exit_code == code, (result.output, result.exception)
        return result.stdout or result.stderr

    return run


WHO = ("--platform", ISSUER, "--sub", SUB)


def test_export_and_erase_from_the_shell(shell, tmp_path):
    assert json.loads(shell("person", "export", *WHO))["person"] == SUB
    file = tmp_path / "copy.json"
    assert shell("person", "export", *WHO, "--output", str(file)) == ""
    assert set(json.loads(file.read_text())["data"]) == set(PERSONAL)
    shell("person", "erase", *WHO, stdin="n\n", code=1)
    assert json.loads(shell("person", "export", *WHO))["data"]
    receipt = json.loads(shell("person", "erase", *WHO, "--yes"))
    assert receipt["rows"]["interest_answer"] == 1
    assert json.loads(shell("person", "export", *WHO))["data"] == {}
    again = json.loads(shell("person", "erase", *WHO, "--yes"))
    assert (again["rows"], again["person"]) == ({}, receipt["person"])


@pytest.mark.parametrize("command", [["export"], ["erase", "--yes"]])
def test_a_wrong_number_does_not_look_like_success(shell, command):
    result = CliRunner().invoke(main, ["person", *command, "--platform", ISSUER, "--sub", "404"])
    assert "Nothing is kept about a person '404'" in result.stderr
    assert json.loads(result.stdout)
    known = CliRunner().invoke(main, ["person", *command, *WHO])
    assert known.stderr == ""


def test_purge_from_the_shell_says_how_much(shell):
    assert [line.split()[0] for line in shell("purge").splitlines()] == [
        "expired", "people", "left", "changes",
    ]  # fmt: skip


def test_an_unknown_platform_is_one_line(shell):
    text = shell("person", "export", "--platform", "x", "--sub", "1", code=1)
    assert text.startswith("no platform x")
