"""States, attention weights, gates and similar training states of one answer."""
