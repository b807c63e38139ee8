"""HTML for comparisons, tables and score cards; `token_tiles` has the tokens.

Pure functions from strings and numbers to markup. They and `token_tiles` escape all typed text.
"""

import json
import math
from collections.abc import Mapping, Sequence
from html import escape

from seq2seq.i18n import LazyText, _, decimal, ngettext
from seq2seq.ui.components.token_tiles import TokenRow, is_right, marked_tiles, tiles, verdict

Tokens = Sequence[str]
ROWS_AT_FIRST = 10  # rows of a long table that are shown at first


def problem(sentence: str, hint: str = "") -> str:
    """An error message about an input.

    If `sentence` is empty, a hint takes its place, so that the layout does not move.
    """
    return (f'<p class="problem" role="alert" aria-live="polite">{escape(sentence)}</p>'
            f'<p class="hint">{"" if sentence else escape(hint)}</p>')


def caption(sentence: str) -> str:
    """A line of secondary text."""
    return f'<p class="soft">{escape(sentence)}</p>'


def empty(sentence: str) -> str:
    """A message in place of missing content."""
    return f'<p class="empty-state">{escape(sentence)}</p>'


def comparison(source: TokenRow, target: TokenRow | None, predicted: TokenRow, finished: bool,
               answered_by: str, unknown: str = "", reads: str = "") -> str:
    """Input, target and the model's answer for one sequence, in rows.

    `answered_by` names the model: "Your model's answer (Run 1, epoch 3)". `unknown` replaces an
    unknown target. `reads` describes the input's tiles if they are not what the encoder reads.
    """
    right = None if target is None else target.tokens
    wanted = (tiles(target, "plain", _("target")) if target is not None
              else _soft(unknown or _("not known")))
    answer = (marked_tiles(predicted, right, _("prediction")) if predicted.tokens or right
              else _soft(_("empty answer")))
    rows = [
        (_("Input"), reads or _("what the encoder reads"), tiles(source, "enc", _("input"))),
        (_("Target"), _("the correct answer"), wanted),
        (answered_by, _("the model's "
                        "prediction"), answer + verdict_html(right, predicted.tokens, finished)),
    ]
    return '<dl class="board">' + "".join(
        f"<div><dt>{escape(name)} <small>{escape(gloss)}</small></dt><dd>{content}</dd></div>"
        for name, gloss, content in rows) + "</dl>"


def _soft(words: str) -> str:
    return f'<span class="soft">{escape(words)}</span>'


def verdict_html(target: Tokens | None, predicted: Tokens, finished: bool) -> str:
    """The verdict, coloured."""
    right = is_right(target, predicted, finished)
    tone = "right" if right else "wrong" if target is not None else "soft"
    says = verdict(target, predicted, finished)
    return f'<span class="verdict {tone}">{escape(says)}</span>'


def percent(share: float | None) -> str:
    """A fraction as a percentage; a dash if there is none.

    >>> percent(0.714), percent(None), percent(0.9999)
    ('71 %', '–', '99.9 %')
    """
    if share is None or not math.isfinite(share):
        return "–"
    if 0.99 <= share < 1:  # rounded down: 99.96 % must not read as 100 %
        return f"{decimal(math.floor(share * 1000) / 10, '.1f')} %"
    return f"{share * 100:.0f} %"


SCORES = {  # key -> (title, which answers are counted)
    "memorised": (LazyText("Seen in training"), LazyText("of these are correct")),
    "new": (LazyText("New"), LazyText("correct on new examples")),
    "longer": (LazyText("Longer than in training"), LazyText("correct on longer examples")),
    "left_out": (LazyText("Left out of training"), LazyText("of these are correct")),
}


def score_words(longer: str) -> dict[str, tuple[str, str]]:
    """The titles and explanations of the scores; `longer` is the title of the third."""
    same = longer == SCORES["longer"][0]
    words = SCORES if same else {
        **SCORES, "longer": (LazyText(longer), LazyText("of these are correct"))}
    return {key: (_(title), _(gloss)) for key, (title, gloss) in words.items()}


def score_cards(scores: Mapping[str, float | None], longer: str = SCORES["longer"][0]) -> str:
    """The scores (exact match) with bars; that on what is left out is hidden if there is none."""
    cards = []
    for key, (title, gloss) in score_words(longer).items():
        share = scores.get(key)
        hidden = " hidden" if key == "left_out" and key not in scores else ""
        width = 0.0 if share is None or not math.isfinite(share) else 100 * share
        cards.append(
            f'<div class="score" data-score="{key}"{hidden}><h3>{escape(title)}</h3>'
            f"<b>{percent(share)}</b><small>{escape(gloss)}</small>"
            f'<div class="bar"><i style="width:{width:.1f}%"></i></div></div>')
    return f'<div class="scores">{"".join(cards)}</div>'


def answers_table(rows: Sequence[tuple[TokenRow, TokenRow | None, TokenRow, bool, str]],
                  name: str) -> str:
    """A table with input, target and prediction, one example per row.

    The last item of a row is the source as it can be typed: a button opens it on “Look inside”.

    The style sheet shows the first `ROWS_AT_FIRST` rows until the visitor requests more. The ARIA
    roles are explicit because CSS stacks the cells on narrow screens, and some browsers then no
    longer expose the table as a table.
    """
    body = "".join(_row(*row) for row in rows)
    rest = len(rows) - ROWS_AT_FIRST
    more = (f'<p class="more-rows"><button type="button" class="link">'
            f"{escape(ngettext('Show {n} more row', 'Show {n} more rows', rest))}</button></p>"
            if rest > 0 else "")
    heads = "".join(f'<th role="columnheader" scope="col">{head}</th>'
                    for head in (_("Input"), _("Target"), _("Predicted"), _("Verdict")))
    kind = "answers short" if more else "answers"
    return (f'<table class="{kind}" role="table"><caption class="unseen">{escape(name)}</caption>'
            f'<thead role="rowgroup"><tr role="row">{heads}</tr></thead>'
            f'<tbody role="rowgroup">{body}</tbody></table>{more}')


def _row(source: TokenRow, target: TokenRow | None, predicted: TokenRow, finished: bool,
         text: str) -> str:
    right = None if target is None else target.tokens
    wanted = tiles(target) if target is not None else _soft(_("not known"))
    cells = [(_("Input"), f'<div>{tiles(source, "enc")}</div>'),
             (_("Target"), f"<div>{wanted}</div>"),
             (_("Predicted"), f"<div>{marked_tiles(predicted, right)}</div>"),
             ("", verdict_html(right, predicted.tokens, finished) + _look_inside(text))]
    return '<tr role="row">' + "".join(
        f'<td role="cell" data-head="{escape(head)}">{content}</td>'
        for head, content in cells) + "</tr>"


def _look_inside(text: str) -> str:
    label = escape(_("Look inside: {text}", text=text))
    return (f' <button type="button" class="link look to-inside" aria-label="{label}" '
            f'data-source="{escape(json.dumps(text))}">{escape(_("Look inside"))}</button>')
