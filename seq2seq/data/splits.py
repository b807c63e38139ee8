"""The three sets of examples of a task, and batches of ids.

`make_splits` generates all examples from one seed. Three sets are scored:

* *memorised*: training examples;
* *new*: held-out examples of the same sizes as the training examples;
* *longer*: held-out examples that are harder than all training examples; each task says how.
"""

import random
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
import torch
from torch import Tensor

from seq2seq.config import TrainConfig
from seq2seq.data.left_out import LeftOut, blanks, leave_out
from seq2seq.data.vocabulary import PAD, Vocabulary
from seq2seq.errors import InputError
from seq2seq.tasks import Example, Task, Tokens
from seq2seq.tasks.sampling import distinct, draw_fresh, solved
from seq2seq.tasks.tables.progress import tracked

NUM_SCORED = 200  # examples of each set that are scored after every epoch, at most


@dataclass(frozen=True)
class Splits:
    """Training examples, held-out examples and the vocabularies of both sides.

    The vocabularies contain the symbols of the task's alphabet or, for a table, of its training
    examples. A symbol that occurs only in held-out pairs becomes UNK.

    If every epoch has its own examples (`TrainConfig.fresh`), `train` holds those of the last.

    If some examples are left out of training (`data.left_out`), they are a further scored set.
    """

    task: Task
    config: TrainConfig  # the settings that determine the examples; others have default values
    train: tuple[Example, ...]
    new: tuple[Example, ...]
    longer: tuple[Example, ...]
    source_vocabulary: Vocabulary
    target_vocabulary: Vocabulary
    with_left_out: tuple[Example, ...] = ()  # `slots`, if something is left out of training
    leaves_out: LeftOut | None = None  # which of the slots are blank

    @cached_property
    def memorised(self) -> tuple[Example, ...]:
        """The training examples that are scored, at most `NUM_SCORED`."""
        return self.task.select_scored(self.train, NUM_SCORED)

    @cached_property
    def sets(self) -> dict[str, tuple[Example, ...]]:
        """The scored sets by name. A set may be empty: a small table holds nothing out.

        `Task.select_scored` selects the examples of a set that are scored.
        """
        longer = self.longer
        if self.task.is_table:  # a file may hold out any number of pairs
            longer = self.task.select_scored(longer, NUM_SCORED)
        sets = {"memorised": self.memorised, "new": self.task.select_scored(self.new, NUM_SCORED),
                "longer": longer}
        if self.left_out:
            sets["left_out"] = self.task.select_scored(self.left_out, NUM_SCORED)
        return sets

    @cached_property
    def left_out(self) -> tuple[Example, ...]:
        """The examples that would be trained on if nothing were left out."""
        return tuple(filter(self.leaves_out, self.slots)) if self.leaves_out else ()

    @property
    def slots(self) -> tuple[Example, ...]:
        """The training examples together with those left out, each in its place."""
        return self.with_left_out or self.train

    @cached_property
    def held_out(self) -> frozenset[Hashable]:
        """The keys (`Task.key`) of all sources that are never trained on."""
        sources = [e.source for part in (self.new, self.longer) for e in part]
        return frozenset(map(self.task.key, [*sources, *self.task.example_sources()]))

    @cached_property
    def trained_on(self) -> frozenset[Tokens]:
        """The sources of all training examples of all epochs."""
        epochs = range(1, self.config.num_epochs) if self.config.fresh else ()
        return frozenset(example.source for part in (self.train, *map(self.fresh, epochs))
                         for example in part)

    @property
    def num_trained_on(self) -> int:
        """The number of training examples of all epochs, repeated sources included."""
        return len(self.train) * (self.config.num_epochs if self.config.fresh else 1)

    def fresh(self, epoch: int) -> tuple[Example, ...]:
        """The training examples of an epoch (from 1): its own with `TrainConfig.fresh`."""
        found = self.slots_of(epoch)
        return tuple(e for e in found if not self.leaves_out(e)) if self.leaves_out else found

    def slots_of(self, epoch: int) -> tuple[Example, ...]:
        """As `fresh`, with the examples that are left out, in their places."""
        if not self.config.fresh or epoch == self.config.num_epochs:
            return self.slots
        if epoch not in self._newest:
            found = tuple(solved(self.task, draw_fresh(
                self.task, self.config, epoch, len(self.slots), without=self.held_out)))
            self._newest.clear()
            self._newest[epoch] = found
        return self._newest[epoch]

    @cached_property
    def _newest(self) -> dict[int, tuple[Example, ...]]:
        # A cache of the last fresh examples: generating them may take seconds.
        return {}

    def encode(self, tokens: Tokens) -> Tensor:
        """A source as input of the encoder: ids (1, S) or frames (1, S, F)."""
        if self.task.frame_size:
            return torch.from_numpy(self.task.frames(tokens))[None]
        return torch.tensor([self.source_vocabulary.encode(tokens)])

    def encode_targets(self, examples: Sequence[Example]) -> Tensor:
        """The targets with end tokens: ids (N, T), padded."""
        vocabulary = self.target_vocabulary
        return pad([[*vocabulary.encode(e.target), vocabulary.end] for e in examples])

    @cached_property
    def max_target_length(self) -> int:
        """The length in tokens of the longest target of all sets, without end token."""
        return max(len(e.target) for s in (self.slots, self.new, self.longer) for e in s)


