"""Assignment and Grade Services 2.0 with the rules, and the faults, of Moodle 4.5.6."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from lti_tool.demo import gradebook
from lti_tool.demo.registration import AGS
from lti_tool.demo.service import Call, Handler, Reply
from lti_tool.demo.store import Row

CONTAINER = "application/vnd.ims.lis.v2.lineitemcontainer+json"
ITEM = "application/vnd.ims.lis.v2.lineitem+json"
RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
SCORE = "application/vnd.ims.lis.v1.score+json"


class Failed(Exception):
    """A service call fails; Moodle tells why in the reason phrase only, the body is `[]`."""

    def __init__(self, status: int, reason: str = "") -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


def _answering(content_type: str, run: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
    def guarded(call: Call) -> Reply:
        try:
            return run(call)
        except Failed as failure:
            return Reply(failure.status, "[]", content_type, failure.reason)

    return guarded


def _allow(call: Call, *scopes: str) -> None:
    if not call.scopes & {AGS + scope for scope in scopes}:
        raise Failed(401, "Unauthorized")


def line_items(call: Call) -> Reply:
    """List a course's line items of the tool, or create one."""
    if call.method == "POST":
        _allow(call, "lineitem")
        return _create(call)
    _allow(call, "lineitem", "lineitem.readonly")
    shown = [_show(call, row) for row in _rows(call)]
    for parameter, key in (
        ("resource_id", "resourceId"), ("tag", "tag"), ("resource_link_id", "resourceLinkId"),
    ):  # fmt: skip
        if parameter in call.query:
            shown = [item for item in shown if item.get(key) == call.query[parameter]]
    return _page(call, shown)


def _rows(call: Call) -> list[Row]:
    return call.here.store.all(
        "SELECT * FROM gradeitem WHERE course=? AND tool=? ORDER BY id", call.course, call.tool
    )


def _url(call: Call, item: int, what: str = "") -> str:
    base = f"{call.here.url}/mod/lti/services.php/{call.course}/lineitems"
    return f"{base}/{item}/lineitem{what}?type_id={call.tool}"


def _show(call: Call, row: Row) -> dict[str, Any]:
    shown = {
        "id": _url(call, row["id"]),
        "label": row["name"],
        "scoreMaximum": _number(row["grademax"]),
        "resourceId": row["resource_id"],
        "tag": row["tag"],
    }
    link = row["lti"] or row["linked"]
    if link:
        shown |= {"resourceLinkId": str(link), "ltiLinkId": str(link)}
    if row["review"]:
        shown["submissionReview"] = json.loads(row["review"])
    return shown


def _number(value: float) -> float:
    return int(value) if value == int(value) else value


def _page(call: Call, shown: list[dict[str, Any]]) -> Reply:
    """Return one page. Moodle's Link header has typographic quotes and HTML-escaped addresses."""
    limit, start = int(call.query.get("limit") or 0), int(call.query.get("from") or 0)
    headers = {}
    if limit > 0:
        base = f"{call.here.url}/mod/lti/services.php/{call.course}/lineitems?type_id={call.tool}"
        pages = {"first": 0, "canonical": start}
        if start:
            pages["prev"] = max(start - limit, 0)
        if start + limit < len(shown):
            pages["next"] = start + limit
        pages["last"] = max(len(shown) - limit + 1, 0)
        links = [
            f"<{base}&amp;limit={limit}&amp;from={at}>; rel=“{rel}”" for rel, at in pages.items()
        ]
        headers["Link"] = ", ".join(links).encode().decode("latin-1")
        shown = shown[start : start + limit]
    return Reply(200, json.dumps(shown), CONTAINER, headers=headers)


def _create(call: Call) -> Reply:
    asked = _json(call)
    if "label" not in asked or not isinstance(asked.get("scoreMaximum"), int | float):
        raise Failed(400, "Incorrect line item received")
    link = asked.get("resourceLinkId")
    if link is not None:
        owner = call.here.store.one(
            "SELECT 1 FROM lti WHERE id=? AND course=? AND tool=?", link, call.course, call.tool
        )
        if owner is None:
            raise Failed(403)
    item = call.here.store.run(
        "INSERT INTO gradeitem (course, itemtype, tool, name, grademax, resource_id, tag, linked)"
        " VALUES (?, 'manual', ?,?,?,?,?,?)",
        call.course, call.tool, asked["label"], asked["scoreMaximum"],
        str(asked.get("resourceId") or ""), str(asked.get("tag") or ""), link,
    )  # fmt: skip
    return Reply(201, json.dumps(asked | {"id": _url(call, item)}, ensure_ascii=False), ITEM)


