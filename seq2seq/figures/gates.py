"""The gates of a GRU or an LSTM at each step, as a figure.

The conventions are those of `style.py`.
"""

from collections.abc import Mapping, Sequence
from functools import reduce

import numpy as np
import plotly.graph_objects as go

from seq2seq.figures.style import WEIGHTS, bare_axis, fixed_layout, rounded
from seq2seq.i18n import _
from seq2seq.inspection.trace import Insight


def gate_values(insight: Insight, gates: Sequence[Mapping[str, np.ndarray]]) -> go.Figure:
    """The gates (H,) at each moment, one row each; `gates` has values (S, H), then (T, H)."""
    names = [_(gate) for gate in gates[0]]
    rows = [row for part in gates for row in zip(*part.values(), strict=True)]
    frames = [{"z": [[rounded(values) for values in row]]} for row in rows]
    figure = go.Figure()
    figure.add_heatmap(z=frames[0]["z"][0], colorscale=WEIGHTS, zmin=0, zmax=1, showscale=False,
                       xgap=1, ygap=6, hovertemplate=_("{gate} gate: {value}", gate="%{y}",
                                                    value="%{z:.2f}") + "<extra></extra>")
    listed = reduce(lambda one, two: _("{one} and {two}", one=one, two=two), names)
    meta = {"frames": frames, "alt": _("The {gates} gates at this step: faint is 0, strong is 1.",
                                       gates=listed)}
    figure.update_layout(**fixed_layout(
        34 * len(names) + 24, meta, xaxis=bare_axis(),
        yaxis={"ticklabelstandoff": 6, "tickvals": list(range(len(names))), "ticktext": names,
               "range": [len(names) - .5, -.5]}))
    return figure
