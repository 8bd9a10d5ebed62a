"""Addresses of the module: the plan, its goals and steps, and the plan as files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import flask_babel
from flask import Blueprint, make_response, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from config.clock import utcnow
from lti_tool.learner.plan import files, forms, operations, reminders
from lti_tool.learner.plan.days import FURTHEST, NotADay, later_days, quick_days, read_day, today_of
from lti_tool.learner.plan.forms import StepForm
from lti_tool.learner.plan.models import LONGEST_HELPER, LONGEST_TITLE, LONGEST_WORDS
from lti_tool.learner.plan.operations import MODULE, GoalView, Plan, Step
from lti_tool.learner.plan.pdf import as_pdf
from lti_tool.learner.plan.suggestions import goals_to_take, steps_to_take
from lti_tool.learner.plan.words import CHEERS, HELPERS, helper_name, problem_words
from lti_tool.learner.progress import is_complete
from lti_tool.lti.sessions import Launch
from lti_tool.mentoring.moments import day_words
from lti_tool.people.roles import Role
from lti_tool.web import services
from lti_tool.web.access import allow, current_launch
from lti_tool.web.errors import Refused
from lti_tool.web.replies import see_other

blueprint = Blueprint(
    "plan", __name__, url_prefix="/l/<launch_id>/plan", template_folder="templates"
)
VISITORS = tuple(Role)
SHOWN = 6
"""Open steps of a goal on the plan's page; the goal's own page has all."""
FILES = {
    "plan.pdf": "application/pdf",
    "plan.ics": "text/calendar; charset=utf-8",
    "plan.txt": "text/plain; charset=utf-8",
    "plan.html": "text/html; charset=utf-8",
    "europass.xml": "application/xml; charset=utf-8",
}


@blueprint.get("/")
@allow(*VISITORS)
def show() -> str:
    """Show the goals with their next steps, what is due, and what was just done."""
    launch, now = current_launch(), utcnow()
    with services().database.read() as session:
        plan, today = _read(session, launch)
        binned = operations.binned(session, launch, now)
        offered = reminders.can_message(session, launch.tenant_id, launch.user_id)
        wanted = reminders.wants_messages(session, launch)
        news = launch.module == MODULE and plan.goals and not is_complete(session, launch)
    if news:
        with services().database.write() as session:
            operations.note_progress(session, launch, now)
    return render_template(
        "plan/show.html",
        plan=plan,
        due=plan.due(today),
        done=_just_done(plan),
        reached=plan.goal(request.args.get("reached", "")),
        gone=[one for one in binned if one.id == request.args.get("gone")],
        binned=binned,
        cheer=CHEERS[sum(len(goal.done_steps) for goal in plan.goals) % len(CHEERS)],
        messages=(offered or wanted, wanted),
        shown=SHOWN,
        **_shared(today),
    )


@blueprint.get("/goal/new")
@allow(*VISITORS)
def new_goal() -> str:
    """Offer goals to take, and a field for own words."""
    return _new_goal_page()


@blueprint.post("/goals")
@allow(*VISITORS)
def add_goal() -> Response:
    """Add a goal, then ask for a first small step."""
    launch, code = current_launch(), request.form.get("take", "")
    typed = request.form.get("title", "")
    title, source = typed, ""
    if code:
        with services().database.read() as session:
            plan, _today = _read(session, launch)
            taken = next((goal.id for goal in plan.open_goals if goal.source == code), None)
            found = {one.code: one for one in goals_to_take(session, launch, plan)}.get(code)
        if taken:
            return see_other(url_for("plan.new_step", goal_id=taken))
        if found is None:
            raise _unknown_goal()
        title, source = found.title, code
    try:
        with services().database.write() as session:
            goal_id = operations.add_goal(session, launch, title, source, utcnow())
    except operations.NotValid as error:
        return make_response(_new_goal_page(typed, problem_words(error.code, goal=True)), 400)
    except operations.TooMany:
        return make_response(_new_goal_page(typed), 400)
    return see_other(url_for("plan.new_step", goal_id=goal_id))


@blueprint.get("/goal/<goal_id>")
@allow(*VISITORS)
def goal(goal_id: str) -> str:
    """Show one goal with all its steps, to change it."""
    return _goal_page(goal_id)


@blueprint.post("/goal/<goal_id>")
@allow(*VISITORS)
def change_goal(goal_id: str) -> Response:
    """Give a goal other words."""
    typed, version = request.form.get("title", ""), forms.read_version(request.form)
    try:
        with _refusals(), services().database.write() as session:
            operations.change_goal(session, current_launch(), goal_id, typed, version, utcnow())
    except operations.NotValid as error:
        page = _goal_page(goal_id, typed, problem_words(error.code, goal=True))
        return make_response(page, 400)
    except operations.Changed:
        return make_response(_goal_page(goal_id, typed, changed=True), 400)
    return see_other(url_for("plan.show") + f"#goal-{goal_id}")


@blueprint.post("/goal/<goal_id>/reached")
@allow(*VISITORS)
def reach_goal(goal_id: str) -> Response:
    """Say that a goal is reached, or not yet."""
    reached = request.form.get("reached") == "1"
    with _refusals(), services().database.write() as session:
        operations.reach_goal(session, current_launch(), goal_id, utcnow(), reached=reached)
    return see_other(url_for("plan.show", reached=goal_id if reached else None))


@blueprint.post("/goal/<goal_id>/delete")
@allow(*VISITORS)
def delete_goal(goal_id: str) -> Response:
    """Take a goal out of the plan."""
    return _change(operations.delete_goal, goal_id, gone=goal_id)


@blueprint.post("/goal/<goal_id>/restore")
@allow(*VISITORS)
def restore_goal(goal_id: str) -> Response:
    """Take a deleted goal back."""
    return _change(operations.restore_goal, goal_id)


@blueprint.get("/goal/<goal_id>/step")
@allow(*VISITORS)
def new_step(goal_id: str) -> str:
    """Ask for one small step, when, and who helps."""
    return _new_step_page(goal_id, forms.empty(goal_id))


@blueprint.post("/goal/<goal_id>/step")
@allow(*VISITORS)
def add_step(goal_id: str) -> Response:
    """Add a step."""
    launch, form = current_launch(), forms.sent(request.form, goal_id)
    try:
        with _refusals(), services().database.write() as session:
            said = form.said(today_of(session, launch.tenant_id, utcnow()))
            step_id = operations.add_step(session, launch, goal_id, said, utcnow())
    except (NotADay, operations.NotValid) as error:
        page = _new_step_page(goal_id, replace(form, problem=error.code))
        return make_response(page, 400)
    return see_other(url_for("plan.show") + f"#step-{step_id}")


@blueprint.get("/step/<step_id>")
@allow(*VISITORS)
def step(step_id: str) -> str:
    """Show one step, to change, postpone, move or delete it."""
    return _step_page(step_id)


@blueprint.post("/step/<step_id>")
@allow(*VISITORS)
def change_step(step_id: str) -> Response:
    """Change a step."""
    launch = current_launch()
    with services().database.read() as session:
        plan, today = _read(session, launch)
    before = _find_step(plan, step_id)
    form = forms.sent(request.form, before.goal_id)
    try:
        with _refusals(), services().database.write() as session:
            operations.change_step(
                session, launch, step_id, form.goal_id, form.said(today, before.due),
                form.version, utcnow(),
            )  # fmt: skip
    except (NotADay, operations.NotValid) as error:
        return make_response(_step_page(step_id, replace(form, problem=error.code)), 400)
    except operations.Changed as changed:
        stored = " · ".join([before.words, *files.facts_of(before)])
        again = replace(form, version=changed.version, stored=stored)
        return make_response(_step_page(step_id, again), 400)
    return see_other(url_for("plan.show") + f"#step-{step_id}")


@blueprint.post("/tick")
@allow(*VISITORS)
def tick() -> Response:
    """Tick a step off, or take the tick back."""
    undo = request.form.get("open", "")
    step_id = undo or request.form.get("step", "")
    with _refusals(), services().database.write() as session:
        operations.tick_step(session, current_launch(), step_id, utcnow(), done=not undo)
    return see_other(url_for("plan.show", done=None if undo else step_id))


@blueprint.post("/step/<step_id>/later")
@allow(*VISITORS)
def postpone(step_id: str) -> Response:
    """Move a step to the day that the button names."""
    launch = current_launch()
    with _refusals(), services().database.write() as session:
        due = _sent_day(today_of(session, launch.tenant_id, utcnow()))
        operations.postpone_step(session, launch, step_id, due, utcnow())
    return see_other(url_for("plan.show") + f"#step-{step_id}")


@blueprint.post("/step/<step_id>/place")
@allow(*VISITORS)
def shift(step_id: str) -> Response:
    """Put a step before the one that the button names."""
    before = request.form.get("before", "")
    with _refusals(), services().database.write() as session:
        operations.shift_step(session, current_launch(), step_id, before, utcnow())
    return see_other(url_for("plan.step", step_id=step_id) + "#order")


@blueprint.post("/step/<step_id>/delete")
@allow(*VISITORS)
def delete_step(step_id: str) -> Response:
    """Take a step out of the plan."""
    return _change(operations.delete_step, step_id, gone=step_id)


@blueprint.post("/step/<step_id>/restore")
@allow(*VISITORS)
def restore_step(step_id: str) -> Response:
    """Take a deleted step back."""
    return _change(operations.restore_step, step_id)


@blueprint.post("/messages")
@allow(*VISITORS)
def messages() -> Response:
    """Ask the course site for messages, or for none any more."""
    wanted = request.form.get("wanted") == "1"
    with services().database.write() as session:
        reminders.ask_for_messages(session, current_launch(), utcnow(), wanted=wanted)
    return see_other(url_for("plan.show") + "#reminders")


@blueprint.get("/take")
@allow(*VISITORS)
def take() -> str:
    """Show the whole plan for paper, and the files to keep."""
    with services().database.read() as session:
        plan, today = _read(session, current_launch())
    return render_template("plan/take.html", plan=plan, **_shared(today))


@blueprint.get("/take/<name>")
@allow(*VISITORS)
def file(name: str) -> Response:
    """Send the plan as a file."""
    launch = current_launch()
    if name not in FILES:
        raise Refused(
            "file_unknown",
            title=_l("We do not know this file"),
            learner_help=_l("Go back to your plan and choose a file from the page."),
            status=404,
        )
    with services().database.read() as session:
        plan, today = _read(session, launch)
    answer = make_response(_content(name, plan, launch, today))
    answer.headers["Content-Type"] = FILES[name]
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _content(name: str, plan: Plan, launch: Launch, today: date) -> str | bytes:
    tag = _locale().replace("_", "-")
    host = urlsplit(services().settings.public_url).hostname or "localhost"
    makers: dict[str, Callable[[], str | bytes]] = {
        "plan.pdf": lambda: as_pdf(plan, tag, today, utcnow()),
        "plan.ics": lambda: files.as_calendar(plan, host, utcnow()),
        "plan.txt": lambda: files.as_text(plan, today),
        "plan.html": lambda: render_template("plan/file.html", plan=plan, **_shared(today)),
        "europass.xml": lambda: files.as_europass(
            plan, f"{launch.tenant_id}:{launch.user_id}", tag.split("-")[0]
        ),
    }
    return makers[name]()


def _read(session: Session, launch: Launch) -> tuple[Plan, date]:
    plan = operations.plan_of(session, launch.tenant_id, launch.user_id)
    return plan, today_of(session, launch.tenant_id, utcnow())


def _just_done(plan: Plan) -> tuple[Step, GoalView] | None:
    found = plan.step(request.args.get("done", ""))
    goal = plan.goal(found.goal_id) if found and found.done else None
    return (found, goal) if found and goal else None


def _new_goal_page(typed: str = "", problem: str = "") -> str:
    launch = current_launch()
    with services().database.read() as session:
        plan, today = _read(session, launch)
        offered = goals_to_take(session, launch, plan)
    return render_template(
        "plan/new_goal.html",
        plan=plan,
        offered=offered,
        typed=typed[:2000],
        problem=problem,
        **_shared(today),
    )


def _goal_page(
    goal_id: str, typed: str | None = None, problem: str = "", *, changed: bool = False
) -> str:
    with services().database.read() as session:
        plan, today = _read(session, current_launch())
    found = _find_goal(plan, goal_id)
    return render_template(
        "plan/goal.html",
        plan=plan,
        goal=found,
        typed=found.title if typed is None else typed[:2000],
        problem=problem,
        changed=changed,
        **_shared(today),
    )


def _new_step_page(goal_id: str, form: StepForm) -> str:
    launch = current_launch()
    with services().database.read() as session:
        plan, today = _read(session, launch)
        found = _find_goal(plan, goal_id)
        ideas = steps_to_take(session, launch, found)
    return render_template(
        "plan/new_step.html", plan=plan, goal=found, form=form, ideas=ideas, **_shared(today)
    )


def _step_page(step_id: str, form: StepForm | None = None) -> str:
    with services().database.read() as session:
        plan, today = _read(session, current_launch())
    found = _find_step(plan, step_id)
    goal = _find_goal(plan, found.goal_id)
    order = [one.id for one in goal.open_steps]
    place = order.index(step_id) if step_id in order else None
    return render_template(
        "plan/step.html",
        plan=plan,
        goal=goal,
        step=found,
        form=form or forms.filled(found),
        ideas=[],
        later=later_days(found.due, today),
        before=order[place - 1] if place else None,
        after=([*order, ""][place + 2] if place is not None and place + 1 < len(order) else None),
        **_shared(today),
    )


def _shared(today: date) -> dict[str, Any]:
    return {
        "today": today,
        "quick": quick_days(today),
        "furthest": today + FURTHEST,
        "day_words": day_words,
        "full_day": files.full_day,
        "facts_of": files.facts_of,
        "goal_words": files.goal_words,
        "helper_name": helper_name,
        "helpers": HELPERS,
        "problem_words": problem_words,
        "longest": {
            "title": LONGEST_TITLE, "words": LONGEST_WORDS, "helper": LONGEST_HELPER,
        },
    }  # fmt: skip


def _locale() -> str:
    return str(flask_babel.get_locale())


def _change(operation: Any, row_id: str, gone: str | None = None) -> Response:  # noqa: ANN401
    with _refusals(), services().database.write() as session:
        operation(session, current_launch(), row_id, utcnow())
    return see_other(url_for("plan.show", gone=gone))


def _sent_day(today: date) -> date:
    try:
        due = read_day(request.form.get("due", ""))
    except NotADay:
        raise _unknown_day() from None
    if not today <= due <= today + FURTHEST:
        raise _unknown_day()
    return due


def _find_goal(plan: Plan, goal_id: str) -> GoalView:
    found = plan.goal(goal_id)
    if found is None:
        raise _unknown_goal()
    return found


def _find_step(plan: Plan, step_id: str) -> Step:
    found = plan.step(step_id)
    if found is None:
        raise _unknown_step()
    return found


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn what an operation refuses into pages."""
    try:
        yield
    except operations.UnknownGoal:
        raise _unknown_goal() from None
    except operations.UnknownStep:
        raise _unknown_step() from None
    except operations.TooMany as error:
        raise _too_many(error.code) from None


def _too_many(code: str) -> Refused:
    if code == "goals":
        return Refused(
            "too_many_goals",
            title=_l("You have three goals already"),
            learner_help=_l("Go back. Reach a goal or delete one, then try again."),
        )
    return Refused(
        "too_many_steps",
        title=_l("This goal has very many steps"),
        learner_help=_l("Go back and delete a step, then try again."),
    )


def _unknown_goal() -> Refused:
    return Refused(
        "goal_unknown",
        title=_l("We do not know this goal"),
        learner_help=_l("It may have been deleted. Go back to your plan."),
        status=404,
    )


def _unknown_step() -> Refused:
    return Refused(
        "step_unknown",
        title=_l("We do not know this step"),
        learner_help=_l("It may have been deleted. Go back to your plan."),
        status=404,
    )


def _unknown_day() -> Refused:
    return Refused(
        "day_unknown",
        title=_l("We could not read this day"),
        learner_help=_l("Go back to the step and choose a day there."),
    )
