"""OIDC launches as Moodle does them (1EdTech Security Framework 1.0 §5.1, Moodle 4.5.6)."""

from __future__ import annotations

import json
import secrets
from urllib.parse import urlsplit

from flask import Blueprint, abort, render_template, request, session, url_for

from lti_tool.demo.access import current_user, enter, needs, role_in
from lti_tool.demo.claims import launch_claims
from lti_tool.demo.keys import Keys
from lti_tool.demo.site import site, store
from lti_tool.demo.store import Row

blueprint = Blueprint("launch", __name__)

RESOURCE_LINK, REVIEW = "LtiResourceLinkRequest", "LtiSubmissionReviewRequest"


def post_form(title: str, action: str, fields: dict[str, str], why: str) -> str:
    """Return the page whose form the browser sends on by itself."""
    return render_template("demo/post.html", title=title, action=action, fields=fields, why=why)


def login_initiation(
    tool: Row,
    course: int,
    lti: Row,
    cmid: int | None,
    message_type: str,
    foruser: int | None = None,
) -> str:
    """Return the page that starts a launch: a POST to the tool's login address.

    The launch is kept under a one-use id, which travels as JSON text in `lti_message_hint`.
    """
    config = json.loads(tool["config"])
    number = secrets.randbelow(2_000_000_000)
    launch_id = f"ltilaunch{lti['id'] if lti else ''}_{number}"
    store().run(
        "INSERT INTO launch VALUES (?,?,?,?,?,?,?,?)",
        launch_id, session["id"], course, tool["id"], lti["id"] if lti else None,
        message_type, foruser, "" if lti else tool["name"],
    )  # fmt: skip
    target = config["target_link_uri"] if lti else config["deep_linking_uri"]
    fields = {
        "iss": site().url,
        "target_link_uri": (lti and lti["toolurl"]) or target,
        "login_hint": str(session["user"]),
        "lti_message_hint": json.dumps(
            {"cmid": cmid, "launchid": launch_id}, separators=(",", ":")
        ),
        "client_id": tool["client_id"],
        "lti_deployment_id": str(tool["id"]),
    }
    action = config["initiate_login_uri"]
    site().note("Launch", "1. Login initiation, posted to the tool", to=action, form=fields)
    why = "Step 1 of 3: we tell the tool that somebody wants in. The tool must ask us who it is."
    return post_form("Opening the activity", action, fields, why)


@blueprint.get("/mod/lti/launch.php")
@needs()
def start() -> str:
    """Start (or repeat) the launch of an activity; `action=gradeReport` reviews a submission."""
    module, lti, tool = activity(request.args.get("id", 0, int))
    _, _, role = enter(module["course"])
    if request.args.get("action") == "gradeReport":
        if role == "student":
            abort(403, "Only staff may look at what a learner handed in.")
        who = request.args.get("user", 0, int)
        return login_initiation(tool, module["course"], lti, module["id"], REVIEW, who)
    return login_initiation(tool, module["course"], lti, module["id"], RESOURCE_LINK)


def activity(cmid: int) -> tuple[Row, Row, Row]:
    """Return the rows of module, external activity and tool, or stop with 404."""
    module = store().one("SELECT * FROM module WHERE id=? AND modname='lti'", cmid)
    lti = module and store().one("SELECT * FROM lti WHERE id=?", module["instance"])
    tool = lti and store().one("SELECT * FROM tool WHERE id=?", lti["tool"])
    if not tool:
        abort(404, "There is no such activity.")
    return module, lti, tool


@blueprint.get("/mod/lti/view.php")
@needs()
def view() -> str:
    """Show an activity in a frame, with Moodle's height and permissions."""
    module, lti, tool = activity(request.args.get("id", 0, int))
    course, _, role = enter(module["course"])
    parts = urlsplit(lti["toolurl"] or json.loads(tool["config"])["target_link_uri"])
    origin = f"{parts.scheme}://{parts.netloc}"
    allow = "; ".join(
        f"{feature} {origin}"
        for feature in (
            "microphone",
            "camera",
            "geolocation",
            "midi",
            "encrypted-media",
            "autoplay",
        )
    )
    source = url_for("launch.start", id=module["id"], triggerview=0)
    return render_template(
        "demo/activity.html", course=course, role=role, lti=lti, source=source, allow=allow
    )


