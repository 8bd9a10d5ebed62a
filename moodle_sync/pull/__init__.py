"""From Moodle into the mirror: complete, resumable, and never believing a short list."""
