"""Reverse, copy and sort: the output is a permutation of the input.

The symbols have no meaning that a model could learn, only their positions matter. So these tasks
test how well a model transfers a sequence from its input to its output.
"""

import string

from seq2seq.config import ModelConfig, TrainConfig
from seq2seq.tasks.sampling import Tokens
from seq2seq.tasks.task import Task

DIGITS: Tokens = tuple(string.digits)
LETTERS: Tokens = tuple(string.ascii_lowercase)
# 26 symbols instead of 10 need a larger state and more examples.
LETTER_MODEL = ModelConfig(hidden_size=128)
LETTER_RECIPE = TrainConfig(num_epochs=4, num_examples=24_000)


def backwards(tokens: Tokens) -> Tokens:
    """The tokens in reverse order."""
    return tokens[::-1]


def same(tokens: Tokens) -> Tokens:
    """The same tokens."""
    return tokens


def in_order(tokens: Tokens) -> Tokens:
    """The tokens in ascending order."""
    return tuple(sorted(tokens))


REVERSE = Task(
    "reverse", "Reverse digits", "Write the digits in reverse order.",
    "it tests memory, since the token read first has to be remembered until the end",
    "3 1 4 1 5", DIGITS, backwards)
REVERSE_LETTERS = Task(
    "reverse-letters", "Reverse letters", "Write the letters in reverse order.",
    "it tests memory, with 26 symbols instead of 10",
    "s t r e s s e d", LETTERS, backwards,
    model=LETTER_MODEL, train=LETTER_RECIPE)
COPY = Task(
    "copy", "Copy digits", "Write the same digits again, in the same order.",
    "it tests memory alone, since nothing has to be reordered",
    "2 7 1 8 2", DIGITS, same)
COPY_LETTERS = Task(
    "copy-letters", "Copy letters", "Write the same letters again, in the same order.",
    "it tests memory alone, with 26 symbols",
    "e c h o", LETTERS, same, model=LETTER_MODEL, train=LETTER_RECIPE)
SORT = Task(
    "sort", "Sort digits", "Write the digits from the smallest to the largest.",
    "it tests whether a model can learn an algorithm, since each output token depends on the whole "
    "input",
    "3 1 4 1 5", DIGITS, in_order)
SORT_LETTERS = Task(
    "sort-letters", "Sort letters", "Write the letters in the order of the alphabet.",
    "it tests whether a model can learn an algorithm, with 26 symbols",
    "b a n a n a", LETTERS, in_order, model=LETTER_MODEL, train=LETTER_RECIPE)
# The setting of the Joey NMT tutorial (Kreutzer et al. 2019, arXiv:1907.12484).
REVERSE_NUMBERS = Task(
    "reverse-numbers", "Reverse numbers", "Write a sequence of up to 25 numbers, each from 0 to "
                                          "49, in reverse order.",
    "it tests memory, with longer sequences and 50 symbols",
    "7 42 0 13 49 7", tuple(str(n) for n in range(50)), backwards,
    # A GRU cannot count well, in particular with dropout, so it has to find the next position by
    # content; that generalises beyond 25 tokens. An LSTM learns to count to 25 and fails beyond
    # (Weiss et al. 2018, arXiv:1805.04908).
    model=ModelConfig(cell="gru", attention="dot", hidden_size=128, embedding_dim=96,
                      dropout=0.07),
    train=TrainConfig(num_epochs=5, learning_rate=0.004, num_examples=40_000, max_length=25,
                      batch_size=64),
    more_examples=("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20",
                   "49 0 49 0 49", "5 5 5 5 5 5 6",
                   "30 29 28 27 26 25 24 23 22 21 20 19 18 17 16 15 14 13 12 11 10 9 8 7 6 5 4 3"),
    teaches="Repeated numbers are difficult: the model has to know which of the equal numbers "
            "comes next. Sequences of 26 to 30 numbers are longer than any in training. Try an "
            "LSTM or a Transformer, too: they do worse on those.")
