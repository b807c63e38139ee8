"""“More measures” of one set on the third tab, computed when the section is opened."""

from html import escape
from typing import Any

from seq2seq.evaluation.measures import MORE_IS_BETTER, TITLES, Measure, measures
from seq2seq.evaluation.metrics import Answer
from seq2seq.i18n import _, decimal
from seq2seq.tasks import Task
from seq2seq.ui.components import html
from seq2seq.ui.session import Session
from seq2seq.ui.tabs.answer_section import AnswerSection


class MeasuresPanel(AnswerSection):
    """Below the table of answers."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, _("More measures of this set"))

    def describe(self, answers: list[Answer], task: Task, *more: Any) -> str:
        """The measures as a table."""
        return measures_table(measures(answers, task), len(answers))


def measures_table(found: list[Measure], num_sources: int) -> str:
    """A row for each measure: its value, its confidence interval and what it counts."""
    rows = "".join(
        f'<tr><th scope="row">{escape(_(TITLES[m.name].title))}'
        f"<small>{escape(_(TITLES[m.name].gloss))}</small></th>"
        f"<td>{_figure(m)}</td><td>{escape(_interval(m))}</td></tr>" for m in found)
    heads = "".join(f'<th scope="col">{escape(head)}</th>' for head in (
        _("Measure"), _("Value"), _("95 % confidence interval")))
    how = _("{n} sources. The intervals show how much a figure would vary with other sources of "
            "the same kind.", n=num_sources)
    signatures = "".join(f"<li><code>{escape(f'{m.name}: {m.signature}')}</code></li>"
                         for m in found if m.signature)
    note = (f'<p class="soft">{escape(_("Computed by sacrebleu with these settings:"))}</p>'
            f'<ul class="signatures">{signatures}</ul>' if signatures else "")
    return (f'<table class="measures-rows"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody>'
            f"</table>{html.caption(how)}{note}")


def _figure(measure: Measure) -> str:
    better = (_("more is better") if measure.name in MORE_IS_BETTER else _("less is better"))
    return f"{escape(decimal(measure.value, '.1f'))}<small>{escape(better)}</small>"


def _interval(measure: Measure) -> str:
    low, high = decimal(measure.low, ".1f"), decimal(measure.high, ".1f")
    return _("{low} to {high}", low=low, high=high)
