"""Random examples in three sets that share no source.

* *train*: the training examples; the first of them are scored as "memorised"
* *new*: held-out examples of the same sizes
* *longer*: held-out examples that are larger than all training examples
"""

import random
from collections.abc import Collection, Hashable, Iterable, Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from seq2seq.config import TrainConfig
from seq2seq.time_slices import pause

if TYPE_CHECKING:  # `task` imports this module
    from seq2seq.tasks.task import Task

NUM_NEW = 300  # held-out examples, at most
NUM_LONGER = 100  # examples of the third set

MIN_PAIRS = 10  # of a table with fewer different sources nothing is held out

Tokens = tuple[str, ...]
Source = TypeVar("Source", tuple[str, ...], str)


@dataclass(frozen=True)
class Example:
    """A source and its target, as symbols without EOS."""

    source: Tokens
    target: Tokens
    others: tuple[Tokens, ...] = ()  # further correct answers, if there are several

    def with_nearest_target(self, tokens: Tokens) -> "Example":
        """The same example with `tokens` as its target, if they are one of its correct answers."""
        if tokens not in self.others:
            return self
        return Example(self.source, tokens,
                       (self.target, *(other for other in self.others if other != tokens)))


Sets = tuple[list[Example], list[Example], list[Example]]


def sample_sets(task: "Task", config: TrainConfig, rng: random.Random) -> Sets:
    """Draw one set of different sources and split it into training and held-out examples."""
    sizes = sizes_of(task, config)
    if task.fixed:
        sizes = range(len(task.fixed[0]), len(task.fixed[0]) + 1)
        train = list(task.fixed)
        new = draw(task, rng, NUM_NEW, sizes, without=set(map(task.key, train)))
    else:
        example_sources = task.example_sources()
        drawn = draw(task, rng, config.num_examples + NUM_NEW, sizes,
                     without=set(map(task.key, example_sources)))
        # Only few short sequences exist, and they are drawn first. Without shuffling, too many of
        # them would be held out.
        rng.shuffle(drawn)
        num_new = min(NUM_NEW, len(drawn) // 5)
        new = drawn[:num_new]
        held_out = set(map(task.key, new))
        train = [s for s in drawn[num_new:] if task.key(s) not in held_out][:config.num_examples]
        if task.size(example_sources[0]) in sizes:
            new = [example_sources[0], *new]
    longest = max(sizes)
    beyond = range(longest + 1, longest + task.longer_by + 1)
    longer = draw(task, rng, NUM_LONGER, beyond, without=set(map(task.key, [*train, *new])))
    return solved(task, train), solved(task, new), solved(task, longer)


def sizes_of(task: "Task", config: TrainConfig) -> range:
    """The sizes of the training examples: those of the config, clipped to the task's range."""
    low, high = (min(max(size, task.smallest), task.largest)
                 for size in (config.min_length, config.max_length))
    return range(low, high + 1)


def distinct(examples: Iterable[Example]) -> tuple[Example, ...]:
    """The first example of each source."""
    first: dict[Tokens, Example] = {}
    for example in examples:
        first.setdefault(example.source, example)
    return tuple(first.values())


def hold_out(sources: list[Source], rng: random.Random) -> tuple[set[Source], set[Source]]:
    """Of a table's sources, those to hold out: a random tenth, and of 50 or more the longest.

    It shuffles `sources`.
    """
    if len(sources) < MIN_PAIRS:
        return set(), set()
    rng.shuffle(sources)
    far: set[Source] = set()
    if len(sources) >= 5 * MIN_PAIRS:
        limit = sorted(map(len, sources))[-max(1, len(sources) // 20)]
        far = {s for s in sources if len(s) > limit} or {s for s in sources if len(s) == limit}
        far = far if len(far) <= len(sources) // 10 else set()  # no third set
    near = [s for s in sources if s not in far]
    return set(near[: min(NUM_NEW, len(near) // 10)]), far


def draw(task: "Task", rng: random.Random, count: int, sizes: Sequence[int],
         without: Set[Hashable]) -> list[Tokens]:
    """Up to `count` different sources without the keys in `without`; fewer if few exist."""
    drawn: dict[Tokens, None] = {}
    for _ in range(4 * count):
        pause()
        source = task.sample(rng, rng.choice(sizes))
        if task.key(source) not in without:
            drawn[source] = None
        if len(drawn) == count:
            break
    return list(drawn)


def draw_fresh(task: "Task", config: TrainConfig, epoch: int, count: int,
               without: Set[Hashable]) -> list[Tokens]:
    """The sources of one epoch, if every epoch has its own; they may repeat if few exist.

    With a curriculum (Bengio et al. 2009) their size grows from epoch to epoch: half of them have
    the current largest size, the others any smaller one, so that the model does not forget those.
    """
    rng = random.Random(f"{config.seed}/epoch {epoch}")
    sizes = sizes_of(task, config)
    low, high = sizes[0], sizes[-1]
    if config.curriculum:
        progress = (epoch - 1) / max(1, config.num_epochs - 1)
        # Slowly at first (cubic): the rule is learned on small examples, which also cost less.
        high = low + round((high - low) * min(1.0, progress / config.curriculum) ** 3)
    found: list[Tokens] = []
    for _ in range(20 * count):
        pause()
        is_largest = config.curriculum and rng.random() < 0.5
        source = task.sample(rng, high if is_largest else rng.randint(low, high))
        if task.key(source) not in without:
            found.append(source)
        if len(found) == count:
            break
    return found


def solved(task: "Task", sources: Collection[Tokens]) -> list[Example]:
    """The sources as examples with their correct answers."""
    examples = []
    for source in sources:
        pause()
        target = task.solve(source)
        assert target is not None, f"{task.name} must know the answers to its own samples"
        examples.append(Example(source, target))
    return examples
