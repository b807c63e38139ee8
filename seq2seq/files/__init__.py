"""File formats: checkpoints, pre-trained models, event logs, share links, the take-home zip."""
