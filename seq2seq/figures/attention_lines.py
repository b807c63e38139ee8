"""Attention as lines between two rows of words, as an SVG drawing.

The input tokens are above, the output tokens below. A line joins output token t and input token i
for each attention weight a(t, i) that is not small; its width and opacity grow with the weight. The
same weights are the rows of the attention map (Bahdanau et al. 2015, arXiv:1409.0473, figure 3).

Horizontal positions are percentages, so the drawing can be as wide as its container. Colours are
CSS variables as in `style.py`. The page's script (`assets/js/inside_lines.js`) finds lines and
words by their attributes: a line of output t and input i has `data-write="t" data-read="i"`, a word
has one of the two, and `data-go` is the moment that a click selects.

Shape letters: S input positions, T output steps.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from unicodedata import east_asian_width

import numpy as np

from seq2seq.figures.style import percent_text
from seq2seq.i18n import _
from seq2seq.inspection.trace import Insight, name

SMALLEST = 0.05  # weights below it have no line, with more than 40 input positions below 2 / S
CHARACTER = 9  # width of a character in pixels, in a monospaced font of 15 pixels
LONGEST = 16  # characters of a word that are shown
GAP, ROOMY = 8, 84  # pixels between words at least; pixels for each word at most
BOX, BAR = 28, 9  # height of a word's box; least width of a stretch of sound, which has no word
TIMES_APART = 10  # stretches of sound between two time labels
TOP, BOTTOM, HEIGHT = 20, 178, 226  # of the rows of boxes, of the drawing
ABOVE, BELOW = -6, BOX + 16  # baselines of the texts outside a box
SMALL = 'font-size="12" font-family="var(--font)" fill="var(--soft)"'
BUTTON = re.compile(r'<g role="button"[^>]*>')


@dataclass(frozen=True)
class _Word:
    """One token's box: its token and its centre in percent of the width."""

    token: str
    width: int  # in pixels
    centre: float = 0.0
    room: float = 0.0  # in percent of the width, with the gap to the next word


def smallest_weight(num_read: int) -> float:
    """The smallest weight that has a line, for S input positions.

    >>> smallest_weight(8), smallest_weight(100)
    (0.05, 0.02)
    """
    return min(SMALLEST, 2 / num_read)


def attention_lines(insight: Insight, weights: np.ndarray | None = None,
                    is_still: bool = False) -> str:
    """The drawing as an `<svg>` element, "" for a model without attention.

    `weights` (T, S) are drawn in place of the answer's own, for example those of one head. In a
    still drawing, the words are no buttons: a screen reader reads the alternative text alone.
    """
    p = insight.prediction
    weights = p.attention if weights is None else weights
    if weights is None:
        return ""
    weights = np.nan_to_num(weights)
    is_sound = p.positions != p.source
    written = [step.token for step in p.steps]
    above = [_Word(token, BAR if is_sound else _width(token)) for token in p.positions]
    below = [_Word(token, _width(token)) for token in written]
    gap = 1 if is_sound else GAP
    least = max(sum(w.width + g for w in row) for row, g in ((above, gap), (below, GAP)))
    most = max(least, ROOMY * max(len(below), len(above)))
    above, below = _spread(above, gap), _spread(below, GAP)
    smallest = smallest_weight(len(above))
    places = [_("sound at {time}", time=at) if is_sound else
              _("input, token {n}: {token}", n=i, token=name(at))
              for i, at in enumerate(p.positions, 1)]
    lines = "".join(
        _line(above[i], below[t], i, t, float(weights[t, i]))
        for t, i in np.argwhere(weights >= smallest).tolist())
    words = "".join(
        _button(word, TOP, f'data-read="{i}" data-go="{i}"',
                _input_text(places[i], written, weights[:, i], smallest),
                _bar(word, i % TIMES_APART == 0) if is_sound else _box(word, "enc"))
        for i, word in enumerate(above))
    words += "".join(
        _button(word, BOTTOM, f'data-write="{t}" data-go="{len(above) + t}"',
                _output_text(p.positions, written, weights[t], t), _box(word, "dec"))
        for t, word in enumerate(below))
    alt = _("Attention lines. For each token written, the input tokens with the largest weights: "
            "{looks}.", looks="; ".join(f"{name(w)}: {_largest(p.positions, row)}"
                                         for w, row in zip(written, weights, strict=True)))
    if is_still:
        words = BUTTON.sub("<g>", words)
    role = "img" if is_still else "group"
    return (f'<svg xmlns="http://www.w3.org/2000/svg" role="{role}" aria-label="{escape(alt)}" '
            f'width="100%" height="{HEIGHT}" style="min-width:{least}px;max-width:{most}px" '
            f'font-family="var(--mono)" font-size="15" text-anchor="middle">'
            f'<g class="weights" stroke="var(--enc)" stroke-linecap="round" aria-hidden="true">'
            f"{lines}</g>{words}</svg>")


