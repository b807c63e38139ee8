"""Figures of a whole answer: states, embeddings, probabilities, self-attention.

The conventions are those of `style.py`.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from seq2seq.figures.style import (
    MAP_HEIGHT,
    RUN_HEIGHT,
    SELF_HEIGHT,
    SIGNED,
    STATE_OPACITY,
    Matrix,
    bare_axis,
    fixed_layout,
    label,
    map_axes,
    percent_text,
    rounded,
    token_ticks,
)
from seq2seq.i18n import _
from seq2seq.inspection.trace import Embeddings, Insight, name

TIMES_APART = 10  # frames of sound between two time labels


def states(insight: Insight) -> go.Figure:
    """All hidden states: a column for each moment, a row for each unit.

    The context vector is between encoder and decoder; for a Transformer there is a gap.
    """
    recurrent = insight.config.is_recurrent
    moments, num_read, size = insight.moments, insight.num_read, insight.config.hidden_size
    places = [k if k < num_read else k + 1 for k in range(len(moments))]  # a gap in between
    columns = [rounded(m.after) for m in moments]
    columns.insert(num_read, rounded(insight.prediction.context) if recurrent else [None] * size)
    clicks = list(range(len(moments)))
    clicks.insert(num_read, num_read)
    figure = go.Figure()
    figure.add_heatmap(z=np.array(columns).T.tolist(), colorscale=SIGNED, zmin=-1, zmax=1, xgap=3,
                       opacity=STATE_OPACITY, showscale=False, customdata=[clicks] * size,
                       hovertemplate=_("unit {n}: {value}", n="%{y}", value="%{z:.2f}")
                       + "<extra></extra>")
    read = [m.read for m in moments[:num_read]]
    if insight.prediction.positions != insight.prediction.source:  # times: label every tenth
        read = [at if i % TIMES_APART == 0 else "" for i, at in enumerate(read)]
    wrote = [step.token for step in insight.prediction.steps]
    ticks = token_ticks([*read, "", *wrote])
    ticks["ticktext"] = [
        f'<span style="color:var(--{_role(place, num_read)})">{words}</span>'
        for place, words in zip(ticks["tickvals"], ticks["ticktext"], strict=True)]
    counts = {"size": size, "read": num_read, "written": len(wrote)}
    alt = _("The {size} values of the hidden state after each of {read} input tokens, the context "
            "vector, and the hidden state after each of {written} output tokens.", **counts)
    if not recurrent:
        alt = _("The {size} values of the last layer at each of {read} input tokens and "
                "{written} output tokens.", **counts)
    meta = {"marks": [[x - .5, x + .5, -.5, size - .5] for x in places], "alt": alt}
    layout = fixed_layout(
        RUN_HEIGHT, meta, xaxis={**ticks, "range": [-.5, len(columns) - .5],
                                 "tickfont": {"family": "var(--mono)", "size": 14}},
        yaxis=bare_axis(range=[size - .5, -.5]))
    layout["margin"]["t"] = 24
    if recurrent:
        layout["annotations"] = [{
            "text": _("context"), "x": num_read, "y": 1, "yref": "paper", "yanchor": "bottom",
            "showarrow": False, "font": {"color": "var(--ctx)", "family": "var(--mono)"}}]
    figure.update_layout(**layout)
    return figure


def _role(place: int, num_read: int) -> str:
    return "enc" if place < num_read else "ctx" if place == num_read else "dec"


def trajectory(insight: Insight) -> go.Figure:
    """The path of the hidden state in two dimensions (PCA)."""
    num_read, p = insight.num_read, insight.prediction
    points = rounded(insight.path)
    context = [_("context")] if insight.config.is_recurrent else []
    parts = [(_("read"), "enc", points[:num_read], p.positions, 0),
             (_("written"), "dec", points[num_read:],
              (*context, *(s.token for s in p.steps)), num_read - len(context))]
    figure = go.Figure()
    for words, role, part, tokens, start in parts:
        clicks = [max(num_read if role == "dec" else 0, start + i) for i in range(len(part))]
        figure.add_scatter(
            x=[x for x, _ in part], y=[y for _, y in part], mode="lines+markers+text",
            name=words, textposition="top center",
            text=[label(t) if role == "dec" or p.positions == p.source else "" for t in tokens],
            customdata=clicks, hoverinfo="text", cliponaxis=False,
            hovertext=[f"{words}: {label(t)}" for t in tokens],
            textfont={"color": f"var(--{role})", "family": "var(--mono)", "size": 14},
            line={"color": f"var(--{role})", "width": 1.25, "shape": "spline", "smoothing": .6},
            marker={"size": 7, "color": f"var(--{role})"}, opacity=.95)
    colours = ["var(--ctx)"] * len(context) + ["var(--dec)"] * len(p.steps)
    figure.data[1].marker.color = figure.data[1].textfont.color = colours
    marks = [point for i, point in enumerate(points) if not context or i != num_read]
    meta = {"marks": marks, "labels": [0, 1],
            "alt": _("The hidden states as a path in two dimensions, which explain {share} of "
                     "their variance.", share=percent_text(insight.share))}
    figure.update_layout(**_map_layout(points, meta))
    return figure


def _map_layout(points: Matrix, meta: dict[str, Any]) -> dict[str, Any]:
    """Axes without numbers, with room for the outermost labels."""
    axes = {}
    for k, axis in enumerate(("xaxis", "yaxis")):
        values = [p[k] or 0.0 for p in points] or [0.0]
        low, high = min(values), max(values)
        margin = .13 * (high - low) or 1
        axes[axis] = {"range": [low - margin, high + 1.3 * margin], "showticklabels": False,
                      "showline": False}
    return fixed_layout(MAP_HEIGHT, meta, **axes)


def source_embeddings(insight: Insight) -> go.Figure:
    """The encoder's token embeddings in two dimensions."""
    marks = [_place(insight.source_embeddings, m.read) if m.part == "enc" else None
             for m in insight.moments]
    return _embeddings(insight.source_embeddings, "enc", marks)


