"""From a task to numbers: vocabulary, splits and batches."""
