"""What is written to files: checkpoints, pre-trained models, share links, the take-home zip."""
