"""The panels of "Look inside": figures of one answer.

`style.py` describes how they follow the page's slider.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from seq2seq.figures.answer import (
    confidence,
    decoder_self_attention,
    encoder_self_attention,
    source_embeddings,
    states,
    target_embeddings,
    trajectory,
)
from seq2seq.figures.style import (
    MAP_HEIGHT,
    PANEL_HEIGHT,
    RUN_HEIGHT,
    SELF_HEIGHT,
    SIGNED,
    STATE_OPACITY,
    TRANSPARENT,
    WEIGHTS,
    Matrix,
    bare_axis,
    fixed_layout,
    label,
    map_axes,
    percent_text,
    rounded,
)
from seq2seq.i18n import LazyText, _
from seq2seq.inspection.trace import Insight, name

# They occur in no answer, so a click cannot force them.
NEVER_WRITTEN = ("<padding token>", "<start token>", "<unknown token>")


def attention_map(insight: Insight) -> go.Figure:
    """The attention map: a row per output token, a column per input token."""
    p, num_read = insight.prediction, insight.num_read
    figure = go.Figure()
    if p.attention is None:
        return figure
    rows = [step.token for step in p.steps]
    figure.add_heatmap(
        z=rounded(p.attention), colorscale=WEIGHTS, zmin=0, zmax=1, showscale=False, xgap=3,
        ygap=3, customdata=[[num_read + t] * num_read for t in range(len(rows))],
        hoverinfo="text", text=[[_("writing “{token}”, attention on “{read}” (position {place}): "
                                   "{share}", token=label(w), read=label(r), place=i,
                                   share=f"{100 * float(a):.0f} %")
                                 for i, (r, a) in enumerate(
                                     zip(p.positions, weights, strict=True), 1)]
                                for w, weights in zip(rows, p.attention, strict=True)])
    columns = [[i - .5, i + .5, -.5, len(rows) - .5] for i in range(num_read)]
    marks = columns + [[-.5, num_read - .5, t - .5, t + .5] for t in range(len(rows))]
    looks = ", ".join(_("{token} at {read} (position {place})", token=name(w),
                        read=name(p.positions[a.argmax()]), place=a.argmax() + 1)
                      for w, a in zip(rows, p.attention, strict=True))
    meta = {"marks": marks, "alt": _("Attention map. For each token written, the input token "
                                     "with the largest weight: {looks}.", looks=looks)}
    figure.update_layout(**fixed_layout(
        PANEL_HEIGHT, meta, **map_axes(p.positions, rows)))
    return figure


def state_at_step(insight: Insight) -> go.Figure:
    """The hidden state before and after each step.

    For a Transformer, which carries no state, the output of the last layer at each position.
    """
    size = insight.config.hidden_size
    columns = 16 if size <= 128 else 32
    height = -(-size // columns)

    def block(values: np.ndarray) -> Matrix:
        cells: list[float | None] = [*rounded(values), *[None] * (height * columns - size)]
        return [cells[i : i + columns] for i in range(0, len(cells), columns)]

    gap = max(1, round(height / 3))
    frames = [{"z": [block(m.after) if m.before is None else
                     block(m.before) + [[None] * columns] * gap + block(m.after)]}
              for m in insight.moments]
    recurrent = insight.config.is_recurrent
    figure = go.Figure()
    figure.add_heatmap(z=frames[0]["z"][0], colorscale=SIGNED, zmin=-1, zmax=1, showscale=False,
                       opacity=STATE_OPACITY, xgap=1, ygap=1,
                       hovertemplate="%{z:.2f}<extra></extra>")
    alt = _("The {n} values of the hidden state before and after this step: negative blue, "
            "positive amber.", n=size)
    labels = [(_("before"), 0), (_("after"), height + gap)]
    if not recurrent:
        alt = _("The {n} values of the last layer at this position: negative blue, positive "
                "amber.", n=size)
        labels = [(_("last layer, this position"), 0)]
    meta = {"frames": frames, "alt": alt}
    rows = 2 * height + gap
    layout = fixed_layout(PANEL_HEIGHT, meta, xaxis=bare_axis(),
                          yaxis=bare_axis(range=[rows - .5, -.5]))
    layout["margin"]["t"] = 26
    layout["annotations"] = [
        {"text": words, "x": 0, "xref": "paper", "xanchor": "left", "y": at - .5,
         "yanchor": "bottom", "showarrow": False, "font": {"size": 12}}
        for words, at in labels]
    figure.update_layout(**layout)
    return figure


def next_tokens(insight: Insight) -> go.Figure:
    """The most probable next tokens of each step with their probabilities."""
    count = max(len(step.top) for step in insight.prediction.steps)
    none: list[Any] = [None] * count
    # Four traces: the bars, the tokens beside them, a note if there are no bars, and transparent
    # bars that make the whole row clickable.
    frames = [{"x": [none, none, [0], none],
               "text": [none, none, [_("none yet: the encoder is still reading")], none],
               "marker.color": ["var(--dec)"] * 3 + [TRANSPARENT], "customdata": [none] * 4}]
    frames *= insight.num_read
    for step in insight.prediction.steps:
        shares = [math.exp(lp) for _, lp in step.top]
        tokens = [token for token, _ in step.top]
        offers = [None if t in NEVER_WRITTEN else t for t in tokens]
        colours = ["var(--dec)" if t == step.token else "var(--dec-bg)" for t in tokens]
        frames.append({"x": [[round(s, 4) for s in shares], [-.04] * len(tokens), [0],
                             [1.2] * len(tokens)],
                       "text": [[percent_text(s) for s in shares], [label(t, 8) for t in tokens],
                                [""], none],
                       "marker.color": [colours, "var(--dec)", "var(--dec)", TRANSPARENT],
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
    figure.add_bar(orientation="h", y=places, x=none, marker={"color": TRANSPARENT}, width=1,
                   hoverinfo="none")
    sure = ", ".join(f"{name(s.token)} {percent_text(math.exp(s.log_prob))}"
                     for s in insight.prediction.steps)
    meta = {"frames": frames, "alt": _("The most probable next tokens at each step. The answer: "
                                       "{tokens}.", tokens=sure)}
    layout = fixed_layout(PANEL_HEIGHT, meta, xaxis=bare_axis(range=[-.05, 1.26]),
                          yaxis=bare_axis(range=[count - .5, -.5]))
    longest = max(len(label(t, 8)) for s in insight.prediction.steps for t, _ in s.top)
    layout["margin"] |= {"l": 8 + 9 * longest}
    layout["barmode"] = "overlay"
    figure.update_layout(**layout)
    return figure


# --- the registry: a new panel is a function above and a line here -----------------------------


@dataclass(frozen=True)
class Panel:
    """One figure of an answer with title and caption."""

    name: str
    title: LazyText
    caption: LazyText
    draw: Callable[[Insight], go.Figure]
    height: int = PANEL_HEIGHT
    place: str = "run"  # "step": shows the current step, beside the slider; "run": the whole answer
    needs_attention: bool = False
    needs_self_attention: bool = False
    wide: bool = False

    def is_for(self, insight: Insight) -> bool:
        """True if the model has what the panel shows."""
        return ((insight.prediction.attention is not None or not self.needs_attention)
                and (insight.heads is not None or not self.needs_self_attention))


PANELS: tuple[Panel, ...] = (
    Panel("attention", LazyText("Attention map"),
          LazyText("a row for each output token, a column for each input token; the stronger the "
                   "colour, the larger the attention weight"),
          attention_map, place="step", needs_attention=True),
    Panel("state", LazyText("Hidden state"),
          LazyText("the model's internal values, before and after this step"),
          state_at_step, place="step"),
    Panel("next", LazyText("Next-token probabilities"),
          LazyText("the most probable next tokens; click one to see its computation, or to force "
                   "it"),
          next_tokens, place="step"),
    Panel("states", LazyText("All hidden states"),
          LazyText("a column for each step, a row for each value: negative blue, positive amber"),
          states, RUN_HEIGHT, wide=True),
    Panel("self_reading", LazyText("Encoder self-attention"),
          LazyText("a map for each head; each row shows how much an input token attends to each of "
                   "the others"), encoder_self_attention, SELF_HEIGHT,
          needs_self_attention=True, wide=True),
    Panel("self_writing", LazyText("Decoder self-attention"),
          LazyText("a map for each head; each row shows how much an output token attends to each "
                   "earlier one"), decoder_self_attention, SELF_HEIGHT,
          needs_self_attention=True, wide=True),
    Panel("trajectory", LazyText("Path of the hidden state"),
          LazyText("each dot is the hidden state after one token, reduced to two dimensions (PCA); "
                   "nearby dots are similar states"), trajectory, MAP_HEIGHT),
    Panel("confidence", LazyText("Confidence"),
          LazyText("the probability of each token in the answer"), confidence, MAP_HEIGHT),
    Panel("source_embeddings", LazyText("Input token embeddings"),
          LazyText("similar tokens lie close together"),
          source_embeddings, MAP_HEIGHT),
    Panel("target_embeddings", LazyText("Output token embeddings"),
          LazyText("the output tokens, which the decoder reads back: similar tokens lie close "
                   "together"),
          target_embeddings, MAP_HEIGHT),
)
