"""The one list of what the application is made of."""

from __future__ import annotations

from flask import Flask


def register_rooms(app: Flask) -> None:
    """Register the blueprint of every room."""
    from lti_tool.learner.account.routes import blueprint as account
    from lti_tool.learner.careers.routes import blueprint as careers
    from lti_tool.learner.digital.routes import blueprint as digital
    from lti_tool.learner.home.routes import blueprint as home
    from lti_tool.learner.interests.routes import blueprint as interests
    from lti_tool.learner.mentor.routes import blueprint as mentor
    from lti_tool.learner.near.routes import blueprint as near
    from lti_tool.learner.needs.routes import blueprint as needs
    from lti_tool.learner.path.routes import blueprint as path
    from lti_tool.learner.plan.routes import blueprint as plan
    from lti_tool.lti.registration.routes import blueprint as registration
    from lti_tool.lti.routes import blueprint as lti
    from lti_tool.opportunities.routes import blueprint as opportunity
    from lti_tool.pair.routes import blueprint as pair
    from lti_tool.staff.coordinator.routes import blueprint as coordinator
    from lti_tool.staff.mentor.routes import blueprint as mentor_desk
    from lti_tool.staff.mentor.routes import invitation
    from lti_tool.staff.opportunities.routes import blueprint as opportunities
    from lti_tool.staff.picker.routes import blueprint as picker
    from lti_tool.staff.teacher.routes import blueprint as teacher
    from lti_tool.web.entry import blueprint as entry
    from lti_tool.web.health import blueprint as health
    from lti_tool.web.statement import blueprint as statement

    for room in (
        lti, registration, health, statement, entry,
        account, home, interests, needs, digital, careers, plan, path, mentor, pair,
        picker, teacher,
        mentor_desk, invitation, coordinator,
        near, opportunity, opportunities,
    ):  # fmt: skip
        app.register_blueprint(room)
