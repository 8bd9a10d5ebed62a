"""The mentors' room: from the invitation and the application to the own mentees, and the guides.

What the two of a pair do together is in lti_tool.pair; the rules of mentoring are in
lti_tool.mentoring.
"""
