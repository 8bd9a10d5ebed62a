"""Moodle's REST web services, answered from the practice LMS's own data."""
