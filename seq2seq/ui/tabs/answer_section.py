"""A closed section about the answers to one set, computed when a visitor opens it."""

from typing import Any

import gradio as gr

from seq2seq.errors import Seq2SeqError
from seq2seq.evaluation.metrics import Answer
from seq2seq.i18n import _
from seq2seq.tasks import Task
from seq2seq.ui.components import html
from seq2seq.ui.session import QUIET, Session


class AnswerSection:
    """An accordion of the third tab. A subclass says in `describe` what it contains."""

    def __init__(self, session: Session, title: str, script: str | None = None) -> None:
        self.session = session
        with gr.Accordion(title, open=False) as self.panel:
            self.content = gr.HTML("", js_on_load=script, apply_default_css=False)

    def wire(self, selected: gr.Textbox, which: gr.Radio) -> None:
        """`selected` holds the run's id, `which` the name of the set."""
        self.panel.expand(self.show, [selected, which], self.content, **QUIET)
        which.input(self.closed, None, self.outputs(), **QUIET)

    def outputs(self) -> list:
        """The components that `closed` updates."""
        return [self.panel, self.content]

    def closed(self) -> dict[Any, Any]:
        """Updates for another run or set."""
        return {self.panel: gr.update(open=False), self.content: ""}

    def show(self, selected: str, which: str, *more: Any) -> str:
        """The section for the newest model of a run, or why there is nothing to show.

        `describe` receives `more`.
        """
        lab = self.session.lab
        run = lab.find(selected)
        if run is None:
            return html.caption(_("This run is no longer available. Train it again."))
        try:
            answers = lab.answers(run, str(which))
            if not answers:
                return html.empty(_("This set is empty: with so few pairs, none could be held "
                                    "out."))
            with lab.turn():
                return self.describe(answers, run.recipe.make_task(), *more)
        except Seq2SeqError as problem:
            return html.problem(_(problem))

    def describe(self, answers: list[Answer], task: Task, *more: Any) -> str:
        """The section as HTML; there is at least one answer."""
        raise NotImplementedError
