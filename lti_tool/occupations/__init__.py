"""The official occupations and skills that an operator imported: their tables, reading them in,
and reading them back. Reference data for all organisations, nothing personal."""
