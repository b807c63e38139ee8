"""Tokens as HTML tiles, marked as correct, wrong or missing, also in text for screen readers.

All typed text is escaped here and in `html`: no other file puts tokens into tags.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from rapidfuzz.distance import Levenshtein

from seq2seq.i18n import LazyText, _
from seq2seq.inspection.trace import name

Tokens = Sequence[str]
MANY = 24  # tiles; longer sequences are drawn smaller or cut
MORE_SHOWN = 6  # tiles of an answer after the length of its target


@dataclass(frozen=True)
class TokenRow:
    """The tokens of a sequence, and its text."""

    tokens: Tokens
    text: str = ""
    unknown: frozenset[str] = frozenset()  # tokens that are not in the model's vocabulary

    @property
    def is_word(self) -> bool:
        """Whether the text is the tokens without spaces, as for "5", "9", "6"."""
        return len(self.tokens) > 1 and self.text.lower() == "".join(self.tokens).lower()

    @property
    def reading(self) -> str:
        """The text, unless the tiles already show it."""
        plain = self.is_word or self.text == " ".join(self.tokens)
        return "" if plain else self.text


@dataclass(frozen=True)
class TokenMark:
    """One position in an answer: its token, and whether it is correct."""

    token: str
    kind: str  # "ok", "no" (wrong), "missing" (no token), "plain" (no target)
    wanted: str = ""


def compare(target: Tokens | None, predicted: Tokens) -> list[TokenMark]:
    """Mark each token of an answer against the target, aligned by the fewest edits.

    With the alignment, a missing or extra token does not make all later tokens wrong.

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


def screen_reader_text(mark: TokenMark) -> str:
    """What a screen reader says in place of a wavy line or an empty tile."""
    if mark.kind == "no":
        words = (_("wrong, expected {token}", token=mark.wanted) if mark.wanted
                 else _("extra token"))
        return f" {words} "
    if mark.kind == "missing":
        return f" {_('missing, expected {token}', token=mark.wanted)} "
    return ""


def is_right(target: Tokens | None, predicted: Tokens, finished: bool = True) -> bool:
    """Whether an answer equals the target, and the model ended it."""
    return target is not None and tuple(target) == tuple(predicted) and finished


def verdict(target: Tokens | None, predicted: Tokens, finished: bool = True) -> str:
    """The verdict on a whole answer, in two or three words.

    `finished`: whether the model wrote the end token.

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
    mark = f'<span class="unseen"> ({escape(_("unknown to the model"))})</span>'
    items = "".join(f'<li class="unknown">{escape(name(token))}{mark}</li>'
                    if token in line.unknown else f"<li>{escape(name(token))}</li>"
                    for token in line.tokens)
    return _row_of_tiles(items, line, len(line.tokens), role, label)


def marked_tiles(line: TokenRow, target: Tokens | None, label: str = "") -> str:
    """An answer as tiles; errors are marked by colour, underline and screen-reader text."""
    items, marks = [], compare(target, line.tokens)
    # An untrained model may never stop, so only the first tokens are shown.
    shown = max(len(target or ()) + MORE_SHOWN, MANY)
    for mark in marks[:shown]:
        hidden = screen_reader_text(mark)
        said = f'<span class="unseen">{escape(hidden)}</span>' if hidden else ""
        items.append(f'<li class="{mark.kind}"><b>{escape(name(mark.token))}</b>{said}</li>')
    if len(marks) > shown:
        items.append(f'<li class="more">{more(len(marks) - shown)}</li>')
    return _row_of_tiles("".join(items), line, len(items), "", label)


def more(count: int) -> str:
    """How many tiles are left out."""
    return escape(_("… {n} more", n=count))


def _row_of_tiles(items: str, line: TokenRow, count: int, role: str, label: str) -> str:
    """A row of tiles, with classes for words (set close together) and long sequences (small)."""
    kinds = ["tokens", role, "word" if line.is_word else "", "many" if count > MANY else ""]
    name = f' aria-label="{escape(label)}"' if label else ""
    # The text box already shows the text of an input.
    text = "" if role == "enc" else line.reading
    text = text if len(text) <= 240 else text[:240] + "…"
    reading = f'<span class="reading" dir="auto">{escape(text)}</span>' if text else ""
    direction = ' dir="rtl"' if is_right_to_left(line.tokens) else ""
    return (f'<ol class="{" ".join(kind for kind in kinds if kind)}"{direction}{name}>{items}</ol>'
            f"{reading}")


def is_right_to_left(tokens: Tokens) -> bool:
    """Whether the first letter of a sequence is of a script that runs from right to left.

    >>> is_right_to_left(("3", "שלום")), is_right_to_left(("cat",))
    (True, False)
    """
    for character in "".join(tokens):
        direction = unicodedata.bidirectional(character)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False
