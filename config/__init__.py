"""The installation: settings, secrets, database and migrations, the one HTTP door, logging."""
