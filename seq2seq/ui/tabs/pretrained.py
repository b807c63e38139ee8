"""The pre-trained model of a task: a line with its scores and origin, and a button to open it."""

from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components import Component

from seq2seq.errors import Seq2SeqError
from seq2seq.files import pretrained
from seq2seq.files.provenance import Provenance
from seq2seq.i18n import LazyText, _
from seq2seq.jobs.runs import Run
from seq2seq.tasks import Task
from seq2seq.ui.components import html
from seq2seq.ui.components.run_names import mid_sentence, provenance_sentence

OPEN = LazyText("Open the pre-trained model")
OPENED = LazyText("The pre-trained model is open")


class PretrainedRow:
    """The line and the button."""

    def __init__(self, task: Task) -> None:
        with gr.Row(elem_classes="ready", equal_height=False):
            self.line = gr.HTML(apply_default_css=False)
            self.button = gr.Button(_(OPEN), size="md", elem_classes="quiet")
        shown = self.show(task, None)
        self.line.value = shown[self.line]
        self.button.visible = shown[self.button]["visible"]

    def outputs(self) -> list[Component]:
        """The components that `show` updates."""
        return [self.line, self.button]

    def show(self, task: Task, run: Run | None) -> dict[Component, Any]:
        """Updates for `task`; `run` is the run that all tabs show."""
        path = pretrained.ready(task.name)
        is_open = bool(run and run.provenance and run.recipe.task == task.name)
        if path is None:
            words = html.caption(
                _("There is no pre-trained model for this task: train one yourself."))
            return {self.line: words, self.button: gr.update(value=_(OPEN), visible=False)}
        try:
            words = line(provenance_of(path), task)
        except Seq2SeqError as problem:
            words = html.caption(_(problem))
        return {self.line: words, self.button: gr.update(
            value=_(OPENED if is_open else OPEN), interactive=not is_open, visible=True)}


@lru_cache(maxsize=64)
def provenance_of(path: Path) -> Provenance:
    """The provenance of a pre-trained model, read once from the header of its file."""
    return pretrained.provenance(path)


def line(provenance: Provenance, task: Task) -> str:
    """HTML with the scores, the training data, the date and the training time."""
    new, longer = provenance.scores.get("new"), provenance.scores.get("longer")
    results = []
    if new is not None:
        share = html.percent(new)
        words = escape(_("{share} correct on new examples", share=share))
        results.append(words.replace(share, f"<b>{share}</b>"))
    if longer is not None:
        results.append(f"{escape(mid_sentence(task.longer))}: {html.percent(longer)}")
    scored = "; ".join(results) or escape(_("not scored"))
    return (f"<p><b>{escape(_('Pre-trained:'))}</b> {scored}. "
            f'<span class="soft">{escape(provenance_sentence(provenance))}</span></p>')
