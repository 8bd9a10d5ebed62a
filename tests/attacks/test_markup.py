"""X1: what platforms, people and forms say is text, on every page that shows it."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import update

from lti_tool.people.models import Tenant
from tests.attacks.house import House
from tests.lti_tool.critic import STAFF_BUDGET, faults_of
from tests.lti_tool.lti.platform import LTI, MEMBERSHIP

POLYGLOT = (
    "jaVasCript:/*-/*`/*\\`/*'/*\"/**/(/* */oNcliCk=alert() )//%0D%0A//</stYle/</titLe/</teXtarEa/"
    "</scRipt/--!>\\x3csVg/<sVg/oNloAd=alert()//>\\x3e"
)
HOSTILE = {
    "polyglot": POLYGLOT,
    "script": '"><script>window.__xss=1</script>',
    "attribute": "' onmouseover='window.__xss=1",
    "image": "<img src=x onerror=window.__xss=1>",
    "template": "{{7*7}}${7*7}<%= 7*7 %>#{7*7}",
    "jinja": "{{ config }}{% for x in [1] %}{{ self.__init__.__globals__ }}{% endfor %}",
    "percent": "%(user)s %s %d %n",
    "right to left": "‮gnp.exe‏",
    "emoji": "👩🏽‍🎓" * 40,
    "long": "Ж" * 1_000,
    "sheet": '=cmd|"/C calc"!A1',
    "spaces": " \t\r\n  ",
    "nul": "a\x00b",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_x1_what_a_platform_says_is_text(house: House, text: str) -> None:
    with house.services.database.write_connection() as connection:
        connection.execute(update(Tenant).values(wants_names=True))
    claims = {
        "name": text,
        LTI + "context": {"id": "2", "title": text, "label": text},
        LTI + "resource_link": {"id": "1", "title": text},
        LTI + "custom": {"module": "careers", "grading": text[:60], "evil": text},
        LTI + "launch_presentation": {"locale": text, "return_url": text},
    }
    learner = house.visit(**claims)
    assert learner.post("careers/job/8322/keep").status_code == 303
    learner.get("careers/")
    teacher = house.visit(
        "teacher", sub="3", **claims | {LTI + "roles": [MEMBERSHIP + "Instructor", text]}
    )
    page = teacher.get("teacher/")
    assert page.status_code == 200
    check(page.text)
    shown = BeautifulSoup(page.text, "html5lib").select("tbody th")
    if text.strip("\x00 \t\r\n") and "\x00" not in text and "\n" not in text:
        assert [cell.get_text() for cell in shown] == [text[:200].strip()]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_x1_what_a_person_types_is_text(house: House, text: str) -> None:
    learner = house.visit()
    answer = learner.client.get(learner.home + "careers/", query_string={"q": text})
    assert answer.status_code == 200
    check(answer.text)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_x1_what_comes_without_a_session_is_text(house: House, text: str) -> None:
    client = house.app.test_client()
    query = house.platform.login(client)
    params = house.platform.login_params(lti_storage_target="frame", lti_message_hint=text)
    for answer in (
        client.post("/lti/login", data={**params, "login_hint": text}),
        client.post("/lti/launch", data={"error": text, "error_description": text}),
        house.app.test_client().post("/lti/launch", data={"id_token": text, **query}),
        client.get("/lti/register/x", query_string={"openid_configuration": text}),
        client.get("/" + text.replace("\x00", "").replace("\r", "").replace("\n", "")),
    ):
        assert answer.status_code < 500
        assert "\n" not in answer.headers.get("Location", "")
        check(answer.text)


def check(html: str) -> None:
    """Nothing runs: no script of the page's own, no handler, no address that is a program."""
    allowed = ("left over in the text", "word not to be used", "bytes of HTML")
    found = [
        one for one in faults_of(html, budget=STAFF_BUDGET) if not any(a in one for a in allowed)
    ]
    page = BeautifulSoup(html, "html5lib")
    if page.find("h1"):
        assert found == []
    for tag in page.find_all(True):
        assert tag.name not in {"svg", "iframe", "object", "embed", "base"} or tag.get("class")
        for name in ("href", "src", "action", "formaction"):
            assert not str(tag.get(name, "")).strip().lower().startswith(("javascript:", "data:"))
