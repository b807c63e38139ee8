"""How many numbers a model holds while it works, known before any of them is made.

These are rough ceilings. They decide what a server refuses, and how many rows are answered at once.
"""

from seq2seq.config import ModelConfig

# Ceilings on the numbers that are held in memory at once. A training step keeps them for its way
# back, which takes twice as long as the way there: an evaluation may hold twice as many.
MAX_STEP_NUMBERS = 30_000_000
MAX_PART_NUMBERS = 60_000_000
# Weights times the tokens of a batch, which says how long a training step takes: about a second. A
# step cannot be interrupted, so whoever else trains in the same worker waits for all of it.
MAX_STEP_PRODUCTS = 7_000_000_000


def row_numbers(model: ModelConfig, longest_source: int, longest_target: int,
                vocabulary_size: int) -> int:
    """The numbers that one sequence takes in a step; lengths in tokens, end marks included."""
    per_target = vocabulary_size + 8 * model.hidden_size * model.num_layers
    if model.cell == "transformer":
        per_target += model.num_layers * (16 * model.hidden_size
                                          + 4 * (longest_source + longest_target))
    elif model.attention == "additive":
        per_target += longest_source * model.hidden_size
    return (longest_target * per_target
            + longest_source * 12 * model.hidden_size * model.num_layers)


def rows_in_step(model: ModelConfig, longest_source: int, longest_target: int,
                 vocabulary_size: int, num_weights: int) -> int:
    """How many sequences a training step may hold; at least 1."""
    numbers = row_numbers(model, longest_source, longest_target, vocabulary_size)
    products = num_weights * max(longest_source, longest_target)
    return max(1, min(MAX_STEP_NUMBERS // numbers, MAX_STEP_PRODUCTS // products))


def rows_in_part(model: ModelConfig, longest_source: int, longest_target: int,
                 vocabulary_size: int) -> int:
    """How many sequences may be answered at once; at least 1."""
    return max(1, MAX_PART_NUMBERS // row_numbers(model, longest_source, longest_target,
                                                  vocabulary_size))
