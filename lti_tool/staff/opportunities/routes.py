"""Addresses of the partners' desk for opportunities."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from adaptive.opportunities import KINDS
from adaptive.opportunities.network import LANGUAGES
from adaptive.places import load_gazetteer
from config.clock import utcnow
from lti_tool.learner.words import INTERESTS
from lti_tool.opportunities import operations, table
from lti_tool.opportunities import words as say
from lti_tool.opportunities.models import Opportunity
from lti_tool.opportunities.reading import listing_of
from lti_tool.opportunities.values import COUNTRIES, TEXT_FIELDS, NotValid, raw_of, read
from lti_tool.people.models import Tenant
from lti_tool.people.roles import Role
from lti_tool.staff.opportunities.example import example_csv
from lti_tool.staff.opportunities.forms import Form, sent
from lti_tool.web import services
from lti_tool.web.access import allow, current_launch
from lti_tool.web.errors import Refused
from lti_tool.web.replies import see_other

blueprint = Blueprint(
    "opportunities",
    __name__,
    url_prefix="/l/<launch_id>/opportunities",
    template_folder="templates",
)
STAFF = (Role.COORDINATOR, Role.INSTRUCTOR, Role.ADMIN)
_INTERESTS = "RIASEC"


@blueprint.get("/")
@allow(*STAFF)
def show() -> str:
    """List the organisation's opportunities."""
    with services().database.read() as session:
        rows = operations.all_of(session, current_launch().tenant_id)
        found = [(row, listing_of(row)) for row in rows]
    done = request.args
    return render_template(
        "opportunities/list.html",
        found=found,
        imported=[done.get(name, 0, type=int) for name in ("added", "changed", "same")]
        if "added" in done
        else None,
        **_shared(),
    )


@blueprint.get("/new")
@allow(*STAFF)
def new() -> str:
    """Show an empty form."""
    return _form(Form({"kind": "", "network": ""}), None)


@blueprint.post("/new")
@allow(*STAFF)
def add() -> Any:  # noqa: ANN401 - a page with a status, or a redirect
    """Add a draft, or show the form again with what has to be mended."""
    launch, raw = current_launch(), sent(request.form)
    with services().database.write() as session:
        try:
            row = operations.add(session, launch.tenant_id, read(raw), utcnow())
        except NotValid as wrong:
            return _again(Form(raw, wrong.faults), None)
        except operations.TooMany:
            raise Refused(
                "too_many_opportunities",
                title=_l("Your list is full"),
                learner_help=_l("Go back to the list and end some that are over."),
            ) from None
        opportunity_id = row.id
    return see_other(url_for("opportunities.preview", opportunity_id=opportunity_id))


@blueprint.get("/<opportunity_id>/edit")
@allow(*STAFF)
def edit(opportunity_id: str) -> str:
    """Show the form with what is stored."""
    with services().database.read() as session:
        raw = raw_of(operations.as_values(_find(session, opportunity_id)))
    place = load_gazetteer().get(raw["place"])
    if place:
        raw["place"] = _town_to_edit(place.id)
    return _form(Form(raw), opportunity_id)


@blueprint.post("/<opportunity_id>/edit")
@allow(*STAFF)
def change(opportunity_id: str) -> Any:  # noqa: ANN401 - a page with a status, or a redirect
    """Store what was changed, or show the form again with what has to be mended."""
    raw = sent(request.form)
    with services().database.write() as session:
        row = _find(session, opportunity_id)
        try:
            operations.change(session, row, read(raw), utcnow())
        except NotValid as wrong:
            return _again(Form(raw, wrong.faults), opportunity_id)
    return see_other(url_for("opportunities.preview", opportunity_id=opportunity_id))


@blueprint.get("/<opportunity_id>")
@allow(*STAFF)
def preview(opportunity_id: str) -> str:
    """Show an opportunity as learners read it, with what can be done with it."""
    with services().database.read() as session:
        row = _find(session, opportunity_id)
        listing = listing_of(row)
    return render_template(
        "opportunities/preview.html",
        row=row,
        listing=listing,
        address=f"{services().settings.public_url}/o/{row.id}",
        missing=[code for code in LANGUAGES if code not in listing.texts],
        **_shared(),
    )


