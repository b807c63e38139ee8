"""What “From picture to arithmetic” can compute of an answer: subjects, levels, fields."""

from typing import Any

from seq2seq.i18n import LazyText, _
from seq2seq.inspection.gates import GATES
from seq2seq.inspection.trace import Insight, name
from seq2seq.ui.tabs.inside.lines import heads_of
from seq2seq.ui.tabs.inside.pieces import places

ATTENTION = (LazyText("Score"), LazyText("Softmax"), LazyText("Weighted sum"))
TOKEN = (LazyText("Logit"), LazyText("Log-softmax"), LazyText("Probability"))
CELLS = {"rnn": (LazyText("Hidden state"),),
         "gru": (LazyText("Gate"), LazyText("Candidate"), LazyText("New state")),
         "lstm": (LazyText("Gate"), LazyText("Cell state"), LazyText("Hidden state"))}


def subjects(seen: Insight) -> list[dict[str, Any]]:
    """For each subject its key, its title and its levels.

    Also the level to begin with, and whether the encoder's steps have it.
    """
    found = []
    if seen.prediction.attention is not None:
        found.append(_subject("attention", _("Attention weight"), ATTENTION, 1, False))
    found.append(_subject("token", _("Probability of a token"), TOKEN, 2, False))
    cell = seen.config.cell
    for gate in GATES[cell]:
        found.append(_subject(str(gate), _("Gate: {gate}", gate=_(gate)), CELLS[cell], 0, True))
    if cell == "rnn":
        found.append(_subject("state", _("Hidden state"), CELLS[cell], 0, True))
    return found


def _subject(key: str, title: str, levels: tuple[LazyText, ...], start: int,
             is_for_encoder: bool) -> dict[str, Any]:
    return {"key": key, "title": title, "levels": [_(level) for level in levels], "start": start,
            "encoder": is_for_encoder}


def choices(seen: Insight) -> dict[str, Any]:
    """The subjects, and the values of the fields for the page's script."""
    p = seen.prediction
    return {"subjects": subjects(seen), "places": places(p.positions), "heads": heads_of(seen)[1:],
            "gates": [str(gate) for gate in GATES[seen.config.cell]],
            "units": seen.config.hidden_size,
            "tokens": [[(token, name(token)) for token, _ in step.top] for step in p.steps]}
