"""For the task spelling: a list of the ARPAbet codes, and buttons that play an answer."""

from html import escape
from typing import Any

import gradio as gr
from gradio.components import Component

from seq2seq.errors import Seq2SeqError
from seq2seq.i18n import _
from seq2seq.speech.phonemes import PHONEMES, pronounce
from seq2seq.tasks import Task
from seq2seq.tasks.spelling import Spelling
from seq2seq.ui.components import html
from seq2seq.ui.components.settings import default_recipe
from seq2seq.ui.components.task_menu import task_named
from seq2seq.ui.session import QUIET, Session, answer
from seq2seq.ui.tabs.audio import as_wav


class PhonemeCodes:
    """The components, which are visible only for the task spelling."""

    def __init__(self, session: Session) -> None:
        self.session = session
        with gr.Column(visible=False, elem_classes="phonemes") as self.column:
            with gr.Row(elem_classes="hear"):
                self.target = gr.Button(_("▶ Play the correct answer"), size="md",
                                        elem_classes="quiet")
                self.prediction = gr.Button(_("▶ Play the model's answer"), size="md",
                                            elem_classes="quiet")
                self.player = gr.HTML("", apply_default_css=False)
            gr.HTML(key(), apply_default_css=False)

    def outputs(self) -> list[Component]:
        """The components that `show` updates."""
        return [self.column, self.player]

    def show(self, task: Task) -> dict[Any, Any]:
        """Updates for a task; the player of an earlier text is removed."""
        return {self.column: gr.update(visible=isinstance(task, Spelling)), self.player: ""}

    def wire(self, task: Component, text: Component) -> None:
        """Connect the buttons; `task` and `text` are those of the tab."""
        asked = [task, text, self.session.selected]
        self.target.click(lambda *now: self.play(True, *now), asked, self.player, **QUIET)
        self.prediction.click(lambda *now: self.play(False, *now), asked, self.player, **QUIET)

    def play(self, target: bool, task: Any, text: Any, selected: Any) -> str:
        """HTML with a player of the correct answer or the model's, or an error message."""
        lab = self.session.lab
        try:
            recipe = default_recipe(task_named(task).name)
            found = answer(lab, lab.find(selected), recipe, text).prediction
            if target and found.target is None:
                return html.problem(_("The correct answer to this word is not known."))
            rate, samples = pronounce((found.target or ()) if target else found.tokens)
        except Seq2SeqError as problem:
            return html.problem(_(problem))
        return f'<audio controls autoplay src="{as_wav(rate, samples)}"></audio>'


def key() -> str:
    """HTML list of all codes, each with a word that contains its phoneme."""
    rows = "".join(f"<li><b>{code}</b> {word}</li>" for code, (word, _) in PHONEMES.items())
    title = escape(_("Phoneme codes"))
    hint = escape(_("ARPAbet, as in the CMU Pronouncing Dictionary"))
    return (f'<details class="key"><summary><b>{title}</b> <small>{hint}</small></summary>'
            f'<ul lang="en">{rows}</ul></details>')
