"""The web server around the page: request limits, connections, health."""
