"""Losses and scores of a model."""
