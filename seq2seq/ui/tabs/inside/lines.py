"""The attention lines of one answer, and for a Transformer the choice of a head."""

from typing import Any

import numpy as np

from seq2seq.errors import InputError
from seq2seq.figures.attention_lines import attention_lines, smallest_weight
from seq2seq.figures.style import percent_text
from seq2seq.i18n import _
from seq2seq.inspection.trace import Insight
from seq2seq.ui.tabs.inside.pieces import Choice

MEAN = "mean"  # the value of the menu for the mean of all heads


def lines_of(seen: Insight, head: str = MEAN) -> dict[str, Any] | None:
    """The drawing, its note and the menu of heads; None for a model without attention.

    `head` is a value of the menu: "mean" or "<layer>.<head>", each from 0. InputError otherwise.
    """
    if seen.prediction.attention is None:
        return None
    weights = None if head == MEAN else _weights(seen, head)
    note = _("Weights below {share} have no line.",
             share=percent_text(smallest_weight(seen.num_read)))
    return {"svg": attention_lines(seen, weights), "note": note, "heads": heads_of(seen)}


def heads_of(seen: Insight) -> list[Choice]:
    """The choices (value, words); none for a recurrent model, which has one attention."""
    if seen.heads is None:
        return []
    num_layers, num_heads = seen.heads.source.shape[:2]
    return [(MEAN, _("mean of all heads")), *(
        (f"{layer}.{head}", _("layer {layer}, head {head}", layer=layer + 1, head=head + 1))
        for layer, head in np.ndindex(num_layers, num_heads))]


def _weights(seen: Insight, head: str) -> np.ndarray:
    """The weights (T, S) of one head."""
    if seen.heads is None or head not in dict(heads_of(seen)):
        raise InputError("This model does not have that attention head. Choose another one.")
    layer, number = map(int, head.split("."))
    weights: np.ndarray = seen.heads.source[layer, number]
    return weights
