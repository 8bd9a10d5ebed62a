"""Which activities are LTI placements: the join between launches and web services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from moodle_sync.client import Caller
from moodle_sync.record import Record

BY_COURSES = "mod_lti_get_ltis_by_courses"


@dataclass(frozen=True, slots=True)
class Placement:
    """`lti_id` is the launch's resource_link id, `cmid` the activity's."""

    lti_id: int
    cmid: int
    course_id: int


def get_ltis_by_courses(caller: Caller, course_ids: Sequence[int]) -> list[Placement]:
    """Return the LTI placements of courses; unreadable courses are left out with a warning."""
    data = caller.call(BY_COURSES, {"courseids": list(course_ids)})
    return [
        Placement(item.integer("id"), item.integer("coursemodule"), item.integer("course"))
        for item in Record(BY_COURSES, data).records("ltis")
    ]
