"""The groups of `evaluation.failures` as HTML: bars and buttons, for the page and for reports."""

from html import escape

from seq2seq.evaluation.failures import Failures, Group
from seq2seq.evaluation.metrics import Answer
from seq2seq.i18n import _
from seq2seq.inspection.trace import name


def title_of(key: str, chosen: list[Answer]) -> str:
    """What a group's answers have in common, as a caption of the table."""
    kind, _colon, value = key.partition(":")
    if kind == "confusion":
        expected, _tab, written = value.partition("\t")
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
    return f'<div class="failure-groups">{"".join(words)}</div><p class="soft">{escape(hint)}</p>'


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
