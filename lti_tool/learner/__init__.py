"""The rooms a learner walks through, one folder a module."""
