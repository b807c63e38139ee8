"""The endpoints for programs and agents."""
