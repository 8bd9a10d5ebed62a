"""The module "Work that could suit me": occupations that fit, why, and which ones to keep."""
