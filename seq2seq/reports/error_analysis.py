"""The error analysis of a model as one HTML file: scores, measures, groups of errors, mistakes."""

import json
from collections.abc import Mapping, Sequence
from html import escape

from seq2seq.evaluation.failures import find_failures, keys_of
from seq2seq.evaluation.measures import TITLES, Measure, measures
from seq2seq.evaluation.metrics import Answer, exact_match, matches
from seq2seq.i18n import _, decimal
from seq2seq.inspection.trace import name
from seq2seq.reports.experiment_card import SETS
from seq2seq.reports.failure_groups import groups_html
from seq2seq.reports.html_page import HtmlPage, asset, document
from seq2seq.tasks import Task, Tokens

MAX_MISTAKES = 500  # rows of a table


def error_analysis(title: str, note: str, found: Mapping[str, Sequence[Answer]],
                   task: Task) -> HtmlPage:
    """The report on the answers to each set; `note` is a sentence about the model.

    A name of a set is one of `SETS`, or any text.
    """
    rows = "".join(_score_row(key, answers) for key, answers in found.items())
    heads = "".join(f'<th scope="col">{escape(head)}</th>' for head in (
        _("Set"), _("Exact match"), _("Correct"), _("Answers")))
    sections = "".join(_section(key, answers, task) for key, answers in found.items() if answers)
    return document(title, f'<p class="soft">{escape(note)}</p><table><thead><tr>{heads}</tr>'
                           f"</thead><tbody>{rows}</tbody></table>{sections}",
                    asset("error_analysis.js"))


def _title(key: str) -> str:
    return _(SETS[key]) if key in SETS else key


def _score_row(key: str, answers: Sequence[Answer]) -> str:
    share, right = exact_match(answers), sum(answer.is_correct for answer in answers)
    shown = "–" if share is None else decimal(100 * share, ".1f") + " %"
    return (f'<tr><th scope="row">{escape(_title(key))}</th><td>{shown}</td><td>{right}</td>'
            f"<td>{len(answers)}</td></tr>")


def _section(key: str, answers: Sequence[Answer], task: Task) -> str:
    wrong = [answer for answer in answers if not answer.is_correct]
    inside = f"<h2>{escape(_title(key))}</h2>{_measures(measures(answers, task))}"
    if not wrong:
        good = _("No wrong answers: all {n} are correct.", n=len(answers))
        return f'<section class="set">{inside}<p>{escape(good)}</p></section>'
    shown = wrong[:MAX_MISTAKES]
    count = _("{shown} of {all} wrong answers", shown=len(shown), all=len(wrong))
    heads = "".join(f'<th scope="col">{escape(head)}</th>'
                    for head in (_("Input"), _("Target"), _("Predicted")))
    rows = "".join(_mistake(answer, task) for answer in shown)
    return (f'<section class="set">{inside}{groups_html(find_failures(answers))}'
            f'<p class="count">{escape(count)}</p><div class="scroll"><table class="mistakes">'
            f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div></section>")


def _measures(found: Sequence[Measure]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(_(TITLES[m.name].title))}</th>'
        f"<td>{decimal(m.value, '.1f')}</td><td>{decimal(m.low, '.1f')} – "
        f"{decimal(m.high, '.1f')}</td></tr>" for m in found)
    heads = "".join(f'<th scope="col">{escape(head)}</th>' for head in (
        _("Measure"), _("Value"), _("95 % confidence interval")))
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _mistake(answer: Answer, task: Task) -> str:
    """A row of the table, with the keys of the groups that the answer belongs to."""
    target, written = answer.example.target, answer.tokens
    end = "" if answer.finished else " …"
    keys = escape(json.dumps(keys_of(answer)))
    return (f'<tr data-keys="{keys}"><td>{tokens(answer.example.source)}</td>'
            f"<td>{tokens(target)}</td><td>{tokens(written, matches(written, target))}{end}</td>"
            "</tr>")


def tokens(row: Tokens, right: Sequence[bool] = ()) -> str:
    """Tokens as tiles; those that are not `right` are marked."""
    return '<span class="tokens">' + "".join(
        f'<span class="tile{" no" if right and not right[i] else ""}">{escape(name(token))}</span>'
        for i, token in enumerate(row)) + "</span>"