@blueprint.route("/mod/lti/auth.php", methods=["GET", "POST"])
def authorize() -> str:
    """Answer the tool's authentication request with a signed id_token, once.

    A missing cookie is met as Moodle does, by a page that posts the request to itself: the second
    request then comes from our own page.
    """
    sent = request.values.to_dict()
    if current_user() is None:
        if not sent.pop("repost", None):
            return post_form(
                "Who are you?",
                request.path,
                sent | {"repost": "true"},
                "Your browser kept our cookie back, so this page asks once more by itself.",
            )
        abort(403, "Sign in to the practice LMS first.")
    launch = store().take(
        "DELETE FROM launch WHERE id=? AND session=? RETURNING *",
        _launch_id(sent.get("lti_message_hint", "")), session["id"],
    )  # fmt: skip
    tool = launch and store().one("SELECT * FROM tool WHERE id=?", launch["tool"])
    if not tool or sent.get("redirect_uri") not in json.loads(tool["config"])["redirect_uris"]:
        # Without a launch and a registered address there is nowhere to send an error to.
        site().note("Launch", "2. Authentication request refused on our own page", asked=sent)
        abort(400, "Invalid request: the launch was used already, or redirect_uri is not one of "
                   "the registered addresses, letter for letter.")  # fmt: skip
    problem = _problem(sent, tool["client_id"], launch["course"])
    if problem:
        error, description = problem
        fields = {"error": error, "error_description": description}
        site().note("Launch", "2. Authentication request refused", asked=sent, answer=fields)
    else:
        claims = launch_claims(site(), launch, current_user(), session["sesskey"], sent["nonce"])
        fields = {"id_token": site().keys.sign(claims)}
        site().note("Launch", "2. The tool asked who it is", asked=sent)
        site().note(
            "Launch", f"3. id_token: {launch['message_type']}",
            header=_header(site().keys), claims=claims,
        )  # fmt: skip
    if "state" in sent:
        fields["state"] = sent["state"]
    why = "Step 3 of 3: the answer, signed with our key and good for 60 seconds."
    return post_form("Opening the activity", sent["redirect_uri"], fields, why)


def _header(keys: Keys) -> dict[str, str]:
    return {"typ": "JWT", "alg": "RS256", "kid": keys.kid}


def _launch_id(hint: str) -> str:
    try:
        return str(json.loads(hint)["launchid"])
    except (ValueError, KeyError, TypeError):
        return ""


def _problem(sent: dict[str, str], client_id: str, course: int) -> tuple[str, str] | None:
    """Return Moodle's error and description for a request that we refuse, else None."""
    mode = sent.get("response_mode")
    needed = ("scope", "response_type", "client_id", "login_hint", "nonce")
    checks = [
        ("invalid_request", "", all(sent.get(name) for name in needed)),
        ("invalid_scope", "", sent.get("scope") == "openid"),
        ("unsupported_response_type", "", sent.get("response_type") == "id_token"),
        ("unauthorized_client", "", sent.get("client_id") == client_id),
        ("access_denied", "", sent.get("login_hint") == str(session["user"])),
        ("access_denied", "", role_in(course, current_user()) is not None),
        ("invalid_request", "Missing response_mode", mode),
        ("invalid_request", "Invalid response_mode", mode == "form_post"),
        ("invalid_request", "Invalid prompt", sent.get("prompt", "none") in {"", "none"}),
    ]
    return next(((error, text) for error, text, fine in checks if not fine), None)


@blueprint.get("/mod/lti/return.php")
@needs()
def back() -> str:
    """Leave the frame and go back to the course, with what the tool had to say."""
    course = request.args.get("course", 0, int)
    said = [request.args[key] for key in ("lti_msg", "lti_errormsg") if request.args.get(key)]
    return render_template("demo/return.html", course_id=course, said=said)
