"""The codes that rows of mentoring hold; pages give each its words."""

from __future__ import annotations

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PARTS = {"morning": 10, "afternoon": 15, "evening": 18}
"""Part of the day and the hour, local time, that stands for it."""
SLOTS = tuple(f"{day}-{part}" for day in DAYS for part in PARTS)
LANGUAGES = ("en", "de", "hu", "sk", "cs", "sl", "ro", "bg", "sr", "bs", "hr", "rom", "uk")
FIELDS = ("office", "computers", "care", "craft", "farm", "food", "shop", "transport", "school",
          "art", "nature", "own_business", "public")  # fmt: skip
HELP = ("find_job", "apply", "choose_job", "learn", "confidence", "everyday", "digital",
        "language", "network", "own_business")  # fmt: skip
BACKGROUND = ("village", "first_in_family", "young_parent", "moved_here", "left_school")
GENDERS = ("woman", "man", "other")
WAYS = ("online", "near")
SHARES = ("interests", "favourites", "levels", "situation", "plan", "lessons")
"""What a mentee may choose to show the mentor; nothing is shown unless it was chosen."""
CHECKS = ("identity", "references", "record")
UNITS = ("role", "trust", "listen", "plan", "safe", "goodbye")
"""The six units of the training for mentors."""
TOPICS = (*HELP, "first_talk", "goals", "how_it_goes", "goodbye")
REFUSE_REASONS = ("checks", "fit", "places", "own_wish", "other")
DECLINE_REASONS = ("times", "distance", "know_each_other", "not_now", "other", "no_reason")
CLOSE_REASONS = ("goals_reached", "time_over", "no_time", "moved", "no_contact", "not_fitting",
                 "found_work", "found_school", "mentor_left", "mentee_left", "safety",
                 "no_reason")  # fmt: skip
DANGERS = {"safety_risk": 2, "urgent_need": 24}
"""Class of a report and the hours within which somebody must have it in hand."""
STEPS = ("read", "called", "spoke_mentee", "spoke_mentor", "guardian", "authority", "advice",
         "note")  # fmt: skip
OUTCOMES = ("no_risk", "helped", "passed_on", "ended")
MEASURE = ("at_ease", "listened_to", "useful", "want_on")
"""The short measure, in our own words, 1 (not at all) to 5 (very much); its sentences are in
words.py."""
FEEDBACK = ("helped", "felt_safe", "good_match", "would_tell")
PROMPTS = ("look_back", "proud", "next_step", "thanks", "contact_rule")
"""The goodbye conversation, in this order."""
RULES_VERSION = 1
"""Of the rules of conduct, in words.py."""
