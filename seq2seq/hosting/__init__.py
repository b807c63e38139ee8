"""What a public server adds: the training job, runs and uploads on disk, classes."""
