"""One typed function for each web-service function we use, grouped by subject."""
