"""How all figures look, and how they follow the slider of "Look inside".

Colours are named by their role (`var(--enc)`), and the page's style sheet decides how they look,
so the same figure serves the light and the dark theme.

A figure says itself how it follows the slider, so the page need not know any of them. Its
`layout.meta` may hold

* `alt`: what the picture shows, in words;
* `marks`: for each moment what to outline: [x0, x1, y0, y1] in its own units, a point [x, y] to
  draw a ring around, or None;
* `subplots`: how many maps the figure has, if a mark is to be outlined in each;
* `frames`: for each moment the values that change, as `Plotly.restyle` takes them: name -> one
  value for each trace;
* `layouts`: for each moment what changes in the layout, as `Plotly.relayout` takes it;
* `labels`: the traces whose texts the page places beside their points so that none lies on another.

And a point's `customdata` says what a click on it means: a number is a moment to go to, a text is
a token to force.
"""

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np

from seq2seq.i18n import decimal
from seq2seq.inspection.trace import name

CHART_HEIGHT = 300
PANEL_HEIGHT = 250  # pixels; fixed, so that nothing jumps when another sequence is looked at
RUN_HEIGHT = 220
MAP_HEIGHT = 260
SELF_HEIGHT = 260  # of the maps of one layer, side by side

WEIGHTS = [[0, "var(--enc-bg)"], [1, "var(--enc)"]]  # from 0 to 1
SIGNED = [[0, "var(--enc)"], [0.5, "var(--card)"], [1, "var(--dec)"]]  # from -1 to 1
STATE_OPACITY = 0.85  # opacity of states: so many full colours side by side would shout
TRANSPARENT = "rgba(0,0,0,0)"
Matrix = list[list[float | None]]


def base_layout(**changes: Any) -> dict[str, Any]:
    """The layout that all figures share: no frame, quiet grid, the page's own font."""
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
    """A token as Plotly may write it: short, and never taken for markup."""
    token = name(token)
    return escape(token if len(token) <= limit else token[: limit - 1] + "…", quote=False)


def rounded(values: np.ndarray) -> Any:
    """An array as lists of numbers with three digits: what a picture needs."""
    return np.nan_to_num(values.astype(float)).round(3).tolist()


def token_ticks(tokens: Sequence[str]) -> dict[str, Any]:
    """An axis with a token at each place, from 0. The page leaves out what it has no room for."""
    return {"tickmode": "array", "tickvals": list(range(len(tokens))),
            "ticktext": [label(token) for token in tokens]}


def fixed_layout(height: int, meta: dict[str, Any], **axes: Any) -> dict[str, Any]:
    """A layout that does not zoom: the picture is there to be clicked on."""
    layout = base_layout(height=height, showlegend=False, meta=meta, hovermode="closest",
                         margin={"l": 8, "r": 8, "t": 8, "b": 8})
    for axis in ("xaxis", "yaxis"):
        layout[axis] |= {"fixedrange": True, "showgrid": False, "ticks": "", "showline": False,
                         **axes.get(axis, {})}
    return layout


def bare_axis(**more: Any) -> dict[str, Any]:
    """An axis without line, ticks and numbers."""
    return {"visible": False, **more}


def map_axes(read: Sequence[str], wrote: Sequence[str]) -> dict[str, Any]:
    """The axes of an attention map: columns are read, rows are written, the first on top."""
    common = {"ticklabelstandoff": 5}
    return {"xaxis": {**common, **token_ticks(read), "side": "top", "range": [-.5, len(read) - .5],
                      "tickfont": {"color": "var(--enc)", "family": "var(--mono)", "size": 14}},
            "yaxis": {**common, **token_ticks(wrote), "range": [len(wrote) - .5, -.5],
                      "tickfont": {"color": "var(--dec)", "family": "var(--mono)", "size": 14}}}


def percent_text(share: float) -> str:
    """A probability in percent: never a false 0 or 100.

    >>> percent_text(0.914), percent_text(0.9999), percent_text(0.0004)
    ('91 %', '>99 %', '<1 %')
    """
    return ">99 %" if 0.995 <= share < 1 else "<1 %" if share < 0.005 else f"{100 * share:.0f} %"
