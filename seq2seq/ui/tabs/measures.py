"""“More measures” of one set on the third tab, computed when the section is opened."""

from html import escape
from typing import Any

import gradio as gr

from seq2seq.errors import Seq2SeqError
from seq2seq.evaluation.measures import MORE_IS_BETTER, TITLES, Measure, measures
from seq2seq.i18n import _, decimal
from seq2seq.ui.components import html
from seq2seq.ui.session import QUIET, Session


class MeasuresPanel:
    """A closed accordion below the table of answers."""

    def __init__(self, session: Session) -> None:
        self.session = session
        with gr.Accordion(_("More measures of this set"), open=False,
                          elem_classes="measures") as self.panel:
            self.figures = gr.HTML(apply_default_css=False)

    def wire(self, selected: gr.Textbox, which: gr.Radio) -> None:
        """`selected` holds the run's id, `which` the name of the set."""
        self.panel.expand(self.table_of, [selected, which], self.figures, **QUIET)
        which.input(self.closed, None, self.outputs(), **QUIET)

    def outputs(self) -> list:
        """What `closed` changes."""
        return [self.panel, self.figures]

    def closed(self) -> dict[Any, Any]:
        """Updates for another run or set."""
        return {self.panel: gr.update(open=False), self.figures: ""}

    def table_of(self, selected: str, which: str) -> str:
        """The measures of a run's newest model on one set, as a table."""
        lab = self.session.lab
        run = lab.find(selected)
        if run is None:
            return html.caption(_("This run is no longer available. Train it again."))
        try:
            answers = lab.answers(run, str(which))
            with lab.turn():
                found = measures(answers, run.recipe.make_task())
        except Seq2SeqError as problem:
            return html.problem(_(problem))
        if not found:
            return html.empty(_("This set is empty: with so few pairs, none could be held out."))
        return measures_table(found, len(answers))


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
