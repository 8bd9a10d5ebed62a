"""The message catalogues, one folder a language, and what keeps them whole."""
