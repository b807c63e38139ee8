"""What can be drawn of one answer, as Plotly figures: the panels of "Look inside".

Nothing here knows a page or a tensor: numbers and strings go in, a `Figure` comes out. How they
look, and how they follow the page's slider, is said in `figures_style.py`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from seq2seq.figures_style import (
    MAP_HEIGHT,
    PANEL_HEIGHT,
    RUN_HEIGHT,
    SIGNED,
    SOFT,
    UNSEEN,
    WEIGHTS,
    Matrix,
    bare_axis,
    label,
    map_axes,
    rounded,
    share_text,
    still_layout,
    token_ticks,
)
from seq2seq.insight import Embeddings, Insight, name
from seq2seq.language import Text, say

TIMES_APART = 10  # places of sound from one written time to the next
NEVER_WRITTEN = ("<pad>", "<sos>", "<unk>")  # no answer holds them: they are not offered


def attention_map(seen: Insight) -> go.Figure:
    """One row for each token written, one column for each token read."""
    p, num_read = seen.prediction, seen.num_read
    figure = go.Figure()
    if p.attention is None:
        return figure
    rows = [step.token for step in p.steps]
    figure.add_heatmap(
        z=rounded(p.attention), colorscale=WEIGHTS, zmin=0, zmax=1, showscale=False, xgap=3,
        ygap=3, customdata=[[num_read + t] * num_read for t in range(len(rows))],
        hoverinfo="text", text=[[say("writing “{token}” it looks at “{read}” (place {place}): "
                                     "{share}", token=label(w), read=label(r), place=i,
                                     share=f"{100 * float(a):.0f} %")
                                 for i, (r, a) in enumerate(
                                     zip(p.positions, weights, strict=True), 1)]
                                for w, weights in zip(rows, p.attention, strict=True)])
    columns = [[i - .5, i + .5, -.5, len(rows) - .5] for i in range(num_read)]
    marks = columns + [[-.5, num_read - .5, t - .5, t + .5] for t in range(len(rows))]
    looks = ", ".join(say("{token} at {read} (place {place})", token=name(w),
                          read=name(p.positions[a.argmax()]), place=a.argmax() + 1)
                      for w, a in zip(rows, p.attention, strict=True))
    meta = {"marks": marks, "alt": say("Attention map. Each token that is written, and the input "
                                       "it looked at most: {looks}.", looks=looks)}
    figure.update_layout(**still_layout(
        PANEL_HEIGHT, meta, **map_axes(p.positions, rows)))
    return figure


def state_now(seen: Insight) -> go.Figure:
    """The numbers of the state before a step, and below them after it."""
    size = seen.config.hidden_size
    columns = 16 if size <= 128 else 32
    height = -(-size // columns)

    def block(values: np.ndarray) -> Matrix:
        cells: list[float | None] = [*rounded(values), *[None] * (height * columns - size)]
        return [cells[i : i + columns] for i in range(0, len(cells), columns)]

    gap = max(1, round(height / 3))
    frames = [{"z": [block(m.before) + [[None] * columns] * gap + block(m.after)]}
              for m in seen.moments]
    figure = go.Figure()
    figure.add_heatmap(z=frames[0]["z"][0], colorscale=SIGNED, zmin=-1, zmax=1, showscale=False,
                       opacity=SOFT, xgap=1, ygap=1, hovertemplate="%{z:.2f}<extra></extra>")
    meta = {"frames": frames, "alt": say("The {n} numbers of the hidden state before and after "
                                         "this step, blue below zero and amber above.", n=size)}
    rows = 2 * height + gap
    layout = still_layout(PANEL_HEIGHT, meta, xaxis=bare_axis(),
                          yaxis=bare_axis(range=[rows - .5, -.5]))
    layout["margin"]["t"] = 26
    layout["annotations"] = [
        {"text": words, "x": 0, "xref": "paper", "xanchor": "left", "y": at - .5,
         "yanchor": "bottom", "showarrow": False, "font": {"size": 12}}
        for words, at in ((say("before"), 0), (say("after"), height + gap))]
    figure.update_layout(**layout)
    return figure


def next_tokens(seen: Insight) -> go.Figure:
    """The likeliest next tokens of a step, and how likely they are."""
    count = max(len(step.top) for step in seen.prediction.steps)
    none: list[Any] = [None] * count
    # Four traces: the bars, the tokens beside them, a sentence where there are no bars, and unseen
    # bars that make the whole row something to click on.
    frames = [{"x": [none, none, [0], none],
               "text": [none, none, [say("nothing yet: it is still reading")], none],
               "marker.color": ["var(--dec)"] * 3 + [UNSEEN], "customdata": [none] * 4}]
    frames *= seen.num_read
    for step in seen.prediction.steps:
        shares = [math.exp(lp) for _, lp in step.top]
        tokens = [token for token, _ in step.top]
        offers = [None if t in NEVER_WRITTEN else t for t in tokens]
        colours = ["var(--dec)" if t == step.token else "var(--dec-bg)" for t in tokens]
        frames.append({"x": [[round(s, 4) for s in shares], [-.04] * len(tokens), [0],
                             [1.2] * len(tokens)],
                       "text": [[share_text(s) for s in shares], [label(t, 8) for t in tokens],
                                [""], none],
                       "marker.color": [colours, "var(--dec)", "var(--dec)", UNSEEN],
                       "customdata": [offers, offers, none, offers]})
    places = list(range(count))
    figure = go.Figure()
    figure.add_bar(orientation="h", y=places, x=none, textposition="outside", cliponaxis=False,
                   marker={"line": {"color": "var(--dec)", "width": 1}}, width=.5,
                   textfont={"color": "var(--ink)"}, hoverinfo="none")
    figure.add_scatter(x=none, y=places, mode="text", textposition="middle left",
                       cliponaxis=False, hoverinfo="none",
                       textfont={"family": "var(--mono)", "size": 15, "color": "var(--ink)"})
    figure.add_scatter(x=[0], y=[(count - 1) / 2], mode="text", textposition="middle right",
                       hoverinfo="none", textfont={"size": 14, "color": "var(--soft)"})
    figure.add_bar(orientation="h", y=places, x=none, marker={"color": UNSEEN}, width=1,
                   hoverinfo="none")
    sure = ", ".join(f"{name(s.token)} {share_text(math.exp(s.log_prob))}"
                     for s in seen.prediction.steps)
    meta = {"frames": frames, "alt": say("The likeliest next tokens at each step. Written were: "
                                         "{tokens}.", tokens=sure)}
    layout = still_layout(PANEL_HEIGHT, meta, xaxis=bare_axis(range=[-.05, 1.26]),
                          yaxis=bare_axis(range=[count - .5, -.5]))
    longest = max(len(label(t, 8)) for s in seen.prediction.steps for t, _ in s.top)
    layout["margin"] |= {"l": 8 + 9 * longest}
    layout["barmode"] = "overlay"
    figure.update_layout(**layout)
    return figure


def states(seen: Insight) -> go.Figure:
    """All hidden states: a column for each moment, a row for each number."""
    moments, num_read, size = seen.moments, seen.num_read, seen.config.hidden_size
    places = [k if k < num_read else k + 1 for k in range(len(moments))]  # a gap in between
    columns = [rounded(m.after) for m in moments]
    columns.insert(num_read, rounded(seen.prediction.context))
    clicks = list(range(len(moments)))
    clicks.insert(num_read, num_read)
    figure = go.Figure()
    figure.add_heatmap(z=np.array(columns).T.tolist(), colorscale=SIGNED, zmin=-1, zmax=1, xgap=3,
                       opacity=SOFT, showscale=False, customdata=[clicks] * size,
                       hovertemplate=say("number {n}: {value}", n="%{y}", value="%{z:.2f}")
                       + "<extra></extra>")
    read = [m.read for m in moments[:num_read]]
    if seen.prediction.positions != seen.prediction.source:  # times: so many need not be written
        read = [at if i % TIMES_APART == 0 else "" for i, at in enumerate(read)]
    wrote = [step.token for step in seen.prediction.steps]
    ticks = token_ticks([*read, "", *wrote])
    ticks["ticktext"] = [
        f'<span style="color:var(--{_role(place, num_read)})">{words}</span>'
        for place, words in zip(ticks["tickvals"], ticks["ticktext"], strict=True)]
    meta = {"marks": [[x - .5, x + .5, -.5, size - .5] for x in places],
            "alt": say("The {size} numbers of the state after each of {read} tokens read, the "
                       "context, and the state after each of {written} tokens written.",
                       size=size, read=num_read, written=len(wrote))}
    layout = still_layout(
        RUN_HEIGHT, meta, xaxis={**ticks, "range": [-.5, len(columns) - .5],
                                 "tickfont": {"family": "var(--mono)", "size": 14}},
        yaxis=bare_axis(range=[size - .5, -.5]))
    layout["margin"]["t"] = 24
    layout["annotations"] = [{"text": say("context"), "x": num_read, "y": 1, "yref": "paper",
                              "yanchor": "bottom", "showarrow": False,
                              "font": {"color": "var(--ctx)", "family": "var(--mono)"}}]
    figure.update_layout(**layout)
    return figure


def _role(place: int, num_read: int) -> str:
    return "enc" if place < num_read else "ctx" if place == num_read else "dec"


def trajectory(seen: Insight) -> go.Figure:
    """The way of the state through its space, seen from where it is widest."""
    num_read, p = seen.num_read, seen.prediction
    points = rounded(seen.path)
    parts = [(say("read"), "enc", points[:num_read], p.positions, 0),
             (say("written"), "dec", points[num_read:],
              (say("context"), *(s.token for s in p.steps)), num_read - 1)]
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
    figure.data[1].marker.color = ["var(--ctx)"] + ["var(--dec)"] * len(p.steps)
    figure.data[1].textfont.color = ["var(--ctx)"] + ["var(--dec)"] * len(p.steps)
    marks = [point for i, point in enumerate(points) if i != num_read]
    meta = {"marks": marks, "labels": [0, 1],
            "alt": say("The states as a path in two dimensions, which hold {share} of "
                       "their differences.", share=share_text(seen.share))}
    figure.update_layout(**_map_layout(points, meta))
    return figure


def _map_layout(points: Matrix, meta: dict[str, Any]) -> dict[str, Any]:
    """Axes without numbers (they mean nothing), with air around the outermost labels."""
    axes = {}
    for k, axis in enumerate(("xaxis", "yaxis")):
        values = [p[k] or 0.0 for p in points] or [0.0]
        low, high = min(values), max(values)
        air = .13 * (high - low) or 1
        axes[axis] = {"range": [low - air, high + 1.3 * air], "showticklabels": False,
                      "showline": False}
    return still_layout(MAP_HEIGHT, meta, **axes)


def source_embeddings(seen: Insight) -> go.Figure:
    """What the encoder has learned each token to be."""
    marks = [_place(seen.source_embeddings, m.read) if m.part == "enc" else None
             for m in seen.moments]
    return _embeddings(seen.source_embeddings, "enc", marks)


def target_embeddings(seen: Insight) -> go.Figure:
    """What the decoder has learned each token to be."""
    marks = [_place(seen.target_embeddings, m.read) if m.part == "dec" else None
             for m in seen.moments]
    return _embeddings(seen.target_embeddings, "dec", marks)


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
            "alt": say("{n} tokens as points in two dimensions; those that the model treats alike "
                       "lie close together.", n=len(points))}
    figure.update_layout(**_map_layout(points, meta))
    return figure


def confidence(seen: Insight) -> go.Figure:
    """How likely each token was that was written."""
    steps, num_read = seen.prediction.steps, seen.num_read
    shares = [math.exp(s.log_prob) for s in steps]
    figure = go.Figure()
    figure.add_bar(x=list(range(len(steps))), y=[round(s, 4) for s in shares], hoverinfo="text",
                   customdata=[num_read + t for t in range(len(steps))],
                   hovertext=[f"{label(s.token)}: {share_text(p)}"
                              for s, p in zip(steps, shares, strict=True)],
                   marker={"color": "var(--dec)"}, width=.6)
    marks = [None] * num_read + [[t - .4, t + .4, 0, 1] for t in range(len(steps))]
    sure = ", ".join(f"{name(s.token)} {share_text(p)}"
                     for s, p in zip(steps, shares, strict=True))
    meta = {"marks": marks, "alt": say("How likely each written token was: {tokens}.",
                                       tokens=sure)}
    tokens = [s.token for s in steps]
    figure.update_layout(**still_layout(
        MAP_HEIGHT, meta,
        xaxis={**token_ticks(tokens), "range": [-.6, max(len(steps), 6) - .4],
               "tickfont": {"family": "var(--mono)", "size": 14, "color": "var(--dec)"}},
        yaxis={"range": [0, 1.02], "showgrid": True,
               "tickvals": [0, .5, 1], "ticktext": ["0 %", "50 %", "100 %"]}))
    return figure


# --- the registry: a new panel is a function above and a line here -----------------------------


@dataclass(frozen=True)
class Panel:
    """One picture of an answer: what it is called, and what it shows in one clause."""

    name: str
    title: Text
    caption: Text
    draw: Callable[[Insight], go.Figure]
    height: int = PANEL_HEIGHT
    place: str = "run"  # "step": beside the slider, it changes; "run": below, the whole answer
    needs_attention: bool = False
    wide: bool = False


PANELS: tuple[Panel, ...] = (
    Panel("attention", Text("Where it looks"),
          Text("a row for each token it writes, a column for each it has read; the stronger the "
               "colour, the more it looks there (attention)"),
          attention_map, place="step", needs_attention=True),
    Panel("state", Text("Its state"),
          Text("the numbers it has in mind, before and after this step (hidden state)"),
          state_now, place="step"),
    Panel("next", Text("What it could say"),
          Text("the likeliest next tokens; click another one to make it say that"),
          next_tokens, place="step"),
    Panel("states", Text("All its states"),
          Text("a column for each step, a row for each number: blue below zero, amber above"),
          states, RUN_HEIGHT, wide=True),
    Panel("trajectory", Text("The way of its state"),
          Text("each dot is its state after one token, flattened to two numbers (PCA); dots close "
               "together: similar states"), trajectory, MAP_HEIGHT),
    Panel("confidence", Text("How sure it was"),
          Text("the probability of each token that it wrote"), confidence, MAP_HEIGHT),
    Panel("source_embeddings", Text("Tokens it reads"),
          Text("what it treats alike lies close together (embeddings of the encoder)"),
          source_embeddings, MAP_HEIGHT),
    Panel("target_embeddings", Text("Tokens it writes"),
          Text("the same for what the decoder reads back (embeddings of the decoder)"),
          target_embeddings, MAP_HEIGHT),
)
