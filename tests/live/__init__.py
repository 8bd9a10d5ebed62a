"""The journey against a real Moodle that environment variables name; see tests/live/README.md."""
