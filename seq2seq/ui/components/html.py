"""Pieces of the page as HTML: tiles, tables, score cards.

Pure functions from strings and numbers to markup. Everything that a person typed goes through
`html.escape` here and nowhere else, so nothing outside this file writes a tag around a token.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from rapidfuzz.distance import Levenshtein

from seq2seq.i18n import LazyText, _, decimal, ngettext
from seq2seq.inspection.trace import name

Tokens = Sequence[str]
ROWS_AT_FIRST = 10  # of a long table
MANY = 24  # tiles; more are drawn smaller, or left out where they say nothing
MORE_SHOWN = 6  # tiles of an answer that goes on behind its target


@dataclass(frozen=True)
class TokenRow:
    """A sequence: its tokens, and how people write it where that is something else."""

    tokens: Tokens
    text: str = ""

    @property
    def is_word(self) -> bool:
        """Whether its tokens, put together, are already how people write it: "5", "9", "6"."""
        return len(self.tokens) > 1 and self.text.lower() == "".join(self.tokens).lower()

    @property
    def reading(self) -> str:
        """The text, where the tiles themselves do not say it."""
        plain = self.is_word or self.text == " ".join(self.tokens)
        return "" if plain else self.text


@dataclass(frozen=True)
class TokenMark:
    """One place in an answer: the token that stands there and what to say about it."""

    token: str
    kind: str  # "ok", "no" (wrong), "missing" (nothing was written), "plain" (nobody knows)
    wanted: str = ""


def compare(target: Tokens | None, predicted: Tokens) -> list[TokenMark]:
    """Each token of an answer, marked against the target, aligned by the fewest edits.

    A token that is missing or extra shifts what follows; alignment keeps that part right.

    >>> [mark.kind for mark in compare("beaches", "baches")]
    ['ok', 'missing', 'ok', 'ok', 'ok', 'ok', 'ok']
    """
    if target is None:
        return [TokenMark(token, "plain") for token in predicted]
    marks: list[TokenMark] = []
    for step in Levenshtein.opcodes(list(target), list(predicted)):
        kind = step.tag
        wanted = target[step.src_start : step.src_end]
        written = predicted[step.dest_start : step.dest_end]
        if kind == "delete":
            marks += [TokenMark("", "missing", token) for token in wanted]
        elif kind == "insert":
            marks += [TokenMark(token, "no") for token in written]
        else:
            right = "ok" if kind == "equal" else "no"
            marks += map(TokenMark, written, [right] * len(written), wanted)
    return marks


def hidden_words(mark: TokenMark) -> str:
    """What a screen reader says where the eye sees a wavy line or an empty tile."""
    if mark.kind == "no":
        words = (_("wrong, expected {token}", token=mark.wanted) if mark.wanted
                 else _("extra token"))
        return f" {words} "
    if mark.kind == "missing":
        return f" {_('missing, expected {token}', token=mark.wanted)} "
    return ""


def is_right(target: Tokens | None, predicted: Tokens, finished: bool = True) -> bool:
    """Whether an answer is the target, and ended by itself."""
    return target is not None and tuple(target) == tuple(predicted) and finished


def verdict(target: Tokens | None, predicted: Tokens, finished: bool = True) -> str:
    """What to say about a whole answer, in two or three words.

    `finished`: did the model write its end mark by itself?

    >>> verdict("513", "513"), verdict("513", "573"), verdict("513", "51"), verdict("51", "513")
    ('✓ correct', '1 wrong', 'stopped early', "didn't stop")
    >>> verdict("beaches", "baches"), verdict("513", "513", finished=False)
    ('1 missing', "didn't stop")
    >>> verdict("513", "99", finished=False)
    "2 wrong, 1 missing, didn't stop"
    """
    if target is None:
        return _("correct answer not known")
    if is_right(target, predicted, finished):
        return _("✓ correct")
    target, predicted = tuple(target), tuple(predicted)
    if predicted == target[: len(predicted)] and finished:
        return _("stopped early")
    if target == predicted[: len(target)]:
        return _("didn't stop")
    marks = compare(target, predicted)
    counts = [
        (LazyText("{n} wrong"), sum(mark.kind == "no" and mark.wanted != "" for mark in marks)),
        (LazyText("{n} missing"), sum(mark.kind == "missing" for mark in marks)),
        (LazyText("{n} extra"), sum(mark.kind == "no" and mark.wanted == "" for mark in marks))]
    found = [_(words, n=n) for words, n in counts if n]
    return ", ".join(found if finished else [*found, _("didn't stop")])


def tiles(line: TokenRow, role: str = "plain", label: str = "") -> str:
    """A sequence as a row of tiles. `role` is its colour: enc, ctx, dec, plain."""
    items = "".join(f"<li>{escape(name(token))}</li>" for token in line.tokens)
    return _row_of_tiles(items, line, len(line.tokens), role, label)


def marked_tiles(line: TokenRow, target: Tokens | None, label: str = "") -> str:
    """An answer as tiles; right and wrong are told by colour, by underline and by hidden words."""
    items, marks = [], compare(target, line.tokens)
    # A model that has learned nothing yet does not know when to stop: its beginning will do.
    shown = max(len(target or ()) + MORE_SHOWN, MANY)
    for mark in marks[:shown]:
        hidden = hidden_words(mark)
        said = f'<span class="unseen">{escape(hidden)}</span>' if hidden else ""
        items.append(f'<li class="{mark.kind}"><b>{escape(name(mark.token))}</b>{said}</li>')
    if len(marks) > shown:
        items.append(f'<li class="more">{more(len(marks) - shown)}</li>')
    return _row_of_tiles("".join(items), line, len(items), "", label)


def more(count: int) -> str:
    """How many are left out behind what is shown."""
    return escape(_("… {n} more", n=count))


def _row_of_tiles(items: str, line: TokenRow, count: int, role: str, label: str) -> str:
    """Tiles of a word stand close together, those of a long sequence are small."""
    kinds = ["tokens", role, "word" if line.is_word else "", "many" if count > MANY else ""]
    name = f' aria-label="{escape(label)}"' if label else ""
    # What people type stands in the text box already, so inputs are tiles alone.
    text = "" if role == "enc" else line.reading
    text = text if len(text) <= 240 else text[:240] + "…"
    reading = f'<span class="reading">{escape(text)}</span>' if text else ""
    return (f'<ol class="{" ".join(kind for kind in kinds if kind)}"{name}>{items}</ol>'
            f"{reading}")


def problem(sentence: str, hint: str = "") -> str:
    """A sentence about what is wrong with what was typed.

    If nothing is (an empty sentence), a quiet hint stands in its place: nothing jumps.
    """
    return (f'<p class="problem" role="alert" aria-live="polite">{escape(sentence)}</p>'
            f'<p class="hint">{"" if sentence else escape(hint)}</p>')


def caption(sentence: str) -> str:
    """One quiet line."""
    return f'<p class="soft">{escape(sentence)}</p>'


def empty(sentence: str) -> str:
    """A sentence in the place of something that is not there."""
    return f'<p class="empty-state">{escape(sentence)}</p>'


def board(source: TokenRow, target: TokenRow | None, predicted: TokenRow, finished: bool,
          speaker: str, unknown: str = "", reads: str = "") -> str:
    """Input, target and the model's answer for one sequence, under each other.

    `speaker` says who answers: "An untrained model says", "Your model says (Run 1, epoch 3)".
    `unknown` stands in the place of a target that nobody knows; `reads` says what the tiles of the
    input are, where they are not what the encoder reads.
    """
    right = None if target is None else target.tokens
    wanted = (tiles(target, "plain", _("target")) if target is not None
              else _soft(unknown or _("not known")))
    answer = (marked_tiles(predicted, right, _("prediction")) if predicted.tokens or right
              else _soft(_("nothing at all")))
    rows = [
        (_("Input"), reads or _("what the encoder reads"), tiles(source, "enc", _("input"))),
        (_("Target"), _("the correct answer"), wanted),
        (speaker, _("the model's "
                    "prediction"), answer + judged(right, predicted.tokens, finished)),
    ]
    return '<dl class="board">' + "".join(
        f"<div><dt>{escape(name)} <small>{escape(gloss)}</small></dt><dd>{content}</dd></div>"
        for name, gloss, content in rows) + "</dl>"


def _soft(words: str) -> str:
    return f'<span class="soft">{escape(words)}</span>'


def judged(target: Tokens | None, predicted: Tokens, finished: bool) -> str:
    """The verdict in its colour."""
    right = is_right(target, predicted, finished)
    tone = "right" if right else "wrong" if target is not None else "soft"
    says = verdict(target, predicted, finished)
    return f'<span class="verdict {tone}">{escape(says)}</span>'


def percent(share: float | None) -> str:
    """A share of 1 as percent; a dash where there is nothing to measure.

    >>> percent(0.714), percent(None), percent(0.9999)
    ('71 %', '–', '99.9 %')
    """
    if share is None or not math.isfinite(share):
        return "–"
    if 0.99 <= share < 1:  # 99.96 % is not yet all of them
        return f"{decimal(math.floor(share * 1000) / 10, '.1f')} %"
    return f"{share * 100:.0f} %"


SCORES = {  # key -> (title, which answers are counted)
    "memorised": (LazyText("Seen in training"), LazyText("of these are correct")),
    "new": (LazyText("New"), LazyText("correct on new examples")),
    "longer": (LazyText("Longer than in training"), LazyText("correct on longer examples")),
}


def score_words(longer: str) -> dict[str, tuple[str, str]]:
    """The titles of the three scores where the third set is called `longer`."""
    same = longer == SCORES["longer"][0]
    words = SCORES if same else {
        **SCORES, "longer": (LazyText(longer), LazyText("of these are correct"))}
    return {key: (_(title), _(gloss)) for key, (title, gloss) in words.items()}


def score_cards(scores: Mapping[str, float | None], longer: str = SCORES["longer"][0]) -> str:
    """The three scores (exact match) with bars."""
    cards = []
    for key, (title, gloss) in score_words(longer).items():
        share = scores.get(key)
        width = 0.0 if share is None or not math.isfinite(share) else 100 * share
        cards.append(
            f'<div class="score" data-score="{key}"><h3>{escape(title)}</h3>'
            f"<b>{percent(share)}</b><small>{escape(gloss)}</small>"
            f'<div class="bar"><i style="width:{width:.1f}%"></i></div></div>')
    return f'<div class="scores">{"".join(cards)}</div>'


def answers_table(rows: Sequence[tuple[TokenRow, TokenRow | None, TokenRow, bool]],
                  name: str) -> str:
    """Input, target and prediction side by side, one example a row: a real table.

    The style sheet shows the first `ROWS_AT_FIRST` of them until more are asked for.

    Roles are written out because at 390 px the cells are stacked, and some browsers forget that
    a table with stacked cells is a table.
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


def _row(source: TokenRow, target: TokenRow | None, predicted: TokenRow, finished: bool) -> str:
    right = None if target is None else target.tokens
    wanted = tiles(target) if target is not None else _soft(_("not known"))
    cells = [(_("Input"), f'<div>{tiles(source, "enc")}</div>'),
             (_("Target"), f"<div>{wanted}</div>"),
             (_("Predicted"), f"<div>{marked_tiles(predicted, right)}</div>"),
             ("", judged(right, predicted.tokens, finished))]
    return '<tr role="row">' + "".join(
        f'<td role="cell" data-head="{escape(head)}">{content}</td>'
        for head, content in cells) + "</tr>"
