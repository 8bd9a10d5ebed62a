"""From us into a Moodle: each wish is a row, each row has one visible effect."""
