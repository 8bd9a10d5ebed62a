"""A group for each mentor, found again by its idnumber, and who is in it."""

from __future__ import annotations

from collections.abc import Sequence

from moodle_sync.calls.groups import (
    Group,
    NewGroup,
    add_group_members,
    create_groups,
    delete_group_members,
    get_course_groups,
    get_group_members,
)
from moodle_sync.push.context import Push
from moodle_sync.push.intents import DONE, Intent, Verdict, parked


def groups_of(push: Push, course_id: int) -> dict[str, Group]:
    """Return {idnumber: group} of a course, without the groups that have none."""
    return {g.idnumber: g for g in get_course_groups(push.reader, course_id) if g.idnumber}


class MakeGroup:
    """Payload {course, idnumber, name, description?}; key "course:idnumber"."""

    batch = 50
    proves = True

    def look(self, push: Push, intents: Sequence[Intent]) -> dict[Intent, Verdict]:
        """A group with the idnumber is the group, whoever made it."""
        verdicts = {}
        for course_id in sorted({int(intent.payload["course"]) for intent in intents}):
            found = groups_of(push, course_id)
            for intent in intents:
                if int(intent.payload["course"]) == course_id:
                    group = found.get(str(intent.payload["idnumber"]))
                    if group is not None:
                        push.own("group", intent.key, group.id, {})
                        verdicts[intent] = DONE
        return verdicts

    def send(self, push: Push, intents: Sequence[Intent]) -> dict[Intent, Verdict]:
        """Create the groups; Moodle refuses a name that is taken."""
        made = create_groups(
            push.writer,
            [
                NewGroup(
                    course_id=int(intent.payload["course"]),
                    name=str(intent.payload["name"]),
                    idnumber=str(intent.payload["idnumber"]),
                    description=str(intent.payload.get("description") or ""),
                )
                for intent in intents
            ],
        )
        for intent, group in zip(intents, made, strict=True):
            push.own("group", intent.key, group.id, {})
        return dict.fromkeys(intents, DONE)


class GroupMember:
    """Payload {course, idnumber, user, present}; key "course:idnumber:user".

    `present` false takes the person out; the newest wish for a key is the one that counts.
    """

    batch = 100
    proves = False

    def look(self, push: Push, intents: Sequence[Intent]) -> dict[Intent, Verdict]:
        """Compare with who is in the groups now."""
        verdicts = {}
        for course_id in sorted({int(intent.payload["course"]) for intent in intents}):
            groups = groups_of(push, course_id)
            mine = [i for i in intents if int(i.payload["course"]) == course_id]
            wanted = {str(i.payload["idnumber"]) for i in mine} & groups.keys()
            members = (
                get_group_members(push.reader, [groups[name].id for name in sorted(wanted)])
                if wanted
                else {}
            )
            for intent in mine:
                group = groups.get(str(intent.payload["idnumber"]))
                if group is None:
                    gone = not intent.payload["present"]
                    verdicts[intent] = DONE if gone else parked("there is no such group")
                    continue
                push.seen[intent.key] = group.id
                inside = int(intent.payload["user"]) in members.get(group.id, ())
                if inside == bool(intent.payload["present"]):
                    verdicts[intent] = DONE
        return verdicts

    def send(self, push: Push, intents: Sequence[Intent]) -> dict[Intent, Verdict]:
        """Add and remove; `look` has found the groups' ids."""

        def pairs(*, present: bool) -> list[tuple[int, int]]:
            return [
                (push.seen[intent.key], int(intent.payload["user"]))
                for intent in intents
                if bool(intent.payload["present"]) is present
            ]

        if adding := pairs(present=True):
            add_group_members(push.writer, adding)
        if removing := pairs(present=False):
            delete_group_members(push.writer, removing)
        return dict.fromkeys(intents, DONE)
