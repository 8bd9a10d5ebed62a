"""Is this Moodle set up for the sync, what is missing, and where a person mends it."""
