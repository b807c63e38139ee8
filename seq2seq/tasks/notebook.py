"""The data of an introductory notebook: five sequences of five whole numbers, to be reversed.

The notebook trains and tests on the same five sequences. Here they are the memorised set, and new
sequences of the same numbers show that the model has not learned the rule. The settings are the
notebook's: batch size 1, plain gradient descent, hidden size 256, no teacher forcing. Its learning
rate is 0.01 for a loss *summed* over the six tokens of a sequence; here the loss is their mean, so
0.06 makes the same steps.
"""

from seq2seq.config import ModelConfig, TrainConfig
from seq2seq.tasks.reordering import backwards
from seq2seq.tasks.sampling import Tokens
from seq2seq.tasks.task import Task

NUMBERS: Tokens = tuple(str(n) for n in range(1, 26))
FIVE: tuple[Tokens, ...] = tuple(NUMBERS[i : i + 5] for i in range(0, 25, 5))

NOTEBOOK = Task(
    "notebook", "Only five examples",
    "Reverse numbers from 1 to 25, learned from five sequences (those of a well-known notebook).",
    "it shows the difference between memorising examples and learning the rule",
    "1 2 3 4 5", NUMBERS, backwards,
    model=ModelConfig(cell="gru", attention="none", hidden_size=256, embedding_dim=0,
                      bidirectional=False),
    train=TrainConfig(
        num_epochs=60, learning_rate=0.06, batch_size=1, num_examples=5, min_length=5,
        max_length=5, optimizer="sgd", schedule="constant", teacher_forcing=0.0, clip_norm=1000.0),
    fixed=FIVE)
