"""The module "My plan": up to three goals, with small steps, dates and people who help."""
