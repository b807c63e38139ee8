"""“Where it fails” on the third tab: groups of answers; a click filters the table by a group."""

from html import escape
from typing import Any

import gradio as gr

from seq2seq.errors import Seq2SeqError
from seq2seq.evaluation.failures import Failures, Group, find_failures
from seq2seq.evaluation.metrics import Answer
from seq2seq.i18n import _
from seq2seq.inspection.trace import name
from seq2seq.ui.components import html
from seq2seq.ui.components.asset_files import asset
from seq2seq.ui.session import QUIET, Session

MAX_KEY = 500  # characters; tokens of own pairs may be long


class FailuresPanel:
    """A closed accordion above the table of answers; it fires `picked` with the key of a group."""

    def __init__(self, session: Session) -> None:
        self.session = session
        with gr.Accordion(_("Where it fails"), open=False, elem_classes="failures") as self.panel:
            self.groups = gr.HTML("", js_on_load=asset("js/failures.js"), apply_default_css=False)

    def wire(self, selected: gr.Textbox, which: gr.Radio) -> None:
        """`selected` holds the run's id, `which` the name of the set."""
        self.panel.expand(self.groups_of, [selected, which], self.groups, **QUIET)
        which.input(self.closed, None, self.outputs(), **QUIET)

    def outputs(self) -> list:
        """What `closed` changes."""
        return [self.panel, self.groups]

    def closed(self) -> dict[Any, Any]:
        """Updates for another run or set."""
        return {self.panel: gr.update(open=False), self.groups: ""}

    def groups_of(self, selected: str, which: str) -> str:
        """The groups of the answers of a run's newest model to one set."""
        lab = self.session.lab
        run = lab.find(selected)
        if run is None:
            return html.caption(_("This run is no longer available. Train it again."))
        try:
            answers = lab.answers(run, str(which))
        except Seq2SeqError as problem:
            return html.problem(_(problem))
        if not answers:
            return html.empty(_("This set is empty: with so few pairs, none could be held out."))
        if all(answer.is_correct for answer in answers):
            return html.empty(_("No wrong answers: all {n} are correct.", n=len(answers)))
        return groups_html(find_failures(answers))


def key_of(event: gr.EventData) -> str:
    """The key of the group that was clicked."""
    return str(getattr(event, "key", ""))[:MAX_KEY]


def title_of(key: str, chosen: list[Answer]) -> str:
    """What a group's answers have in common, as a caption of the table."""
    kind, _colon, value = key.partition(":")
    if kind == "confusion":
        expected, _blank, written = value.partition(" ")
        return _("Answers with “{written}” instead of “{expected}”: {n}", n=len(chosen),
                 expected=name(expected), written=name(written))
    return {
        "length": _("Answers to sources of length {value}: {n}", n=len(chosen), value=value),
        "position": _("Answers with an error at position {value} of the target: {n}",
                      n=len(chosen), value=value),
        "end": _("Answers that end too early: {n}", n=len(chosen)) if value == "early"
        else _("Answers that end too late: {n}", n=len(chosen)),
    }.get(kind, "")


def groups_html(found: Failures) -> str:
    """Bars by length and by position, confused tokens and endings; each is a button."""
    words = [_chart(_("Correct answers by length of the source"), found.by_length, "length"),
             _chart(_("Correct tokens by position in the target"), found.by_position, "position")]
    rows = "".join(
        _button(confusion.key, _("“{written}” instead of “{expected}”: {n}",
                                 written=name(confusion.written), expected=name(confusion.expected),
                                 n=confusion.num)) for confusion in found.confusions)
    if found.num_too_early:
        rows += _button("end:early", _("ends too early: {n}", n=found.num_too_early))
    if found.num_too_late:
        rows += _button("end:late", _("ends too late: {n}", n=found.num_too_late))
    if rows:
        words.append(f"<section><h3>{escape(_('Most frequent errors'))}</h3>"
                     f'<div class="chips-row">{rows}</div></section>')
    hint = _("Click a bar or an error to see its answers in the table below. Thin lines are 95 % "
             "confidence intervals.")
    return f'<div class="failure-groups">{"".join(words)}</div>{html.caption(hint)}'


def _chart(title: str, groups: tuple[Group, ...], kind: str) -> str:
    bars = "".join(_bar(group, kind) for group in groups)
    return f'<section><h3>{escape(title)}</h3><div class="failure-bars">{bars}</div></section>'


def _bar(group: Group, kind: str) -> str:
    low, high = group.interval
    label = (_("length {number}: {right} of {n} correct", number=group.number,
               right=group.num_correct, n=group.num) if kind == "length"
             else _("position {number}: {right} of {n} correct", number=group.number,
                    right=group.num_correct, n=group.num))
    return (f'<button type="button" data-key="{escape(group.key)}" title="{escape(label)}" '
            f'aria-label="{escape(label)}"><span class="column">'
            f'<i style="height:{100 * group.share:.1f}%"></i>'
            f'<b style="bottom:{100 * low:.1f}%;height:{100 * (high - low):.1f}%"></b></span>'
            f"<small>{group.number}</small></button>")


def _button(key: str, text: str) -> str:
    return f'<button type="button" class="chip" data-key="{escape(key)}">{escape(text)}</button>'
