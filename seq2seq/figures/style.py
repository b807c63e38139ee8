"""The style of all figures, and the conventions by which they follow the slider of "Look inside".

Colours are CSS variables (`var(--enc)`), so the same figure works in the light and the dark theme.

`layout.meta` describes how a figure follows the slider; the page's script handles all figures in
the same way. It may contain

* `alt`: the alternative text;
* `marks`: for each moment the part to outline: a rectangle [x0, x1, y0, y1] in axis units, a point
  [x, y], or None;
* `subplots`: the number of maps, if the mark is outlined in each of them;
* `frames`: for each moment the changed values, as arguments of `Plotly.restyle`: name -> one value
  for each trace;
* `layouts`: for each moment the changes of the layout, as arguments of `Plotly.relayout`;
* `labels`: the traces whose texts the page places so that they do not overlap.

The `customdata` of a point is the effect of a click: a number selects that moment, a text forces
that token.
"""

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np

from seq2seq.i18n import decimal
from seq2seq.inspection.trace import name

CHART_HEIGHT = 300
PANEL_HEIGHT = 250  # pixels; fixed, so that the page does not move between sequences
RUN_HEIGHT = 220
MAP_HEIGHT = 260
SELF_HEIGHT = 260  # of the maps of one layer

WEIGHTS = [[0, "var(--enc-bg)"], [1, "var(--enc)"]]  # from 0 to 1
SIGNED = [[0, "var(--enc)"], [0.5, "var(--card)"], [1, "var(--dec)"]]  # from -1 to 1
STATE_OPACITY = 0.85
TRANSPARENT = "rgba(0,0,0,0)"
Matrix = list[list[float | None]]


def base_layout(**changes: Any) -> dict[str, Any]:
    """The layout that all figures share."""
    axis = {"gridcolor": "var(--line)", "linecolor": "var(--line)", "zeroline": False,
            "tickcolor": "var(--line)", "automargin": True}
    mark = decimal(1000.5, ",.1f")
    return {
        "separators": mark[-2] + mark[1],  # of decimals and of thousands
        "height": CHART_HEIGHT, "margin": {"l": 44, "r": 12, "t": 30, "b": 40},
        "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": "var(--soft)", "size": 13, "family": "var(--font)"},
        "hoverlabel": {"bgcolor": "var(--card)", "bordercolor": "var(--line)",
                       "font": {"color": "var(--ink)"}},
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": "var(--soft)",
                    "activecolor": "var(--enc)"},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom",
                   "font": {"color": "var(--soft)", "size": 12}},
        "xaxis": dict(axis), "yaxis": dict(axis), "template": None, **changes}


def label(token: str, limit: int = 12) -> str:
    """A token as a Plotly label: at most `limit` characters, HTML escaped."""
    token = name(token)
    return escape(token if len(token) <= limit else token[: limit - 1] + "…", quote=False)


def rounded(values: np.ndarray) -> Any:
    """An array as nested lists, rounded to three decimals."""
    return np.nan_to_num(values.astype(float)).round(3).tolist()


def token_ticks(tokens: Sequence[str]) -> dict[str, Any]:
    """Axis ticks with a token at each position, from 0. The page omits those without room."""
    return {"tickmode": "array", "tickvals": list(range(len(tokens))),
            "ticktext": [label(token) for token in tokens]}


def fixed_layout(height: int, meta: dict[str, Any], **axes: Any) -> dict[str, Any]:
    """A layout without zoom, for figures that react to clicks."""
    layout = base_layout(height=height, showlegend=False, meta=meta, hovermode="closest",
                         margin={"l": 8, "r": 8, "t": 8, "b": 8})
    for axis in ("xaxis", "yaxis"):
        layout[axis] |= {"fixedrange": True, "showgrid": False, "ticks": "", "showline": False,
                         **axes.get(axis, {})}
    return layout


def bare_axis(**more: Any) -> dict[str, Any]:
    """An invisible axis."""
    return {"visible": False, **more}


def map_axes(read: Sequence[str], wrote: Sequence[str]) -> dict[str, Any]:
    """The axes of an attention map: a column per input token, a row per output token."""
    common = {"ticklabelstandoff": 5}
    return {"xaxis": {**common, **token_ticks(read), "side": "top", "range": [-.5, len(read) - .5],
                      "tickfont": {"color": "var(--enc)", "family": "var(--mono)", "size": 14}},
            "yaxis": {**common, **token_ticks(wrote), "range": [len(wrote) - .5, -.5],
                      "tickfont": {"color": "var(--dec)", "family": "var(--mono)", "size": 14}}}


def percent_text(share: float) -> str:
    """A probability in percent. Only exact values become "0 %" or "100 %".

    >>> percent_text(0.914), percent_text(0.9999), percent_text(0.0004)
    ('91 %', '>99 %', '<1 %')
    """
    return ">99 %" if 0.995 <= share < 1 else "<1 %" if share < 0.005 else f"{100 * share:.0f} %"
