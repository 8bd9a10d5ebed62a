"""Tests of the practice LMS, over real HTTP on loopback."""
