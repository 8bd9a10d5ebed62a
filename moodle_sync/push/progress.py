"""Completion set by hand, learning plans, and evidence for a competency."""

from __future__ import annotations

from collections.abc import Sequence

from moodle_sync.calls.competencies import (
    add_competency_to_plan,
    create_plan,
    grade_competency,
    list_plan_competencies,
    list_user_plans,
)
from moodle_sync.calls.completion import (
    get_activities_completion_status,
    override_activity_completion_status,
)
from moodle_sync.push.contact import plain, reference
from moodle_sync.push.context import Push
from moodle_sync.push.intents import DONE, Intent, Verdict, parked


class SetCompletion:
    """Payload {course, cmid, user, state (1 done, 0 not done)}; key "cmid:user"."""

    batch = 1
    proves = True

    def look(self, push: Push, intents: Sequence[Intent]) -> dict[Intent, Verdict]:
        """Leave alone what is so already."""
        verdicts = {}
        for intent in intents:
            payload = intent.payload
            states = get_activities_completion_status(
                push.reader, int(payload["course"]), int(payload["user"])
            )
            now = {state.cmid: bool(state.state) for state in states}
            if now.get(int(payload["cmid"])) is bool(payload["state"]):
                verdicts[intent] = DONE
        return verdicts

    def send(self, push: Push, intents: Sequence[Intent]) -> dict[Intent, Verdict]:
        """Override one completion."""
        (intent,) = intents
        payload = intent.payload
        override_activity_completion_status(
            push.writer, int(payload["user"]), int(payload["cmid"]), int(payload["state"])
        )
        return {intent: DONE}


class MakePlan:
    """Payload {user, name, description?, due_at?, competencies: [ids]}; key "user:plan"."""

    batch = 1
    proves = True

    def look(self, push: Push, intents: Sequence[Intent]) -> dict[Intent, Verdict]:
        """Find the plan by its reference; a plan that lacks competencies is not done."""
        verdicts = {}
        for intent in intents:
            for plan in list_user_plans(push.reader, int(intent.payload["user"])):
                if reference(intent.key) not in plain(plan.description):
                    continue
                push.seen[intent.key] = plan.id
                wanted = {int(value) for value in intent.payload.get("competencies", ())}
                has = {c.id for c in list_plan_competencies(push.reader, plan.id)} if wanted else ()
                if wanted.issubset(has):
                    verdicts[intent] = DONE
        return verdicts

    def send(self, push: Push, intents: Sequence[Intent]) -> dict[Intent, Verdict]:
        """Create the plan where there is none, then put the competencies in."""
        (intent,) = intents
        payload = intent.payload
        plan_id = push.seen.get(intent.key)
        if plan_id is None:
            text = f"{payload.get('description') or ''} {reference(intent.key)}".strip()
            due_at = int(payload.get("due_at") or 0)
            made = create_plan(
                push.writer, int(payload["user"]), str(payload["name"]), text, due_at
            )
            plan_id = made.id
            push.own("plan", intent.key, plan_id, {})
        for competency in payload.get("competencies", ()):
            add_competency_to_plan(push.writer, plan_id, int(competency))
        return {intent: DONE}


class GiveEvidence:
    """Payload {user, competency, grade, note}; the key is the caller's own."""

    batch = 1
    proves = True

    def look(self, push: Push, intents: Sequence[Intent]) -> dict[Intent, Verdict]:
        """Moodle shows evidence to nobody by web service: what may be there is not sent again."""
        del push
        return {
            intent: parked("it may have been written; look at the competency before sending again")
            for intent in intents
            if intent.sent
        }

    def send(self, push: Push, intents: Sequence[Intent]) -> dict[Intent, Verdict]:
        """Grade the competency, which leaves the evidence."""
        (intent,) = intents
        payload = intent.payload
        grade_competency(
            push.writer,
            int(payload["user"]),
            int(payload["competency"]),
            int(payload["grade"]),
            str(payload["note"]),
        )
        return {intent: DONE}
