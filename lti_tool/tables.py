"""Every table of the installation, so that one import knows the whole schema."""

from __future__ import annotations

from config.database import Base
from lti_tool.engagement import models as _engagement
from lti_tool.learner import models as _learner
from lti_tool.learner.careers import models as _careers
from lti_tool.learner.digital import models as _digital
from lti_tool.learner.home import models as _home
from lti_tool.learner.interests import models as _interests
from lti_tool.learner.near import models as _near
from lti_tool.learner.needs import models as _needs
from lti_tool.learner.path import models as _path
from lti_tool.learner.plan import models as _plan
from lti_tool.lti import models as _lti
from lti_tool.mentoring import models as _mentoring
from lti_tool.occupations import models as _occupations
from lti_tool.opportunities import models as _opportunities
from lti_tool.outbox import models as _outbox
from lti_tool.people import models as _people
from lti_tool.staff.teacher import models as _teacher
from moodle_sync import models as _sync

MODULES = (
    _people, _lti, _outbox, _learner, _interests, _digital, _careers, _plan, _path, _mentoring,
    _teacher, _engagement, _occupations, _home, _needs, _near, _opportunities, _sync,
)  # fmt: skip
METADATA = Base.metadata
TABLES = METADATA.tables
