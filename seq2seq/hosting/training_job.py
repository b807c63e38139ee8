"""A training as a stream of picklable events, which a worker process sends to the server."""

import math
import time
from collections.abc import Iterator
from functools import partial

import torch

from seq2seq.data.splits import Splits
from seq2seq.errors import StopTraining
from seq2seq.evaluation.metrics import evaluate_sliced
from seq2seq.experiment import Experiment
from seq2seq.files import checkpoint
from seq2seq.models.seq2seq import Seq2Seq
from seq2seq.recipe import Recipe
from seq2seq.time_slices import Sliced, in_slices
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

STATE_SECONDS = 2.0  # least time between two training states in the events
MAX_STATE_BYTES = 24 * 2**20  # larger states are left out: such a job restarts from the beginning

JobEvent = Started | StepEnd | EpochEnd | Snapshot | ScoredModel | None


def training_job(recipe: Recipe, state: bytes = b"") -> Iterator[JobEvent]:
    """Train a model by `recipe` and yield events; None where a time slice may end.

    A long run does not report every step: a `StepEnd` then has the mean loss of the steps since the
    last one. Which steps are reported depends only on the recipe.

    With the `state` of a `Snapshot`, training continues after it, bit for bit as without the
    interruption. `StopTraining`, thrown into the generator, ends the training; if that happens
    within an epoch, the last event is a `ScoredModel`.
    """
    experiment = yield from in_slices(partial(prepared, recipe))
    resumable = TrainingState(state)
    model, splits, config = experiment.model, experiment.splits, recipe.train
    steps_per_epoch = -(-len(splits.slots) // config.batch_size)
    if not state:
        samples = yield from sample_answers_sliced(model, splits)
        yield Started(config.num_epochs, steps_per_epoch, experiment.num_parameters,
                      bool(splits.new), samples)
        yield Snapshot(0, checkpoint.dump_weights(model))
    step, whole = 0, 0  # the newest step, and the newest complete epoch
    stride = report_stride(config.num_epochs * steps_per_epoch)
    next_state = 0.0
    if config.fresh:
        yield from in_slices(partial(splits.fresh, resumable.epoch + 1))
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
                # With Adam's two moments, a state is three times as large as the weights.
                if time.monotonic() >= next_state and 3 * len(weights) <= MAX_STATE_BYTES:
                    state, next_state = resumable.dump(), time.monotonic() + STATE_SECONDS
                yield Snapshot(event.epoch, weights, state)
                if config.fresh and event.epoch < config.num_epochs:
                    yield from in_slices(partial(splits.fresh, event.epoch + 1))
    except StopTraining:
        if step > whole * steps_per_epoch:
            # Strictly between two epochs, even if all steps of an epoch are done but not scored.
            epochs, last = step / steps_per_epoch, math.ceil(step / steps_per_epoch)
            between = min(max(round(epochs, 2), last - 0.99), last - 0.01)
            yield (yield from score_model_sliced(model, splits, between))


def prepared(recipe: Recipe) -> Experiment:
    """The untrained experiment. torch's number of threads is set, since it is set per thread."""
    torch.set_num_threads(1)
    return Experiment.from_recipe(recipe)


def score_model_sliced(model: Seq2Seq, splits: Splits, epochs: float) -> Sliced[ScoredModel]:
    """The scores, samples and weights of `model` after `epochs` epochs, in time slices."""
    evaluation = yield from evaluate_sliced(model, splits)
    samples = yield from sample_answers_sliced(model, splits)
    return ScoredModel(epochs, evaluation.held_out_loss, evaluation.token_accuracy,
                       evaluation.scores, samples, checkpoint.dump_weights(model))
