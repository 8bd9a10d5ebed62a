"""The life of a mentoring pair, from an application to the goodbye: tables and operations.

Everything is written for pages to call inside one transaction (`with database.write() as session`),
takes `now` as an argument and knows no request. Who acts is an `access.Actor(tenant_id, user_id)`;
for a launch `Actor(launch.tenant_id, launch.user_id)`. A refusal is one of `errors.NotYours`
(answer 404: missing and foreign look alike), `NotAllowed` (409: wrong moment or a shut gate) and
`NotValid` (400: a value), each with a short `code` that the page gives its words; nothing was
changed then. Codes that rows hold are in `codes`, words that several pages share in `words`.

| who | file | operations |
|---|---|---|
| operator, coordinator | access | appoint, dismiss, has_duty, named, pair_for |
| coordinator | programme, invitations | rules_of, set_rules; invite, take_back, redeem |
| mentor | mentors, screening | begin, say_about, say_offer, apply_again, set_pause, leave; \
finish_unit |
| coordinator | mentors, screening | admit, refuse; note_check, clearance, clearances |
| mentee | mentees, consent | begin, say_about, say_preferences, join, wish, veto, share, \
mentor_cards, set_pause, leave; newest_text, give_consent, withdraw_consent |
| coordinator | consent, borders | note_guardian, end_guardian; ask_border, agree_border, \
end_border |
| coordinator | candidates, desk | gather -> solve -> keep (dry run), find_run, list_runs, rule, \
publish, discard, offer_by_hand |
| both | pairs, agreement, goals | own_pairs, other_side, answer; propose_terms, accept_terms, \
terms_in_force; link_goals, linked_goals |
| both | meetings, calendar | suggest_times, propose_meeting, confirm_meeting, turn_down_meeting, \
call_off_meeting, log_meeting, logs_of; calendar_file |
| both | messages, checkins | write, thread, unread; open_checkins, answer_checkin |
| coordinator | messages, figures | held_messages, release, block; desk, pair_lines, export_pairs |
| everybody | reports | report, own_reports, desks_of |
| named people | reports | open_reports, read_report, take_report, add_step, close_report |
| both | closure, notices | begin_goodbye, close, give_feedback; unseen, see |
| mentor | mentees | shared_with_mentor |
| the hour | schedule, retention | run_due; purge_mentoring |

All contact passes `contact.barriers`, computed from the rows each time. All changes of state pass
`lifecycle.move`, which checks a table and logs; what the course site is asked for is in `moodle`.
"""
