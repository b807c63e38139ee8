"""Tab 3, Side by side: inputs, targets and predictions of the selected run, for three sets."""

import csv
import io
import re
from collections.abc import Sequence
from html import escape
from typing import Any
from urllib.parse import quote

import gradio as gr

from seq2seq.errors import Seq2SeqError
from seq2seq.evaluation.failures import select
from seq2seq.evaluation.metrics import Answer
from seq2seq.i18n import ENGLISH, _, use_language
from seq2seq.jobs.runs import Run
from seq2seq.reports.failure_groups import title_of
from seq2seq.tasks import Task, get_task
from seq2seq.ui.components import html, token_tiles
from seq2seq.ui.components.asset_files import asset
from seq2seq.ui.components.run_names import (
    longer_title,
    short_name,
    source_row,
    target_row,
    task_title,
)
from seq2seq.ui.components.task_menu import FIRST
from seq2seq.ui.session import QUIET, WITH_DATA, Session, answer, browser_value, comparison
from seq2seq.ui.tabs.data_browser import DataBrowser
from seq2seq.ui.tabs.failures import FailuresPanel, key_of
from seq2seq.ui.tabs.measures import MeasuresPanel
from seq2seq.ui.tabs.n_best import n_best_component, n_best_value
from seq2seq.ui.tabs.second_run import NO_RUN, SecondRun

MAX_ROWS = 50
NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")


