"""The memory and the parameters that a recipe needs, without building its model or all its data.

The page refuses recipes that are too large before a worker starts them. An estimate generates a
few hundred examples at most.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

from seq2seq.data.splits import Splits, make_splits
from seq2seq.models.parameters import num_parameters
from seq2seq.recipe import Recipe
from seq2seq.training.notebook_bugs import FAULTS

NUM_SAMPLED = 200  # examples that are generated to measure their lengths
# Bytes. For a weight: itself, its gradient, Adam's two averages, its initial value. For an example:
# its Python objects. For a token: its string and its ids.
BYTES_PER_WEIGHT, BYTES_PER_EXAMPLE, BYTES_PER_TOKEN = 20, 400, 16


@dataclass(frozen=True)
class Estimate:
    """What training by a recipe needs."""

    num_parameters: int
    num_bytes: int  # of memory during the training


def with_few_examples(recipe: Recipe) -> Recipe:
    """The recipe with few examples. A table stays whole, because it defines the vocabulary.

    Nothing is left out, since a rule may leave out none of the few, or all.
    """
    if recipe.make_task().needs_pairs:
        return recipe
    few = min(recipe.train.num_examples, NUM_SAMPLED)
    return replace(recipe, train=replace(recipe.train, num_examples=few, fresh=False,
                                         leave_out=""))


@lru_cache(maxsize=128)
def estimate(recipe: Recipe) -> Estimate:
    """The estimate for a recipe. ConfigError if a step would need too much memory or time."""
    task = recipe.make_task()
    splits: Splits = make_splits(task, with_few_examples(recipe).train)
    splits = FAULTS[recipe.model.fault].apply_to(splits)
    sizes = len(splits.source_vocabulary), len(splits.target_vocabulary)
    seen = [*splits.train, *splits.new]
    longest = max(len(task.positions(example.source)) for example in seen)
    weights = num_parameters(*sizes, recipe.model, task.frame_size)
    recipe.check_size(longest, splits.max_target_length + 1, sizes[1], weights)
    tokens = sum(len(example.source) + len(example.target) for example in seen) / len(seen)
    count = min(recipe.train.num_examples, len(splits.train)) \
        if task.needs_pairs or task.fixed else recipe.train.num_examples
    data = count * (BYTES_PER_EXAMPLE + BYTES_PER_TOKEN * tokens)
    return Estimate(weights, int(BYTES_PER_WEIGHT * weights + data))