def unknown_shares(splits: Splits) -> dict[str, float]:
    """The share of the held-out tokens that are not in the vocabulary, for "source" and "target".

    It is 0 without held-out examples.
    """
    held_out = (*splits.new, *splits.longer)
    sides = {"source": (splits.source_vocabulary, [e.source for e in held_out]),
             "target": (splits.target_vocabulary, [e.target for e in held_out])}
    return {name: sum(token not in vocabulary for row in rows for token in row)
            / max(1, sum(map(len, rows))) for name, (vocabulary, rows) in sides.items()}


def make_splits(task: Task, config: TrainConfig) -> Splits:
    """The splits of `task`. The same seed and settings give the same examples."""
    kept = TrainConfig(seed=config.seed, num_examples=config.num_examples,
                       min_length=config.min_length, max_length=config.max_length)
    if config.fresh and not task.is_table:
        kept = replace(kept, fresh=True, curriculum=config.curriculum,
                       num_epochs=config.num_epochs)
    return _left_out(task, kept, config.leave_out)


def splits_of(task: Task, train: Sequence[Example], held_out: Sequence[Example] = ()) -> Splits:
    """Splits of given examples, for a task with its own alphabet.

    The training examples keep their order. Those whose key (`Task.key`) is also in the held-out set
    are not trained on, and repeated held-out sources are left out. InputError if nothing is left to
    train on.
    """
    assert task.alphabet, "a table without an alphabet is a task of its own: PairsTask"
    keys = {task.key(example.source) for example in held_out}
    kept = tuple(example for example in train if task.key(example.source) not in keys)
    if not kept:
        raise InputError("Every source to train on is also held out, so no pairs are left. Add "
                         "pairs with other sources.")
    return Splits(task, TrainConfig(), kept, distinct(held_out), (),
                  Vocabulary(task.alphabet), Vocabulary(task.target_alphabet or task.alphabet))


@lru_cache(maxsize=4)
def _left_out(task: Task, config: TrainConfig, text: str) -> Splits:
    return leave_out(_make_splits(task, config), text)


@lru_cache(maxsize=4)  # for runs that differ only in settings such as the learning rate
def _make_splits(task: Task, config: TrainConfig) -> Splits:
    train, new, longer = map(tuple, task.sets(config, random.Random(f"{config.seed}/examples")))
    least = task.min_counts
    source = task.alphabet or frequent([e.source for e in train], least[0])
    target = (task.target_alphabet or task.alphabet
              or frequent([e.target for e in train], least[1]))
    return Splits(task, config, train, new, longer, Vocabulary(source), Vocabulary(target))


def frequent(sequences: Sequence[Tokens], min_count: int) -> list[str]:
    """The different tokens that occur at least so often, sorted. Those left out become UNK."""
    counts = Counter(token for sequence in tracked(sequences, "Counting tokens", len(sequences))
                     for token in sequence)
    return sorted(token for token, count in counts.items() if count >= min_count)


