"""Tab 1, Sequence: choose a task, type a sequence, see its target and what a model makes of it."""

from pathlib import Path
from typing import Any

import gradio as gr

from seq2seq.errors import InputError, Seq2SeqError
from seq2seq.jobs import Run
from seq2seq.recipe import Recipe
from seq2seq.tasks import MAX_TOKENS, TASKS, Task, get_task
from seq2seq.tasks.pairs import EXAMPLE_PAIRS, MAX_CHARACTERS
from seq2seq.ui import html
from seq2seq.ui.session import Answer, Session, answer, board
from seq2seq.ui.settings import Settings, default_recipe

FIRST = TASKS[0]


class SequenceTab:
    """The components of the tab and what they show."""

    def __init__(self, session: Session) -> None:
        self.session = session
        seen = answer(session.lab, None, default_recipe(FIRST.name), FIRST.example)
        with gr.Column(elem_classes="card"):
            self.task = gr.Radio([(task.title, task.name) for task in TASKS], value=FIRST.name,
                                 label="Task", elem_classes="chips")
            self.summary = gr.HTML(summary(FIRST), apply_default_css=False)
        with gr.Column(elem_classes="card", visible=False) as self.pairs_card:
            self.pairs = gr.Textbox(
                EXAMPLE_PAIRS, label="Your pairs", lines=8, max_lines=8, autoscroll=False,
                info="One pair a line: source -> target. Tab-separated values and CSV with two "
                     "columns are read, too.", elem_classes="pairs-box")
            self.upload = gr.UploadButton(
                "Upload a table (CSV, TSV or TXT)", size="md", file_types=[".csv", ".tsv", ".txt"],
                elem_classes="quiet")
        with gr.Column(elem_classes=["card", "tight"]):
            self.text = gr.Textbox(FIRST.example, label="Your sequence", lines=1, max_lines=1,
                                   elem_classes="sequence-box", autofocus=False)
            self.problem = gr.HTML(html.problem("", hint(FIRST)), apply_default_css=False)
            self.board = gr.HTML(board(seen), apply_default_css=False)
        with gr.Column(elem_classes="card"):
            self.strip = gr.HTML(strip(seen), apply_default_css=False)
        with gr.Row(elem_classes="forward"):
            self.forward = gr.Button("Train a model on this →", variant="primary")

    @property
    def outputs(self) -> list:
        """What `show` may change."""
        return [self.problem, self.board, self.strip]

    def wire(self, settings: Settings, tab: gr.Tab) -> None:
        """Connect the controls; `settings` are those of the Train tab, `tab` is this one."""
        self.settings = settings
        selected = self.session.selected
        looked = [self.task, self.text, self.pairs, selected, *settings.inputs]
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        # "change" and not "input": Gradio's text boxes tell of keys only by the latter, and
        # neither of what is pasted nor of what is deleted.
        # One event for all: two could be answered in the other order, the older text last.
        gr.on([self.text.change, self.pairs.change, tab.select], self.look, looked, self.outputs,
              trigger_mode="always_last", **quiet)
        self.task.input(
            self.choose, [self.task, self.pairs, selected],
            [self.summary, self.text, self.pairs_card, *settings.inputs, *self.outputs], **quiet)
        self.upload.upload(self.uploaded, self.upload, [self.pairs, self.problem], **quiet)

    def choose(self, name: str, pairs: str, selected: str) -> dict:
        """Another task, with its own example and the settings that work well for it."""
        task, recipe = get_task(name), default_recipe(name, pairs)
        return {
            self.summary: summary(task), self.text: task.example,
            self.pairs_card: gr.update(visible=task.needs_pairs), **self.settings.show(recipe),
            **self.show(recipe, self.session.lab.find(selected), task.example)}

    def uploaded(self, path: str) -> dict:
        """A table from a file goes into the box, where it can be seen and changed."""
        try:
            return {self.pairs: read_table(path)}
        except Seq2SeqError as problem:
            return {self.problem: html.problem(str(problem))}

    def look(self, task: str, text: str, pairs: str, selected: str, *values: Any) -> dict:
        """What the tab shows for a typed text, with the settings as they are now."""
        try:
            recipe = self.settings.recipe(task, pairs, values)
        except Seq2SeqError:  # training will say what is wrong; to look, the task's own will do
            recipe = default_recipe(task, pairs)
        return self.show(recipe, self.session.lab.find(selected), text)

    def show(self, recipe: Recipe, run: Run | None, text: str) -> dict:
        """A text and its answer; of one that cannot be read only the sentence changes."""
        try:
            seen = answer(self.session.lab, run, recipe, text)
        except Seq2SeqError as problem:
            return {self.problem: html.problem(str(problem))}
        fine = html.problem("", hint(get_task(recipe.task)))
        return {self.problem: fine, self.board: board(seen), self.strip: strip(seen)}


def summary(task: Task) -> str:
    """The task in one sentence, and what it stands for."""
    return html.caption(f"{task.summary} It stands for {task.stands_for}.")


def hint(task: Task) -> str:
    """What may be typed."""
    if task.needs_pairs:
        return f"Up to {MAX_TOKENS} tokens. What your pairs do not hold is read as “unknown”."
    first, last = task.alphabet[0], task.alphabet[-1]
    return f"Type {first} to {last}, at most {MAX_TOKENS}. Each one is called a token."


def strip(seen: Answer) -> str:
    """The way of a sequence through encoder, context and decoder."""
    p, model = seen.prediction, seen.recipe.model
    return html.strip(p.source, p.tokens, p.encoder_states.tolist(), p.finished,
                      model.attention != "none", model.hidden_size, model.is_recurrent)


def read_table(path: str) -> str:
    """The text of an uploaded table. InputError says what is wrong with the file."""
    what = "Upload a text file with one pair a line (CSV, TSV or TXT, in UTF-8)."
    try:
        data = Path(path).read_bytes()
    except (OSError, TypeError, ValueError):
        raise InputError(f"The file could not be read. {what}") from None
    if len(data) > 4 * MAX_CHARACTERS:
        raise InputError(f"The file has {len(data) >> 10:,} kB: at most {MAX_CHARACTERS:,} "
                         "characters are read. Keep a part of it.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"The file is not text in UTF-8. {what}") from None
