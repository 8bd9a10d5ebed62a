"""Other tools that take the same launches, for comparison in the same run."""
