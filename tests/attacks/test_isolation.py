"""I1: no id of another organisation or course opens anything, changes anything or shows anything.

Every route of the application is tried, by every role, with every id that others have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import Table, insert, select, update
from sqlalchemy.exc import IntegrityError
from werkzeug.routing import Rule

from config.clock import utcnow
from config.database import Database
from config.ids import new_id
from lti_tool.lti.models import Context, Platform, ResourceLink, table_of
from lti_tool.outbox.models import ScoreDelivery
from lti_tool.people.data_map import GLOBAL
from lti_tool.people.models import Tenant
from lti_tool.staff.teacher.models import RosterEntry
from lti_tool.tables import METADATA
from tests.attacks.house import ROLES, House, Visit, address
from tests.lti_tool.lti.platform import LTI

BY_EITHER_SIDE = ("agreement", "checkin", "event", "feedback", "goal", "log", "meeting", "message",
                  "report", "report_step")  # fmt: skip
LOOSE = {("moodle_site", "platform_id"), ("invite", "platform_id")} | {
    (f"mentoring_{name}", "user_id") for name in BY_EITHER_SIDE
}
"""Ids of other tables that no foreign key guards: the sync does not know the protocol's tables, and
an invite outlives its platform. The code that writes them takes both ids from one row. Who wrote a
row of a pair may be a mentor of another organisation, and a step of a report outlives its author.
"""
ACROSS = {"mentor_tenant_id"}
"""The one column by which a row names somebody of another organisation: a mentor across a border
that both coordinators opened."""

OURS = {
    "platform_id": "platform",
    "user_id": "user",
    "context_id": "context",
    "resource_link_id": "resource_link",
    "attempt_id": "interest_attempt",
}
CANARY = "kanarek"
_CHANGING = re.compile(
    r'<code>[a-z_0-9]+ [0-9a-f]{8}</code>|name="csrf" value="[^"]+"|data-keep="[^"]*"'
    # A code for another site is a new one each time.
    r'|<strong class="lead">[A-Z0-9]{4} [A-Z0-9]{4}</strong>'
    # Whoever has the address of a launch may begin it again, as themselves, at its platform.
    r'|<p><a class="button" href="https://moodle.example.org/mod/lti/launch.php[^"]*".*?</a></p>\n'
)
FIELDS = ("delivery", "user", "user_id", "context_id", "resource_link_id", "launch", "code")


def tenant_tables() -> list[Table]:
    return [table for name, table in METADATA.tables.items() if name not in GLOBAL]


def test_i1_every_table_is_of_a_tenant_or_declared_global() -> None:
    for table in tenant_tables():
        assert table.c.tenant_id.primary_key, table.name
        assert not table.c.tenant_id.nullable, table.name


def test_i1_every_foreign_key_between_them_carries_the_tenant() -> None:
    for table in tenant_tables():
        for key in table.foreign_key_constraints:
            if key.referred_table.name in GLOBAL:
                continue
            pairs = {element.parent.name: element.column.name for element in key.elements}
            here = {ours for ours, theirs in pairs.items() if theirs == "tenant_id"}
            assert here <= {"tenant_id", *ACROSS}, (table.name, pairs)
            assert here, (table.name, pairs)


def test_i1_every_id_of_another_table_is_guarded() -> None:
    loose = set()
    for table in tenant_tables():
        guarded = {name for key in table.foreign_key_constraints for name in key.column_keys}
        for column in table.c:
            length = getattr(column.type, "length", None)
            if column.name in OURS and length == 32 and column.name not in guarded:
                loose.add((table.name, column.name))
    assert loose == LOOSE


def test_i1_both_databases_refuse_a_row_that_crosses(database: Database) -> None:
    with database.write() as session:
        mine, theirs = (Tenant(slug=slug, name=slug) for slug in ("a", "b"))
        session.add_all([mine, theirs])
        session.flush()
        urls = dict.fromkeys(("auth_url", "token_url", "jwks_url"), "https://m.example")
        platform = Platform(tenant_id=theirs.id, issuer="i", client_id="c", name="M", **urls)
        session.add(platform)
        session.flush()
        tenant_id, platform_id = mine.id, platform.id
    row = {"tenant_id": tenant_id, "id": new_id(), "platform_id": platform_id, "lti_id": "2"}
    with pytest.raises(IntegrityError), database.write_connection() as connection:
        connection.execute(insert(table_of(Context)).values(**row))


@dataclass
class Victim:
    """Somebody with a row in every room."""

    house: House
    visit: Visit
    ids: dict[str, str] = field(default_factory=dict)

    def rows(self) -> list[str]:
        """Every stored row that names the victim's things, whatever table it is in."""
        marks = {*self.ids.values(), CANARY}
        found = []
        with self.house.services.database.read_connection() as connection:
            for table in METADATA.sorted_tables:
                for row in connection.execute(select(table)):
                    text = repr(tuple(row))
                    if any(mark in text for mark in marks):
                        found.append(f"{table.name} {text}")
        return sorted(found)


