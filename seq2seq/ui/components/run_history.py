"""What the page shows of a run's events: its curve, sample answers, scores and status.

The page polls twice a second, so each event is processed once and the results are cached. They can
always be recomputed from `run.events`.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from seq2seq.figures.loss import Curve
from seq2seq.i18n import _, decimal, ngettext
from seq2seq.inspection.trace import name
from seq2seq.jobs.runs import Run
from seq2seq.tasks import Task
from seq2seq.training.events import EpochEnd, Sample, ScoredModel, Started, StepEnd
from seq2seq.ui.components.html import SCORES, percent
from seq2seq.ui.components.run_names import different_settings, provenance_sentence, target_row
from seq2seq.ui.components.time_left import Countdown, in_words, others_in_words
from seq2seq.ui.components.token_tiles import compare, is_right, screen_reader_text, verdict

NUM_HISTORIES = 400
NUM_OVERLAYS = 3  # curves of earlier runs on the chart


class History:
    """What the page shows of one run. `num_active()` is the number of active runs on the server."""

    def __init__(self, run: Run, num_active: Callable[[], int] = lambda: 1) -> None:
        self.run = run
        self.num_active = num_active
        self.curve = Curve(num_epochs=run.recipe.train.num_epochs)
        self.started: Started | None = None
        self.last_step: StepEnd | None = None
        self.epochs: list[EpochEnd] = []
        self._num_seen = 0
        self._num_continued = 0
        self._before = Countdown()  # runs ahead in the queue
        self._left = Countdown()  # remaining steps
        self._lock = threading.Lock()

    def read(self) -> "History":
        """Process the events since the last call."""
        with self._lock:
            events = self.run.events
            if self.run.num_continued != self._num_continued:  # the time left starts again
                self._num_continued, self._left = self.run.num_continued, Countdown()
            for event in events[self._num_seen :]:
                self._add(event)
                self._num_seen += 1
            if self.run.status == "waiting":
                self._before.note(self.run.position)
            elif self.started and self.last_step:
                total = self.started.num_epochs * self.started.steps_per_epoch
                self._left.note(total - self.position()[0])
        return self

    def _add(self, event: Any) -> None:
        if isinstance(event, Started):
            self.started = event
        elif isinstance(event, StepEnd):
            assert self.started is not None, "the first event of a job is Started"
            self.curve.x.append(round(event.step / self.started.steps_per_epoch, 2))
            self.curve.y.append(round(event.loss, 3))
            self.last_step = event
        elif isinstance(event, EpochEnd):
            self.epochs.append(event)
            if event.held_out_loss is not None:
                self.curve.held_x.append(event.epoch)
                self.curve.held_y.append(round(event.held_out_loss, 3))

    @property
    def last_epoch(self) -> EpochEnd | None:
        """The event of the last complete epoch, or None."""
        return self.epochs[-1] if self.epochs else None

    def position(self) -> tuple[int, int]:
        """The newest step of the run, and the slice of the evaluation that follows it (or 0).

        A long run does not report every step; the steps since the newest event are counted here.
        """
        if self.started is None or self.last_step is None:
            return 0, 0
        steps, parts = self.started.steps_per_epoch, self.run.num_parts
        ended = self.last_epoch.epoch * steps if self.last_epoch else 0
        reported = max(self.last_step.step, ended)
        # After its last step, an epoch is evaluated in slices, until its end is reported.
        remaining = steps if reported == ended else -reported % steps
        return reported + min(parts, remaining), max(0, parts - remaining)

    @property
    def latest(self) -> EpochEnd | ScoredModel | None:
        """The newest scores: after an epoch, or after a stop within an epoch."""
        return self.run.scored or self.last_epoch

    @property
    def epoch(self) -> float:
        """Epochs of training at the newest scores; -1 before training starts."""
        return self.latest.epoch if self.latest else 0 if self.started else -1

    @property
    def scores(self) -> dict[str, float | None]:
        """The newest exact-match scores on the three sets; empty before the first."""
        if self.run.provenance:
            return self.run.provenance.scores
        return self.latest.scores if self.latest else {}

    @property
    def samples(self) -> tuple[Sample, ...]:
        """The newest answers to the fixed examples."""
        latest = self.latest or self.started
        return latest.samples if latest else ()

    def sentence(self) -> str:
        """The run's status, the time left, and its messages."""
        said, words = self._sentence(), _(self.run.words)
        if not words or self.run.status == "failed":
            return said
        return f"{said.rstrip('.')}. {words}"

    def _sentence(self) -> str:
        run, num_epochs = self.run, self.run.recipe.train.num_epochs
        if run.status == "failed":
            return _(run.error)
        if run.provenance:
            return provenance_sentence(run.provenance)
        if run.status == "done" and not run.events:
            return _("This model was opened from a file, which contains no training curve.")
        if run.status == "waiting":
            return self._waits()
        if not self.last_step:
            return _("Starting…") if run.is_active else _("Stopped before it started")
        epoch, loss, left = self.last_step.epoch, "", ""
        if self.latest and self.latest.held_out_loss is not None:
            loss = _("held-out loss {loss}", loss=_loss(self.latest.held_out_loss))
        elif self.curve.y:
            loss = _("loss {loss}", loss=_loss(self.curve.y[-1]))
        if run.status == "done" and 0 < self.epoch < num_epochs:  # `Lab.open_epoch`
            where = _("The model after epoch {epoch} of {total}", epoch=int(self.epoch),
                      total=num_epochs)
        elif run.status == "done":
            where = ngettext("Done: {n} epoch", "Done: {n} epochs", num_epochs)
        elif run.status == "stopped":
            where = _("Stopped during epoch {epoch} of {total}", epoch=epoch, total=num_epochs)
        else:
            where, left = self._where(), self._time_left()
        return " · ".join(filter(None, (where, loss, left)))

    def _where(self) -> str:
        """The epoch and the step, or the slice of the evaluation."""
        assert self.started is not None, "the first event of a job is Started"
        steps, (step, part) = self.started.steps_per_epoch, self.position()
        epoch, total = -(-step // steps), self.run.recipe.train.num_epochs
        if part:
            return _("Epoch {epoch} of {total}, evaluation, part {part}", epoch=epoch,
                       total=total, part=part)
        return _("Epoch {epoch} of {total}, step {step} of {steps}", epoch=epoch, total=total,
                   step=step - (epoch - 1) * steps, steps=steps)

    def _waits(self) -> str:
        """The place in the queue, and the time until the start if the queue has moved."""
        before = self.run.position
        if not before:
            others = others_in_words(self.num_active() - 1)
            return _("Starting: {others}", others=others) if others else _("Starting…")
        with self._lock:
            seconds = self._before.seconds()
        waits = ngettext("In the queue: {n} run ahead of yours",
                         "In the queue: {n} runs ahead of yours", before)
        if seconds is None:
            return waits
        return f"{waits} · {_('starts in about {time}', time=in_words(seconds))}"

    def _time_left(self) -> str:
        """The time left at the recent speed, and the number of other runs."""
        with self._lock:
            seconds = self._left.seconds()
        others = others_in_words(self.num_active() - 1)
        left = _("about {time} left", time=in_words(seconds)) if seconds is not None else ""
        said = ": ".join(words for words in (left, others) if words)
        sharing = self.run.num_sharing
        if not sharing:
            return said
        shared = ngettext("{n} other visitor is training the same model: it is computed only once",
                          "{n} other visitors are training the same model: it is computed only "
                          "once", sharing)
        return " · ".join(words for words in (said, shared) if words)


def _loss(value: float) -> str:
    return decimal(value, ".2f" if value >= 0.1 else ".3f")


class Histories:
    """A cache of histories, by run. `num_active()` is the number of active runs on the server."""

    def __init__(self, num_active: Callable[[], int] = lambda: 1) -> None:
        self._num_active = num_active
        self._cached: OrderedDict[str, History] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, run: Run) -> History:
        """The history of `run`, up to date."""
        with self._lock:
            history = self._cached.get(run.id) or History(run, self._num_active)
            self._cached[run.id] = history
            self._cached.move_to_end(run.id)
            while len(self._cached) > NUM_HISTORIES:
                self._cached.popitem(last=False)
        return history.read()

    def forget(self, run: Run) -> None:
        """Remove the history of a deleted run, which holds its weights."""
        with self._lock:
            self._cached.pop(run.id, None)

    def overlays(self, run: Run, others: list[Run]) -> list[Curve]:
        """Curves of the newest earlier runs on the same task, named by the settings that differ.

        A run with the same settings has the same curve and is left out.
        """
        earlier = [old for old in others
                   if old.created < run.created and old.recipe.task == run.recipe.task]
        curves: dict[str, Curve] = {}  # by name; among equal settings, the newest
        for old in earlier[::-1]:
            name, curve = different_settings(old.recipe, run.recipe), self.of(old).curve
            if curve.y and name and name not in curves:
                curves[name] = Curve(name, list(curve.x), list(curve.y),
                                     num_epochs=curve.num_epochs)
        return list(curves.values())[:NUM_OVERLAYS]


def rows(samples: tuple[Sample, ...], task: Task) -> list[dict[str, Any]]:
    """The fixed examples for the page's JavaScript: text without markup."""
    return [{
        "source": task.format(s.source), "word": target_row(task, s.target).is_word,
        "cells": [[name(m.token), m.kind, screen_reader_text(m)]
                  for m in compare(s.target, s.predicted)],
        "verdict": verdict(s.target, s.predicted, s.finished),
        "right": is_right(s.target, s.predicted, s.finished),
    } for s in samples]


def score_texts(scores: dict[str, float | None]) -> dict[str, tuple[str, float]]:
    """Each score as text, and as a fraction for the length of its bar."""
    return {key: (percent(scores.get(key)), scores.get(key) or 0.0) for key in SCORES
            if key in scores or key != "left_out"}
