"""The loss curve of the current run, with pale curves of earlier runs."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import plotly.graph_objects as go

from seq2seq.figures.style import base_layout
from seq2seq.i18n import _

DASHES = ("solid", "dash", "dot", "dashdot")  # of earlier runs, which have the same colour


@dataclass
class Curve:
    """The losses of one run over epochs."""

    name: str = ""
    x: list[float] = field(default_factory=list)  # epochs, with fractions
    y: list[float] = field(default_factory=list)  # training loss, nats per token
    held_x: list[int] = field(default_factory=list)
    held_y: list[float] = field(default_factory=list)  # held-out loss at the end of an epoch
    num_epochs: int = 0


def loss_curves(current: Curve | None = None, earlier: Sequence[Curve] = (),
                note: str = "") -> go.Figure:
    """The losses of the `current` run, with pale curves of `earlier` runs.

    The first two traces are training loss and held-out loss of the current run, which the page
    extends during training. Without a current run, the figure shows `note` or a hint.
    """
    note = note or _("Press Train: the loss curve appears here.")
    curve = current or Curve()
    figure = go.Figure()
    figure.add_scatter(
        name=_("training loss"), meta="loss", x=curve.x, y=curve.y, mode="lines",
        zorder=2,
        line={"color": "var(--enc)", "width": 1.75},
        hovertemplate=f"%{{y:.3f}}<extra>{_('training')}</extra>")
    figure.add_scatter(
        name=_("held-out loss"), meta="held", x=curve.held_x,
        y=curve.held_y, mode="lines+markers", zorder=3, cliponaxis=False,
        line={"color": "var(--dec)", "width": 1.5},
        marker={"color": "var(--card)", "size": 9, "line": {"color": "var(--dec)", "width": 2}},
        hovertemplate=f"%{{y:.3f}}<extra>{_('held out')}</extra>")
    for i, old in enumerate(earlier):
        figure.add_scatter(
            x=old.x, y=old.y, mode="lines", name=_("before: {name}", name=old.name), zorder=1,
            meta="earlier",
            line={"color": "var(--enc-pale)", "width": 2, "dash": DASHES[i % len(DASHES)]},
            hovertemplate="%{y:.3f}<extra></extra>")
    span = max([curve.num_epochs, *(old.num_epochs for old in earlier)], default=0) or 5
    layout = base_layout(hovermode="x unified", showlegend=current is not None)
    layout["xaxis"] |= {
        "range": [0, 1.01 * span], "nticks": 8, "showgrid": False,
        "title": {"text": _("epochs (passes over the examples)"), "standoff": 8,
                  "font": {"size": 12}}}
    # The range always includes 0, with room for markers at 0.
    layout["yaxis"] |= {"autorangeoptions": {"include": 0}}
    if current is None:
        layout["yaxis"] |= {"range": [0, 2.5], "nticks": 6}
        layout["annotations"] = [{
            "text": note, "name": "note", "bgcolor": "var(--card)", "showarrow": False,
            "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.55,
            "font": {"size": 15, "color": "var(--soft)"}}]
    figure.update_layout(**layout)
    return figure