def populate(house: House) -> Victim:
    """Let somebody learn, finish, and have a grade that is stuck."""
    house.platform.issuer, issuer = house.platform.issuer, house.platform.issuer
    with house.services.database.write_connection() as connection:
        connection.execute(update(Tenant).values(wants_names=True))
    visit = house.visit(
        sub=f"{CANARY}-sub",
        name=f"{CANARY} name",
        **{
            LTI + "context": {"id": f"{CANARY}-2", "title": f"{CANARY} course"},
            LTI + "resource_link": {"id": f"{CANARY}-1", "title": f"{CANARY} link"},
            LTI + "custom": {"module": "careers"},
        },
    )
    visit.post("interests/start")
    address = visit.get("interests/")
    assert address.status_code == 200
    occupation = re.findall(r"careers/job/([^\"/?]+)", visit.get("careers/?q=driver").text)[0]
    assert visit.post(f"careers/job/{occupation}/keep").status_code == 303
    assert visit.post("near/where", town="Szeged, HU", online="1").status_code == 303
    assert visit.post("near/o/eurodesk/keep").status_code == 303
    assert visit.post("needs/q/more", text=f"{CANARY} own words").status_code == 303
    assert visit.post("needs/share/more", **{"with": "teacher"}).status_code == 303
    asked = visit.post("plan/goals", title=f"{CANARY} goal").headers["Location"]
    step = {"words": f"{CANARY} step", "when": "this_week", "helper_words": f"{CANARY} aunt"}
    assert visit.post(f"plan/goal/{asked.split('/')[-2]}/step", **step).status_code == 303
    database = house.services.database
    with database.write() as session:
        session.execute(update(ScoreDelivery).values(state="parked", reason="refused"))
        link = session.scalars(select(ResourceLink).filter_by(lti_id=f"{CANARY}-1")).one()
        session.add(
            RosterEntry(
                tenant_id=link.tenant_id,
                context_id=link.context_id,
                sub=f"{CANARY}-sub-2",
                roles=["learner"],
                name=f"{CANARY} second",
                read_at=utcnow(),
            )
        )
    victim = Victim(house, visit)
    victim.ids["launch"] = visit.home.split("/")[2]
    with database.read() as session:
        launch = METADATA.tables["launch_session"]
        row = session.execute(select(launch).where(launch.c.id == victim.ids["launch"])).one()
        victim.ids |= {
            "user": row.user_id,
            "context": row.context_id,
            "link": row.resource_link_id,
        }
        for name in ("score_delivery", "interest_attempt", "plan_goal", "plan_step"):
            table = METADATA.tables[name]
            found = session.scalars(select(table.c.id).where(table.c.user_id == row.user_id))
            victim.ids[name] = found.one()
    assert issuer == house.platform.issuer
    return victim


@pytest.fixture
def victim(house: House) -> Victim:
    """Somebody whom others try to reach."""
    return populate(house)


def rules(house: House) -> Iterator[tuple[Rule, str]]:
    for rule in house.app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            if rule.endpoint != "static":
                yield rule, method


def ask(
    actor: Visit, token: str, rule: Rule, method: str, launch_id: str, other: str
) -> tuple[int, str]:
    """Use a route with somebody's ids in the address and in every field; returns what is seen."""
    path = address(rule.rule, launch_id, other)
    values = dict.fromkeys(FIELDS, other) | {"csrf": token}
    if method == "GET":
        answer = actor.client.get(path, query_string=dict.fromkeys(FIELDS, other))
    else:
        answer = actor.client.post(path, data=values)
    text = _CHANGING.sub("", answer.text).replace(other, "ID").replace(launch_id, "LAUNCH")
    return answer.status_code, text + answer.headers.get("Location", "").replace(other, "ID")


def attack(victim: Victim, actor: Visit, *, strange: bool) -> None:
    """Try everything; an id of the victim's must do exactly what an id of nobody does."""
    own = actor.home.split("/")[2]
    secret = next(c for c in actor.client._cookies.values() if c.key == f"__Host-ls-{own}").value
    before = victim.rows()
    nobody, token = new_id(), actor.token()
    for launch_id in (victim.ids["launch"], victim.ids["launch"].upper(), nobody):
        # Our own secret under the name of their launch.
        actor.client.set_cookie(f"__Host-ls-{launch_id}", secret, secure=True)
    for rule, method in rules(victim.house):
        launches = (own,) if "launch_id" not in rule.arguments else (own, victim.ids["launch"])
        for launch_id in launches:
            unreal = launch_id if launch_id == own else nobody
            expected = ask(actor, token, rule, method, unreal, nobody)
            # A page that takes nothing but fields is read once with all of them.
            plain = method == "GET" and rule.arguments <= {"launch_id"}
            for name in ("score_delivery",) if plain else tuple(victim.ids):
                one = victim.ids[name]
                seen = ask(actor, token, rule, method, launch_id, one)
                assert seen[0] < 500 or (rule.endpoint, seen[0]) == ("teacher.read_list", 502)
                assert seen == expected, (rule.rule, method, name)
                assert not strange or CANARY not in seen[1], (rule.rule, method)
                assert "launch_id" not in rule.arguments or launch_id == own or seen[0] == 401
    assert victim.rows() == before