def _json(call: Call) -> dict[str, Any]:
    try:
        found = json.loads(call.body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Failed(400, "Incorrect line item received")
    return found


def _item(call: Call) -> Row:
    row = call.here.store.one(
        "SELECT * FROM gradeitem WHERE id=? AND course=? AND tool=?",
        call.item, call.course, call.tool,
    )  # fmt: skip
    if row is None:
        raise Failed(404)
    return row


def line_item(call: Call) -> Reply:
    """Show, replace or delete one line item. A PUT blanks whatever it leaves out."""
    if call.method == "GET":
        _allow(call, "lineitem", "lineitem.readonly")
        return Reply(200, json.dumps(_show(call, _item(call)), ensure_ascii=False), ITEM)
    _allow(call, "lineitem")
    row, store = _item(call), call.here.store
    if call.method == "DELETE":
        if row["itemtype"] == "mod":
            raise Failed(403)
        with store.transaction():
            store.run("DELETE FROM grade WHERE item=?", row["id"])
            store.run("DELETE FROM gradeitem WHERE id=?", row["id"])
        return Reply(204, "", ITEM)
    asked = _json(call)
    if not isinstance(asked.get("scoreMaximum"), int | float) or asked["scoreMaximum"] <= 0:
        raise Failed(400, "Incorrect line item received")
    review, link = asked.get("submissionReview"), asked.get("resourceLinkId")
    with store.transaction():
        store.run(
            "UPDATE grade SET value=value*?/? WHERE item=?",
            asked["scoreMaximum"], row["grademax"], row["id"],
        )  # fmt: skip
        store.run(
            "UPDATE gradeitem SET name=?, grademax=?, resource_id=?, tag=?, review=?, linked=?"
            " WHERE id=?",
            asked.get("label"), asked["scoreMaximum"], str(asked.get("resourceId") or ""),
            str(asked.get("tag") or ""), json.dumps(review) if review else "",
            None if row["lti"] else link, row["id"],
        )  # fmt: skip
    return Reply(200, json.dumps(_show(call, _item(call)), ensure_ascii=False), ITEM)


def scores(call: Call) -> Reply:
    """Take a score: 200 with an empty body, or 400/409 with the body `[]`.

    The timestamp must be newer to the second. Whatever is not FullyGraded takes an existing
    grade away. A comment that is left out is cleared.
    """
    _allow(call, "score")
    row = _item(call)
    try:
        score = json.loads(call.body)
    except ValueError:
        score = None
    stamp = _timestamp(score)
    if stamp is None or not _complete(score) or not _is_learner(call, score["userId"]):
        raise Failed(400, "Incorrect score received" + call.body)
    user = int(score["userId"])
    known = call.here.store.one("SELECT * FROM grade WHERE item=? AND user=?", row["id"], user)
    if known and known["timemodified"] and known["timemodified"] >= stamp:
        raise Failed(
            409,
            f"Refusing score with an earlier timestamp for item {row['id']} and user {user}",
        )
    value = None
    if score.get("scoreGiven") is not None and score["gradingProgress"] == "FullyGraded":
        value = float(score["scoreGiven"]) * row["grademax"] / float(score["scoreMaximum"])
    comment = score.get("comment") or None
    # Moodle keeps no date beside an empty grade, so that any later score is taken.
    kept = stamp if value is not None or comment else None
    gradebook.set_grade(call.here.store, row, user, value, comment, kept)
    return Reply(200, "", SCORE)


def _timestamp(score: object) -> int | None:
    """Return the score's second, or None if it is no ISO 8601 time with a zone."""
    text = score.get("timestamp") if isinstance(score, dict) else None
    try:
        when = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return int(when.timestamp()) if when and when.tzinfo else None


def _complete(score: dict[str, Any]) -> bool:
    given, maximum = score.get("scoreGiven"), score.get("scoreMaximum")
    fields = all(score.get(key) is not None for key in
                 ("userId", "activityProgress", "gradingProgress"))  # fmt: skip
    number = (int, float)
    return (
        fields
        and (given is None or (isinstance(given, number) and isinstance(maximum, number)))
        and (maximum is None or (isinstance(maximum, number) and maximum > 0))
    )


def _is_learner(call: Call, user: object) -> bool:
    digits = str(user)
    return digits.isdigit() and gradebook.gradable(call.here.store, call.course, int(digits))


def results(call: Call) -> Reply:
    """List the graded people. With `limit`, Moodle dies of a PHP error once there is a grade."""
    _allow(call, "result.readonly")
    row = _item(call)
    found = call.here.store.all(
        "SELECT * FROM grade WHERE item=? AND value IS NOT NULL ORDER BY user", row["id"]
    )
    wanted = call.query.get("user_id")
    shown = [_result(call, row, grade) for grade in found if wanted in (None, str(grade["user"]))]
    if shown and call.query.get("limit"):
        return Reply(500, "", RESULTS)
    return Reply(200, json.dumps(shown, ensure_ascii=False), RESULTS)


def _result(call: Call, row: Row, grade: Row) -> dict[str, Any]:
    result = {
        "id": f"{_url(call, row['id'], '/results')}&user_id={grade['user']}",
        "userId": str(grade["user"]),
    }
    when = datetime.fromtimestamp(grade["timemodified"] or 0, UTC).isoformat()
    # Moodle asks `!empty(grade)`: a grade of nought has neither score nor time.
    score: dict[str, Any] = {"resultScore": _number(grade["value"])} if grade["value"] else {}
    return result | score | {
        "resultMaximum": _number(row["grademax"]),
        "comment": grade["comment"],
        "scoreOf": _url(call, row["id"]),
    } | ({"timestamp": when} if score else {})  # fmt: skip


_COURSE, _LINE = r"(?P<course>\d+)/lineitems", r"/(?P<item>\d+)/lineitem"
HANDLERS = (
    Handler(_COURSE, (CONTAINER, ITEM), ("GET", "POST"), _answering(CONTAINER, line_items)),
    Handler(_COURSE + _LINE, (ITEM,), ("GET", "PUT", "DELETE"), _answering(ITEM, line_item)),
    Handler(_COURSE + _LINE + "/results", (RESULTS,), ("GET",), _answering(RESULTS, results)),
    Handler(_COURSE + _LINE + "/scores", (SCORE,), ("POST",), _answering(SCORE, scores)),
)
