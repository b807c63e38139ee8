"""The strip: the way of one sequence through encoder, context and decoder, with its own numbers."""

import math
from collections.abc import Sequence
from html import escape

from seq2seq.insight import name
from seq2seq.language import say
from seq2seq.ui.html import MANY, Tokens, more

NUM_SHOWN_NUMBERS = 8  # of a hidden state, in the strip
NUM_SHOWN_STATES = (12, 4)  # of a long sequence, so many are drawn from its start and its end


def draw_strip(source: Tokens, written: Tokens, states: Sequence[Sequence[float]], finished: bool,
               attention: bool, size: int, recurrent: bool = True, both_ways: bool = False) -> str:
    """The way of one sequence: encoder → context → decoder, drawn with its own numbers.

    `states` are the encoder's states after each token; of each, a few numbers are drawn. `size`
    is how many there really are. A Transformer is not `recurrent`: it reads all tokens at once;
    others may read `both_ways`, once more from the end.
    """
    drawn = [
        f'<li><span class="tok enc">{escape(name(token))}</span>'
        f"{_numbers(state, NUM_SHOWN_NUMBERS)}</li>"
        for token, state in zip(source, states, strict=False)]
    first, last = NUM_SHOWN_STATES
    if (left_out := len(drawn) - first - last) > 1:
        drawn[first:-last] = [f'<li class="gap">{more(left_out)} …</li>']
    cells = "".join(drawn)
    context = _numbers(states[-1] if len(states) else [], 4 * NUM_SHOWN_NUMBERS)
    written_tiles = "".join(f"<li>{escape(name(token))}</li>" for token in written[:MANY])
    if len(written) > MANY:
        written_tiles += f'<li class="more">{more(len(written) - MANY)}</li>'
    end = f'<li class="end">{escape(say("end")) if finished else "…"}</li>'
    reads = say("reads one token after another; after each, its state has changed")
    if not recurrent:
        reads = say("reads all tokens at once; each of them looks at all the others")
    elif both_ways:
        reads = say("reads one token after another, and once more from the end; after each, its "
                    "state has changed")
    back = ""
    if attention:
        handed = say("{n} numbers are handed over, and the decoder may look back at every state of "
                     "the encoder (attention)", n=size)
        if not recurrent:
            handed = say("{n} numbers for every token are handed over: the decoder looks back at "
                         "all of them (attention)", n=size)
        looks = say("attention: for each token it writes, the decoder looks back at all of these "
                    "states")
        back = f'<p class="lookback"><span>{escape(looks)}</span></p>'
    elif both_ways:
        handed = say("one vector of {n} numbers, made from both ends, is all that is handed over",
                     n=size)
    else:
        handed = say("the last state, {n} numbers, is all that is handed over", n=size)
    writes = say("writes one token after another, until it writes “end”")
    arrow = '<span class="arrow" aria-hidden="true">→</span>'
    return (
        f'<figure class="strip{" with-attention" if attention else ""}">'
        f'<div class="stage enc"><h2>{escape(say("Encoder"))}</h2><p>{escape(reads)}</p>'
        f'<ol class="cells">{cells}</ol></div>{arrow}'
        f'<div class="stage ctx"><h2>{escape(say("Context"))}</h2><p>{escape(handed)}</p>'
        f'{context}</div>{arrow}'
        f'<div class="stage dec"><h2>{escape(say("Decoder"))}</h2><p>{escape(writes)}</p>'
        f'<ol class="tokens dec">{written_tiles}{end}</ol></div>'
        f"{back}</figure>")


def _numbers(values: Sequence[float], count: int) -> str:
    """The first `count` numbers of a state as little squares, blue below 0 and amber above."""
    squares = []
    for value in list(values)[:count]:
        number = float(value)
        number = max(-1.0, min(1.0, number)) if math.isfinite(number) else 0.0
        side = "dec" if number > 0 else "enc"
        squares.append(f'<i class="{side}" style="--much:{abs(number):.2f}"></i>')
    return f'<span class="numbers" aria-hidden="true">{"".join(squares)}</span>'
