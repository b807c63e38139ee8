"""Computes the summary of a class for the page: counts, a table and a chart of all runs.

Everyone who has the class's name can request it, with the votes on a lesson's question. So it
contains no token, no run's id (which would allow stopping the run), no typed text and no pairs:
only learners' numbers, settings, scores and counts. A summary is cached for a second for each
language; a page that already has it gets only its version.
"""

import json
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b
from statistics import median
from typing import Any, NamedTuple

from seq2seq.errors import Seq2SeqError
from seq2seq.evaluation.goal import Condition, read_goal
from seq2seq.figures.classroom import MEASURES, ClassCurve, Spread, class_chart, style_of
from seq2seq.hosting.classes import MAX_NAME, Learner, class_name
from seq2seq.i18n import LazyText, _, current_language, decimal, ngettext
from seq2seq.jobs.runs import Run
from seq2seq.recipe import Recipe
from seq2seq.ui.classroom.activity import ClassActivity
from seq2seq.ui.classroom.sweep import grid
from seq2seq.ui.components.html import percent
from seq2seq.ui.components.run_history import History
from seq2seq.ui.components.run_names import (
    differences,
    different_settings,
    recipe_query,
    short_name,
    stopped_words,
    task_title,
)
from seq2seq.ui.components.settings import default_recipe
from seq2seq.ui.lab import Lab
from seq2seq.ui.sharing.goal import MAX_GOAL, figures_of, in_words, is_reached, written

MAX_SHOWN = 60  # runs of a class; the newest
FRESH_SECONDS = 1.0  # how long a summary is cached
MAX_ANSWERS = 100  # cached; limited since requests may contain any name
NO_RUNS = LazyText("No runs yet. When somebody in this class presses Train, the run appears here.")


class ShownRun(NamedTuple):
    """A run on the chart and in the table."""

    learner: Learner
    run: Run
    history: History
    what: str  # its change from the learner's previous run, in words
    is_newest: bool