@dataclass(frozen=True)
class Batch:
    """N examples as ids, padded on the right with PAD. Every target ends with EOS.

    Sources of speech tasks are frames of F numbers, padded with zeros.
    """

    source: Tensor  # (N, S) int64, or (N, S, F) float32
    source_lengths: Tensor  # (N,) int64
    target_ids: Tensor  # (N, T) int64

    def __len__(self) -> int:
        return len(self.source)

    @cached_property
    def num_target_tokens(self) -> int:
        """The number of target tokens with end tokens, without padding."""
        return int((self.target_ids != PAD).sum())


def make_batch(examples: Sequence[Example], splits: Splits) -> Batch:
    """`examples` as one batch, in their order."""
    targets = splits.encode_targets(examples)
    if splits.task.frame_size:
        frames = [splits.task.frames(e.source) for e in examples]
        return Batch(pad_frames(frames), torch.tensor([len(f) for f in frames]), targets)
    sources = [splits.source_vocabulary.encode(e.source) for e in examples]
    return Batch(pad(sources), torch.tensor([len(s) for s in sources]), targets)


def blank(batch: Batch, left_out: Tensor | None, value: float = PAD) -> Batch:
    """The batch without the content of the rows `left_out`; its shapes stay the same.

    So every random draw of a training step, such as dropout's, is that of the whole batch.
    """
    if left_out is None:
        return batch
    rows = left_out.view(-1, *[1] * (batch.source.dim() - 1))
    return Batch(batch.source.masked_fill(rows, value), batch.source_lengths,
                 batch.target_ids.masked_fill(left_out[:, None], PAD))


def pad(rows: Sequence[Sequence[int]]) -> Tensor:
    """Rows of ids -> (N, longest) int64, padded with PAD.

    >>> pad([[5, 6, 2], [7, 2]]).tolist()
    [[5, 6, 2], [7, 2, 0]]
    """
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[PAD] * (longest - len(row))] for row in rows])


def pad_frames(rows: Sequence[np.ndarray], value: float = 0.0) -> Tensor:
    """Frames (S, F) of several sources -> (N, longest, F) float32, padded with `value`."""
    filled = torch.full((len(rows), max(map(len, rows)), rows[0].shape[1]), value)
    for place, row in zip(filled, rows, strict=True):
        place[: len(row)] = torch.from_numpy(row)
    return filled


class Batches:
    """The training examples in batches of similar length, in a new random order every epoch.

    The examples are shuffled, sorted by source length and cut into batches, which are shuffled. So
    the sources of most batches have one length and need no padding.
    """

    def __init__(self, splits: Splits, batch_size: int, generator: torch.Generator) -> None:
        self.splits, self.batch_size, self.generator = splits, batch_size, generator
        self.all = make_batch(splits.slots, splits)
        self.left_out = blanks(splits.slots, splits.leaves_out)

    def __len__(self) -> int:
        return -(-len(self.all) // self.batch_size)

    def epoch(self, epoch: int) -> Iterator[Batch]:
        """The batches of an epoch (from 1): all examples once, or fresh ones.

        The rows of examples that are left out are blank (`blank`).
        """
        found, left_out = self.all, self.left_out
        if self.splits.config.fresh:
            examples = self.splits.slots_of(epoch)
            found, left_out = make_batch(examples, self.splits), blanks(
                examples, self.splits.leaves_out)
        order = torch.randperm(len(found), generator=self.generator)
        order = order[torch.argsort(found.source_lengths[order], stable=True)]
        # Sort all examples at once: each batch is then a view, not a copy.
        sources, lengths, targets, target_lengths = (
            ids[order].split(self.batch_size) for ids in
            (found.source, found.source_lengths, found.target_ids,
             (found.target_ids != PAD).sum(1)))
        blank_rows = None if left_out is None else left_out[order].split(self.batch_size)
        for i in torch.randperm(len(sources), generator=self.generator).tolist():
            longest_source, longest_target = int(lengths[i][-1]), int(target_lengths[i].max())
            yield blank(Batch(sources[i][:, :longest_source], lengths[i],
                              targets[i][:, :longest_target]), blank_rows and blank_rows[i])
