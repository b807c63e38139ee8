"""How many numbers a model holds while it works, known before any of them is made.

These are rough ceilings. They decide what a server refuses, and how many rows are answered at once.
"""

from seq2seq.config import ModelConfig

# A ceiling on the numbers that one training step, or one part of an evaluation, may hold in memory.
MAX_STEP_NUMBERS = 60_000_000


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


def rows_at_once(model: ModelConfig, longest_source: int, longest_target: int,
                 vocabulary_size: int) -> int:
    """How many sequences a step may hold; at least 1."""
    return max(1, MAX_STEP_NUMBERS // row_numbers(model, longest_source, longest_target,
                                                  vocabulary_size))