class ClassSummary:
    """Computes and caches summaries. Thread-safe."""

    def __init__(self, lab: Lab, activity: ClassActivity) -> None:
        self.lab = lab
        self.activity = activity
        self._cached: dict[tuple[str, ...], tuple[float, dict[str, Any]]] = {}
        self._lock = threading.Lock()

    def answer(self, question: Any) -> dict[str, Any]:
        """The class as it is now, for a page that sends its "name" and the "version" that it has.

        Further items are optional: "measure", "lesson" (on whose question the votes are shown), and
        the leader's "key". A name that cannot be one gets {"problem": sentence}.
        """
        try:
            name, version = class_name(question["name"]), question.get("version")
            measure = str(question.get("measure"))
            measure = measure if measure in MEASURES else "right"
            lesson = str(question.get("lesson") or "")[:MAX_NAME]
            goal = str(question.get("goal") or "")[:MAX_GOAL]
            conditions = read_goal(goal) if goal else ()
            self.lab.classes.leads(name, question.get("key"))
        except Seq2SeqError as problem:
            return {"problem": _(problem)}
        except (TypeError, KeyError, AttributeError):
            return {"problem": _("This request cannot be read. Reload the page.")}
        key = name, measure, lesson, goal, current_language()
        with self._lock:
            made, found = self._cached.get(key, (0.0, {}))
            if not found or time.monotonic() - made > FRESH_SECONDS:
                found = self.compute(name, measure, lesson, conditions)
                if len(self._cached) > MAX_ANSWERS:
                    self._cached.clear()
                self._cached[key] = time.monotonic(), found
        return {"version": version} if version == found["version"] else found

    def clear(self) -> None:
        """Forget what is cached, so that the next answers are new."""
        with self._lock:
            self._cached.clear()

    def compute(self, name: str, measure: str, lesson: str = "",
                goal: Sequence[Condition] = ()) -> dict[str, Any]:
        """The summary of a class; `measure` selects the curves, `lesson` the question.

        With a `goal`, the runs that reach it come first: fewest parameters, then fewest CPU
        seconds.
        """
        learners = self.lab.classes.learners(name)
        shown = self.shown(learners)
        newest = sorted(shown, key=lambda s: s.run.created)[-MAX_SHOWN:]
        best = sorted(newest, key=_ranking)
        figures = {s.run.id: figures_of(self.lab, s.run) for s in newest} if goal else {}
        if goal:
            best.sort(key=lambda s: _goal_ranking(goal, figures[s.run.id]))
        curves = [curve for s in newest if (curve := _curve(s, measure)).epochs]
        band, words = spread(newest, measure)
        longest = max((s.run.recipe.train.num_epochs for s in newest), default=0)
        found: dict[str, Any] = {
            "count": count(learners, shown), "rows": [
                _row(s) | _goal_cells(goal, figures.get(s.run.id)) for s in best],
            "goal": ", ".join(map(in_words, goal)),
            "say": _(NO_RUNS) if not shown else " ".join(filter(None, (
                words, "" if len(newest) == len(shown) else _(
                    "Showing the newest {n} of {total} runs.", n=len(newest), total=len(shown))))),
            "activity": self.activity.shown(name, lesson),
            "sweep": grid(self.lab.classes.activity(name).sweep, shown),
            "alt": _alt(best, measure), "figure": class_chart(curves, measure, longest, band)}
        text = json.dumps(found).encode()
        return {**found, "version": blake2b(text, digest_size=6).hexdigest()}

    def shown(self, learners: Sequence[Learner]) -> list[ShownRun]:
        """The runs of a class that count, of each learner from the oldest to the newest.

        `Runs.of` restarts the age of these runs, so a chart that is shown keeps its curves. It does
        not count as watching a run: one whose own page was closed is still stopped.
        """
        found: list[ShownRun] = []
        for learner in learners:
            runs = [run for run in self.lab.runs.of(learner.owner)
                    if not run.provenance and run.created >= learner.since]
            found += [ShownRun(learner, run, self.lab.histories.of(run), what(run, runs[:i]),
                               run is runs[-1]) for i, run in enumerate(runs)]
        return found


def what(run: Run, before: Sequence[Run]) -> str:
    """How a run's settings differ from those of the learner's previous run on the same task.

    The first run is compared with the task's default settings.
    """
    same = [old for old in before if old.recipe.task == run.recipe.task]
    if same:
        return differences(run.recipe, same[-1].recipe) or _("the same settings again")
    usual = default_recipe(run.recipe.task, run.recipe.pairs)
    return different_settings(run.recipe, usual) or _("default settings")


def spread(shown: Sequence[ShownRun], measure: str) -> tuple[Spread | None, str]:
    """The band of the largest group of runs that differ only in their seeds, and a sentence.

    (None, "") if fewer than two seeds were trained.
    """
    groups: dict[Recipe, dict[int, ShownRun]] = {}
    for s in shown:
        recipe = s.run.recipe
        alike = groups.setdefault(replace(recipe, train=replace(recipe.train, seed=0)), {})
        alike[recipe.train.seed] = s
    largest = max(groups.values(), key=len, default={})
    if len(largest) < 2:
        return None, ""
    by_epoch: dict[int, list[float]] = {}
    for s in largest.values():
        curve = _curve(s, measure)
        for epoch, value in zip(curve.epochs, curve.values, strict=True):
            by_epoch.setdefault(epoch, []).append(value or 0.0)
    known = {epoch: values for epoch, values in sorted(by_epoch.items()) if len(values) > 1}
    if not known:
        return None, ""
    last = by_epoch[max(known)]
    write = percent if measure == "right" else lambda loss: decimal(loss, ".3f")
    name = _("{n} seeds of the same settings, epoch {epoch}: {low} to {high}, median {middle}.",
             n=len(last), epoch=max(known), low=write(min(last)), high=write(max(last)),
             middle=write(median(last)))
    return Spread(name, [*known], [*map(min, known.values())], [*map(max, known.values())]), name


