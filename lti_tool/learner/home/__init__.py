"""My way: where the learner is, one small next step, and what has changed since the last visit."""
