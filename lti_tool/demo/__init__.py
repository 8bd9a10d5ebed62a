"""The practice LMS: a small platform beside the tool, to learn, show and test with."""
