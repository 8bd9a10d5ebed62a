"""The module "My mentor", the side of the learner who asks for one."""
