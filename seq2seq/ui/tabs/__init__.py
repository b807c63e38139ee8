"""The four tabs: sequence, train, side by side, look inside."""
