"""Tasks that rearrange what they read: reverse, copy and sort, over digits or letters.

Nothing about the symbols themselves has to be learned here, only *where* each goes: the purest
test of how well a model carries a sequence from its input to its output.
"""

import string

from seq2seq.config import TrainConfig
from seq2seq.tasks.sampling import Tokens
from seq2seq.tasks.task import Task

DIGITS: Tokens = tuple(string.digits)
LETTERS: Tokens = tuple(string.ascii_lowercase)
# Letters are 26 symbols instead of 10: it takes a little longer to tell them apart.
LETTER_RECIPE = TrainConfig(num_epochs=7)


def backwards(tokens: Tokens) -> Tokens:
    """Last token first."""
    return tokens[::-1]


def same(tokens: Tokens) -> Tokens:
    """The tokens as they are."""
    return tokens


def in_order(tokens: Tokens) -> Tokens:
    """Smallest first; equal tokens stay as many as they are."""
    return tuple(sorted(tokens))


REVERSE = Task(
    "reverse", "Reverse digits", "Write the digits in the opposite order.",
    "remembering: the token that was read last has to be written first",
    "3 1 4 1 5", DIGITS, backwards)
REVERSE_LETTERS = Task(
    "reverse-letters", "Reverse letters", "Write the letters in the opposite order.",
    "remembering, with 26 symbols instead of 10",
    "s t r e s s e d", LETTERS, backwards, train=LETTER_RECIPE)
COPY = Task(
    "copy", "Copy digits", "Write the same digits again, in the same order.",
    "pure memory: the token that was read first has to be written first",
    "2 7 1 8 2", DIGITS, same)
COPY_LETTERS = Task(
    "copy-letters", "Copy letters", "Write the same letters again, in the same order.",
    "pure memory with 26 symbols",
    "e c h o", LETTERS, same, train=LETTER_RECIPE)
SORT = Task(
    "sort", "Sort digits", "Write the digits from the smallest to the largest.",
    "a little algorithm: what to write next depends on everything that was read",
    "3 1 4 1 5", DIGITS, in_order)
SORT_LETTERS = Task(
    "sort-letters", "Sort letters", "Write the letters in the order of the alphabet.",
    "the little algorithm with 26 symbols",
    "b a n a n a", LETTERS, in_order, train=LETTER_RECIPE)
