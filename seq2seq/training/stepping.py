"""The first epoch of a training, one step after the other, with the batch of each step."""

from collections.abc import Iterator
from typing import NamedTuple

from seq2seq.config import TrainConfig
from seq2seq.data.frames import make_batches
from seq2seq.data.splits import Batch, Splits
from seq2seq.data.vocabulary import EOS, PAD
from seq2seq.models.seq2seq import Seq2Seq, make_generator
from seq2seq.tasks import Tokens
from seq2seq.training.events import StepEnd
from seq2seq.training.loop import learning_rate, train


class Step(NamedTuple):
    """One update of the weights."""

    number: int  # from 1
    num_steps: int  # of an epoch
    pairs: tuple[tuple[Tokens | None, Tokens], ...]  # source (None: frames) and target
    loss: float  # nats per token, on this batch, before the update
    grad_norm: float  # Euclidean norm of the gradient before clipping
    learning_rate: float


def step_by_step(model: Seq2Seq, splits: Splits, config: TrainConfig) -> Iterator[Step]:
    """Train `model` in place for one epoch, as `train` does with the same arguments.

    The batches are read twice, by `train` and here: the same generator gives the same order.
    """
    batches = make_batches(splits, config.batch_size, make_generator(config.seed, "shuffling"))
    num_steps = len(batches)
    read = (batch for batch in batches.epoch(1) if batch.num_target_tokens)  # as `train` does
    for batch, event in zip(read, train(model, splits, config), strict=False):
        assert isinstance(event, StepEnd), "an evaluation comes after the last batch only"
        yield Step(event.step, num_steps, tuple(_pairs(batch, splits)), event.loss,
                   event.grad_norm,
                   learning_rate(config, event.step / (config.num_epochs * num_steps)))


def _pairs(batch: Batch, splits: Splits) -> Iterator[tuple[Tokens | None, Tokens]]:
    for i, target in enumerate(batch.target_ids.tolist()):
        source = None
        if not splits.task.frame_size:
            ids = batch.source[i, : int(batch.source_lengths[i])].tolist()
            source = splits.source_vocabulary.decode(ids)
        if set(target) == {PAD}:
            continue  # left out of training
        end = target.index(EOS) if EOS in target else len(target)
        yield source, splits.target_vocabulary.decode(target[:end])
