"""The module "My mentor", the learner's side: ask for a mentor, choose what to share, wait, stop."""
