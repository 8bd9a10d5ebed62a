"""The message catalogues, one folder a language, and how they are compiled."""
