"""Figures of states over many inputs: one unit along many sequences, and all states as points."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from seq2seq.figures.style import (
    SIGNED,
    Matrix,
    bare_axis,
    fixed_layout,
    label,
    rounded,
)
from seq2seq.i18n import _
from seq2seq.inspection.trace import flatten
from seq2seq.inspection.unit_tracking import ManyStates

START = "<start token>"  # has no text of its own in a cell: it would not fit
NUM_ROWS = 16  # inputs that are drawn
CLOUD_HEIGHT = 340
NUM_COLOURS = 8  # tokens with a colour of their own
# Okabe & Ito (2008): distinguishable with any colour vision.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8A7F00", "#7F7F7F")


def unit_values(found: ManyStates, unit: int) -> go.Figure:
    """One unit (from 0) along several inputs: a row for each input, a column for each step."""
    rows = list(dict.fromkeys(found.rows.tolist()))[:NUM_ROWS]
    width = max(int((found.rows == row).sum()) for row in rows)
    values: Matrix = []
    texts: list[list[str]] = []
    for row in rows:
        steps = np.flatnonzero(found.rows == row)
        gap = width - len(steps)
        values.append([*rounded(found.states[steps, unit]), *[None] * gap])
        texts.append([*(label(found.tokens[i], 6) for i in steps), *[""] * gap])
    shown = [["" if text == label(START) else text for text in row] for row in texts]
    most = max(1.0, float(np.abs(found.states[:, unit]).max()))
    figure = go.Figure()
    figure.add_heatmap(z=values, text=shown, hovertext=texts, texttemplate="%{text}",
                       colorscale=SIGNED, zmin=-most, zmax=most, showscale=False, xgap=1, ygap=3,
                       hovertemplate="%{hovertext}: %{z:.2f}<extra></extra>",
                       textfont={"family": "var(--mono)", "size": 13, "color": "var(--ink)"})
    alt = _("The value of unit {n} along {inputs} inputs, a row each: negative blue, positive "
            "amber.", n=unit + 1, inputs=len(rows))
    figure.update_layout(**fixed_layout(
        24 * len(rows) + 16, {"alt": alt}, xaxis=bare_axis(),
        yaxis=bare_axis(range=[len(rows) - .5, -.5])))
    return figure


def state_cloud(found: ManyStates, by_token: bool) -> tuple[go.Figure, float]:
    """All states in two dimensions (PCA), coloured by position, or by the token that is read.

    Also returns the fraction of the variance that the picture preserves.
    """
    points, share = flatten(found.states)
    figure = go.Figure()
    marker = {"size": 6, "opacity": .75}
    if by_token:
        tokens = np.array(found.tokens, dtype=object)
        names, counts = np.unique(tokens.astype(str), return_counts=True)
        often = [str(name) for name in names[np.argsort(-counts, kind="stable")]]
        groups: Sequence[tuple[str, np.ndarray]] = [
            (label(name), tokens == name) for name in sorted(often[: NUM_COLOURS - 1])]
        if len(often) >= NUM_COLOURS:
            groups = [*groups, (_("others"), np.isin(tokens, often[NUM_COLOURS - 1 :]))]
        for (words, chosen), colour in zip(groups, COLOURS, strict=False):
            figure.add_scatter(x=rounded(points[chosen, 0]), y=rounded(points[chosen, 1]),
                               mode="markers", name=words, marker={**marker, "color": colour},
                               hovertemplate=f"{words}<extra></extra>")
    else:
        figure.add_scatter(
            x=rounded(points[:, 0]), y=rounded(points[:, 1]), mode="markers", name="",
            marker={**marker, "color": (found.positions + 1).tolist(), "colorscale": "Viridis",
                    "colorbar": {"title": {"text": _("position")}, "thickness": 12}},
            text=[label(token) for token in found.tokens],
            hovertemplate=_("position {n}", n="%{marker.color}") + ": %{text}<extra></extra>")
    alt = _("{n} states on many inputs as points in two dimensions (PCA).", n=len(points))
    layout = fixed_layout(CLOUD_HEIGHT, {"alt": alt},
                          xaxis=bare_axis(), yaxis=bare_axis())
    layout["showlegend"] = by_token
    layout["margin"]["t"] = 40 if by_token else 8
    figure.update_layout(**layout)
    return figure, share
