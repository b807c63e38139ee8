"""The chart and the table of a class's runs."""
