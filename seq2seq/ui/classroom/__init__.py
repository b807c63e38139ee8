"""What a class sees of its runs."""
