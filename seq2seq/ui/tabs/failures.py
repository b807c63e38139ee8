"""“Where it fails” on the third tab: groups of answers; a click filters the table by a group."""

from collections.abc import Callable
from typing import Any

import gradio as gr

from seq2seq.errors import Seq2SeqError
from seq2seq.evaluation.failures import find_failures, same_sources
from seq2seq.evaluation.metrics import Answer
from seq2seq.i18n import _
from seq2seq.jobs.runs import Run
from seq2seq.reports.failure_groups import TwoRuns, groups_html
from seq2seq.tasks import Task
from seq2seq.ui.components import html
from seq2seq.ui.components.asset_files import asset
from seq2seq.ui.components.run_names import short_name
from seq2seq.ui.session import QUIET, Session
from seq2seq.ui.tabs.answer_section import AnswerSection
from seq2seq.ui.tabs.second_run import SecondRun

MAX_KEY = 500  # characters; tokens of own pairs may be long


class FailuresPanel(AnswerSection):
    """Above the table of answers; `content` fires `picked` with the key of a group.

    If a second run is chosen in `second`, its bars are beside those of the first.
    """

    def __init__(self, session: Session, second: SecondRun) -> None:
        self.second = second
        super().__init__(session, _("Where it fails"), asset("js/failures.js"))

    def wire(self, selected: gr.Textbox, which: gr.Radio) -> None:
        """`selected` holds the run's id, `which` the name of the set."""
        self.panel.expand(self.compared, [selected, which, self.second.chosen], self.content,
                          **QUIET)
        which.input(self.closed, None, self.outputs(), **QUIET)

    def compare(self, selected: gr.Textbox, which: gr.Radio, group: gr.Textbox,
                key_shown: Callable[[str, str, str], str]) -> None:
        """Draw the bars again when a second run is chosen.

        `key_shown` returns the key in `group` if the table shows it.
        """
        def again(content: Any, selected: Any, which: Any, second: Any, group: Any) -> Any:
            if not content:  # the section is closed
                return gr.skip()
            return self.compared(selected, which, second, key_shown(str(group), selected, which))

        self.second.menu.input(again, [self.content, selected, which, self.second.menu, group],
                               self.content, trigger_mode="always_last", **QUIET)

    def compared(self, selected: Any, which: Any, second: Any, pressed: str = "") -> str:
        """As `show`, with the bars of the run whose id is `second`, if it can be compared."""
        lab = self.session.lab
        run = lab.find(selected)
        other = self.second.find(run, second)
        if run is None or other is None:
            return self.show(selected, which, pressed)
        try:
            one, two = lab.answers(run, str(which)), lab.answers(other, str(which))
            if not one or not same_sources(one, two):
                return (html.caption(not_comparable(run, other)) if one else "") + self.show(
                    selected, which, pressed)
            with lab.turn():
                return overlaid(run, one, other, two, pressed)
        except Seq2SeqError as problem:
            return html.problem(_(problem))

    def describe(self, answers: list[Answer], task: Task, pressed: str = "") -> str:
        """The groups of the answers."""
        if all(answer.is_correct for answer in answers):
            return html.empty(_("No wrong answers: all {n} are correct.", n=len(answers)))
        return groups_html(find_failures(answers), pressed=pressed)


def overlaid(run: Run, one: list[Answer], other: Run, two: list[Answer], pressed: str = "") -> str:
    """The groups of two runs' answers to the same inputs, in the same charts."""
    if all(answer.is_correct for answer in (*one, *two)):
        return html.empty(_("No wrong answers: all {n} are correct in both runs.", n=len(one)))
    return groups_html(find_failures(one), TwoRuns(short_name(run), short_name(other),
                                                   find_failures(two)), pressed)


def not_comparable(run: Run, other: Run) -> str:
    """Why the bars of two runs on the same task are not drawn together."""
    return _("{second} is not shown here: its examples in this set differ from those of {first}, "
             "because seed or training data differ. Runs with the same examples can be compared.",
             first=short_name(run), second=short_name(other))


def key_of(event: gr.EventData) -> str:
    """The key of the group that was clicked."""
    return str(getattr(event, "key", ""))[:MAX_KEY]
