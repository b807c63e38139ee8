"""Plotly's JavaScript, from the installed Python package."""

from pathlib import Path

import plotly


def plotly_js() -> str:
    """The whole library as text, 4.6 MB."""
    path = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    return path.read_text(encoding="utf-8")