def count(learners: Sequence[Learner], shown: Sequence[ShownRun]) -> str:
    """How many there are, in words: "12 learners, 9 have trained, 3 are training now"."""
    trained = len({s.learner.number for s in shown})
    now = len({s.learner.number for s in shown if s.run.is_active})
    words = [ngettext("{n} learner", "{n} learners", len(learners)) if learners else
             _("no learners yet")]
    if learners:
        words.append(ngettext("{n} has trained", "{n} have trained", trained) if trained else
                     _("nobody has trained"))
    if trained:
        words.append(ngettext("{n} is training now", "{n} are training now", now) if now else
                     _("nobody is training now"))
    return ", ".join(words)


def _row(s: ShownRun) -> dict[str, Any]:
    last, right = s.history.latest, s.history.scores.get("new")
    loss = last.held_out_loss if last else None
    return {"learner": s.learner.number, **style_of(s.learner.number), "run": short_name(s.run),
            "what": s.what, "task": task_title(s.run.recipe), "state": state(s.run, s.history),
            "active": s.run.is_active, "link": recipe_query(s.run.recipe), "right": percent(right),
            "loss": "–" if loss is None else decimal(loss, ".3f")}


def _goal_ranking(goal: Sequence[Condition],
                  figures: dict[str, float | None]) -> tuple[bool, float, float]:
    # Sort key: runs that reach the goal first; the others stay in their order.
    if not is_reached(goal, figures):
        return True, 0.0, 0.0
    return False, figures["parameters"] or 0.0, figures["cpu_seconds"] or float("inf")


def _goal_cells(goal: Sequence[Condition],
                figures: dict[str, float | None] | None) -> dict[str, Any]:
    if figures is None:
        return {}
    parameters, seconds = figures["parameters"], figures["cpu_seconds"]
    return {"reached": is_reached(goal, figures),
            "parameters": "–" if parameters is None else written("parameters", parameters),
            "seconds": "–" if seconds is None else decimal(seconds, ",.1f")}


def state(run: Run, history: History) -> str:
    """How far a run is, in a few words."""
    num_epochs, done = run.recipe.train.num_epochs, max(0, history.epoch)
    if run.status == "running":
        return _("epoch {epoch} of {total}", epoch=min(int(done) + 1, num_epochs),
                 total=num_epochs)
    if run.status == "stopped":
        return stopped_words(done) if done else _("stopped during epoch 1")
    if run.status == "waiting":
        return _("in the queue")
    return _("failed") if run.status == "failed" else _("done")


def _ranking(s: ShownRun) -> tuple[float, float, int]:
    # Sort key: the best run first, runs without a score last.
    last, right = s.history.latest, s.history.scores.get("new")
    loss = last.held_out_loss if last else None
    return (1.0 if right is None else -right, float("inf") if loss is None else loss,
            s.learner.number)


def _curve(s: ShownRun, measure: str) -> ClassCurve:
    pairs = [(end.epoch, end.scores.get("new") if measure == "right" else end.held_out_loss)
             for end in s.history.epochs]
    known = [(epoch, round(value, 4)) for epoch, value in pairs if value is not None]
    name = _("Learner {n}, {run}: {what}", n=s.learner.number, run=short_name(s.run), what=s.what)
    return ClassCurve(s.learner.number, f"{name}<br>{task_title(s.run.recipe)}",
                      [epoch for epoch, _ in known],
                      [value for _, value in known], s.is_newest)


def _alt(best: Sequence[ShownRun], measure: str) -> str:
    sentences = [ngettext("{measure} after each epoch, {n} run.",
                          "{measure} after each epoch, {n} runs.",
                          len(best), measure=LazyText(MEASURES[measure]))]
    scored = [s for s in best if s.history.scores.get("new") is not None]
    if scored:
        first = scored[0]
        sentences.append(_("The best: learner {n}, {share} correct.", n=first.learner.number,
                           share=percent(first.history.scores["new"])))
    return " ".join([*sentences, _("The table contains the same data.")])