def _spread(words: Sequence[_Word], gap: int) -> list[_Word]:
    """The words over the whole width; each gets room in proportion to its box."""
    total = sum(word.width + gap for word in words)
    placed, start = [], 0
    for word in words:
        room = word.width + gap
        placed.append(_Word(word.token, word.width, 100 * (start + room / 2) / total,
                            100 * room / total))
        start += room
    return placed


def _shortened(token: str) -> str:
    token = name(token)
    return token if len(token) <= LONGEST else token[: LONGEST - 1] + "…"


def _width(token: str) -> int:
    """Pixels that a token's box needs; Chinese and Japanese characters are twice as wide."""
    columns = sum(2 if east_asian_width(c) in "WF" else 1 for c in _shortened(token))
    return max(30, CHARACTER * columns + 14)


def _line(above: _Word, below: _Word, i: int, t: int, weight: float) -> str:
    return (f'<line x1="{above.centre:.2f}%" y1="{TOP + BOX}" x2="{below.centre:.2f}%" '
            f'y2="{BOTTOM}" stroke-width="{.75 + 3.25 * weight:.2f}" '
            f'stroke-opacity="{.3 + .7 * weight:.2f}" data-read="{i}" data-write="{t}" '
            f'data-share="{escape(percent_text(weight))}"/>')


def _button(word: _Word, top: int, marks: str, text: str, inside: str) -> str:
    """A place of a row that can be pointed at; a screen reader says `text`."""
    return (f'<g role="button" tabindex="-1" aria-label="{escape(text)}" {marks}>'
            f'<svg x="{word.centre:.2f}%" y="{top}" overflow="visible">{inside}</svg></g>')


def _box(word: _Word, role: str) -> str:
    """A token in its box, with an empty text outside for the share of a line that ends here."""
    outside = ABOVE if role == "enc" else BELOW
    return (f'<rect x="{-word.width / 2:g}" width="{word.width}" height="{BOX}" rx="6" '
            f'fill="var(--{role}-bg)"/><text y="{BOX / 2 + 5:g}" fill="var(--{role})" '
            f'font-weight="600">{escape(_shortened(word.token))}</text>'
            f'<text class="share" y="{outside}" {SMALL}></text>')


def _bar(word: _Word, is_labelled: bool) -> str:
    """A stretch of sound, with its time above it if `is_labelled`."""
    left = f"{-.45 * word.room:.2f}%"
    time = f'<text x="{left}" y="{ABOVE}" text-anchor="start" {SMALL}>{escape(word.token)}</text>'
    return (f'<rect x="{left}" width="{.9 * word.room:.2f}%" height="{BOX}" rx="2" '
            f'fill="var(--enc-bg)"/>{time if is_labelled else ""}')


def _input_text(place: str, written: Sequence[str], weights: np.ndarray, smallest: float) -> str:
    """What a screen reader says of an input position: the steps with a line to it."""
    found = [f"{name(written[t])} ({percent_text(float(weights[t]))})"
             for t in np.flatnonzero(weights >= smallest).tolist()]
    if not found:
        return f"{place}. {_('No output token attends to it.')}"
    return f"{place}. {_('Attention from: {tokens}.', tokens=', '.join(found))}"


def _output_text(read: Sequence[str], written: Sequence[str], weights: np.ndarray, t: int) -> str:
    """What a screen reader says of an output token: the input tokens that it has lines to."""
    text = _("output, token {n}: {token}", n=t + 1, token=name(written[t]))
    return f"{text}. {_('Attention on: {tokens}.', tokens=_largest(read, weights, 6))}"


def _largest(read: Sequence[str], weights: np.ndarray, count: int = 2) -> str:
    """The input tokens with the largest of the weights (S,) that have lines."""
    order = np.argsort(-weights, kind="stable")[:count].tolist()
    smallest = smallest_weight(len(read))
    return ", ".join(_("{token}, position {n} ({share})", token=name(read[i]), n=i + 1,
                       share=percent_text(float(weights[i])))
                     for i in order if weights[i] >= smallest or i == order[0])
