"""Draws the picture on the last page of each lesson, from the learner's own runs.

A picture is HTML or a Plotly figure. It is empty if its runs are missing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from seq2seq.experiment import Experiment
from seq2seq.figures.attention_lines import attention_lines
from seq2seq.figures.loss import Curve, loss_curves
from seq2seq.i18n import _
from seq2seq.inspection.trace import written
from seq2seq.lessons import Lesson
from seq2seq.lessons.lesson import KINDS, Number
from seq2seq.lessons.measurement import patients
from seq2seq.ui.components.html import percent
from seq2seq.ui.components.token_tiles import TokenRow, marked_tiles
from seq2seq.ui.tabs.inside import pieces

Numbers = Mapping[str, Number]


@dataclass(frozen=True)
class LessonRun:
    """A run of a lesson: the typed text, the model, the loss curve."""

    text: str
    experiment: Experiment
    curve: Curve


@dataclass(frozen=True)
class ForcedToken:
    """An output token that the learner forced, and the input sequence."""

    run: str
    text: str
    step: int
    token: str


@dataclass(frozen=True)
class Picture:
    """HTML, or a figure with its title."""

    html: str = ""
    figure: Any = None


def picture(lesson: Lesson, runs: Mapping[str, LessonRun], numbers: Numbers,
            tried: list[ForcedToken]) -> Picture:
    """The picture of a lesson; an empty one where its runs are missing."""
    draw = PICTURES.get(lesson.name)
    return draw(lesson, runs, numbers, tried) if draw else Picture()


def _sequences(lesson: Lesson, runs: Mapping[str, LessonRun], numbers: Numbers,
               tried: list[ForcedToken]) -> Picture:
    if "first" not in runs:
        return Picture()
    seen = runs["first"]
    before = Experiment.from_recipe(seen.experiment.recipe)
    rows = []
    for when, label, experiment in (
            (_("before"), _("before training"), before),
            (_("after"), _("after training"), seen.experiment)):
        p = experiment.predict(seen.text)
        rows.append((when, marked_tiles(TokenRow(p.tokens[:8]), p.target, label)
                     + (" …" if len(p.tokens) > 8 else "")))
    return Picture(_rows(rows))


def _learned(lesson: Lesson, runs: Mapping[str, LessonRun], numbers: Numbers,
             tried: list[ForcedToken]) -> Picture:
    return Picture(figure=loss_curves(runs["five"].curve)) if "five" in runs else Picture()


def _bottleneck(lesson: Lesson, runs: Mapping[str, LessonRun], numbers: Numbers,
                tried: list[ForcedToken]) -> Picture:
    bars = [(_("{n} numbers", n=runs[name].experiment.recipe.model.hidden_size),
             numbers[f"{name}.new"]) for name in lesson.runs if name in runs]
    return Picture(_bars(_("Correct on new sequences"), bars)
                   + _lengths(_("With 32 numbers, by length"), "middle", numbers))


def _attention(lesson: Lesson, runs: Mapping[str, LessonRun], numbers: Numbers,
               tried: list[ForcedToken]) -> Picture:
    if "with" not in runs:
        return Picture()
    experiment = runs["with"].experiment
    answer = experiment.predict(runs["with"].text)
    drawing = attention_lines(experiment.insight(answer), is_still=True)
    return Picture(f'<div class="scroll" tabindex="0" role="group" aria-label="'
                   f'{escape(_("Attention lines"))}">{drawing}</div>')


def _mistakes(lesson: Lesson, runs: Mapping[str, LessonRun], numbers: Numbers,
              tried: list[ForcedToken]) -> Picture:
    parts = [_bars_of(_("Later tokens changed (mean over 100 sequences)"), [
        (_("without attention"), numbers.get("memory.changed_at_3")),
        (_("with attention"), numbers.get("looking.changed_at_3")),
        (_("with scheduled sampling"), numbers.get("practised.changed_at_3"))])]
    titles = {step.run: _(step.title) for step in lesson.steps if step.link}
    for one in tried:
        if one.run in runs:
            experiment = runs[one.run].experiment
            free = written(experiment.predict(one.text))
            made = pieces.cells(
                written(experiment.predict(one.text, forced={one.step: one.token})), free)
            made[one.step] = pieces.Cell(one.token, "made")
            parts.append(f"<h4>{escape(titles[one.run])}</h4>" + pieces.rows(
                [(_("On its own"), pieces.cells(free)), (_("Forced"), made)]))
    return Picture("".join(parts))


def _beam(lesson: Lesson, runs: Mapping[str, LessonRun], numbers: Numbers,
          tried: list[ForcedToken]) -> Picture:
    return Picture(_bars(_("Correct answers to 100 new sequences"), [
        (_("greedy"), numbers.get("greedy_right")),
        (_("beam width 5"), numbers.get("beam_right"))]))


def _longer(lesson: Lesson, runs: Mapping[str, LessonRun], numbers: Numbers,
            tried: list[ForcedToken]) -> Picture:
    return Picture(_lengths(_("Correct, by length"), "ten", numbers))


def _repair(lesson: Lesson, runs: Mapping[str, LessonRun], numbers: Numbers,
            tried: list[ForcedToken]) -> Picture:
    """The scores of each faulty model, and beside them those of the repaired one."""
    if "cured" not in runs:
        return Picture()

    def scores(name: str) -> tuple[str, str]:
        loss = numbers.get(f"{name}.loss")
        new = runs[name].experiment.scores()["new"]
        return "–" if loss is None else KINDS["loss"](loss), percent(new)

    cured = scores("cured")
    rows = "".join(
        f'<tr><th scope="row">{escape(name.upper())}</th>'
        + "".join(f"<td>{faulty} → <b>{repaired}</b></td>"
                  for faulty, repaired in zip(scores(name), cured, strict=True)) + "</tr>"
        for name in patients(lesson) if name in runs)
    head = "".join(f'<th scope="col">{escape(word)}</th>'
                   for word in ("", _("Loss: faulty → repaired"), _("New: faulty → repaired")))
    return Picture(f'<table class="cures"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody>'
                   "</table>" if rows else "")


def _lengths(title: str, run: str, numbers: Numbers) -> str:
    start = f"{run}.right_at_"
    return _bars(title, [(_("{n} digits", n=name.removeprefix(start)), share)
                         for name, share in numbers.items() if name.startswith(start)])


def _bars_of(title: str, bars: list[tuple[str, Number]]) -> str:
    """Means as bars, the longest one the largest."""
    known = [(label, n) for label, n in bars if isinstance(n, int | float)]
    most = max((n for _, n in known), default=0) or 1
    items = "".join(
        f'<li><span>{escape(label)}</span><i><b style="width:{100 * n / most:.1f}%"></b></i>'
        f"<em>{KINDS['mean'](n)}</em></li>" for label, n in known)
    return f'<h4>{escape(title)}</h4><ul class="bars">{items}</ul>' if items else ""


def _bars(title: str, bars: list[tuple[str, Number]]) -> str:
    """Shares as bars, with their numbers beside them."""
    items = "".join(
        f'<li><span>{escape(label)}</span><i><b style="width:{100 * share:.1f}%"></b></i>'
        f"<em>{percent(share)}</em></li>"
        for label, share in bars if isinstance(share, int | float))
    return f'<h4>{escape(title)}</h4><ul class="bars">{items}</ul>' if items else ""


def _rows(rows: list[tuple[str, str]]) -> str:
    return '<dl class="said">' + "".join(
        f"<div><dt>{escape(name)}</dt><dd>{content}</dd></div>" for name, content in rows) + "</dl>"


PICTURES: dict[str, Callable[..., Picture]] = {
    "sequences": _sequences, "learned": _learned, "bottleneck": _bottleneck,
    "attention": _attention, "mistakes": _mistakes, "beam": _beam, "longer": _longer,
    "repair": _repair}
