"""The coordinator's desk: exceptions, people, matching, the programme, safety, other partners."""
