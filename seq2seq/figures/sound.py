"""The spectrogram, and an attention map on the same time axis.

The conventions are those of `style.py`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from seq2seq.figures.style import WEIGHTS, bare_axis, base_layout, label, percent_text, rounded
from seq2seq.i18n import _, decimal
from seq2seq.inspection.trace import Insight, name

SPECTROGRAM_HEIGHT = 170
LOUDNESS = [[0, "var(--card)"], [0.35, "var(--enc-bg)"], [1, "var(--enc)"]]  # 0 is silence
Word = tuple[float, str]  # start in seconds, word


def spectrogram(columns: np.ndarray, seconds: float, words: Sequence[Word]) -> go.Figure:
    """Levels (C, B) in [0, 1] of B bands, low frequencies first, one column every `seconds`."""
    figure = go.Figure()
    _add_sound(figure, columns, seconds, "y")
    length = len(columns) * seconds
    layout = base_layout(
        height=SPECTROGRAM_HEIGHT, showlegend=False, hovermode=False, dragmode=False,
        margin={"l": 8, "r": 8, "t": 24, "b": 26}, meta={"alt": _alt(length, words)})
    layout["xaxis"] |= _time_axis(length)
    layout["yaxis"] |= bare_axis(fixedrange=True)
    _add_words(layout, words)
    figure.update_layout(**layout)
    return figure


def attention_over_sound(insight: Insight, columns: np.ndarray, seconds: float,
                         words: Sequence[Word], height: int) -> go.Figure:
    """The attention map, a row per output token, above the spectrogram."""
    p, num_read = insight.prediction, insight.num_read
    figure = go.Figure()
    if p.attention is None:
        return figure
    rows = [step.token for step in p.steps]
    frame = len(columns) * seconds / num_read
    centres = [(i + .5) * frame for i in range(num_read)]
    figure.add_heatmap(
        x=centres, z=rounded(p.attention), colorscale=WEIGHTS, zmin=0, zmax=1, showscale=False,
        ygap=3, customdata=[[num_read + t] * num_read for t in range(len(rows))],
        hoverinfo="text", text=[[
            _("writing “{token}”, attention at {place}: {share}",
              token=label(w), place=at, share=percent_text(float(a)))
            for at, a in zip(p.positions, weights, strict=True)]
            for w, weights in zip(rows, p.attention, strict=True)])
    _add_sound(figure, columns, seconds, "y2")
    length = num_read * frame
    marks = [[i * frame, (i + 1) * frame, -.5, len(rows) - .5] for i in range(num_read)]
    marks += [[0, length, t - .5, t + .5] for t in range(len(rows))]
    looks = ", ".join(
        _("{token} at {place}", token=name(w), place=p.positions[int(a.argmax())])
        for w, a in zip(rows, p.attention, strict=True))
    layout = base_layout(
        height=height, showlegend=False, hovermode="closest", dragmode=False,
        margin={"l": 8, "r": 8, "t": 24, "b": 26},
        meta={"marks": marks, "alt": _(
            "Attention map over the sound. For each token written, the time with the largest "
            "weight: {looks}.", looks=looks)})
    layout["xaxis"] |= _time_axis(length) | {"anchor": "y2"}
    layout["yaxis"] |= {
        "tickvals": list(range(len(rows))), "ticktext": [label(w) for w in rows], "ticks": "",
        "range": [len(rows) - .5, -.5], "domain": [.5, 1], "fixedrange": True, "showgrid": False,
        "showline": False, "ticklabelstandoff": 5,
        "tickfont": {"color": "var(--dec)", "family": "var(--mono)", "size": 14}}
    layout["yaxis2"] = bare_axis(domain=[0, .44], fixedrange=True)
    _add_words(layout, words)
    figure.update_layout(**layout)
    return figure


def _add_sound(figure: go.Figure, columns: np.ndarray, seconds: float, axis: str) -> None:
    figure.add_heatmap(z=rounded(columns.T), x0=seconds / 2, dx=seconds, yaxis=axis, zmin=0,
                       zmax=1, colorscale=LOUDNESS, showscale=False, hoverinfo="skip")


def _time_axis(length: float) -> dict[str, Any]:
    return {"range": [0, length], "ticksuffix": " s", "showgrid": False, "fixedrange": True,
            "nticks": 8, "ticks": "outside", "automargin": False}


def _add_words(layout: dict[str, Any], words: Sequence[Word]) -> None:
    """Mark the start of each word by a line and the word."""
    layout["shapes"] = [
        {"type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper",
         "line": {"color": "var(--soft)", "width": 1, "dash": "dot"}} for at, _ in words]
    layout["annotations"] = [
        {"x": at, "y": 1, "yref": "paper", "text": label(word), "showarrow": False,
         "xanchor": "left", "yanchor": "bottom",
         "font": {"color": "var(--enc)", "family": "var(--mono)", "size": 14}}
        for at, word in words]


def _alt(length: float, words: Sequence[Word]) -> str:
    heard = ", ".join(_("{word} from {at} s", word=word, at=decimal(at, ".2f"))
                      for at, word in words)
    picture = _("Spectrogram of {seconds} seconds: time from left to right, low frequencies at "
                "the bottom, dark is loud.", seconds=decimal(length, ".1f"))
    return f"{picture} {_('Spoken: {words}.', words=heard) if heard else ''}"
