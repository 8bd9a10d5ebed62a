"""The teacher's page of one activity: who is where, and whether the grades have arrived."""
