"""The tab “Look inside”."""
