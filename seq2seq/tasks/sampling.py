"""Examples drawn at random, in three sets that never share a source.

* *train*: what is trained on; the first of them are scored as "memorised"
* *new*: of the same sizes, never trained on (held out)
* *longer*: bigger than anything trained on
"""

import random
from collections.abc import Collection, Hashable, Iterable, Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seq2seq.config import TrainConfig
from seq2seq.pauses import pause

if TYPE_CHECKING:  # a task samples itself with what is here
    from seq2seq.tasks.task import Task

NUM_NEW = 300  # held-out examples, at most
NUM_LONGER = 100  # examples of the third set

Tokens = tuple[str, ...]


@dataclass(frozen=True)
class Example:
    """One training pair, as symbols: what goes in and what should come out (no EOS)."""

    source: Tokens
    target: Tokens
    others: tuple[Tokens, ...] = ()  # further right answers, where there are several

    def with_nearest_target(self, tokens: Tokens) -> "Example":
        """The same example, its target being the right answer that `tokens` is, if it is one."""
        if tokens not in self.others:
            return self
        return Example(self.source, tokens,
                       (self.target, *(other for other in self.others if other != tokens)))


Sets = tuple[list[Example], list[Example], list[Example]]


def sample_sets(task: "Task", config: TrainConfig, rng: random.Random) -> Sets:
    """Training and held-out sources are drawn as *one* set of different sequences, then cut."""
    sizes = sizes_of(task, config)
    if task.fixed:
        sizes = range(len(task.fixed[0]), len(task.fixed[0]) + 1)
        train = list(task.fixed)
        new = draw(task, rng, NUM_NEW, sizes, without=set(map(task.key, train)))
    else:
        offered = task.offered()
        drawn = draw(task, rng, config.num_examples + NUM_NEW, sizes,
                     without=set(map(task.key, offered)))
        # Few short sequences exist, and all are drawn early: unmixed, few would be trained on.
        rng.shuffle(drawn)
        num_new = min(NUM_NEW, len(drawn) // 5)
        new = drawn[:num_new]
        held_out = set(map(task.key, new))
        train = [s for s in drawn[num_new:] if task.key(s) not in held_out][:config.num_examples]
        if task.size(offered[0]) in sizes:
            new = [offered[0], *new]
    longest = max(sizes)
    beyond = range(longest + 1, longest + task.longer_by + 1)
    longer = draw(task, rng, NUM_LONGER, beyond, without=set(map(task.key, [*train, *new])))
    return solved(task, train), solved(task, new), solved(task, longer)


def sizes_of(task: "Task", config: TrainConfig) -> range:
    """The sizes of the training examples: those of the settings, as far as the task has them."""
    low, high = (min(max(size, task.smallest), task.largest)
                 for size in (config.min_length, config.max_length))
    return range(low, high + 1)


def distinct(examples: Iterable[Example]) -> tuple[Example, ...]:
    """Each source once: the first example that has it."""
    first: dict[Tokens, Example] = {}
    for example in examples:
        first.setdefault(example.source, example)
    return tuple(first.values())


def draw(task: "Task", rng: random.Random, count: int, sizes: Sequence[int],
         without: Set[Hashable]) -> list[Tokens]:
    """Up to `count` different sources, none with a key of `without`; fewer if few exist."""
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
    """The sources of one epoch, where every epoch has its own (they may repeat, if few exist).

    With a curriculum they grow: half of them have the size that the epoch has reached, the others
    any size up to it, so that what was learned is not lost (Bengio et al. 2009 named the idea).
    """
    rng = random.Random(f"{config.seed}/epoch {epoch}")
    sizes = sizes_of(task, config)
    low, high = sizes[0], sizes[-1]
    if config.curriculum:
        progress = (epoch - 1) / max(1, config.num_epochs - 1)
        # Slowly at first: the idea is found on small examples, and there a step costs least.
        high = low + round((high - low) * min(1.0, progress / config.curriculum) ** 3)
    found: list[Tokens] = []
    for _ in range(20 * count):
        pause()
        at_the_edge = config.curriculum and rng.random() < 0.5
        source = task.sample(rng, high if at_the_edge else rng.randint(low, high))
        if task.key(source) not in without:
            found.append(source)
        if len(found) == count:
            break
    return found


def solved(task: "Task", sources: Collection[Tokens]) -> list[Example]:
    """The sources with their answers."""
    examples = []
    for source in sources:
        pause()
        target = task.solve(source)
        assert target is not None, f"{task.name} must know the answers to its own samples"
        examples.append(Example(source, target))
    return examples
