"""A goal in the link, `?goal=new>=0.95,parameters<=5000`: what of it the shown run has reached.

The page shows the conditions above the tabs. Its JavaScript (`assets/js/goal.js`) reads the goal
from the address and asks again after each epoch of the run that the page shows.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import gradio as gr

from seq2seq.errors import Seq2SeqError
from seq2seq.evaluation.goal import Condition, read_goal
from seq2seq.i18n import LazyText, _, decimal
from seq2seq.jobs.runs import Run
from seq2seq.training.estimate import estimate
from seq2seq.ui.components.asset_files import asset
from seq2seq.ui.components.html import percent
from seq2seq.ui.components.run_names import short_name
from seq2seq.ui.lab import Lab

MAX_GOAL = 200  # characters
NAMES = {
    "memorised": LazyText("correct on training examples"),
    "new": LazyText("correct on new examples"),
    "longer": LazyText("correct on longer examples"),
    "parameters": LazyText("parameters"),
    "cpu_seconds": LazyText("seconds of CPU time"),
}
SHARES = ("memorised", "new", "longer")


def goal_component(lab: Lab) -> gr.HTML:
    """The line above the tabs; empty without a goal."""

    def reached(question: Any) -> dict[str, Any]:
        return answer(lab, question)  # not async: Gradio calls it in a thread of its own

    return gr.HTML(value={}, html_template='<div class="goal" role="status" hidden></div>',
                   server_functions=[reached], apply_default_css=False, elem_id="goal",
                   js_on_load=asset("js/goal.js"))


def answer(lab: Lab, question: Any) -> dict[str, Any]:
    """The HTML for [goal, run id], and whether the goal can be read."""
    try:
        goal, run_id = question
        conditions = read_goal(str(goal)[:MAX_GOAL])
    except Seq2SeqError as problem:
        words = _("The goal in the link cannot be used. {problem}", problem=_(problem))
        return {"html": f'<p class="note wrong" role="alert">{escape(words)}</p>'}
    except (TypeError, ValueError):
        return {"html": ""}
    return {"html": shown(conditions, lab, lab.find(run_id))}


def figures_of(lab: Lab, run: Run) -> dict[str, float | None]:
    """The figures of a run that a goal may name; None if it is not known."""
    history = lab.histories.of(run)
    scores = history.scores
    parameters = history.started.num_parameters if history.started \
        else estimate(run.recipe).num_parameters
    return {**{name: scores.get(name) for name in SHARES}, "parameters": parameters,
            "cpu_seconds": round(run.cpu_seconds, 1) or None}


def is_reached(conditions: Sequence[Condition], figures: Mapping[str, float | None]) -> bool:
    """Whether all conditions hold."""
    return all(condition.holds(figures) for condition in conditions)


def shown(conditions: Sequence[Condition], lab: Lab, run: Run | None) -> str:
    """HTML: the conditions with the values that the run has reached."""
    figures: dict[str, float | None] = figures_of(lab, run) if run else {}
    items = ""
    for condition in conditions:
        holds = run is not None and condition.holds(figures)
        value = figures.get(condition.figure)
        now = "" if value is None else _("now {value}", value=written(condition.figure, value))
        mark, state = ("✓", _("reached")) if holds else ("○", _("not reached"))
        items += (f'<li class="{"held" if holds else ""}"><i aria-hidden="true">{mark}</i>'
                  f'<span class="unseen">{escape(state)}: </span>'
                  f"{escape(in_words(condition))} <small>{escape(now)}</small></li>")
    title = _("Goal")
    if run and is_reached(conditions, figures):
        title = _("Goal reached by {run}", run=short_name(run))
    return f"<b>{escape(title)}</b><ul>{items}</ul>"


def in_words(condition: Condition) -> str:
    """A condition for people: "at least 95 % correct on new examples"."""
    value = written(condition.figure, condition.number)
    words = LazyText(NAMES[condition.figure])
    if condition.comparison == ">=":
        return _("at least {value} {what}", value=value, what=words)
    return _("at most {value} {what}", value=value, what=words)


def written(figure: str, value: float) -> str:
    """A figure as the page writes it."""
    if figure in SHARES:
        return percent(value)
    return decimal(value, ",.1f" if value != int(value) else ",.0f")
