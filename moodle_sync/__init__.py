"""Moodle's web services: client, mirror, pull, push, plan, health."""