class AnswersTab:
    """The components of the tab and their handlers."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.group = browser_value("", "failure-group")  # see `group_shown`
        with gr.Column(visible=False) as self.full:
            with gr.Column(elem_classes="card"):
                self.mine = gr.HTML(apply_default_css=False)
                self.second = SecondRun(session)
                self.n_best = n_best_component(session.lab)
            self.scores = gr.HTML(apply_default_css=False)
            with gr.Column(elem_classes="card"):
                with gr.Row(elem_classes="filter"):
                    self.which = gr.Radio(sets_of(FIRST), value="new", show_label=False,
                                          label=_("Set"), container=False,
                                          elem_classes="segmented")
                    self.only_wrong = gr.Checkbox(label=_("Only wrong answers"), container=False)
                self.failures = FailuresPanel(session, self.second)
                self.table = gr.HTML(js_on_load=asset("js/answers.js"), apply_default_css=False)
                self.measures = MeasuresPanel(session)
                self.data = DataBrowser(session)
        with gr.Column(elem_classes="card") as self.empty:
            gr.HTML(html.empty(_("The answers of a trained model appear here beside the correct "
                                 "ones, token by token.")), apply_default_css=False)
        with gr.Row(elem_classes="forward"):
            self.back = gr.Button(_("Train a model first →"), variant="primary",
                                  elem_classes="to-train")
            self.forward = gr.Button(_("Why did it write that? →"), variant="primary",
                                     visible=False, elem_classes="to-inside")

    def wire(self, selected: gr.Textbox) -> None:
        """Connect the filter; `selected` holds the id of the run."""
        for part in (self.which, self.only_wrong):
            part.input(lambda *asked: (self.table_of(*asked), ""),  # it replaces the group
                       [selected, self.which, self.only_wrong], [self.table, self.group],
                       trigger_mode="always_last", **QUIET)

        self.measures.wire(selected, self.which)
        self.failures.wire(selected, self.which)
        self.failures.compare(selected, self.which, self.group, self.key_shown)
        self.data.wire(selected)
        self.failures.content.picked(self.table_of_group, [selected, self.which],
                                     [self.table, self.group], **WITH_DATA)

    @property
    def outputs(self) -> list:
        """The components that `show` updates."""
        return [self.full, self.empty, self.back, self.forward, self.mine, self.n_best,
                self.scores, self.which, self.table, *self.measures.outputs(),
                *self.failures.outputs(), *self.data.outputs(), *self.second.outputs()]

    def show(self, selected: str, task: str, text: str, which: str, only_wrong: bool,
             second: str = NO_RUN) -> dict:
        """Updates for the selected run and the sequence of the first tab.

        `second` is the id of the run to compare with.
        """
        lab = self.session.lab
        run = lab.find(selected)
        if run is None or not any(run.blobs):  # nothing, or only the untrained model
            return {self.full: gr.update(visible=False), self.empty: gr.update(visible=True),
                    self.back: gr.update(value=_("Train a model first →"), variant="primary"),
                    self.forward: gr.update(visible=False)}
        sets = sets_of(get_task(run.recipe.task), bool(run.recipe.train.leave_out))
        known = any(which == key for _title, key in sets)  # a twin has a set more
        which = which if known else "new"
        return {
            self.full: gr.update(visible=True), self.empty: gr.update(visible=False),
            self.back: gr.update(value=_("Change the settings and compare"),
                                 variant="secondary"),
            self.forward: gr.update(visible=True),
            self.mine: self.mine_of(run, task, text),
            **self.second.show(selected, task, text, second),
            self.n_best: n_best_value(run, text) if task == run.recipe.task else {},
            self.scores: html.score_cards(lab.histories.of(run).scores, longer_title(run.recipe)),
            self.which: gr.update(choices=sets) if known else gr.update(choices=sets, value=which),
            self.table: self.table_of(selected, which, only_wrong), **self.measures.closed(),
            **self.failures.closed(), **self.data.closed()}

    def mine_of(self, run: Run, task: str, text: str) -> str:
        """HTML with the visitor's own sequence and the run's answer."""
        who = (_("answered by the pre-trained model") if run.provenance
               else _("answered by {run}", run=short_name(run)))
        title = f"<h2>{escape(_('Your sequence'))} <small>{escape(who)}</small></h2>"
        if task != run.recipe.task:
            return title + html.caption(
                _("{run} was trained on “{task}”. Choose that task on the first tab to try your "
                  "own input.", run=short_name(run), task=task_title(run.recipe)))
        try:
            seen = answer(self.session.lab, run, run.recipe, text)
        except Seq2SeqError as problem:
            return title + html.problem(_(problem))
        membership = seen.membership
        if run.provenance and run.provenance.from_file and seen.prediction.target is None:
            membership = _("It is not known whether this was in the training data: the lab does "
                           "not include the list of training words.")
        return title + comparison(seen) + html.caption(membership)

    def show_again(self, group: str, selected: str, task: str, text: str, which: str,
                   *more: Any) -> dict:
        """As `show` when the visitor comes back: a group that was chosen stays chosen."""
        updates = self.show(selected, task, text, which, *more)
        key = self.key_shown(group, selected, which)
        if self.table in updates and key:
            updates[self.table] = self.table_of(selected, which, False, key)
            for part in self.failures.outputs():
                del updates[part]
        return updates

    def table_now(self, group: str, selected: str, which: str, only_wrong: bool) -> Any:
        """The table for the current choices; `show_again` may have been asked before the last."""
        if self.session.lab.find(selected) is None:
            return gr.skip()
        if key := self.key_shown(group, selected, which):
            return self.table_of(selected, which, False, key)
        return self.table_of(selected, which, only_wrong)

    def key_shown(self, group: str, selected: str, which: str) -> str:
        """The key of the group that was chosen, if it belongs to the answers shown; else ""."""
        before, _tab, key = group.partition("\t")
        return key if before == self.group_shown(selected, which) else ""

    def group_shown(self, selected: str, which: str) -> str:
        """The answers to which a chosen group belongs: the run, its newest epoch, the set."""
        run = self.session.lab.find(selected)
        return f"{selected} {max(run.blobs, default=0) if run else ''} {which}"

    def table_of_group(self, selected: str, which: str, event: gr.EventData) -> tuple[str, str]:
        """The table of one group of `failures`, and what `show_again` needs."""
        key = key_of(event)
        return (self.table_of(selected, which, False, key),
                f"{self.group_shown(selected, which)}\t{key}")

    def table_of(self, selected: str, which: str, only_wrong: bool, key: str = "") -> str:
        """HTML with the first `MAX_ROWS` answers of one set, and a link to download all.

        With the `key` of a group (`evaluation.failures`), only the answers of that group.
        """
        run = self.session.lab.find(selected)
        if run is None:
            return html.caption(_("This run is no longer available. Train it again."))
        try:
            found = self.session.lab.answers(run, str(which))
        except Seq2SeqError as problem:
            return html.problem(_(problem))
        if not found:
            return html.empty(_("This set is empty: with so few pairs, none could be held out."))
        kept = (select(found, key) if key
                else [a for a in found if not (only_wrong and a.is_correct)])
        if key and not kept:
            return html.empty(f"{title_of(key, kept)}.")
        if not kept:
            return html.empty(_("No wrong answers: all {n} are correct.", n=len(found)))
        numbers = {"shown": min(len(kept), MAX_ROWS), "all": len(kept), "asked": len(found)}
        count = _("Showing {shown} of {all}", **numbers)
        if only_wrong:
            count = _("Showing {shown} of {all} wrong answers among {asked}",
                      **numbers)
        if key:
            title = title_of(key, kept)
            count = f"{title}. {count}" if len(kept) > MAX_ROWS else title
        task = run.recipe.make_task()
        rows = [(source_row(task, a.example.source), target_row(task, a.example.target),
                 target_row(task, a.tokens), a.finished, task.format(a.example.source))
                for a in kept[:MAX_ROWS]]
        data = quote(as_csv(kept, task))
        save = escape(_("Download CSV"))
        head = (f'<div class="tablehead">{html.caption(count)}'
                f'<a class="download" download="answers-{escape(which)}.csv" '
                f'href="data:text/csv;charset=utf-8,{data}">{save}</a></div>')
        return head + html.answers_table(rows, count)


def sets_of(task: Task, leaves_out: bool = False) -> list[tuple[str, str]]:
    """The labels of the sets for a task, with their keys; a fourth one for what is left out."""
    same = task.longer == html.SCORES["longer"][0]
    longer = _("Longer") if same else _(task.longer)
    return [(_("Seen in training"), "memorised"), (_("New"), "new"), (longer, "longer"),
            *([(_("Left out"), "left_out")] if leaves_out else [])]


def as_csv(found: Sequence[Answer], task: Task) -> str:
    """Answers as CSV, with verdicts in English in every language.

    A cell that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["input", "target", "predicted", "verdict"])
    for a in found:
        with use_language(ENGLISH):
            says = token_tiles.verdict(a.example.target, a.tokens, a.finished)
        texts = (task.format(a.example.source), task.format_target(a.example.target),
                 task.format_target(a.tokens))
        writer.writerow([_safe(text) for text in texts] + [says.removeprefix("✓ ")])
    return text.getvalue()


def _safe(cell: str) -> str:
    if cell.startswith(("=", "+", "-", "@", "\t", "\r")) and not NUMBER.fullmatch(cell):
        return "'" + cell
    return cell
