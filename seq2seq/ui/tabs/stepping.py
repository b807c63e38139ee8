"""“Step one batch” at the end of the Train tab: the first epoch, one update after the other.

Each step shows the batch that it reads, its loss, the norm of the gradient and the learning rate,
as numbers and as small curves. `assets/js/stepping.js` steps, plays and pauses.
"""

import itertools
from functools import partial
from html import escape
from typing import Any

import gradio as gr

from seq2seq.errors import Seq2SeqError
from seq2seq.experiment import Experiment
from seq2seq.figures.small_curves import small_curve
from seq2seq.hosting.steppers import Stepper
from seq2seq.i18n import LazyText, _, decimal
from seq2seq.recipe import Recipe
from seq2seq.tasks import Tokens
from seq2seq.time_slices import in_slices
from seq2seq.training.estimate import estimate
from seq2seq.training.stepping import Step
from seq2seq.ui.components import html
from seq2seq.ui.components.asset_files import asset
from seq2seq.ui.components.settings import Settings
from seq2seq.ui.languages import template
from seq2seq.ui.session import QUIET, Session
from seq2seq.ui.tabs.sequence import SequenceTab

MAX_SHOWN = 8  # examples of a batch
MAX_CHARACTERS = 60  # of a source or a target
CURVES = {"loss": LazyText("Loss"), "grad_norm": LazyText("Gradient norm"),
          "learning_rate": LazyText("Learning rate")}


class SteppingPanel:
    """The components and their handlers."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.turns = itertools.count(1)  # makes each value different

        def step(question: Any) -> dict[str, Any]:
            return self.answer(question)  # not async: Gradio calls it in a thread of its own

        with gr.Accordion(_("Step one batch: the first epoch in slow motion"), open=False,
                          elem_classes=["card", "stepping-card"]):
            gr.HTML(html.caption(_(
                "An untrained model with the settings above reads one batch at each step, and its "
                "weights are updated once. The numbers are those of the first epoch of Train.")),
                apply_default_css=False)
            self.view = gr.HTML(value={}, html_template=template("html/stepping.html"),
                                server_functions=[step], apply_default_css=False,
                                elem_id="stepping", js_on_load=asset("js/stepping.js"))

    def wire(self, settings: Settings, sequence: SequenceTab) -> None:
        """Connect the button that starts."""
        def begin(task: Any, pairs: Any, *values: Any) -> dict[Any, Any]:
            try:
                stepper = self.start(settings.recipe(task, pairs, values))
            except Seq2SeqError as problem:
                return {self.view: {"problem": _(problem), "turn": next(self.turns)}}
            return {self.view: {"id": stepper.id, "turn": next(self.turns)}}

        self.view.begun(begin, [sequence.task, sequence.pairs, *settings.inputs], self.view,
                        **QUIET)

    def start(self, recipe: Recipe) -> Stepper:
        """A stepper of a recipe. ConfigError if it is too large, BusyError without a turn."""
        lab = self.session.lab
        estimate(recipe)
        with lab.turn():
            experiment = lab.turns.run_in_parts(
                in_slices(partial(Experiment.from_recipe, recipe)))
        return lab.steppers.start(experiment)

    def answer(self, question: Any) -> dict[str, Any]:
        """The next step of the stepper with this id, as HTML; "ended" after the last one."""
        lab = self.session.lab
        try:
            stepper = lab.steppers.find(question)
            with lab.turn():
                ended = stepper.step() is None
        except Seq2SeqError as problem:
            return {"problem": _(problem), "ended": True}
        return {"html": step_html(stepper.steps), "ended": ended}


def step_html(steps: list[Step]) -> str:
    """The newest step: its numbers and curves, and the first examples of its batch."""
    step = steps[-1]
    where = _("Step {n} of {total}: a batch of {count} examples", n=step.number,
              total=step.num_steps, count=len(step.pairs))
    values = {"loss": decimal(step.loss, ".3f"), "grad_norm": decimal(step.grad_norm, ".3f"),
              "learning_rate": decimal(step.learning_rate, ".5f")}
    curves = "".join(
        f'<figure><figcaption>{escape(_(title))} <b>{escape(values[name])}</b></figcaption>'
        + small_curve([(one.number, getattr(one, name)) for one in steps], step.num_steps,
                      _("{what}: {value}", what=_(title), value=values[name])) + "</figure>"
        for name, title in CURVES.items())
    rows = "".join(f"<tr><td>{escape(_short(source))}</td><td>{escape(_short(target))}</td></tr>"
                   for source, target in step.pairs[:MAX_SHOWN])
    heads = "".join(f'<th scope="col">{escape(head)}</th>'
                    for head in (_("Input"), _("Correct answer")))
    more = len(step.pairs) - MAX_SHOWN
    rest = html.caption(_("and {n} more", n=more)) if more > 0 else ""
    return (f'<p role="status"><b>{escape(where)}</b></p><div class="curves">{curves}</div>'
            f'<table class="compared"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
            f"{rest}")


def _short(tokens: Tokens | None) -> str:
    if tokens is None:
        return _("(sound)")
    words = " ".join(tokens)
    return words if len(words) <= MAX_CHARACTERS else f"{words[:MAX_CHARACTERS]}…"
