"""Figures of what-if experiments: distances of two answers, beam tree, heads, epochs.

The conventions are those of `style.py`.
"""

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from seq2seq.decoding.beam import Node
from seq2seq.figures.style import (
    PANEL_HEIGHT,
    WEIGHTS,
    bare_axis,
    fixed_layout,
    label,
    map_axes,
    percent_text,
    rounded,
    token_ticks,
)
from seq2seq.i18n import _, decimal
from seq2seq.inspection.trace import Insight, name

MORE_ROWS = 3  # rows shown of answers that are longer than the last one


def head_weights(insight: Insight) -> go.Figure:
    """The cross-attention at each moment: a row per head, a column per input token."""
    assert insight.heads is not None, "only a Transformer has heads"
    num_layers, num_heads, num_steps, num_read = insight.heads.source.shape
    rows = insight.heads.source.reshape(-1, num_steps, num_read).swapaxes(0, 1)
    idle = [[None] * num_read] * rows.shape[1]
    frames = [*({"z": [idle]} for _ in range(num_read)),
              *({"z": [[rounded(row) for row in step]]} for step in rows)]
    names = [_("layer {layer}, head {head}", layer=level + 1, head=head + 1)
             if num_layers > 1 else _("head {head}", head=head + 1)
             for level in range(num_layers) for head in range(num_heads)]
    figure = go.Figure()
    figure.add_heatmap(z=frames[num_read]["z"][0], colorscale=WEIGHTS, zmin=0, zmax=1,
                       showscale=False, xgap=2, ygap=4,
                       hovertemplate="%{y}: %{z:.2f}<extra></extra>")
    meta = {"frames": frames, "alt": _("The attention of each head over the input tokens at this "
                                       "step: faint is 0, strong is 1.")}
    axes = map_axes(insight.prediction.positions, names)
    axes["yaxis"]["ticktext"] = names  # `token_ticks` would shorten them
    figure.update_layout(**fixed_layout(34 * len(names) + 44, meta, **axes))
    return figure


def distances(parts: Sequence[tuple[str, str, Sequence[tuple[str, float | None]]]]) -> go.Figure:
    """Distances of two answers as bars; `parts` are (title, colour role, (label, distance)…)."""
    figure = go.Figure()
    tokens: list[str] = []
    titles = []
    for words, role, bars in parts:
        start = len(tokens) + bool(tokens)
        titles.append({"text": words, "x": start - .4, "y": 1, "yref": "paper", "showarrow": False,
                       "xanchor": "left", "yanchor": "bottom",
                       "font": {"color": f"var(--{role})", "size": 13}})
        tokens += [""] * bool(tokens) + [token for token, _ in bars]
        figure.add_bar(x=[start + i for i in range(len(bars))], width=.6, name=words,
                       y=[None if d is None else round(d, 3) for _, d in bars],
                       marker={"color": f"var(--{role})"},
                       hovertemplate="%{y:.2f}<extra>" + words + "</extra>")
    top = max([d or 0 for _, _, bars in parts for _, d in bars], default=0)
    listed = ", ".join(_("{token}: no "
                         "counterpart", token=t) if d is None else f"{t} {decimal(d, '.2f')}"
                       for _ignored, _ignored, bars in parts for t, d in bars)
    meta = {"alt": _("Distances: {distances}", distances=listed)}
    layout = fixed_layout(
        200, meta, xaxis={**token_ticks(tokens), "range": [-.6, max(len(tokens), 8) - .4],
                          "tickfont": {"family": "var(--mono)", "size": 14}},
        yaxis={"range": [0, max(1, 1.05 * top)], "showgrid": True, "nticks": 4})
    layout["margin"]["t"] = 28
    figure.update_layout(**layout, annotations=titles)
    return figure


