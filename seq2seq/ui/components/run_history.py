"""A run's event log, digested as it grows: its curve, its rows, its scores, its sentence.

The page asks twice a second, so each event is looked at once and the rest is remembered. What is
remembered can always be computed again from `run.events`: nothing is kept that is not there.
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
NUM_OVERLAYS = 3  # earlier runs drawn beneath the current one


class History:
    """What the page shows of one run. `active` tells how many runs the server has in all."""

    def __init__(self, run: Run, active: Callable[[], int] = lambda: 1) -> None:
        self.run = run
        self.active = active
        self.curve = Curve(num_epochs=run.recipe.train.num_epochs)
        self.started: Started | None = None
        self.last_step: StepEnd | None = None
        self.epochs: list[EpochEnd] = []
        self._num_seen = 0
        self._num_continued = 0
        self._before = Countdown()  # of runs that come first, while it waits
        self._left = Countdown()  # of steps
        self._lock = threading.Lock()

    def read(self) -> "History":
        """Take in what has happened since the last time."""
        with self._lock:
            events = self.run.events
            if self.run.num_continued != self._num_continued:  # the clock starts once more
                self._num_continued, self._left = self.run.num_continued, Countdown()
            for event in events[self._num_seen :]:
                self._take(event)
                self._num_seen += 1
            if self.run.status == "waiting":
                self._before.note(self.run.position)
            elif self.started and self.last_step:
                total = self.started.num_epochs * self.started.steps_per_epoch
                self._left.note(total - self.place()[0])
        return self

    def _take(self, event: Any) -> None:
        if isinstance(event, Started):
            self.started = event
        elif isinstance(event, StepEnd):
            assert self.started is not None, "a job tells first that it has started"
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
        """What was measured after the last epoch; None before the first has ended."""
        return self.epochs[-1] if self.epochs else None

    def place(self) -> tuple[int, int]:
        """The newest step of the whole run, and the part of the evaluation that follows it, or 0.

        Of a long run not every step is an event. Those since the newest event are counted here.
        """
        if self.started is None or self.last_step is None:
            return 0, 0
        steps, parts = self.started.steps_per_epoch, self.run.num_parts
        ended = self.last_epoch.epoch * steps if self.last_epoch else 0
        told = max(self.last_step.step, ended)
        # After the last step of an epoch it is evaluated, until that is told of, too.
        to_come = steps if told == ended else -told % steps
        return told + min(parts, to_come), max(0, parts - to_come)

    @property
    def latest(self) -> EpochEnd | ScoredModel | None:
        """What was measured last: after an epoch, or where the run was stopped in one."""
        return self.run.scored or self.last_epoch

    @property
    def epoch(self) -> float:
        """Epochs passed when it was measured last; -1 before the run has begun."""
        return self.latest.epoch if self.latest else 0 if self.started else -1

    @property
    def scores(self) -> dict[str, float | None]:
        """Exact match on the three sets after the last epoch; empty before the first."""
        if self.run.provenance:
            return self.run.provenance.scores
        return self.latest.scores if self.latest else {}

    @property
    def samples(self) -> tuple[Sample, ...]:
        """The fixed rows as they are answered now."""
        latest = self.latest or self.started
        return latest.samples if latest else ()

    def sentence(self) -> str:
        """Where the run is and how long it will take, and what has happened to it."""
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
        if run.status == "done":
            where = ngettext("Done: {n} epoch", "Done: {n} epochs", num_epochs)
        elif run.status == "stopped":
            where = _("Stopped during epoch {epoch} of {total}", epoch=epoch, total=num_epochs)
        else:
            where, left = self._where(), self._time_left()
        return " · ".join(filter(None, (where, loss, left)))

    def _where(self) -> str:
        """The epoch, and how far it is: this changes with every turn that the run has."""
        assert self.started is not None, "a job tells first that it has started"
        steps, (step, part) = self.started.steps_per_epoch, self.place()
        epoch, total = -(-step // steps), self.run.recipe.train.num_epochs
        if part:
            return _("Epoch {epoch} of {total}, evaluation, part {part}", epoch=epoch,
                       total=total, part=part)
        return _("Epoch {epoch} of {total}, step {step} of {steps}", epoch=epoch, total=total,
                   step=step - (epoch - 1) * steps, steps=steps)

    def _waits(self) -> str:
        """Why nothing happens yet. Only a line that moves tells how long it takes to pass."""
        before = self.run.position
        if not before:
            others = others_in_words(self.active() - 1)
            return _("Starting: {others}", others=others) if others else _("Starting…")
        with self._lock:
            seconds = self._before.seconds()
        waits = ngettext("In the queue: {n} run ahead of yours",
                         "In the queue: {n} runs ahead of yours", before)
        if seconds is None:
            return waits
        return f"{waits} · {_('starts in about {time}', time=in_words(seconds))}"

    def _time_left(self) -> str:
        """How long the rest will take at the pace of late, and who else is at work."""
        with self._lock:
            seconds = self._left.seconds()
        others = others_in_words(self.active() - 1)
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
    """The histories of the runs that somebody has looked at, by run.

    `active` tells how many runs train or wait on this server.
    """

    def __init__(self, active: Callable[[], int] = lambda: 1) -> None:
        self._active = active
        self._kept: OrderedDict[str, History] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, run: Run) -> History:
        """The history of `run`, up to date."""
        with self._lock:
            history = self._kept.get(run.id) or History(run, self._active)
            self._kept[run.id] = history
            self._kept.move_to_end(run.id)
            while len(self._kept) > NUM_HISTORIES:
                self._kept.popitem(last=False)
        return history.read()

    def forget(self, run: Run) -> None:
        """Let go of a run that the server has forgotten, and of its weights with it."""
        with self._lock:
            self._kept.pop(run.id, None)

    def overlays(self, run: Run, others: list[Run]) -> list[Curve]:
        """Curves of the newest earlier runs on the same task, named by what was different.

        One with the same settings has the same curve, so it is left out.
        """
        earlier = [old for old in others
                   if old.created < run.created and old.recipe.task == run.recipe.task]
        curves: dict[str, Curve] = {}  # by name: of several with equal settings the newest
        for old in earlier[::-1]:
            name, curve = different_settings(old.recipe, run.recipe), self.of(old).curve
            if curve.y and name and name not in curves:
                curves[name] = Curve(name, list(curve.x), list(curve.y),
                                     num_epochs=curve.num_epochs)
        return list(curves.values())[:NUM_OVERLAYS]


def rows(samples: tuple[Sample, ...], task: Task) -> list[dict[str, Any]]:
    """The fixed rows as the page's JavaScript draws them: text only, never markup."""
    return [{
        "source": task.format(s.source), "word": target_row(task, s.target).is_word,
        "cells": [[name(m.token), m.kind, screen_reader_text(m)]
                  for m in compare(s.target, s.predicted)],
        "verdict": verdict(s.target, s.predicted, s.finished),
        "right": is_right(s.target, s.predicted, s.finished),
    } for s in samples]


def score_texts(scores: dict[str, float | None]) -> dict[str, tuple[str, float]]:
    """Each score as a text and as the length of its bar."""
    return {key: (percent(scores.get(key)), scores.get(key) or 0.0) for key in SCORES}
