"""The module "What do I like doing?": one activity a page, then a profile with reasons."""
