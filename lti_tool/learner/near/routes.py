"""Addresses of the module: the list, where to look, one opportunity, telling a friend."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, make_response, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from adaptive.opportunities import KINDS, WHERE, Ask, Listing, match
from adaptive.opportunities.network import LANGUAGES
from adaptive.places import Place, load_gazetteer
from config.clock import utcnow
from lti_tool.learner.near import operations
from lti_tool.learner.near.operations import REACHES, USUAL_REACH, Wish
from lti_tool.learner.near.words import WHERE as WHERE_WORDS
from lti_tool.learner.near.words import in_brief, why
from lti_tool.opportunities import words as say
from lti_tool.opportunities.qr import qr_svg
from lti_tool.opportunities.reading import listings, offers
from lti_tool.people.roles import Role
from lti_tool.web import services
from lti_tool.web.access import allow, current_launch
from lti_tool.web.errors import Refused
from lti_tool.web.replies import see_other

blueprint = Blueprint(
    "near", __name__, url_prefix="/l/<launch_id>/near", template_folder="templates"
)
VISITORS = tuple(Role)
FIRST, ALL = 12, 60
"""Opportunities on the first page, and on the page with all."""
DESK = {Role.COORDINATOR, Role.INSTRUCTOR, Role.ADMIN}
"""Whoever may edit what partners offer gets a link to it."""
_LONGEST_TOWN = 80


@blueprint.get("/")
@allow(*VISITORS)
def show() -> str:
    """List what suits the learner, and what they keep."""
    launch, now = current_launch(), utcnow()
    ask = _ask()
    limit = ALL if request.args.get("all") == "1" else FIRST
    with services().database.read() as session:
        wish = operations.wish_of(session, launch)
        seeker = operations.seeker(session, launch)
        kept = operations.kept(session, launch)
        held = {one.listing.id for one in kept}
        open_ones = offers(session, launch.tenant_id, now.date())
        free = (offer for offer in open_ones if offer.id not in held)
        matches = match(seeker, free, ask, now.date(), ALL)
        shown = matches.found[:limit]
        words = listings(session, launch.tenant_id, (one.offer.id for one in shown))
        news = operations.has_news(session, launch)
    if news:
        with services().database.write() as session:
            operations.note_progress(session, launch, now)
    return render_template(
        "near/list.html",
        wish=wish,
        profile_known=seeker.scores is not None,
        ask=ask,
        kinds=say.KINDS,
        ways=WHERE_WORDS,
        found=[(words[one.offer.id], one) for one in shown],
        more=len(matches.found) - limit,
        matches=matches,
        kept=kept,
        edits=bool(launch.roles & DESK),
        in_brief=in_brief,
        form=_wish_form(wish),
        **_shared(),
    )


@blueprint.get("/where")
@allow(*VISITORS)
def where() -> str:
    """Ask where the learner wants to look."""
    with services().database.read() as session:
        wish = operations.wish_of(session, current_launch())
    return render_template("near/where.html", form=_wish_form(wish), **_shared())


@blueprint.post("/where")
@allow(*VISITORS)
def say_where() -> Response:
    """Keep where the learner looks; a town that is not clear is asked for again."""
    launch, now = current_launch(), utcnow()
    form = _sent_form()
    place, choices = _town(form["town"])
    if form["town"] and place is None:
        form |= {"problem": "several" if choices else "unknown", "choices": choices}
        page = render_template("near/where.html", form=form, **_shared())
        return make_response(page, 400)
    wish = Wish(place, form["reach"], form["online"], tuple(form["languages"]))
    with services().database.write() as session:
        try:
            operations.say_wish(session, launch, wish, now)
        except operations.NotValid:
            raise Refused(
                "where_unknown",
                title=_l("We do not know this choice"),
                learner_help=_l("Go back and choose from the page."),
            ) from None
    return see_other(url_for("near.show"))


@blueprint.get("/o/<opportunity_id>")
@allow(*VISITORS)
def opportunity(opportunity_id: str) -> str:
    """Show one opportunity: what, why, for whom, and how to reach the organisation."""
    launch, today = current_launch(), utcnow().date()
    listing = _find(opportunity_id)
    with services().database.read() as session:
        seeker = operations.seeker(session, launch)
        kept = {one.listing.id: one for one in operations.kept(session, launch)}
    judged = match(seeker, [listing.offer], Ask(where="everywhere", any_language=True), today, 1)
    return render_template(
        "near/opportunity.html",
        listing=listing,
        reasons=why(judged.found[0].reasons) if judged.found else [],
        kept=kept.get(listing.id),
        over=listing.is_over(today),
        **_shared(),
    )


@blueprint.post("/o/<opportunity_id>/keep")
@allow(*VISITORS)
def keep(opportunity_id: str) -> Response:
    """Keep an opportunity."""
    return _change(opportunity_id, operations.keep)


@blueprint.post("/o/<opportunity_id>/contacted")
@allow(*VISITORS)
def contacted(opportunity_id: str) -> Response:
    """Note that the learner got in touch."""
    return _change(opportunity_id, operations.say_contacted)


@blueprint.post("/o/<opportunity_id>/let-go")
@allow(*VISITORS)
def let_go(opportunity_id: str) -> Response:
    """Keep an opportunity no longer."""
    with services().database.write() as session:
        operations.let_go(session, current_launch(), opportunity_id)
    return see_other(url_for("near.show") + "#kept")


@blueprint.get("/o/<opportunity_id>/tell")
@allow(*VISITORS)
def tell(opportunity_id: str) -> str:
    """Show the address that a friend can open, as a link and as a QR code."""
    listing = _find(opportunity_id)
    address = f"{services().settings.public_url}/o/{listing.id}"
    return render_template(
        "near/tell.html",
        listing=listing,
        address=address,
        code_picture=qr_svg(address, str(_l("QR code of the address above"))),
        **_shared(),
    )


def _change(opportunity_id: str, operation: Any) -> Response:  # noqa: ANN401 - keep or contacted
    with services().database.write() as session:
        try:
            operation(session, current_launch(), opportunity_id, utcnow())
        except operations.UnknownOpportunity:
            raise _unknown() from None
        except operations.TooMany:
            raise Refused(
                "too_many_kept",
                title=_l("Your list is full"),
                learner_help=_l("Go back, let one go, then keep this one."),
            ) from None
    return see_other(url_for("near.opportunity", opportunity_id=opportunity_id))


def _ask() -> Ask:
    kind, way = request.args.get("kind", ""), request.args.get("where", "")
    return Ask(
        kind=kind if kind in KINDS else "",
        where=way if way in WHERE else "",
        any_language=request.args.get("any") == "1",
    )


def _shared() -> dict[str, Any]:
    return {"say": say, "locale": say.locale(), "today": utcnow().date()}


def _wish_form(wish: Wish | None) -> dict[str, Any]:
    """Return the form as it is filled in to begin with."""
    launch = current_launch()
    languages = wish.languages if wish else operations.usual_languages(launch)
    town = say.place_name(wish.place) if wish and wish.place else ""
    return {
        "town": town,
        "reach": wish.reach if wish else USUAL_REACH,
        "online": wish.online if wish else True,
        "languages": languages,
        "problem": None,
        "choices": [],
        **_offered(),
    }


def _sent_form() -> dict[str, Any]:
    """Return the form as it was sent; a button of a town is that town."""
    sent = request.form
    reach = sent.get("reach", "")
    return {
        "town": (sent.get("place") or sent.get("town", "")).strip()[:_LONGEST_TOWN],
        "reach": None if reach == "any" else int(reach) if reach in _reaches() else USUAL_REACH,
        "online": sent.get("online") == "1",
        "languages": sent.getlist("language")[: len(LANGUAGES)],
        "problem": None,
        "choices": [],
        **_offered(),
    }


def _offered() -> dict[str, Any]:
    return {"reaches": REACHES, "all_languages": LANGUAGES}


def _reaches() -> set[str]:
    return {str(reach) for reach in REACHES}


def _town(words: str) -> tuple[Place | None, list[Place]]:
    """Return the town that was meant, else those that it may be."""
    towns = load_gazetteer()
    name = re.split("[(,]", words)[0].strip()
    known = towns.get(words)
    if known is not None or not name:
        return known, []
    named = [one for one in towns.search(name, limit=50) if say.place_name(one) == words]
    if len(named) == 1:
        return named[0], []
    with services().database.read() as session:
        launch = current_launch()
        country = operations.home_country(session, launch, operations.wish_of(session, launch))
    return towns.exact(name, country), towns.search(name, country)


def _find(opportunity_id: str) -> Listing:
    with services().database.read() as session:
        try:
            return operations.find(session, current_launch(), opportunity_id)
        except operations.UnknownOpportunity:
            raise _unknown() from None


def _unknown() -> Refused:
    return Refused(
        "opportunity_unknown",
        title=_l("We do not know this opportunity"),
        learner_help=_l("It may have been taken down. Go back to the list and pick another one."),
        status=404,
    )
