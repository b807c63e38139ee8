"""The groups of `evaluation.failures` as HTML: bars and buttons, for the page and for reports."""

from html import escape
from typing import NamedTuple

from seq2seq.evaluation.failures import Failures, Group, paired_groups
from seq2seq.evaluation.metrics import Answer
from seq2seq.i18n import _
from seq2seq.inspection.trace import name


class TwoRuns(NamedTuple):
    """The names of two runs, and the groups of the second, for bars beside those of the first."""

    first: str
    second: str
    found: Failures  # of the second run


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


def groups_html(found: Failures, two: TwoRuns | None = None, pressed: str = "") -> str:
    """Bars by length and by position, confused tokens and endings; each is a button.

    With `two`, the bars of a second run are beside those of the first, in the same button.
    `pressed` is the key of the group that the table shows.
    """
    words = [_chart(_("Correct answers by length of the source"), "length", pressed,
                    found.by_length, two and two.found.by_length, two),
             _chart(_("Correct tokens by position in the target"), "position", pressed,
                    found.by_position, two and two.found.by_position, two)]
    rows = "".join(
        _button(confusion.key, pressed,
                _("“{written}” instead of “{expected}”: {n}", written=name(confusion.written),
                  expected=name(confusion.expected), n=confusion.num))
        for confusion in found.confusions)
    if found.num_too_early:
        rows += _button("end:early", pressed, _("ends too early: {n}", n=found.num_too_early))
    if found.num_too_late:
        rows += _button("end:late", pressed, _("ends too late: {n}", n=found.num_too_late))
    if rows:
        title = (_("Most frequent errors of {run}", run=two.first) if two
                 else _("Most frequent errors"))
        words.append(f"<section><h3>{escape(title)}</h3>"
                     f'<div class="chips-row">{rows}</div></section>')
    hint = _("Click a bar or an error to see its answers in the table below. Thin lines are 95 % "
             "confidence intervals.")
    if two:
        hint = _("Click a bar or an error to see the answers of {run} in the table below. Thin "
                 "lines are 95 % confidence intervals.", run=two.first)
    return (f'{_legend(two) if two else ""}<div class="failure-groups">{"".join(words)}</div>'
            f'<p class="soft">{escape(hint)}</p>')


def _legend(two: TwoRuns) -> str:
    """Which bars belong to which run."""
    return ('<p class="failure-legend">'
            f'<span><i class="key"></i>{escape(two.first)}</span> '
            f'<span><i class="key other-run"></i>{escape(two.second)}</span></p>')


def _chart(title: str, kind: str, pressed: str, groups: tuple[Group, ...],
           others: tuple[Group, ...] | None, two: TwoRuns | None) -> str:
    bars = "".join(_bar(kind, pressed, one, other, two)
                   for one, other in paired_groups(groups, others or ()))
    return f'<section><h3>{escape(title)}</h3><div class="failure-bars">{bars}</div></section>'


def _bar(kind: str, pressed: str, one: Group | None, other: Group | None,
         two: TwoRuns | None) -> str:
    group = one or other
    assert group is not None
    known = {"number": group.number, "right": group.num_correct, "n": group.num}
    text = (_("length {number}: {right} of {n} correct", **known) if kind == "length"
            else _("position {number}: {right} of {n} correct", **known))
    columns = _column(group)
    if two:
        counts = {"number": group.number, "first": _count(two.first, one),
                  "second": _count(two.second, other)}
        text = (_("length {number}: {first}; {second}", **counts) if kind == "length"
                else _("position {number}: {first}; {second}", **counts))
        columns = _column(one) + _column(other, " other-run")
    return (f'<button type="button" data-key="{escape(group.key)}"{_pressed(group.key, pressed)} '
            f'title="{escape(text)}" aria-label="{escape(text)}">'
            f'<span class="bar-pair">{columns}</span><small>{group.number}</small></button>')


def _count(run: str, group: Group | None) -> str:
    """How many are correct in a run's group, in words."""
    return _("{right} of {n} correct in {run}", run=run, right=group.num_correct if group else 0,
             n=group.num if group else 0)


def _column(group: Group | None, more: str = "") -> str:
    """One bar with its interval; an empty one where a run has no such group."""
    if group is None:
        return f'<span class="column{more}"></span>'
    low, high = group.interval
    return (f'<span class="column{more}"><i style="height:{100 * group.share:.1f}%"></i>'
            f'<b style="bottom:{100 * low:.1f}%;height:{100 * (high - low):.1f}%"></b></span>')


def _pressed(key: str, pressed: str) -> str:
    return ' aria-pressed="true"' if key == pressed else ""


def _button(key: str, pressed: str, text: str) -> str:
    return (f'<button type="button" class="chip" data-key="{escape(key)}"{_pressed(key, pressed)}>'
            f"{escape(text)}</button>")