def target_embeddings(insight: Insight) -> go.Figure:
    """The decoder's token embeddings in two dimensions."""
    marks = [_place(insight.target_embeddings, m.read) if m.part == "dec" else None
             for m in insight.moments]
    return _embeddings(insight.target_embeddings, "dec", marks)


def _place(found: Embeddings, token: str) -> list[float] | None:
    return rounded(found.points[found.tokens.index(token)]) if token in found.tokens else None


def _embeddings(found: Embeddings, role: str, marks: list[list[float] | None]) -> go.Figure:
    points = rounded(found.points)
    figure = go.Figure()
    figure.add_scatter(x=[x for x, _ in points], y=[y for _, y in points], mode="markers+text",
                       text=[label(t) for t in found.tokens], hoverinfo="text", cliponaxis=False,
                       hovertext=[label(t) for t in found.tokens],
                       marker={"size": 7, "opacity": 1, "color": f"var(--{role})"},
                       textfont={"color": f"var(--{role})", "family": "var(--mono)", "size": 15})
    meta = {"marks": marks, "labels": [0],
            "alt": _("{n} tokens as points in two dimensions; similar tokens lie close "
                     "together.", n=len(points))}
    figure.update_layout(**_map_layout(points, meta))
    return figure


def confidence(insight: Insight) -> go.Figure:
    """The probability of each token of the answer."""
    steps, num_read = insight.prediction.steps, insight.num_read
    shares = [math.exp(s.log_prob) for s in steps]
    figure = go.Figure()
    figure.add_bar(x=list(range(len(steps))), y=[round(s, 4) for s in shares], hoverinfo="text",
                   customdata=[num_read + t for t in range(len(steps))],
                   hovertext=[f"{label(s.token)}: {percent_text(p)}"
                              for s, p in zip(steps, shares, strict=True)],
                   marker={"color": "var(--dec)"}, width=.6)
    marks = [None] * num_read + [[t - .4, t + .4, 0, 1] for t in range(len(steps))]
    sure = ", ".join(f"{name(s.token)} {percent_text(p)}"
                     for s, p in zip(steps, shares, strict=True))
    meta = {"marks": marks, "alt": _("The probability of each token in the answer: {tokens}.",
                                     tokens=sure)}
    tokens = [s.token for s in steps]
    figure.update_layout(**fixed_layout(
        MAP_HEIGHT, meta,
        xaxis={**token_ticks(tokens), "range": [-.6, max(len(steps), 6) - .4],
               "tickfont": {"family": "var(--mono)", "size": 14, "color": "var(--dec)"}},
        yaxis={"range": [0, 1.02], "showgrid": True,
               "tickvals": [0, .5, 1], "ticktext": ["0 %", "50 %", "100 %"]}))
    return figure


