"""The chart of a class: the runs of all learners, one line style per learner.

The figure is a dict instead of a `go.Figure`: it is rebuilt every one or two seconds with up to
sixty curves, and Plotly's validation would take most of that time. A test validates an example.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from seq2seq.figures.style import base_layout
from seq2seq.i18n import LazyText, _

CLASS_HEIGHT = 420  # pixels; the page may draw it taller
# 6 colours, 5 dashes and 7 marks are coprime: the first 210 learners have different styles, and
# neighbours differ in all three.
COLOURS = ("var(--enc)", "var(--dec)", "var(--ctx)", "var(--ok)", "var(--no)", "var(--soft)")
DASHES = {"solid": "", "dash": "9 5", "dot": "2 4", "longdash": "15 6", "dashdot": "9 4 2 4"}
MARKS = {"circle": "●", "square": "■", "diamond": "◆", "triangle-up": "▲", "triangle-down": "▼",
         "cross": "✚", "star": "★"}

MEASURES = {
    "right": LazyText("Correct answers on new examples"),
    "loss": LazyText("Held-out loss"),
}
NEAR = 0.06  # fraction of the axis: curves that end closer than this share one label
MAX_TOGETHER = 3  # learners on one label


@dataclass(frozen=True)
class ClassCurve:
    """The scores of a run after each epoch."""

    learner: int
    name: str  # for people: "Learner 3, run 2: hidden size 64→8"
    epochs: Sequence[int]
    values: Sequence[float | None]  # exact match in [0, 1], or loss in nats per token
    is_newest: bool = True  # of its learner's runs


@dataclass(frozen=True)
class Spread:
    """The range of runs that differ in their seeds only, after each epoch."""

    name: str
    epochs: Sequence[int]
    low: Sequence[float]
    high: Sequence[float]


def style_of(learner: int) -> dict[str, str]:
    """The style of a learner's curves: colour, dash (for SVG) and mark (a character)."""
    i = learner - 1
    return {"colour": COLOURS[i % len(COLOURS)], "dash": [*DASHES.values()][i % len(DASHES)],
            "mark": [*MARKS.values()][i % len(MARKS)]}


def class_chart(curves: Sequence[ClassCurve], measure: str = "right",
                num_epochs: int = 0, spread: Spread | None = None) -> dict[str, Any]:
    """All curves of a class, before a band for the `spread`. The x axis ends at `num_epochs`.

    `measure` is a key of `MEASURES`. The end of a curve is labelled with its learner's number.
    """
    shares = measure == "right"
    layout = base_layout(height=CLASS_HEIGHT, showlegend=False, hovermode="closest",
                         uirevision=measure, margin={"l": 52, "r": 84, "t": 14, "b": 44})
    layout["xaxis"] |= {
        "range": [0, 1.03 * max(num_epochs, 5)], "nticks": 8, "showgrid": False,
        "title": {"text": _("epochs (passes over the examples)"), "standoff": 8,
                  "font": {"size": 13}}}
    if shares:
        layout["yaxis"] |= {"range": [-0.02, 1.05], "tickvals": [0, .2, .4, .6, .8, 1],
                            "ticktext": [f"{n} %" for n in range(0, 101, 20)]}
    else:
        layout["yaxis"] |= {"rangemode": "tozero", "nticks": 6}
    if not curves:
        layout["yaxis"] |= {"range": [-0.02, 1.05] if shares else [0, 2.5]}
        nothing = _("No epoch has finished yet: the curves appear here after the first one.")
        layout["annotations"] = [{
            "text": nothing, "name": "note", "bgcolor": "var(--card)",
            "showarrow": False, "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.55,
            "font": {"size": 16, "color": "var(--soft)"}}]
    traces = _band(spread) if spread else []
    traces += [_trace(curve, shares) for curve in curves]
    return {"data": [*traces, _labels(curves, shares)] if curves else [], "layout": layout}


def _trace(curve: ClassCurve, shares: bool) -> dict[str, Any]:
    i, value = curve.learner - 1, "%{y:.1%}" if shares else "%{y:.3f}"
    colour = COLOURS[i % len(COLOURS)]
    return {
        "type": "scatter", "mode": "lines+markers", "name": curve.name, "cliponaxis": False,
        "x": list(curve.epochs), "y": list(curve.values), "meta": curve.learner,
        "opacity": 1 if curve.is_newest else 0.45,
        "line": {"color": colour, "width": 2.25, "dash": [*DASHES][i % len(DASHES)]},
        "marker": {"color": colour, "size": 8, "symbol": [*MARKS][i % len(MARKS)]},
        "hovertemplate": "%{fullData.name}<br>" + _(
            "epoch {n}: {value}", n="%{x}", value=value) + "<extra></extra>",
        "hoverlabel": {"namelength": -1}}


def _band(spread: Spread) -> list[dict[str, Any]]:
    edge = {"type": "scatter", "mode": "lines", "meta": -1, "hoverinfo": "skip",
            "x": list(spread.epochs), "line": {"color": "var(--soft)", "width": 0},
            "name": spread.name}
    return [{**edge, "y": list(spread.low)},
            {**edge, "y": list(spread.high), "fill": "tonexty", "fillcolor": "var(--enc-bg)"}]


def _labels(curves: Sequence[ClassCurve], shares: bool) -> dict[str, Any]:
    """The learners' numbers at the ends of their newest curves; near ends share one label."""
    ends = sorted((curve.epochs[-1], curve.values[-1] or 0.0, curve.learner)
                  for curve in curves if curve.is_newest and curve.epochs)
    highest = 1.0 if shares else max(
        [1e-9, *(value or 0.0 for curve in curves for value in curve.values)])
    places: list[tuple[int, float, list[int]]] = []
    for epoch, value, learner in ends:
        if places and places[-1][0] == epoch and value - places[-1][1] < NEAR * highest:
            places[-1][2].append(learner)
        else:
            places.append((epoch, value, [learner]))
    return {"type": "scatter", "mode": "text", "meta": 0, "hoverinfo": "skip", "cliponaxis": False,
            "x": [epoch for epoch, _, _ in places], "y": [value for _, value, _ in places],
            "text": [_together(learners) for _, _, learners in places],
            "textposition": "middle right", "textfont": {"color": "var(--ink)", "size": 13}}


def _together(learners: Sequence[int]) -> str:
    """The text of a label for several learners, with room for the mark before it.

    >>> [_together(numbers).strip() for numbers in ([3, 5, 9], range(1, 9))]
    ['3, 5, 9', '1, 2 +6']
    """
    several = sorted(learners)
    if len(several) > MAX_TOGETHER:
        kept = several[: MAX_TOGETHER - 1]
        return f"\u2002 {', '.join(map(str, kept))} +{len(several) - len(kept)}"
    return f"\u2002 {', '.join(map(str, several))}"
