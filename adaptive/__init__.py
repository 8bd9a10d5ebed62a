"""The science: pure functions on plain data, without a request, a database or a clock."""
