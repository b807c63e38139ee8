"""The lessons above the tabs."""
