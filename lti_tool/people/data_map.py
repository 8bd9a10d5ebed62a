"""What we know about people: every table, every column, why, for how long, and what a request does.

The record of processing (GDPR Art. 30) in code: export and erasure walk it, and a test walks the
schema and fails on a table or a column that is not declared here. Texts are for the person who
reads an export and for the partner who writes a privacy notice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Whose(StrEnum):
    """How the rows of one person are found in a table."""

    USER = "our id of the person, in `user_id`"
    SELF = "our id of the person, in `id`"
    ATTEMPT = "the person's attempts, in `attempt_id`"
    AUTHOR = "our id of the person, in `user_id`, in rows of any organisation"
    PAIR = "our id of the person, in `mentee_id` or `mentor_id`"
    EVENT = "our id of the person, in `user_id` or `subject_id`, in rows of any organisation"
    ROSTER = "the platform's id of the person, in `sub`, in courses of the platform"
    MOODLE = "Moodle's id of the person, in `user_id`, at the site of the platform"
    INTENT = "Moodle's id of the person, in `payload`, at the site of the platform"
    OWNED = "the key of what the site was asked to do for the person, in `natural_key`"
    CHANGE = "Moodle's id of the person, at the end of `key`, at the site of the platform"


ANSWERS = "24 months after the person's last visit"
COURSE = "24 months after the person left the course"
SESSION = "12 hours"
CODE = "10 minutes"
MIRROR = "while the site says so, and 24 months after the person left"
CHANGES = "24 months"
PAIR = "with the pair: until one of the two is deleted"
TALK = "180 days after the pair's end, or as the organisation set it"
HARM = "5 years after the report was closed"
NEWS = "90 days"


@dataclass(frozen=True, slots=True)
class PersonalTable:
    """A table with rows about people.

    Erasing a person deletes the rows whole. `exported` are the columns that a person gets a copy
    of; `other` have nothing about them (keys, secrets' hashes, the state of a delivery) or repeat
    what another column says. A teacher's launch that reviews somebody names that person in its
    `details`; it is not theirs, so it is not exported, but it ends when they are erased.
    """

    whose: Whose
    purpose: str
    retention: str
    exported: tuple[str, ...]
    other: tuple[str, ...]


def _table(whose: Whose, purpose: str, retention: str, exported: str, other: str) -> PersonalTable:
    return PersonalTable(whose, purpose, retention, tuple(exported.split()), tuple(other.split()))


PERSONAL: Mapping[str, PersonalTable] = {
    "user": _table(
        Whose.SELF,
        "knows the person again; the name only where the organisation wants names",
        ANSWERS,
        "sub name locale created_at last_seen_at disabled_at",
        "tenant_id id platform_id",
    ),
    "membership": _table(
        Whose.USER,
        "what the person may do in a course",
        ANSWERS,
        "context_id roles seen_at",
        "tenant_id user_id",
    ),
    "launch_session": _table(
        Whose.USER,
        "keeps the person in, in one tab",
        SESSION,
        "context_id resource_link_id message_type roles locale return_url created_at expires_at "
        "closed_at",
        "tenant_id id secret_hash platform_id deployment_id user_id details",
    ),
    "link_code": _table(
        Whose.USER,
        "lets the person join the account of another course site",
        CODE,
        "expires_at",
        "tenant_id id user_id code_hash",
    ),
    "account_link": _table(
        Whose.USER,
        "the person said that they are the same on another course site",
        ANSWERS,
        "consented_at",
        "tenant_id user_id person_id",
    ),
    "progress": _table(
        Whose.USER,
        "how far the person is; their teacher sees it",
        ANSWERS,
        "resource_link_id module percent started_at updated_at completed_at",
        "tenant_id id user_id",
    ),
    "score_delivery": _table(
        Whose.USER,
        "the grade that the course site hears of",
        ANSWERS,
        "resource_link_id score comment activity_progress score_at state created_at settled_at",
        "tenant_id id platform_id user_id seq sent_seq reason attempts waiting_since due_at "
        "lease_until fence",
    ),
    "interest_attempt": _table(
        Whose.USER,
        "the person's walks through the interests",
        ANSWERS,
        "id number model_version started_at finished_at fits",
        "tenant_id user_id seed",
    ),
    "interest_answer": _table(
        Whose.ATTEMPT,
        "the person's answers, from which the profile and the next question follow",
        ANSWERS,
        "attempt_id item value position answered_at",
        "tenant_id",
    ),
    "digital_check": _table(
        Whose.USER,
        "the person's walks through the questions about digital skills",
        ANSWERS,
        "number started_at finished_at",
        "tenant_id user_id",
    ),
    "digital_answer": _table(
        Whose.USER,
        "the person's answers about digital skills",
        ANSWERS,
        "number question value position answered_at",
        "tenant_id user_id",
    ),
    "digital_practice": _table(
        Whose.USER,
        "what the person says they tried with a phone or computer",
        ANSWERS,
        "step done_at",
        "tenant_id user_id",
    ),
    "favourite_occupation": _table(
        Whose.USER,
        "the occupations that the person keeps",
        ANSWERS,
        "occupation kept_at",
        "tenant_id user_id",
    ),
    "own_skill": _table(
        Whose.USER,
        "the skills that the person says to have",
        ANSWERS,
        "skill said_at",
        "tenant_id user_id",
    ),
    "lesson_walk": _table(
        Whose.USER,
        "which lessons the person began and finished, and how each was chosen",
        ANSWERS,
        "lesson block chosen_by started_at finished_at",
        "tenant_id user_id propensity model_version",
    ),
    "lesson_answer": _table(
        Whose.USER,
        "the person's newest answers in lessons",
        ANSWERS,
        "lesson exercise answer share said tries answered_at",
        "tenant_id user_id",
    ),
    "plan_goal": _table(
        Whose.USER,
        "the goals that the person set themselves",
        ANSWERS,
        "id title source made_at done_at deleted_at",
        "tenant_id user_id version",
    ),
    "plan_step": _table(
        Whose.USER,
        "the small steps to these goals, with their days and who helps",
        ANSWERS,
        "goal_id words due helper helper_words made_at done_at deleted_at",
        "tenant_id id user_id place version",
    ),
    "plan_reminder": _table(
        Whose.USER,
        "the person wants a message of the course site on days with a step",
        ANSWERS,
        "asked_at text",
        "tenant_id user_id",
    ),
    "needs_answer": _table(
        Whose.USER,
        "what the person says about hopes and hurdles; lessons and next steps follow it",
        ANSWERS,
        "question answer answered_at",
        "tenant_id user_id",
    ),
    "needs_share": _table(
        Whose.USER,
        "whom the person lets see which answer about hopes and hurdles",
        ANSWERS,
        "question audience shared_at",
        "tenant_id user_id",
    ),
    "home_visit": _table(
        Whose.USER,
        "tells what is new since the person's last visit",
        ANSWERS,
        "seen_at since",
        "tenant_id user_id",
    ),
    "near_wish": _table(
        Whose.USER,
        "where the person looks for opportunities: the nearest town they named, online or not",
        ANSWERS,
        "place reach online languages said_at",
        "tenant_id user_id",
    ),
    "kept_opportunity": _table(
        Whose.USER,
        "the opportunities that the person keeps, and with whom they got in touch",
        ANSWERS,
        "opportunity kept_at contacted_at",
        "tenant_id user_id",
    ),
    "skill_try": _table(
        Whose.USER,
        "what answers showed about a skill, from which the next lesson follows",
        ANSWERS,
        "lesson exercise skill asked_on answer good at",
        "tenant_id id user_id",
    ),
    "mentoring_staff": _table(
        Whose.USER,
        "who coordinates mentoring, and who reads reports of harm",
        ANSWERS,
        "duty since",
        "tenant_id user_id",
    ),
    "mentoring_invitation": _table(
        Whose.USER,
        "a link that the coordinator made for new mentors",
        "90 days after its last day",
        "uses_left created_at expires_at",
        "tenant_id id user_id code_hash",
    ),
    "mentoring_mentor": _table(
        Whose.USER,
        "what a mentor offers, so that a mentee who fits can be found",
        ANSWERS,
        "state state_at created_at nickname about languages slots in_writing online near latitude "
        "longitude reach_km fields help background birth_year gender employer capacity across",
        "tenant_id user_id not_with",
    ),
    "mentoring_mentee": _table(
        Whose.USER,
        "what a learner asks for, so that a mentor who fits can be found",
        ANSWERS,
        "state state_at created_at nickname languages slots in_writing online near latitude "
        "longitude reach_km fields help background birth_year gender genders age_from age_to "
        "shares",
        "tenant_id user_id not_with wishes",
    ),
    "mentoring_screening": _table(
        Whose.USER,
        "which checks of a mentor were made, and when; no document",
        ANSWERS,
        "check state checked_on valid_until",
        "tenant_id user_id checker_id",
    ),
    "mentoring_training": _table(
        Whose.USER,
        "which units of the training a mentor finished",
        ANSWERS,
        "unit done_at",
        "tenant_id user_id",
    ),
    "mentoring_consent": _table(
        Whose.USER,
        "to which text the mentee, or a guardian, said yes, and until when",
        ANSWERS,
        "given_by text version locale given_at withdrawn_at",
        "tenant_id id user_id paper",
    ),
    "mentoring_notice": _table(
        Whose.USER,
        "tells the person that something waits",
        NEWS,
        "kind at seen_at",
        "tenant_id id user_id occasion",
    ),
    "mentoring_event": _table(
        Whose.EVENT,
        "who changed what and when, without any text of a person",
        ANSWERS,
        "kind verb before after reason at",
        "tenant_id id subject_id user_id",
    ),
    "mentoring_run": _table(
        Whose.USER,
        "a dry run of the matching that the coordinator asked for",
        NEWS,
        "state state_at created_at weights summary",
        "tenant_id id user_id",
    ),
    "mentoring_suggestion": _table(
        Whose.PAIR,
        "who would fit a mentee and why, before a person decides",
        NEWS,
        "score locked",
        "tenant_id run_id mentee_id mentor_tenant_id mentor_id why",
    ),
    "mentoring_ruling": _table(
        Whose.PAIR,
        "a coordinator's word that two people belong together, or not",
        ANSWERS,
        "word at",
        "tenant_id mentee_id mentor_tenant_id mentor_id",
    ),
    "mentoring_pair": _table(
        Whose.PAIR,
        "a mentee and a mentor, from the offer to the end",
        PAIR,
        "state state_at why offered_at answer_by started_at ended_at contact_after",
        "tenant_id id mentee_id mentor_tenant_id mentor_id suspended_from mentee_said mentor_said "
        "last_contact_at mentee_measure mentor_measure checkins close_reason purged_at context_id",
    ),
    "mentoring_agreement": _table(
        Whose.AUTHOR,
        "what the two agree on, proposed by the person",
        PAIR,
        "scope starts_on ends_on meetings_a_month rules_version made_at mentee_accepted_at "
        "mentor_accepted_at",
        "tenant_id id pair_id user_id side",
    ),
    "mentoring_goal": _table(
        Whose.AUTHOR,
        "the goals that the mentee shows to the mentor",
        TALK,
        "goal_id linked_at",
        "tenant_id pair_id user_id",
    ),
    "mentoring_meeting": _table(
        Whose.AUTHOR,
        "a meeting that the person proposed",
        TALK,
        "state state_at options minutes way topic starts_at",
        "tenant_id id pair_id user_id side sequence",
    ),
    "mentoring_log": _table(
        Whose.AUTHOR,
        "how a meeting was, in the person's own taps",
        PAIR,
        "happened happened_on minutes topics feeling next_on at",
        "tenant_id id pair_id user_id side meeting_id",
    ),
    "mentoring_message": _table(
        Whose.AUTHOR,
        "what the person wrote to the other half of the pair",
        TALK,
        "state text at",
        "tenant_id id pair_id user_id side state_at findings read_at",
    ),
    "mentoring_checkin": _table(
        Whose.AUTHOR,
        "how it goes, asked from the person; the coordinator reads it",
        PAIR,
        "number due_at answers measure wants_talk answered_at",
        "tenant_id id pair_id user_id side",
    ),
    "mentoring_feedback": _table(
        Whose.AUTHOR,
        "how the mentoring was, in the person's own taps",
        PAIR,
        "answers again keep_contact at",
        "tenant_id id pair_id user_id side",
    ),
    "mentoring_report": _table(
        Whose.AUTHOR,
        "a report of harm by the person; named people read it",
        HARM,
        "danger text state opened_at closed_at",
        "tenant_id id user_id pair_id state_at answer_by outcome",
    ),
    "mentoring_report_step": _table(
        Whose.AUTHOR,
        "what the person, named for it, did about a report",
        HARM,
        "step at",
        "tenant_id id report_id user_id note",
    ),
    "roster_entry": _table(
        Whose.ROSTER,
        "the course list, so that a teacher sees who has not begun",
        COURSE,
        "context_id sub roles name read_at left_at",
        "tenant_id",
    ),
    "moodle_member": _table(
        Whose.MOODLE,
        "who is in a course, as the site's web service says",
        MIRROR,
        "course_id user_id name roles group_ids status methods enrolled_at last_access presence "
        "missing_since",
        "tenant_id site_id details_read_at missing_generation generation",
    ),
    "moodle_completion": _table(
        Whose.MOODLE,
        "which activities are done, as the site says",
        MIRROR,
        "cmid course_id state completed_at overridden",
        "tenant_id site_id user_id",
    ),
    "moodle_course_completion": _table(
        Whose.MOODLE,
        "which courses are done, as the site says",
        MIRROR,
        "course_id completed completed_at progress",
        "tenant_id site_id user_id",
    ),
    "moodle_grade": _table(
        Whose.MOODLE,
        "grades, as the site says",
        MIRROR,
        "item_id course_id cmid kind module raw minimum maximum graded_at submitted_at hidden",
        "tenant_id site_id user_id",
    ),
    "moodle_sighting": _table(
        Whose.MOODLE,
        "a reading of the site that is not complete yet",
        "until the reading is complete",
        "stream course_id part seen",
        "tenant_id site_id user_id",
    ),
    "moodle_intent": _table(
        Whose.INTENT,
        "what the site is asked to do for the person: enrol, add to a group, send a message",
        MIRROR,
        "kind payload state reason created_at settled_at",
        "tenant_id id site_id natural_key sent attempts due_at lease_until fence",
    ),
    "moodle_owned": _table(
        Whose.OWNED,
        "what we made at the site for the person, so that only that is ever taken back",
        MIRROR,
        "kind details created_at",
        "tenant_id site_id natural_key moodle_id",
    ),
    "moodle_change": _table(
        Whose.CHANGE,
        "what a reading of the site found to be different",
        CHANGES,
        "entity key kind before after at",
        "tenant_id id site_id run_id",
    ),
}

OTHER: Mapping[str, str] = {
    # Mentoring: rules, offices to call, agreements between organisations.
    "mentoring_programme": "tenant_id weights language_level near_km guardian_age answer_days "
    "message_days",
    "mentoring_safe_desk": "tenant_id danger label phone email hours",
    "mentoring_border": "tenant_id partner_id state state_at asked_by",
    "engagement_rules": "tenant_id signs watch act",
    # The installation and its organisations.
    "tenant": "id slug name country default_locale wants_names created_at",
    "tool_key": "kid state public_jwk sealed_private_key created_at state_since",
    "used_nonce": "platform_id nonce_hash expires_at",
    # Registrations: a course site is no person.
    "platform": "tenant_id id issuer client_id name product version auth_url token_url jwks_url "
    "status allow_anonymous algorithms frame_origins created_at updated_at last_launch_at",
    "deployment": "tenant_id id platform_id deployment_id created_at",
    "platform_key_set": "tenant_id platform_id jwks etag fetched_at attempted_at",
    "access_token": "tenant_id platform_id scopes sealed_token expires_at",
    "invite": "tenant_id id code_hash auto_approve created_at expires_at used_at platform_id",
    "legacy_key": "tenant_id id consumer_key sealed_secret created_at",
    "platform_health": "tenant_id platform_id failures closed_until",
    # Courses and activities.
    "context": "tenant_id id platform_id lti_id label title lineitems_url memberships_url "
    "groups_url updated_at",
    "resource_link": "tenant_id id platform_id context_id lti_id title module settings "
    "deep_link_uuid lineitem_url updated_at",
    "open_course": "tenant_id platform_id course_id pack opened_at",
    "moodle_course": "tenant_id site_id course_id shortname fullname accessible visible "
    "tracks_completion group_mode starts_at ends_at held read_at presence missing_generation "
    "missing_since generation",
    "moodle_group": "tenant_id site_id group_id course_id name presence missing_generation "
    "missing_since generation",
    "moodle_activity": "tenant_id site_id cmid course_id modname instance name tracking visible "
    "lti_id presence missing_generation missing_since generation",
    # What partners offer: organisations and their offices, no person.
    "opportunity": "tenant_id id reference state network example kind organisation url email phone "
    "place online interests languages countries age_from age_to first_day last_day created_at "
    "updated_at",
    "opportunity_words": "tenant_id opportunity_id language title about needs first_step",
    # The sync itself; `service_user_id` is the account that reads, not a person.
    "moodle_site": "tenant_id id platform_id issuer wwwroot sealed_token state stop_reason "
    "paused_until failures tier report_id release version service_user_id functions rights "
    "keep_names canary_course scope generation interval_minutes quiet_from quiet_to next_due_at "
    "last_full_at lease_until lease_fence created_at",
    "moodle_cursor": "tenant_id site_id stream scope generation done since state updated_at",
    "moodle_run": "tenant_id id site_id kind status tier generation counts notes requests "
    "moodle_seconds error started_at heartbeat_at finished_at",
    "moodle_capability": "tenant_id site_id function result checked_at",
    # Reference data about occupations.
    "occupation_dataset": "name release version imported_at counts",
    "occupation": "id code isco label description described",
    "occupation_label": "occupation language place label",
    "skill": "id kind reuse label skill_group",
    "occupation_skill": "occupation skill essential",
    "occupation_figure": "occupation kind source value",
    "occupation_index": "version place content",
}
"""Tables without anything about a person, with all their columns."""

GLOBAL = frozenset(
    {"tenant", "tool_key", "used_nonce"}
    | {"occupation_dataset", "occupation", "occupation_label", "skill", "occupation_skill"}
    | {"occupation_figure", "occupation_index"}
)
"""Tables of the installation; every other one belongs to a tenant and has its id in its key."""
