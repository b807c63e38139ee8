"""The files of `assets/`, as text."""

from functools import cache
from pathlib import Path

ASSETS = Path(__file__).parents[3] / "assets"


@cache
def asset(name: str) -> str:
    """The text of a file in `assets/`."""
    return (ASSETS / name).read_text(encoding="utf-8")


def chart_scripts() -> str:
    """What a component's script begins with that draws charts."""
    return asset("js/chart_labels.js") + asset("js/chart.js")
