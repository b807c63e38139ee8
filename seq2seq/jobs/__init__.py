"""Many training runs at once: scheduling, workers, limits. Knows neither torch nor recipes."""
