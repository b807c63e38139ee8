"""Small curves as SVG: the losses of a sweep's models, and the numbers of single steps.

SVG text instead of Plotly figures: twelve charts that are redrawn every second would cost the
browser more than the training costs the server.
"""

from collections.abc import Sequence
from html import escape

WIDTH, HEIGHT = 150, 64  # of the drawing, in its own units


def loss_panel(train: Sequence[tuple[float, float]], held_out: Sequence[tuple[float, float]],
               num_epochs: int, highest: float, label: str) -> str:
    """The two loss curves of one model: (epoch, loss in nats per token) pairs.

    The axes go from 0 to `num_epochs` and from 0 to `highest`; `label` describes the panel.
    """
    lines = "".join(_line(points, kind, num_epochs, highest)
                    for points, kind in ((train, "train"), (held_out, "held")))
    return (f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">'
            f'<path class="axes" d="M1 1V{HEIGHT - 1}H{WIDTH - 1}"/>{lines}</svg>')


def small_curve(points: Sequence[tuple[float, float]], longest: int, label: str) -> str:
    """One curve from 0 to `longest` and from 0 to its highest value."""
    highest = max((y for _, y in points), default=1.0)
    return (f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">'
            f'<path class="axes" d="M1 1V{HEIGHT - 1}H{WIDTH - 1}"/>'
            f"{_line(points, 'train', longest, highest)}</svg>")


def _line(points: Sequence[tuple[float, float]], kind: str, num_epochs: int,
          highest: float) -> str:
    if not points:
        return ""
    places = [(2 + (WIDTH - 6) * x / max(1, num_epochs),
               HEIGHT - 2 - (HEIGHT - 6) * min(1.0, y / max(highest, 1e-9))) for x, y in points]
    drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    x, y = places[-1]
    return (f'<polyline class="{kind}" points="{drawn}"/>'
            f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="2"/>')
