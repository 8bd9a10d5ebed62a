"""The roster and the course completion of a site as a plain loop of PyPI's pymoodle.

One call a course for its people, one a person for what they completed: the least that such a loop
can do for what our sync reads in tier 2. Prints the seconds of all rosters, and of one person as
the mean of the first hundred. `python pymoodle_loop.py WWWROOT TOKEN FIRST_COURSE COURSES`
"""

from __future__ import annotations

import json
import sys
import time

from moodle.session import MoodleClient

SAMPLE = 100


def main(wwwroot: str, token: str, first: int, courses: int) -> None:
    """Read, and print what it took."""
    with MoodleClient(wwwroot, token, timeout=120) as client:
        started = time.monotonic()
        people: set[int] = set()
        for course in range(first, first + courses):
            people |= {one["id"] for one in client.core_enrol_get_enrolled_users(courseid=course)}
        rosters = time.monotonic() - started
        started = time.monotonic()
        for user in sorted(people)[:SAMPLE]:
            client.core_enrol_get_users_courses(userid=user, returnusercount=False)
        person = (time.monotonic() - started) / SAMPLE
    print(json.dumps({"rosters_s": rosters, "person_s": person, "people": len(people)}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
