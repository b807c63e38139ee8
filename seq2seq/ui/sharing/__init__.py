"""Share, Download this run, and what a link shows or hides."""
