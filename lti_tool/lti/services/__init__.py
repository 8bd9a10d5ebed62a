"""What we ask of a platform after a launch: tokens, grades, line items, rosters, groups."""