@blueprint.post("/<opportunity_id>/publish")
@allow(*STAFF)
def publish(opportunity_id: str) -> Any:  # noqa: ANN401 - a page with a status, or a redirect
    """Let learners see it; one whose last day has passed needs another day first."""
    with services().database.write() as session:
        row = _find(session, opportunity_id)
        try:
            operations.publish(row, utcnow())
        except NotValid as wrong:
            raw = raw_of(operations.as_values(row))
            raw["place"] = _town_to_edit(row.place) if row.place else ""
            return _again(Form(raw, wrong.faults), opportunity_id)
    return see_other(url_for("opportunities.preview", opportunity_id=opportunity_id))


@blueprint.post("/<opportunity_id>/end")
@allow(*STAFF)
def end(opportunity_id: str) -> Any:  # noqa: ANN401 - a redirect
    """Offer it no longer."""
    with services().database.write() as session:
        operations.end(_find(session, opportunity_id), utcnow())
    return see_other(url_for("opportunities.preview", opportunity_id=opportunity_id))


@blueprint.get("/import")
@allow(*STAFF)
def choose_file() -> str:
    """Say what a file must look like, and ask for one."""
    return _import_page("", [])


@blueprint.post("/import")
@allow(*STAFF)
def import_file() -> Any:  # noqa: ANN401 - a page with a status, or a redirect
    """Take a file, or what stands in the box; all of it or nothing."""
    upload = request.files.get("file")
    text = request.form.get("text", "")
    try:
        if upload is not None and upload.filename:
            text = table.decode(upload.stream.read(table.MOST_BYTES + 1))
        found = table.read_table(text)
        with services().database.write() as session:
            done = table.import_all(
                session,
                current_launch().tenant_id,
                found,
                utcnow(),
                open_now=request.form.get("open") == "1",
            )
    except table.BadFile as bad:
        return make_response(_import_page(text, [say.say_line(one) for one in bad.faults]), 400)
    return see_other(
        url_for("opportunities.show", added=done.added, changed=done.changed, same=done.same)
    )


@blueprint.get("/example.csv")
@allow(*STAFF)
def example() -> Response:
    """Give a file to begin with."""
    return Response(
        example_csv(),
        mimetype="text/csv",
        headers={"Content-Disposition": 'attachment; filename="opportunities.csv"'},
    )


def _shared() -> dict[str, Any]:
    return {"say": say, "locale": say.locale(), "today": utcnow().date()}


def _form(form: Form, opportunity_id: str | None) -> str:
    with services().database.read() as session:
        tenant = session.get_one(Tenant, current_launch().tenant_id)
    own = (tenant.default_locale or current_launch().locale).partition("_")[0]
    own = own if own in LANGUAGES else "en"
    return render_template(
        "opportunities/form.html",
        form=form,
        opportunity_id=opportunity_id,
        kinds=KINDS,
        all_languages=sorted(LANGUAGES, key=lambda code: (code != own, code != "en", code)),
        own=own,
        all_countries=COUNTRIES,
        interests=_INTERESTS,
        interest_words=INTERESTS,
        text_fields=TEXT_FIELDS,
        **_shared(),
    )


def _again(form: Form, opportunity_id: str | None) -> Response:
    return make_response(_form(form, opportunity_id), 400)


def _import_page(text: str, problems: list[str]) -> str:
    return render_template(
        "opportunities/import.html",
        text=text,
        problems=problems,
        columns=table.COLUMNS,
        needed=table.NEEDED,
        **_shared(),
    )


def _town_to_edit(place_id: str) -> str:
    """Return a town so that the form finds it again: "Komárno, SK", or its number of namesakes."""
    towns = load_gazetteer()
    place = towns.get(place_id)
    if place is None:
        return ""
    clear = towns.exact(place.name, place.country)
    return f"{place.name}, {place.country}" if clear == place else place.id


def _find(session: Session, opportunity_id: str) -> Opportunity:
    try:
        return operations.find(session, current_launch().tenant_id, opportunity_id)
    except operations.UnknownOpportunity:
        raise Refused(
            "opportunity_unknown",
            title=_l("We do not know this opportunity"),
            learner_help=_l(
                "It may have been taken down. Go back to the list and pick another one."
            ),
            status=404,
        ) from None
