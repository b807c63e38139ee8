"""Spoken digits: scores on new voices, and adaptation to a speaker."""
