"""Tables of pairs from a user: reading them, their settings, proposals and the report on them."""
