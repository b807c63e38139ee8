"""What a recipe amounts to, without making its model or most of its examples.

A page can so refuse what is too large before a worker is asked, and no visitor's recipe costs the
server more than a few hundred examples.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

from seq2seq.data.splits import Splits, make_splits
from seq2seq.models.seq2seq import num_parameters
from seq2seq.recipe import Recipe
from seq2seq.training.notebook_bugs import FAULTS

FEW = 200  # examples that are drawn to see how long they are
# Bytes. A weight, its gradient, Adam's two averages and the weight that it began with; an example
# as Python keeps it, and each of its tokens, as text and as numbers.
A_WEIGHT, AN_EXAMPLE, A_TOKEN = 20, 400, 16


@dataclass(frozen=True)
class Estimate:
    """What training by a recipe takes."""

    num_parameters: int
    num_bytes: int  # in memory, for as long as it trains


def few_examples(recipe: Recipe) -> Recipe:
    """The same recipe with few examples. A table is needed whole: only it knows its tokens."""
    if recipe.make_task().needs_pairs:
        return recipe
    few = min(recipe.train.num_examples, FEW)
    return replace(recipe, train=replace(recipe.train, num_examples=few, fresh=False))


@lru_cache(maxsize=128)
def estimate(recipe: Recipe) -> Estimate:
    """Look at a recipe. ConfigError when a step of it would need far too much memory or time."""
    task = recipe.make_task()
    splits: Splits = make_splits(task, few_examples(recipe).train)
    splits = FAULTS[recipe.model.fault].spoil(splits)
    sizes = len(splits.source_vocabulary), len(splits.target_vocabulary)
    seen = [*splits.train, *splits.new]
    longest = max(len(task.positions(example.source)) for example in seen)
    weights = num_parameters(*sizes, recipe.model, task.frame_size)
    recipe.check_size(longest, splits.max_target_length + 1, sizes[1], weights)
    tokens = sum(len(example.source) + len(example.target) for example in seen) / len(seen)
    count = min(recipe.train.num_examples, len(splits.train)) \
        if task.needs_pairs or task.fixed else recipe.train.num_examples
    return Estimate(weights, int(A_WEIGHT * weights + count * (AN_EXAMPLE + A_TOKEN * tokens)))
