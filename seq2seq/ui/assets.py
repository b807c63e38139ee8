"""The files of `assets/`, as text."""

from functools import cache
from pathlib import Path

ASSETS = Path(__file__).parents[2] / "assets"


@cache
def asset(name: str) -> str:
    """The text of a file in `assets/`."""
    return (ASSETS / name).read_text(encoding="utf-8")


def chart_scripts() -> str:
    """What a component's script begins with that draws charts."""
    return asset("labels.js") + asset("chart.js")
