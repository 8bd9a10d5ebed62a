"""The picker: a teacher chooses activities for a course, inside the course's own dialogue."""
