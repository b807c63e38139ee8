"""The diagram of encoder, context and decoder, with the values of one sequence."""

import math
from collections.abc import Sequence
from html import escape

from seq2seq.config import ModelConfig
from seq2seq.decoding.greedy import Prediction
from seq2seq.i18n import _
from seq2seq.inspection.trace import name
from seq2seq.ui.components.token_tiles import MANY, more

NUM_SHOWN_NUMBERS = 8  # of each hidden state
NUM_SHOWN_STATES = (12, 4)  # at the start and at the end of a long sequence


def draw_strip(p: Prediction, model: ModelConfig) -> str:
    """The diagram encoder → context → decoder of a prediction.

    It shows the first values of each hidden state and of the context. A Transformer has no context:
    its decoder receives the vectors of all input tokens.
    """
    attention, size = model.attention != "none", model.hidden_size
    drawn = [
        f'<li><span class="tok enc">{escape(name(token))}</span>'
        f"{_numbers(state, NUM_SHOWN_NUMBERS)}</li>"
        for token, state in zip(p.positions, p.encoder_states.tolist(), strict=False)]
    first, last = NUM_SHOWN_STATES
    if (left_out := len(drawn) - first - last) > 1:
        drawn[first:-last] = [f'<li class="gap">{more(left_out)} …</li>']
    cells = "".join(drawn)
    title, context = _("Context"), _numbers(p.context.tolist(), 4 * NUM_SHOWN_NUMBERS)
    if not model.is_recurrent:
        title, context = _("No context"), ""
    written_tiles = "".join(f"<li>{escape(name(token))}</li>" for token in p.tokens[:MANY])
    if len(p.tokens) > MANY:
        written_tiles += f'<li class="more">{more(len(p.tokens) - MANY)}</li>'
    end = f'<li class="end">{escape(_("end")) if p.finished else "…"}</li>'
    reads = _("reads one token after another, updating its hidden state each time")
    if not model.is_recurrent:
        reads = _("reads all tokens at once; each one attends to all the others")
    elif model.bidirectional:
        reads = _("reads the tokens in both directions, updating its hidden state each time")
    back = ""
    if attention:
        handed = _("the decoder receives {n} numbers and may look back at every state of the "
                   "encoder (attention)", n=size)
        if not model.is_recurrent:
            handed = _("there is no single vector: the decoder looks back at the {n} numbers of "
                       "every token (attention)", n=size)
        looks = _("attention: for each token it writes, the decoder looks back at all of these "
                  "states")
        back = f'<p class="lookback"><span>{escape(looks)}</span></p>'
    elif model.bidirectional:
        handed = _("one vector of {n} numbers, from both directions, is all the decoder receives",
                   n=size)
    else:
        handed = _("the last hidden state, {n} numbers, is all the decoder receives", n=size)
    writes = _("writes one token after another, until it writes the end token")
    arrow = '<span class="arrow" aria-hidden="true">→</span>'
    return (
        f'<figure class="strip{" with-attention" if attention else ""}">'
        f'<div class="stage enc"><h2>{escape(_("Encoder"))}</h2><p>{escape(reads)}</p>'
        f'<ol class="cells">{cells}</ol></div>{arrow}'
        f'<div class="stage ctx"><h2>{escape(title)}</h2><p>{escape(handed)}</p>'
        f'{context}</div>{arrow}'
        f'<div class="stage dec"><h2>{escape(_("Decoder"))}</h2><p>{escape(writes)}</p>'
        f'<ol class="tokens dec">{written_tiles}{end}</ol></div>'
        f"{back}</figure>")


def _numbers(values: Sequence[float], count: int) -> str:
    """The first `count` values of a state as small squares, blue below 0 and amber above."""
    squares = []
    for value in list(values)[:count]:
        number = float(value)
        number = max(-1.0, min(1.0, number)) if math.isfinite(number) else 0.0
        side = "dec" if number > 0 else "enc"
        squares.append(f'<i class="{side}" style="--much:{abs(number):.2f}"></i>')
    return f'<span class="numbers" aria-hidden="true">{"".join(squares)}</span>'