@pytest.mark.parametrize("role", ROLES)
def test_i1_another_organisation(victim: Victim, role: str) -> None:
    house = victim.house
    attack(victim, house.visit(role, house.neighbour()), strange=True)


@pytest.mark.parametrize("role", ROLES)
def test_i1_another_course_of_the_same_site(victim: Victim, role: str) -> None:
    elsewhere = {LTI + "context": {"id": "9"}, LTI + "resource_link": {"id": "9"}}
    attack(victim, victim.house.visit(role, sub="9", **elsewhere), strange=True)


def test_i1_another_learner_of_the_same_course(victim: Victim) -> None:
    same = {
        LTI + "context": {"id": f"{CANARY}-2"},
        LTI + "resource_link": {"id": f"{CANARY}-1"},
    }
    actor = victim.house.visit(sub="9", **same)
    attack(victim, actor, strange=False)
    for path in ("interests/", "interests/result", "careers/", "teacher/"):
        assert f"{CANARY}-sub" not in actor.get(path).text


def test_i1_a_stranger_gets_nothing(victim: Victim) -> None:
    before = victim.rows()
    client = victim.house.app.test_client()
    for rule, method in rules(victim.house):
        if "launch_id" not in rule.arguments:
            continue
        for launch_id in (victim.ids["launch"], victim.ids["launch"].upper(), new_id()):
            path = address(rule.rule, launch_id, victim.ids["score_delivery"])
            answer = client.open(path, method=method)
            assert answer.status_code == 401
            assert CANARY not in answer.text
    assert victim.rows() == before


def test_i1_the_teacher_of_the_course_does_see_them(victim: Victim) -> None:
    """The control: the canary would be seen if it were shown."""
    teacher = victim.house.visit(
        "teacher",
        sub="3",
        **{
            LTI + "context": {"id": f"{CANARY}-2"},
            LTI + "resource_link": {"id": f"{CANARY}-1"},
        },
    )
    page = teacher.get("teacher/").text
    assert f"{CANARY} name" in page
    assert f"{CANARY} second" in page
    answer = teacher.post("teacher/grade", delivery=victim.ids["score_delivery"])
    assert answer.status_code == 303
    assert victim.house.values("score_delivery", "state") == [("waiting",)]


# L13: a score belongs to the launch, whatever a form says.

SAID: dict[str, Any] = {
    "score": "100",
    "scoreGiven": "1000",
    "userId": "9",
    "user_id": "9",
    "lineitem": "https://evil.example.net/",
    "percent": "100",
    "grading": "progress",
    "module": "interests",
}


def test_l13_a_form_cannot_name_the_score_the_person_or_the_column(house: House) -> None:
    house.visit(sub="9")
    learner = house.visit(**{LTI + "custom": {"module": "careers"}})
    learner.post("interests/start", **SAID)
    question = re.findall(
        r'action="[^"]*/interests/q/([A-Z]\d)"', learner.get("interests/q/R1").text
    )
    learner.post(f"interests/q/{question[0]}", value="3", **SAID)
    assert house.values("score_delivery", "score") == []
    occupation = re.findall(r"careers/job/([^\"/?]+)", learner.get("careers/?q=driver").text)[0]
    learner.post(f"careers/job/{occupation}/keep", **SAID)
    subs = dict(house.values("user", "id", "sub"))
    links = dict(house.values("resource_link", "id", "lti_id"))
    rows = house.values("score_delivery", "user_id", "resource_link_id", "score")
    assert [(subs[user], links[link], score) for user, link, score in rows] == [("6", "1", 100.0)]
    assert {url for (url,) in house.values("resource_link", "lineitem_url")} == {
        house.platform.claims("n")["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"][
            "lineitem"
        ]
    }


@pytest.mark.parametrize("role", ["teacher", "mentor", "admin"])
def test_l13_staff_who_look_at_a_module_have_no_grade(house: House, role: str) -> None:
    visit = house.visit(role)
    visit.post("interests/start")
    visit.post("careers/job/8322/keep")
    assert house.values("score_delivery", "score") == []
    assert house.values("progress", "percent") == []
