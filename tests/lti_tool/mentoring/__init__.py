"""The life of a pair."""
