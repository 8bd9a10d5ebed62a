"""The 1EdTech certification by its own names, and what it leaves out."""
