"""Share, Take this run home, and what a link shows or hides."""
