"""The model and the training that are proposed for a table, by its size.

Found by search on tables of six kinds (`assets/docs/benchmark.md`, “Own pairs”). The task's default
settings stay as they are: a proposal only fills in settings that the user has not chosen.
"""

from dataclasses import replace

from seq2seq.config import ModelConfig, TrainConfig
from seq2seq.tasks.pairs import PairsTask

STEPS = 1500  # of training
SMALL = 1000  # pairs
MIN_EPOCHS, MAX_EPOCHS = 3, 160


def proposed_recipe(task: PairsTask) -> tuple[ModelConfig, TrainConfig]:
    """The settings for the pairs of a table: a larger one gets a larger model and fewer epochs."""
    num = sum(example.source not in task.held_out for example in task.examples)
    batch_size = 32
    epochs = max(MIN_EPOCHS, min(MAX_EPOCHS, round(STEPS * batch_size / num)))
    return (replace(task.model, hidden_size=64 if num < SMALL else 128, dropout=0.3),
            replace(task.train, batch_size=batch_size, learning_rate=0.005, num_epochs=epochs))