def beam_tree(nodes: Sequence[Node], best: Sequence[int]) -> go.Figure:
    """The search tree, from left to right. `best` is the path of the best answer."""
    rows = _tree_rows(nodes)
    figure = go.Figure()
    for chosen in (False, True):
        x: list[float | None] = []
        y: list[float | None] = []
        for i, node in enumerate(nodes):
            if (i in best) == chosen:
                x += [-1 if node.parent is None else nodes[node.parent].step, node.step, None]
                y += [rows[-1] if node.parent is None else rows[node.parent], rows[i], None]
        colour = "var(--dec)" if chosen else "var(--edge)"
        figure.add_scatter(x=x, y=y, mode="lines", hoverinfo="skip",
                           line={"color": colour, "width": 3 if chosen else 1.25,
                                 "shape": "vh"})
    figure.add_scatter(
        x=[-1, *(n.step for n in nodes)], y=[rows[-1], *(rows[i] for i in range(len(nodes)))],
        mode="markers+text", text=["", *(label(n.token, 5) for n in nodes)],
        hoverinfo="text", hovertext=["", *(
            _("{token}: {share} here, score {score} so far", token=label(n.token),
              share=percent_text(math.exp(n.log_prob)), score=decimal(n.score, ".2f"))
            for n in nodes)], cliponaxis=False,
        textfont={"family": "var(--mono)",  # smaller for longer words, so that they fit
                  "size": [13, *(13 if len(label(n.token, 5)) < 4 else 10 for n in nodes)],
                  "color": ["var(--ink)"] + ["var(--dec)" if i in best else "var(--soft)"
                                             for i in range(len(nodes))]},
        marker={"symbol": ["circle"] + ["square"] * len(nodes),
                "size": [10] + [26] * len(nodes), "opacity": 1, "color": "var(--card)", "line": {
            "width": 1.25, "color": ["var(--dec)"] + ["var(--dec)" if i in best else "var(--edge)"
                                                       for i in range(len(nodes))]}})
    depth = max((n.step for n in nodes), default=0)
    meta = {"alt": _("A tree of {n} tokens that were kept, {depth} steps deep. The best path: "
                     "{path}.", n=len(nodes), depth=depth + 1,
                     path=" ".join(name(nodes[i].token) for i in best))}
    height = 60 + 34 * (1 + round(max(rows.values()) - min(rows.values())))
    layout = fixed_layout(height, meta, xaxis=bare_axis(range=[-1.5, max(depth, 5) + .7]),
                    yaxis=bare_axis(range=[max(rows.values()) + .8, min(rows.values()) - .8]))
    figure.update_layout(**layout)
    return figure


def _tree_rows(nodes: Sequence[Node]) -> dict[int, float]:
    """Node (-1: the root) -> row: one per leaf; a parent has the row of its first child."""
    children: dict[int, list[int]] = {}
    for i, node in enumerate(nodes):
        children.setdefault(-1 if node.parent is None else node.parent, []).append(i)
    rows: dict[int, float] = {}
    order: list[int] = []
    waiting = [-1]
    while waiting:  # parents before children; no recursion: paths may be long
        parent = waiting.pop()
        order.append(parent)
        waiting += reversed(children.get(parent, []))
    for row, leaf in enumerate(i for i in order if i not in children):
        rows[leaf] = row
    for parent in reversed(order):
        if parent in children:
            rows[parent] = rows[children[parent][0]]
    return rows


def attention_by_epoch(source: Sequence[str], maps: Sequence[np.ndarray | None],
                       answers: Sequence[Sequence[str]]) -> go.Figure:
    """The attention maps (T, S) of one input at several epochs, one visible at a time.

    All have the same number of rows, a few more than the last answer. Early answers may be much
    longer, because the model has not yet learned to stop; they are cut.
    """
    rows = min(max(map(len, answers)), len(answers[-1]) + MORE_ROWS)
    frames = [{"z": [[] if a is None else rounded(a[:rows])]} for a in maps]
    ticks = [{"yaxis.ticktext": [label(t) for t in answer[:rows]], "yaxis.tickvals": list(
        range(min(rows, len(answer))))} for answer in answers]
    figure = go.Figure()
    figure.add_heatmap(z=frames[-1]["z"][0], colorscale=WEIGHTS, zmin=0, zmax=1, showscale=False,
                       xgap=3, ygap=3, hovertemplate="%{z:.0%}<extra></extra>")
    figure.update_layout(**fixed_layout(
        PANEL_HEIGHT, {"frames": frames, "layouts": ticks,
                       "alt": _("The attention map of the selected epoch.")},
        **map_axes(source, answers[-1])))
    figure.layout.yaxis.range = [rows - .5, -.5]
    return figure
