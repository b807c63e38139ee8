"""From a task to numbers: the three sets of examples, and batches of ids.

`make_splits` draws everything from one seed and keeps apart what must be kept apart:

* *memorised*: examples that are trained on, to see what training alone can do;
* *new*: as long as the training examples, never trained on (held out);
* *longer*: longer than anything trained on.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import torch

from seq2seq.config import TrainConfig
from seq2seq.tasks import Example, PairsTask, Task, Tokens
from seq2seq.vocabulary import EOS, PAD, Vocabulary

NUM_NEW = 300  # held-out examples, at most
NUM_LONGER = 100  # examples that are longer than trained
NUM_SCORED = 200  # of each set, so many are scored after every epoch
LONGER_BY = 5  # "longer" means 1 to 5 tokens more than the longest training example
MIN_PAIRS = 10  # a table with fewer different sources is trained on whole: nothing is held out


@dataclass(frozen=True)
class Splits:
    """What is trained on, what is never trained on, and the vocabularies of both sides.

    The vocabularies hold the symbols of the training examples (and of the task's alphabet),
    so a word that only a held-out pair contains stays unknown, as it would in real life.
    """

    train: tuple[Example, ...]
    new: tuple[Example, ...]
    longer: tuple[Example, ...]
    source_vocabulary: Vocabulary
    target_vocabulary: Vocabulary

    @property
    def memorised(self) -> tuple[Example, ...]:
        """The training examples that are scored."""
        return self.train[:NUM_SCORED]

    @property
    def sets(self) -> dict[str, tuple[Example, ...]]:
        """The three scored sets by name; one may be empty (a small table holds nothing out)."""
        return {"memorised": self.memorised, "new": self.new[:NUM_SCORED], "longer": self.longer}

    @cached_property
    def trained_on(self) -> frozenset[Tokens]:
        """The sources of all training examples."""
        return frozenset(example.source for example in self.train)

    @cached_property
    def max_target_length(self) -> int:
        """Tokens in the longest known target, of any set."""
        return max(len(e.target) for s in (self.train, self.new, self.longer) for e in s)


def make_splits(task: Task, config: TrainConfig) -> Splits:
    """The examples of `task`, the same ones whenever the seed and the settings are the same."""
    return _make_splits(task, TrainConfig(
        seed=config.seed, num_examples=config.num_examples, min_length=config.min_length,
        max_length=config.max_length))


@lru_cache(maxsize=4)  # who changes the learning rate trains on the same examples again
def _make_splits(task: Task, config: TrainConfig) -> Splits:
    rng = random.Random(f"{config.seed}/examples")
    if isinstance(task, PairsTask):
        train, new, longer = _split_table(task, rng)
        source = Vocabulary(sorted({t for e in train for t in e.source}))
        target = Vocabulary(sorted({t for e in train for t in e.target}))
    else:
        train, new, longer = _sample(task, config, rng)
        source = target = Vocabulary(task.alphabet)
    return Splits(tuple(train), tuple(new), tuple(longer), source, target)


Sets = tuple[list[Example], list[Example], list[Example]]


def _sample(task: Task, config: TrainConfig, rng: random.Random) -> Sets:
    """Training and held-out sources are drawn as *one* set of different sequences, then cut."""
    lengths = range(config.min_length, config.max_length + 1)
    if task.fixed:
        lengths = range(len(task.fixed[0]), len(task.fixed[0]) + 1)
        train = list(task.fixed)
        new = _draw(task, rng, NUM_NEW, lengths, without=set(train))
    else:
        # The sequence that stands in the page's text box is always held out.
        shown = task.parse(task.example)
        drawn = _draw(task, rng, config.num_examples + NUM_NEW, lengths, without={shown})
        # Few short sequences exist, and all are drawn early: unmixed, few would be trained on.
        rng.shuffle(drawn)
        num_new = min(NUM_NEW, len(drawn) // 5)
        new, train = drawn[:num_new], drawn[num_new:]
        if len(shown) in lengths:
            new = [shown, *new]
    longest = max(lengths)
    beyond = range(longest + 1, longest + LONGER_BY + 1)
    longer = _draw(task, rng, NUM_LONGER, beyond, without={*train, *new})
    return _solved(task, train), _solved(task, new), _solved(task, longer)


def _draw(task: Task, rng: random.Random, count: int, lengths: Sequence[int],
          without: set[Tokens]) -> list[Tokens]:
    """Up to `count` different sources; fewer where so many do not exist."""
    drawn: dict[Tokens, None] = {}
    for _ in range(4 * count):
        source = task.sample(rng, rng.choice(lengths))
        if source not in without:
            drawn[source] = None
        if len(drawn) == count:
            break
    return list(drawn)


def _solved(task: Task, sources: list[Tokens]) -> list[Example]:
    examples = []
    for source in sources:
        target = task.solve(source)
        assert target is not None, f"{task.name} must know the answers to its own samples"
        examples.append(Example(source, target))
    return examples


def _split_table(task: PairsTask, rng: random.Random) -> Sets:
    """A tenth of the sources is held out, and of 50 or more also the very longest ones."""
    examples = list(task.examples)
    sources = list(dict.fromkeys(e.source for e in examples))
    if len(sources) < MIN_PAIRS:
        return examples, [], []
    rng.shuffle(sources)
    far: set[Tokens] = set()
    if len(sources) >= 5 * MIN_PAIRS:
        limit = sorted(map(len, sources))[-max(1, len(sources) // 20)]
        far = {s for s in sources if len(s) > limit} or {s for s in sources if len(s) == limit}
        far = far if len(far) <= len(sources) // 10 else set()  # too many are equally long
    near = [s for s in sources if s not in far]
    held_out = set(near[: min(NUM_NEW, len(near) // 10)])
    rng.shuffle(examples)
    return ([e for e in examples if e.source not in far | held_out],
            [e for e in examples if e.source in held_out],
            [e for e in examples if e.source in far][:NUM_LONGER])


@dataclass(frozen=True)
class Batch:
    """N examples as ids, padded on the right with PAD; every target ends with EOS."""

    source_ids: torch.Tensor  # (N, S) int64
    source_lengths: torch.Tensor  # (N,) int64
    target_ids: torch.Tensor  # (N, T) int64

    def __len__(self) -> int:
        return len(self.source_ids)

    @cached_property
    def num_target_tokens(self) -> int:
        """How many target tokens are real, end marks included."""
        return int((self.target_ids != PAD).sum())


def make_batch(examples: Sequence[Example], splits: Splits) -> Batch:
    """`examples` as one batch, in their order."""
    sources = [splits.source_vocabulary.encode(e.source) for e in examples]
    targets = [[*splits.target_vocabulary.encode(e.target), EOS] for e in examples]
    return Batch(pad(sources), torch.tensor([len(s) for s in sources]), pad(targets))


def pad(rows: Sequence[Sequence[int]]) -> torch.Tensor:
    """Rows of ids -> (N, longest) int64, filled up with PAD.

    >>> pad([[5, 6, 2], [7, 2]]).tolist()
    [[5, 6, 2], [7, 2, 0]]
    """
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[PAD] * (longest - len(row))] for row in rows])


class Batches:
    """The training examples in batches of nearly one length, in a new random order every epoch.

    The examples are shuffled, sorted by source length, cut, and the batches shuffled: so nearly
    every batch holds one length only, and nothing has to be padded or skipped.
    """

    def __init__(self, splits: Splits, batch_size: int, generator: torch.Generator) -> None:
        self.batch_size, self.generator = batch_size, generator
        self.all = make_batch(splits.train, splits)
        self.target_lengths = (self.all.target_ids != PAD).sum(1)

    def __len__(self) -> int:
        return -(-len(self.all) // self.batch_size)

    def __iter__(self) -> Iterator[Batch]:
        order = torch.randperm(len(self.all), generator=self.generator)
        order = order[torch.argsort(self.all.source_lengths[order], stable=True)]
        # All examples are put in order at once: a batch is then a slice, which costs nothing.
        sources, lengths, targets, target_lengths = (
            ids[order].split(self.batch_size) for ids in
            (self.all.source_ids, self.all.source_lengths, self.all.target_ids,
             self.target_lengths))
        for i in torch.randperm(len(sources), generator=self.generator).tolist():
            longest_source, longest_target = int(lengths[i][-1]), int(target_lengths[i].max())
            yield Batch(sources[i][:, :longest_source], lengths[i],
                        targets[i][:, :longest_target])
