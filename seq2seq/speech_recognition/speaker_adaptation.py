"""Speaker adaptation: fine-tuning of a speech model on about ten recordings of one speaker.

A model trained on synthetic voices performs worse on people. A few steps on recordings of a speaker
close much of the gap. Each step also contains training clips, so that the model does not forget
them. Recordings are augmented only a little (`RecordedDigits.augment`).

Two-fold cross-validation measures the effect: each half of the recordings is scored by a model
tuned on the other half. The returned model is tuned on all recordings.
"""

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn

from seq2seq.data.frames import FrameBatches
from seq2seq.errors import InputError
from seq2seq.evaluation.metrics import Answer, answers, exact_match, token_error_rate, token_loss
from seq2seq.experiment import Experiment
from seq2seq.i18n import LazyText
from seq2seq.models.seq2seq import make_generator
from seq2seq.tasks import Example, Tokens
from seq2seq.tasks.recorded_digits import Recording, with_recordings
from seq2seq.tasks.spoken_digits import SPOKEN_DIGITS
from seq2seq.training.loop import set_dropout_generator

MIN_RECORDINGS = 4
# The digits to record: each digit occurs once in the odd recordings and once in the even ones. A
# model tuned on some digits only would forget the others.
ENROLMENT = ("40", "17", "71", "08", "92", "64", "38", "25", "56", "93")
NUM_STEPS = 50  # three models then take about 8 s of CPU time
LEARNING_RATE = 0.002
WARM_UP = 5  # steps
ROWS = 12  # recordings per step, each augmented anew; they may repeat
OLD_ROWS = 12  # training clips per step, of all lengths


@dataclass(frozen=True)
class FineTuned:
    """An adapted model, and its scores before and after."""

    experiment: Experiment  # tuned on all recordings; its task includes “Recording 1” and so on
    before: tuple[Answer, ...]  # the answer of the original model to each recording
    after: tuple[Answer, ...]  # the answer of the model tuned on the *other* half
    before_score: float  # exact match in [0, 1]
    after_score: float
    before_errors: float  # wrong, missing and extra digits, divided by the number spoken
    after_errors: float


def with_recorded(experiment: Experiment, recordings: Sequence[Recording]) -> Experiment:
    """A copy of the experiment that also reads the recordings: `predict("Recording 1")`.

    InputError if a recording cannot be used or the task is not spoken digits.
    """
    if experiment.recipe.task != SPOKEN_DIGITS.name:
        raise InputError("This model was trained on “{task}” and cannot read speech. Choose the "
                         "task “{wanted}”.", task=LazyText(experiment.task.title),
                         wanted=LazyText(SPOKEN_DIGITS.title))
    task, _ = with_recordings(recordings)
    twin = copy.copy(experiment)
    twin.task, twin.splits = task, replace(experiment.splits, task=task)
    twin.model = copy.deepcopy(experiment.model)
    return twin


def fine_tune(experiment: Experiment, recordings: Sequence[Recording]) -> FineTuned:
    """Adapt a copy of `experiment` to `recordings` with known digits. Takes a few seconds.

    The same recordings give the same model. InputError if a recording cannot be used or occurs
    twice, or if there are too few.
    """
    base = with_recorded(experiment, recordings)
    _, sources = with_recordings(recordings)
    if len(sources) < MIN_RECORDINGS:
        raise InputError("There are {n} recordings: at least {least} are needed, half for training "
                         "and half for testing. Ten are recommended.", n=len(sources),
                         least=MIN_RECORDINGS)
    unknown = [source[0] for source in sources if len(source) == 1]
    if unknown:
        raise InputError("The digits spoken in {name} are missing: enter them.", name=unknown[0])
    check_different(base, sources)
    examples = [Example(source, source[1:]) for source in sources]
    before = answers(base.model, base.splits, examples)
    halves = examples[::2], examples[1::2]
    found: dict[Example, Answer] = {}
    for learned, scored in (halves, halves[::-1]):
        tuned = tune(base, learned)
        found.update(zip(scored, answers(tuned.model, base.splits, scored), strict=True))
    after = [found[example] for example in examples]
    return FineTuned(tune(base, examples), tuple(before), tuple(after),
                     exact_match(before) or 0.0, exact_match(after) or 0.0,
                     token_error_rate(before) or 0.0, token_error_rate(after) or 0.0)


def check_different(base: Experiment, sources: Sequence[Tokens]) -> None:
    """InputError if a recording occurs twice: the halves must not share one."""
    first: dict[bytes, str] = {}
    for source in sources:
        sound, name = base.task.frames(source).tobytes(), source[0]
        if sound in first:
            raise InputError("{name} has the same content as {other}: remove one of them.",
                             name=name, other=first[sound])
        first[sound] = name


def tune(base: Experiment, examples: Sequence[Example]) -> Experiment:
    """A copy of `base` after `NUM_STEPS` steps on `examples` and training clips."""
    tuned = copy.copy(base)
    tuned.model = copy.deepcopy(base.model)
    model, seed = tuned.model, base.recipe.train.seed
    generator = make_generator(seed, "fine-tuning")
    rng = np.random.default_rng(seed)
    set_dropout_generator(model, generator)
    batches = FrameBatches(base.splits, ROWS, generator)
    parameters = list(model.parameters())
    optimizer = torch.optim.AdamW(parameters, lr=LEARNING_RATE)
    old = base.splits.train
    model.train()
    for step in range(NUM_STEPS):
        rows = [examples[(step * ROWS + i) % len(examples)] for i in range(ROWS)]
        rows += [old[i] for i in rng.integers(len(old), size=OLD_ROWS)]
        batch = batches.make(rows, rng)
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * (min(1, (step + 1) / WARM_UP)
                                           * (1 + math.cos(math.pi * step / NUM_STEPS)) / 2)
        loss = token_loss(model(batch.source, batch.source_lengths, batch.target_ids),
                          batch.target_ids)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
    model.eval()
    return tuned
