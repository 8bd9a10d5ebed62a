"""The desks: teacher, coordinator, admin, partnership."""
