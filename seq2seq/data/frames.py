"""Batches for tasks whose sources are frames, such as sound, instead of tokens.

They differ from `splits.Batches` in two ways. Every epoch augments the sources anew
(`Task.augment`). Few sources have the same length, so those of a batch are padded with silence,
which the model reads as part of the sound.
"""

from collections.abc import Iterator

import numpy as np
import torch

from seq2seq.data.left_out import blanks
from seq2seq.data.splits import Batch, Batches, Splits, blank, pad_frames
from seq2seq.tasks import Example


class FrameBatches:
    """The training examples in batches of similar length, in a new random order every epoch."""

    def __init__(self, splits: Splits, batch_size: int, generator: torch.Generator) -> None:
        self.splits, self.batch_size, self.generator = splits, batch_size, generator

    def __len__(self) -> int:
        return -(-len(self.splits.slots) // self.batch_size)

    def epoch(self, epoch: int) -> Iterator[Batch]:
        """The batches of an epoch (from 1): all examples once, or newly generated ones."""
        splits, size = self.splits, self.batch_size
        examples = splits.slots_of(epoch)
        lengths = torch.tensor([len(splits.task.frames(e.source)) for e in examples])
        order = torch.randperm(len(examples), generator=self.generator)
        order = order[torch.argsort(lengths[order], stable=True)]
        rng = np.random.default_rng(int(torch.randint(2**62, (), generator=self.generator)))
        batches = order.split(size)
        for i in torch.randperm(len(batches), generator=self.generator).tolist():
            chosen = [examples[row] for row in batches[i].tolist()]
            yield blank(self.make(chosen, rng), blanks(chosen, splits.leaves_out),
                        splits.task.silence)

    def make(self, examples: list[Example], rng: np.random.Generator) -> Batch:
        """One batch of augmented sources, padded to the longest one."""
        task = self.splits.task
        rows = [task.augment(task.frames(e.source), rng) for e in examples]
        sources = pad_frames(rows, task.silence)
        targets = self.splits.encode_targets(examples)
        return Batch(sources, torch.full((len(rows),), sources.size(1)), targets)


def make_batches(splits: Splits, batch_size: int,
                 generator: torch.Generator) -> Batches | FrameBatches:
    """The batches of the training examples, for tokens or for frames."""
    kind = FrameBatches if splits.task.frame_size else Batches
    return kind(splits, batch_size, generator)
