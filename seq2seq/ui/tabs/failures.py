"""“Where it fails” on the third tab: groups of answers; a click filters the table by a group."""

import gradio as gr

from seq2seq.evaluation.failures import find_failures
from seq2seq.evaluation.metrics import Answer
from seq2seq.i18n import _
from seq2seq.reports.failure_groups import groups_html
from seq2seq.tasks import Task
from seq2seq.ui.components import html
from seq2seq.ui.components.asset_files import asset
from seq2seq.ui.session import Session
from seq2seq.ui.tabs.answer_section import AnswerSection

MAX_KEY = 500  # characters; tokens of own pairs may be long


class FailuresPanel(AnswerSection):
    """Above the table of answers; `content` fires `picked` with the key of a group."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, _("Where it fails"), asset("js/failures.js"))

    def describe(self, answers: list[Answer], task: Task) -> str:
        """The groups of the answers."""
        if all(answer.is_correct for answer in answers):
            return html.empty(_("No wrong answers: all {n} are correct.", n=len(answers)))
        return groups_html(find_failures(answers))


def key_of(event: gr.EventData) -> str:
    """The key of the group that was clicked."""
    return str(getattr(event, "key", ""))[:MAX_KEY]
