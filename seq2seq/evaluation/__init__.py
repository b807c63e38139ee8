"""Metrics: losses and scores."""
