"""Self-contained HTML files: error analysis, one answer step by step, the card of an experiment."""
