"""What a model computes while it answers: states, attention, gates, similar states."""
