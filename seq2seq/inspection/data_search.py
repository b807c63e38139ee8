"""Search in the examples: which are trained on, which are held out, which are most similar."""

from collections.abc import Iterator
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from seq2seq.data.splits import Splits
from seq2seq.tasks import Example, Tokens
from seq2seq.tasks.sampling import distinct


class Found(NamedTuple):
    """An example and its set: "memorised" (trained on), "new", "longer" or "left_out"."""

    set: str
    example: Example


class Near(NamedTuple):
    """A training example, and the edit distance in tokens between its source and another one."""

    distance: int
    example: Example


def all_examples(splits: Splits) -> dict[str, tuple[Example, ...]]:
    """The examples of each set, a source once; fresh examples are those of the last epoch."""
    sets = {"memorised": distinct(splits.train), "new": splits.new, "longer": splits.longer}
    return {**sets, "left_out": distinct(splits.left_out)} if splits.left_out else sets


def search_examples(splits: Splits, text: str = "", name: str = "") -> Iterator[Found]:
    """The examples whose source or target contains `text`; with `name`, those of one set.

    Upper and lower case and blanks do not count.
    """
    wanted, task = _plain(text), splits.task
    for key, examples in all_examples(splits).items():
        if name not in ("", key):
            continue
        for example in examples:
            if (not wanted or wanted in _plain(task.format(example.source))
                    or wanted in _plain(task.format_target(example.target))):
                yield Found(key, example)


def nearest_examples(splits: Splits, tokens: Tokens, num: int = 5) -> list[Near]:
    """The `num` training examples whose sources need the fewest edits to become `tokens`."""
    wanted, found = list(tokens), list[Near]()
    for example in distinct(splits.train):
        worst = found[-1].distance if len(found) == num else None
        distance = Levenshtein.distance(list(example.source), wanted, score_cutoff=worst)
        if worst is None or distance < worst:
            found = sorted([*found, Near(distance, example)], key=lambda near: near.distance)[:num]
    return found


def _plain(text: str) -> str:
    return "".join(text.lower().split())
