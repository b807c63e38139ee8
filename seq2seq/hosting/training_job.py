"""A training as one stream of picklable events, for worker processes that hand everything over."""

import math
import time
from collections.abc import Iterator
from functools import partial

import torch

from seq2seq.data.splits import Splits
from seq2seq.decoding.slices import Sliced
from seq2seq.errors import StopTraining
from seq2seq.evaluation.metrics import evaluate_sliced
from seq2seq.experiment import Experiment
from seq2seq.files import checkpoint
from seq2seq.models.seq2seq import Seq2Seq
from seq2seq.pauses import paused
from seq2seq.recipe import Recipe
from seq2seq.training.events import (
    EpochEnd,
    ScoredModel,
    Snapshot,
    Started,
    StepEnd,
    report_step,
    report_stride,
)
from seq2seq.training.loop import sample_answers_sliced, train
from seq2seq.training.state import TrainingState

STATE_SECONDS = 2.0  # a job tells how it could be continued, but not more often than this
MAX_STATE_BYTES = 24 * 2**20  # nor when that would be larger: such a job begins at its start again

JobEvent = Started | StepEnd | EpochEnd | Snapshot | ScoredModel | None


def training_job(recipe: Recipe, state: bytes = b"") -> Iterator[JobEvent]:
    """Train by `recipe`, telling everything in picklable events. None means: nothing to tell.

    Of a long run not every step is told: each `StepEnd` then carries the mean loss of the steps
    since the one before. Which steps those are depends on the recipe alone.

    With the `state` of a snapshot, it tells what came after that: the same, to the last digit.
    A `StopTraining` that is thrown into it ends it; between two epochs it tells where it stands.
    """
    experiment = yield from paused(partial(prepared, recipe))
    resumable = TrainingState(state)
    model, splits, config = experiment.model, experiment.splits, recipe.train
    steps_per_epoch = -(-len(splits.train) // config.batch_size)
    if not state:
        samples = yield from sample_answers_sliced(model, splits)
        yield Started(config.num_epochs, steps_per_epoch, experiment.num_parameters,
                      bool(splits.new), samples)
        yield Snapshot(0, checkpoint.dump_weights(model))
    step, whole = 0, 0  # the newest step, and the newest epoch that was told of
    stride = report_stride(config.num_epochs * steps_per_epoch)
    next_state = 0.0
    if config.fresh:
        yield from paused(partial(splits.fresh, resumable.epoch + 1))
    try:
        for event in train(model, splits, config, resumable):
            if isinstance(event, StepEnd):
                step = event.step
                yield report_step(event, stride, resumable.unreported)
            elif event is None:
                yield None
            else:
                whole = event.epoch
                yield event
                weights, state = checkpoint.dump_weights(model), b""
                # With Adam's two averages, a state is three times as large as the weights.
                if time.monotonic() >= next_state and 3 * len(weights) <= MAX_STATE_BYTES:
                    state, next_state = resumable.dump(), time.monotonic() + STATE_SECONDS
                yield Snapshot(event.epoch, weights, state)
                if config.fresh and event.epoch < config.num_epochs:
                    yield from paused(partial(splits.fresh, event.epoch + 1))
    except StopTraining:
        if step > whole * steps_per_epoch:
            # Between two whole epochs, also where the marks of one were not all made yet.
            epochs, last = step / steps_per_epoch, math.ceil(step / steps_per_epoch)
            between = min(max(round(epochs, 2), last - 0.99), last - 0.01)
            yield (yield from score_model_sliced(model, splits, between))


def prepared(recipe: Recipe) -> Experiment:
    """The untrained experiment. Another thread may have another number of threads for torch."""
    torch.set_num_threads(1)
    return Experiment.from_recipe(recipe)


def score_model_sliced(model: Seq2Seq, splits: Splits, epochs: float) -> Sliced[ScoredModel]:
    """What `model` can do now, in parts; `epochs` is how many it has been trained for."""
    evaluation = yield from evaluate_sliced(model, splits)
    samples = yield from sample_answers_sliced(model, splits)
    return ScoredModel(epochs, evaluation.held_out_loss, evaluation.token_accuracy,
                       evaluation.scores, samples, checkpoint.dump_weights(model))
