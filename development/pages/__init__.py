"""Writes the parts of README.md and docs/ that derive from code, so that what they say cannot drift from it."""
