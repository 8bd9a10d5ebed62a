"""The Flask application: what learners, teachers, mentors, coordinators and admins meet."""
