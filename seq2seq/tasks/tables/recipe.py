"""The model and the training that are proposed for a table, by its size.

Found by search on tables of six kinds (`assets/docs/benchmark.md`, “Own pairs”). The task's default
settings stay as they are: a proposal only fills in settings that the user has not chosen.
"""

from dataclasses import replace

from seq2seq.config import ModelConfig, TrainConfig
from seq2seq.tasks.pairs import PairsTask

SMALL = 1000  # pairs; a table with fewer is learned by heart before a larger model is of use
MIN_EPOCHS, MAX_EPOCHS, BATCH_SIZE = 3, 160, 32


def proposed_recipe(task: PairsTask) -> tuple[ModelConfig, TrainConfig]:
    """The settings for the pairs of a table: a larger one gets a larger model and fewer epochs."""
    num = sum(example.source not in task.held_out for example in task.examples)
    hidden_size, steps = (64, 1500) if num < SMALL else (128, 3000)
    epochs = max(MIN_EPOCHS, min(MAX_EPOCHS, round(steps * BATCH_SIZE / num)))
    return (replace(task.model, hidden_size=hidden_size, dropout=0.3),
            replace(task.train, batch_size=BATCH_SIZE, learning_rate=0.005, num_epochs=epochs))
