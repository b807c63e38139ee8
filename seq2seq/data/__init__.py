"""Vocabulary, splits and batches: examples as tensors."""
