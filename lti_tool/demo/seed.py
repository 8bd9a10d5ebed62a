"""Connect a tool with a practice LMS by script: as its admin, then as its teacher.

Nothing is bypassed: the script sends the very requests that a browser would send.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin, urlsplit

from lti_tool.demo import gradebook
from lti_tool.demo.browser import Browser, Page
from lti_tool.demo.population import ADMIN, TEACHER
from lti_tool.demo.run import PracticeLms

MODULES = {"interests": "What do I like doing?", "careers": "Work that could suit me"}
FIRST_COURSE = 2


class NotConnected(Exception):
    """A step of connecting failed; the text says which."""


@dataclass(frozen=True, slots=True)
class Connected:
    """What came of it. `by_deep_linking` is False where activities were placed directly."""

    tool: int
    activities: tuple[int, ...]
    by_deep_linking: bool


def connect(
    practice: PracticeLms, registration_url: str, modules: Sequence[str] = tuple(MODULES)
) -> Connected:
    """Register the tool by Dynamic Registration, activate it, and place activities.

    `modules` are ticked in the tool's own choice page and placed in the first course. Where that
    page offers none of them, they are placed directly with the custom parameter `module`.

    Raises:
        NotConnected: the tool did not register.
        HttpError: the tool does not answer.
    """
    tool = register(practice, registration_url)
    activities = choose(practice, tool, modules)
    if activities:
        return Connected(tool, activities, by_deep_linking=True)
    placed = tuple(
        gradebook.add_activity(
            practice.site.store, FIRST_COURSE, tool,
            name=MODULES.get(key, key), custom=f"module={key}", line={"scoreMaximum": 100},
        )
        for key in modules
    )  # fmt: skip
    return Connected(tool, placed, by_deep_linking=False)


def register(practice: PracticeLms, registration_url: str) -> int:
    """Play the admin: add the tool by its URL, agree in its page, activate it; returns its id."""
    admin = signed_in(practice, ADMIN)
    key = _sesskey(admin.get(f"{practice.url}/admin/tools"))
    frame = admin.post(f"{practice.url}/admin/tools/add", {"url": registration_url, "sesskey": key})
    page = admin.get(_frame(frame, "the registration page"))
    domain = urlsplit(registration_url).netloc
    if page.status == 200 and _tool(practice, domain) is None and page.forms:
        page = admin.send(page.forms[0])
    tool = _tool(practice, domain)
    if tool is None:
        raise NotConnected(f"the tool's registration page answered {page.status}")
    admin.post(f"{practice.url}/admin/tools/{tool}/activate", {"sesskey": key})
    return tool


def choose(
    practice: PracticeLms, tool: int, modules: Sequence[str], course: int = FIRST_COURSE
) -> tuple[int, ...]:
    """Play the teacher: choose modules in the tool by Deep Linking; returns the new cmids."""
    teacher = signed_in(practice, TEACHER)
    query = urlencode({"course": course, "type": tool})
    frame = teacher.get(f"{practice.url}/course/modedit.php?{query}")
    page = teacher.settle(teacher.get(_frame(frame, "the choice page")))
    form = next((f for f in page.forms if any(box.value in modules for box in f.boxes)), None)
    if form is None:
        return ()
    before = _activities(practice, course)
    page = teacher.send(form, lambda value: value in modules, press="add")
    answer = next((f for f in page.forms if any(name == "JWT" for name, _ in f.fields)), None)
    if answer is None:
        return ()
    page = teacher.settle(teacher.send(answer))
    save = next((f for f in page.forms if f.action.endswith("/course/save")), None)
    if save is None:
        return ()
    teacher.send(save)
    return tuple(sorted(_activities(practice, course) - before))


def signed_in(practice: PracticeLms, user: int) -> Browser:
    """Return a browser in which a person is signed in."""
    browser = Browser()
    browser.post(f"{practice.url}/login", {"user": str(user)})
    return browser


def _sesskey(page: Page) -> str:
    for form in page.forms:
        for name, value in form.fields:
            if name == "sesskey":
                return value
    raise NotConnected("the practice LMS did not sign in")


def _frame(page: Page, what: str) -> str:
    if not page.frames:
        raise NotConnected(f"{what} did not open (status {page.status})")
    return urljoin(page.url, page.frames[0])


def _tool(practice: PracticeLms, domain: str) -> int | None:
    row = practice.site.store.one("SELECT id FROM tool WHERE domain=?", domain)
    return int(row["id"]) if row else None


def _activities(practice: PracticeLms, course: int) -> set[int]:
    rows = practice.site.store.all("SELECT id FROM module WHERE course=? AND modname='lti'", course)
    return {row["id"] for row in rows}
