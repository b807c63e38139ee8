"""Tab 1, Sequence: choose a task, type a sequence, see its target and a model's answer."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from seq2seq.errors import InputError, Seq2SeqError
from seq2seq.i18n import _, ngettext
from seq2seq.jobs.runs import Run
from seq2seq.recipe import Recipe
from seq2seq.tasks import MAX_TOKENS, PairsTask, Task, get_task
from seq2seq.tasks.pairs import EXAMPLE_PAIRS
from seq2seq.tasks.tables.parsing import allowed
from seq2seq.tasks.tables.proposals import proposed_settings
from seq2seq.tasks.tables.recipe import proposed_recipe
from seq2seq.tasks.tables.report import left_out
from seq2seq.tasks.tables.settings import with_settings
from seq2seq.tasks.tables.text_encoding import decode
from seq2seq.ui.components import html
from seq2seq.ui.components.asset_files import asset
from seq2seq.ui.components.pipeline_strip import draw_strip
from seq2seq.ui.components.run_names import different_settings
from seq2seq.ui.components.settings import Settings, default_recipe
from seq2seq.ui.components.task_menu import FIRST, TaskMenu, first_task_of, task_named
from seq2seq.ui.session import (
    MAX_TEXT,
    QUIET,
    WITH_DATA,
    Answer,
    Session,
    answer,
    browser_value,
    comparison,
)
from seq2seq.ui.tabs.audio import SoundPlayer, with_voice
from seq2seq.ui.tabs.phoneme_codes import PhonemeCodes
from seq2seq.ui.tabs.pretrained import PretrainedRow
from seq2seq.ui.tabs.recording import Recorder
from seq2seq.ui.tabs.table_format import TableFormat


class SequenceTab:
    """The components of the tab and their handlers."""

    def __init__(self, session: Session) -> None:
        self.session = session
        seen = answer(session.lab, None, default_recipe(FIRST.name), FIRST.example)
        with gr.Column(elem_classes=["card", "choose"]):
            self.chooser = TaskMenu()
            self.pretrained = PretrainedRow(FIRST)
        with gr.Column(elem_classes="card", visible=False) as self.pairs_card:
            self.pairs = gr.Textbox(
                EXAMPLE_PAIRS, label=_("Your pairs"), lines=8, max_lines=8, autoscroll=False,
                info=_("One pair per line: source -> target. Tab-separated values and CSV with "
                       "two columns work, too. You can drop a file anywhere on the page."),
                elem_classes="pairs-box")
            with gr.Row(elem_classes="pairs-buttons"):
                self.upload = gr.UploadButton(
                    _("Upload a table (CSV, TSV or TXT)"), size="md",
                    file_types=[".csv", ".tsv", ".txt"], elem_classes="quiet")
                self.propose = gr.Button(_("Propose settings for these pairs"), size="md",
                                         elem_classes="quiet")
            # It fires `pasted` when the whole text of the box has been replaced.
            self.proposal = gr.HTML(html.problem(""), js_on_load=asset("js/pasted_pairs.js"),
                                    apply_default_css=False)
            self.filled = browser_value("", "settings-filled")  # see `pasted`
            # Errors of a file are shown separately, since `look` would clear them.
            self.upload_problem = gr.HTML(html.problem(""), apply_default_css=False)
            self.pairs_problem = gr.HTML(html.problem(""), apply_default_css=False)
            self.format = TableFormat()
        with gr.Column(elem_classes=["card", "tight"]):
            # It grows with a long sequence, and Enter does not insert a line break.
            self.text = gr.Textbox(FIRST.example, label=_("Your sequence"), lines=1, max_lines=5,
                                   elem_classes="sequence-box", autofocus=False, autoscroll=False)
            self.problem = gr.HTML(html.problem("", hint(FIRST)), apply_default_css=False)
            self.chooser.build_examples()
            self.sound = SoundPlayer()
            self.comparison = gr.HTML(comparison(seen), apply_default_css=False)
            self.phonemes = PhonemeCodes(session)
        self.recorder = Recorder(session)
        with gr.Column(elem_classes="card"):
            self.strip = gr.HTML(strip(seen), apply_default_css=False)
        with gr.Row(elem_classes="forward"):
            self.forward = gr.Button(_("Train a model on this task →"), variant="primary",
                                     elem_classes="to-train")
        self.task = self.chooser.task

    @property
    def outputs(self) -> list:
        """The components that `show` updates."""
        return [self.problem, self.pairs_problem, self.comparison, self.strip,
                *self.format.outputs(), *self.sound.outputs(), *self.phonemes.outputs(),
                *self.recorder.outputs()]

    @property
    def all_outputs(self) -> list:
        """The components that `show_task` updates."""
        return [self.text, self.pairs_card, *self.chooser.outputs(), *self.pretrained.outputs(),
                *self.outputs]

    def wire(self, settings: Settings, tab: gr.Tab) -> None:
        """Connect the controls; `settings` are those of the Train tab, `tab` is this one."""
        self.settings = settings
        selected = self.session.selected
        looked = [self.task, self.text, self.pairs, selected, *settings.inputs]
        # "change", not "input": Gradio's text boxes fire "input" for typing, but neither for
        # pasting nor for deleting. One event for all inputs, also for a newly selected run:
        # responses to separate events could arrive out of order, with an outdated answer last.
        gr.on([self.text.change, self.pairs.change, selected.change, tab.select],
              self.look, looked, self.outputs, trigger_mode="always_last", **QUIET)
        chosen = [*self.all_outputs, *settings.outputs()]
        asked = [self.pairs, selected]
        self.chooser.family.input(
            lambda family, *now: self.choose(first_task_of(family), *now),
            [self.chooser.family, *asked], chosen, trigger_mode="always_last", **QUIET)
        self.task.input(lambda name, *now: self.choose(task_named(name), *now),
                        [self.task, *asked], chosen, trigger_mode="always_last", **QUIET)

        def picked(event: gr.EventData) -> str:
            return str(getattr(event, "text", ""))[:MAX_TEXT]

        self.chooser.examples.picked(picked, None, self.text, **WITH_DATA)
        self.recorder.wire()
        self.phonemes.wire(self.task, self.text)
        self.sound.voice.input(
            lambda task, text, voice: with_voice(task_named(task), text, voice),
            [self.task, self.text, self.sound.voice], self.text, **QUIET)
        self.format.wire(self.pairs)
        self.upload.upload(
            self.uploaded, self.upload,
            [self.pairs, self.text, self.upload_problem, self.proposal, self.filled,
             *settings.outputs()], **QUIET)
        filled = [self.pairs, self.proposal, self.filled, *settings.outputs()]
        self.propose.click(self.proposed, self.pairs, filled, **QUIET)

        def pasted(event: gr.EventData, pairs: str, filled: str, *values: Any) -> dict:
            return self.pasted(str(getattr(event, "kept", "?")), pairs, filled, values)

        self.proposal.pasted(pasted, [self.pairs, self.filled, *settings.inputs],
                             [*filled, self.text], **WITH_DATA)
        self.pairs.input(lambda: html.problem(""), None, self.proposal, **QUIET)
        self.pairs.change(lambda: html.problem(""), None, self.upload_problem, **QUIET)

    def choose(self, task: Task, pairs: str, selected: str) -> dict:
        """Updates that show a task with its example and its default settings."""
        recipe = default_recipe(task.name, pairs)
        return {**self.show_task(recipe, self.session.lab.find(selected), task.example),
                **self.settings.show(recipe, with_facts=False)}

    def show_task(self, recipe: Recipe, run: Run | None, text: str) -> dict:
        """Updates that show the task of `recipe`, and a text with its answer."""
        task = get_task(recipe.task)
        return {self.text: text, self.pairs_card: gr.update(visible=task.needs_pairs),
                **self.chooser.show(task), **self.pretrained.show(task, run),
                **self.show(recipe, run, text)}

    def uploaded(self, path: str) -> dict:
        """Updates that insert an uploaded table into the text box, where it can be edited."""
        try:
            text = read_table(path)
        except Seq2SeqError as problem:
            return {self.upload_problem: html.problem(_(problem))}
        return {self.pairs: text, self.upload_problem: html.problem(""), **self.filled_in(text)}

    def filled_in(self, text: str) -> dict:
        """Updates that fill in the proposed settings and the first source of a new table."""
        updates = self.proposed(text)
        with suppress(Seq2SeqError):  # `look` will show errors in the table itself
            task = get_task("pairs", text)
            assert isinstance(task, PairsTask)
            updates[self.text] = task.format(task.examples[0].source)
        return updates

    def pasted(self, kept: str, text: str, filled: str, values: tuple[Any, ...]) -> dict:
        """Updates for a pasted table: those for an uploaded one, if they overwrite nothing.

        `kept` is what the paste has left of the text before: nothing, or the example. The settings
        (`values`) must be the default ones, or those that were `filled` in for another table.
        """
        with suppress(Seq2SeqError):
            if kept.strip() in ("", EXAMPLE_PAIRS.strip()):
                chosen = replace(self.settings.recipe("pairs", text, values), pairs="")
                if chosen == default_recipe("pairs") or chosen.to_json() == filled:
                    return self.filled_in(text)
        return {}

    def proposed(self, text: str) -> dict:
        """Updates that fill in the settings proposed for a table; none if it cannot be read."""
        try:
            task = get_task("pairs", text)
        except Seq2SeqError:  # the problem is shown below the box
            return {self.proposal: html.problem("")}
        assert isinstance(task, PairsTask)
        text = with_settings(text, **proposed_settings(task))
        usual = default_recipe("pairs", text)
        model, train = proposed_recipe(task)
        recipe = replace(usual, model=model, train=train)
        words = _("Settings filled in for these pairs: {settings}. Change them under “Train”.",
                  settings=different_settings(recipe, usual))
        return {self.pairs: text, self.proposal: html.problem("", words),
                self.filled: replace(recipe, pairs="").to_json(),
                **self.settings.show(recipe, with_facts=False)}

    def look(self, task: str, text: str, pairs: str, selected: str, *values: Any) -> dict:
        """Updates for a typed text, with the current settings of the model."""
        recipe = default_recipe(task, pairs)
        try:
            recipe.make_task()
        except Seq2SeqError as problem:  # without a valid table there is no model
            return {self.pairs_problem: html.problem(_(problem)), self.format.read: ""}
        with suppress(Seq2SeqError):  # the Train tab shows the error
            chosen = self.settings.recipe(task, pairs, values)
            train = replace(recipe.train, seed=chosen.train.seed)  # it determines the weights
            recipe = replace(recipe, model=chosen.model, train=train)
        return self.show(recipe, self.session.lab.find(selected), text)

    def show(self, recipe: Recipe, run: Run | None, text: str) -> dict:
        """Updates that show a text with its answer, or only an error if it cannot be read."""
        task = recipe.make_task()
        told = left_out(task.skipped) if isinstance(task, PairsTask) else []
        common = {self.pairs_problem: html.problem("", " ".join(map(_, told))),
                  **self.format.show(task),
                  **self.sound.show(task, text),
                  **self.phonemes.show(task), **self.recorder.show(task)}
        try:
            seen = answer(self.session.lab, run, recipe, text)
        except Seq2SeqError as problem:
            return {**common, self.problem: html.problem(_(problem))}
        return {**common, self.problem: html.problem("", hint(task)),
                self.comparison: comparison(seen), self.strip: strip(seen)}


def hint(task: Task) -> str:
    """The hint below the text box: what may be typed."""
    if task.frame_size:
        return _("Type digits and a voice: 4071 by Anna. Separate two voices with a comma: 40 by "
                 "Anna, 71 by Ben.")
    if isinstance(task, PairsTask):
        words = _("Up to {most} tokens. Anything that is not in your pairs is read as “unknown”.",
                  most=MAX_TOKENS)
        if task.num_dropped:
            words += " " + ngettext(
                "{n} pair above the line of dashes is not trained on: its source is held out.",
                "{n} pairs above the line of dashes are not trained on: their sources are held "
                "out.", task.num_dropped)
        return words
    if task.family == FIRST.family:
        return _("Type up to {most} tokens, each from {first} to {last}.",
                 first=task.alphabet[0], last=task.alphabet[-1], most=MAX_TOKENS)
    return _("The tiles below show the tokens of the text, at most {most}. Edit the text, or "
             "choose an example.", most=MAX_TOKENS)


def strip(seen: Answer) -> str:
    """The diagram of encoder, context and decoder."""
    return draw_strip(seen.prediction, seen.recipe.model)


def read_table(path: str) -> str:
    """The text of an uploaded table. InputError if the file cannot be used."""
    try:
        data = Path(path).read_bytes()
    except (OSError, TypeError, ValueError):
        raise InputError("The file could not be read. Upload a text file with one pair per line "
                         "(CSV, TSV or TXT).") from None
    most = allowed().characters
    if len(data) > 4 * most:
        raise InputError("The file is too large ({size:,} kB): at most {most:,} characters are "
                         "allowed. Upload a smaller one.", size=len(data) >> 10,
                         most=most)
    return decode(data)
