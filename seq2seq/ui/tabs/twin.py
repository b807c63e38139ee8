"""“Train a twin” on the second tab: the selected run again, without some of its examples."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import gradio as gr

from seq2seq.config import TrainConfig, settings
from seq2seq.errors import ConfigError, Seq2SeqError
from seq2seq.i18n import _
from seq2seq.jobs.runs import Run
from seq2seq.recipe import Recipe
from seq2seq.ui.components import html
from seq2seq.ui.session import QUIET, Session


class TwinPanel:
    """A closed section with a text box and a button."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.what = settings(TrainConfig)["leave_out"]
        with gr.Accordion(_("Train a twin: leave something out"), open=False, visible=False,
                          elem_classes=["card", "twin-card"]) as self.panel:
            gr.HTML(html.caption(_(
                "The twin has the selected run's settings, initial weights and batches, but the "
                "places of the examples that you leave out are blank. So the difference between "
                "the two models is due to these examples.")), apply_default_css=False)
            with gr.Row(elem_classes="twin-row"):
                self.rules = gr.Textbox(label=_(self.what.label), info=_(self.what.help),
                                        max_lines=1, max_length=self.what.max_characters)
                self.train = gr.Button(_("Train the twin"), elem_classes="quiet")
            self.problem = gr.HTML(html.problem(""), apply_default_css=False)

    def wire(self, start: Callable[[Any, Callable[[], Recipe]], dict],
             show: Callable[[Recipe], dict], outputs: list) -> None:
        """Connect the button. `start` trains a recipe for an owner, `show` updates the settings."""
        owner, selected = self.session.owner, self.session.selected

        def train(owner: Any, selected: Any, rules: Any) -> Any:
            run = self.session.lab.find(selected)
            if run is None:
                return gr.skip()
            try:
                recipe = twin_of(run.recipe, rules)
                self.session.lab.check_left_out(recipe)
            except Seq2SeqError as problem:
                return {self.problem: html.problem(_(problem))}
            return {self.problem: html.problem(""), **start(owner, lambda: recipe),
                    **show(recipe)}

        gr.on([self.train.click, self.rules.submit], train, [owner, selected, self.rules],
              [self.problem, *outputs], **QUIET)

    def update(self, run: Run | None) -> dict[Any, Any]:
        """Updates for the selected run: there is a twin only of a run that has ended."""
        return {self.panel: gr.update(visible=bool(
            run and not run.is_active and not run.provenance and run.blobs))}


def twin_of(recipe: Recipe, rules: Any) -> Recipe:
    """The recipe without some of the examples. ConfigError if nothing would be left out."""
    twin = replace(recipe, train=replace(recipe.train, leave_out=rules))
    if not twin.train.leave_out:
        raise ConfigError("Write what to leave out, such as “token:7” or “length:5”.")
    if twin == recipe:
        raise ConfigError("The selected run leaves out exactly this. Write something else.")
    return twin
