"""Upper bounds on the memory of activations, computed from the configuration alone.

They are rough. A server refuses recipes that exceed them, and evaluation sizes its batches by them.
Shape letters as in the model: V vocabulary, H hidden, L layers, S and T lengths.
"""

from seq2seq.config import ModelConfig

# The most activations (numbers) in memory at once. Training also has a backward pass, which takes
# about twice as long as the forward pass; so an evaluation may hold twice as many in the same time.
MAX_TRAINING_VALUES = 30_000_000
MAX_EVALUATION_VALUES = 60_000_000
# Weights times tokens of a batch: at this limit a training step takes about a second. A step cannot
# be interrupted, and other trainings of the same worker wait for it.
MAX_TRAINING_PRODUCTS = 7_000_000_000


def values_per_row(model: ModelConfig, longest_source: int, longest_target: int,
                   vocabulary_size: int) -> int:
    """An upper bound on the activations of one sequence; lengths in tokens, with end tokens."""
    per_target = vocabulary_size + 8 * model.hidden_size * model.num_layers
    if model.cell == "transformer":
        per_target += model.num_layers * (16 * model.hidden_size
                                          + 4 * (longest_source + longest_target))
    elif model.attention == "additive":
        per_target += longest_source * model.hidden_size
    return (longest_target * per_target
            + longest_source * 12 * model.hidden_size * model.num_layers)


def max_training_rows(model: ModelConfig, longest_source: int, longest_target: int,
                      vocabulary_size: int, num_weights: int) -> int:
    """The most sequences that one training step may hold, at least 1.

    By memory, and also by time unless `num_weights` is 0.
    """
    values = values_per_row(model, longest_source, longest_target, vocabulary_size)
    products = max(1, num_weights * max(longest_source, longest_target))
    return max(1, min(MAX_TRAINING_VALUES // values, MAX_TRAINING_PRODUCTS // products))


def max_evaluation_rows(model: ModelConfig, longest_source: int, longest_target: int,
                        vocabulary_size: int) -> int:
    """The most sequences that may be decoded at once, at least 1."""
    return max(1, MAX_EVALUATION_VALUES // values_per_row(model, longest_source, longest_target,
                                                          vocabulary_size))