def encoder_self_attention(insight: Insight) -> go.Figure:
    """The self-attention of a Transformer's encoder, one map per head."""
    if insight.heads is None:
        return go.Figure()
    tokens, count = insight.prediction.positions, insight.num_read
    alt = _("Encoder self-attention, a map for each head: a row for each input token, a column "
            "for each token it attends to.")
    return _self_attention(insight.heads.reading, tokens, tokens, "enc", range(count),
                           len(insight.moments), alt)


def decoder_self_attention(insight: Insight) -> go.Figure:
    """The self-attention of a Transformer's decoder, one map per head."""
    if insight.heads is None:
        return go.Figure()
    steps = insight.prediction.steps
    alt = _("Decoder self-attention, a map for each head: a row for each output token, a column "
            "for each earlier token it attends to.")
    moments = range(insight.num_read, insight.num_read + len(steps))
    return _self_attention(insight.heads.writing, [s.read for s in steps],
                           [s.token for s in steps], "dec", moments, len(insight.moments), alt)


def _self_attention(weights: np.ndarray, columns: Sequence[str], rows: Sequence[str], role: str,
                    moments: Sequence[int], num_moments: int, alt: str) -> go.Figure:
    """Maps of weights (L, A, Q, K): a row of maps per layer, a column per head.

    `moments` are the moments of the Q rows, out of `num_moments`.
    """
    num_layers, num_heads = weights.shape[:2]
    figure, axes, titles = go.Figure(), {}, []
    scale = [[0, f"var(--{role}-bg)"], [1, f"var(--{role})"]]
    wide, high = 1 / num_heads, 1 / num_layers
    for number, (layer, head) in enumerate(np.ndindex(num_layers, num_heads), 1):
        mine = "" if number == 1 else str(number)
        figure.add_heatmap(
            z=rounded(weights[layer, head]), colorscale=scale, zmin=0, zmax=1, showscale=False,
            xgap=2, ygap=2, xaxis=f"x{mine}", yaxis=f"y{mine}",
            hovertemplate="%{z:.0%}<extra></extra>",
            customdata=[[moment] * len(columns) for moment in moments])
        left, top = head * wide, 1 - layer * high
        for which, axis in map_axes(columns, rows).items():
            axis["tickfont"] = {**axis["tickfont"], "color": f"var(--{role})"}
            other = "y" if which == "xaxis" else "x"
            axes[f"{which}{mine}"] = {**axis, "anchor": f"{other}{mine}"}
        axes[f"xaxis{mine}"]["domain"] = [left + .06, left + wide - .03]
        axes[f"yaxis{mine}"]["domain"] = [top - high + .03, top - .2 * high]
        titles.append({
            "text": _("layer {layer}, head {head}", layer=layer + 1, head=head + 1),
            "x": left + .06, "y": top, "xref": "paper", "yref": "paper", "xanchor": "left",
            "yanchor": "top", "showarrow": False, "font": {"size": 12}})
    rows_at = {moment: row for row, moment in enumerate(moments)}
    marks = [[-.5, len(columns) - .5, rows_at[k] - .5, rows_at[k] + .5] if k in rows_at else None
             for k in range(num_moments)]
    meta = {"alt": alt, "marks": marks, "subplots": num_layers * num_heads}
    layout = fixed_layout(SELF_HEIGHT * num_layers, meta)
    quiet = layout["xaxis"]
    layout |= {name: {**quiet, **axis, "automargin": False} for name, axis in axes.items()}
    layout["margin"] = {"l": 20, "r": 4, "t": 4, "b": 4}
    layout["annotations"] = titles
    figure.update_layout(**layout)
    return figure
