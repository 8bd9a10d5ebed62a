"""The opportunities that partners offer: their tables, what may be written, reading and import."""
