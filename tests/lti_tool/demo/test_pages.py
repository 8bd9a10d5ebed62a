"""The pages of the practice LMS: who may see what, and what every page has."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from lti_tool.demo import run, seed
from lti_tool.demo.browser import Browser
from lti_tool.demo.population import ADMIN, DOORS, MENTOR, TEACHER
from tests.lti_tool.demo.conftest import World


def paths(world: World) -> list[tuple[int, str]]:
    cmid = world.connected.activities[0]
    return [
        (0, "/"), (0, "/under-the-hood"), (0, "/nowhere"), (6, "/"), (6, "/?switch=1"),
        (6, "/course/view.php?id=2"), (TEACHER, "/course/view.php?id=2"),
        (6, "/grade/report/index.php?id=2"), (TEACHER, "/grade/report/index.php?id=2"),
        (6, f"/mod/lti/view.php?id={cmid}"), (6, f"/mod/lti/launch.php?id={cmid}"),
        (6, "/mod/page/view.php?id=2"), (TEACHER, "/course/modedit.php?course=2&type=1"),
        (ADMIN, "/admin/tools"), (6, "/mod/lti/return.php?course=2&lti_msg=Hello"),
    ]  # fmt: skip


def test_every_page_has_one_heading_a_title_and_labels(world: World) -> None:
    for user, path in paths(world):
        browser = seed.signed_in(world.lms, user) if user else Browser()
        page = BeautifulSoup(browser.get(world.lms.url + path).text, "html5lib")
        assert len(page.find_all("h1")) == 1, path
        assert page.title is not None, path
        assert page.html is not None
        assert page.html["lang"] == "en", path
        assert page.find("meta", attrs={"name": "viewport"}), path
        assert all(frame.get("title") for frame in page.find_all("iframe")), path
        for box in page.find_all(["input", "select"]):
            if box.get("type") != "hidden":
                assert page.find("label", attrs={"for": box.get("id")}), path


def test_each_door_signs_its_person_in(lms: run.PracticeLms) -> None:
    for user, _, _ in DOORS:
        name = lms.site.store.one("SELECT lastname FROM user WHERE id=?", user)["lastname"]
        text = seed.signed_in(lms, user).get(f"{lms.url}/").text
        assert name in BeautifulSoup(text, "html5lib").get_text()


def test_nobody_else_signs_in(lms: run.PracticeLms) -> None:
    assert Browser().post(f"{lms.url}/login", {"user": "5"}).status == 403


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_sign_in_leads_to_our_own_pages_only(lms: run.PracticeLms, wanted: str) -> None:
    page = Browser().post(f"{lms.url}/login", {"user": "6", "next": wanted})
    assert page.url == f"{lms.url}/"


def test_who_is_not_signed_in_is_asked_and_brought_back(world: World) -> None:
    browser = Browser()
    page = browser.get(f"{world.lms.url}/course/view.php?id=2")
    fields = dict(page.forms[0].fields) | {"user": "6"}
    assert "Back on Track: first steps" in browser.post(page.forms[0].action, fields).text


@pytest.mark.parametrize(
    ("user", "path", "status"),
    [
        (6, "/admin/tools", 403),
        (TEACHER, "/admin/tools", 403),
        (6, "/course/view.php?id=4", 403),
        (MENTOR, "/course/modedit.php?course=2&type=1", 403),
        (6, "/mod/lti/contentitem.php?course=2&id=1", 403),
        (ADMIN, "/mod/lti/startltiadvregistration.php?url=http://127.0.0.1:9/&sesskey=x", 403),
    ],
)
def test_rights(world: World, user: int, path: str, status: int) -> None:
    assert seed.signed_in(world.lms, user).get(world.lms.url + path).status == status


def test_forms_need_the_sesskey(world: World) -> None:
    admin = seed.signed_in(world.lms, ADMIN)
    for path in ("/admin/tools/1/activate", "/admin/tools/1/delete", "/admin/fault"):
        assert admin.post(world.lms.url + path, {"sesskey": "wrong"}).status == 403


def test_a_tool_in_use_is_not_deleted(world: World) -> None:
    admin = seed.signed_in(world.lms, ADMIN)
    key = dict(admin.get(f"{world.lms.url}/admin/tools").forms[0].fields)["sesskey"]
    url = f"{world.lms.url}/admin/tools/1/delete"
    assert admin.post(url, {"sesskey": key}).status == 400


def test_a_page_is_done_when_seen(lms: run.PracticeLms) -> None:
    seed.signed_in(lms, 11).get(f"{lms.url}/mod/page/view.php?id=3")
    row = lms.site.store.one("SELECT state FROM completion WHERE cmid=3 AND user=11")
    assert row["state"] == 1


def test_the_cookie_is_plain_and_lax(lms: run.PracticeLms) -> None:
    client = lms.app.test_client()
    cookie = client.post("/login", data={"user": "6"}).headers["Set-Cookie"]
    assert "SameSite=Lax" in cookie
    assert "HttpOnly" in cookie


def test_many_web_service_calls_drive_no_launch_out_of_the_journal(world: World) -> None:
    for number in range(70):
        world.lms.site.note("Web service", f"call {number}")
    text = Browser().get(f"{world.lms.url}/under-the-hood").text
    assert "id_token" in text
    assert "call 69" not in text
    listed = Browser().get(f"{world.lms.url}/under-the-hood?kind=Web+service").text
    assert "call 69" in listed
    assert "call 9<" not in listed
