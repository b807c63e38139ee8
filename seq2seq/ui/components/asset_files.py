"""The files of `assets/`, as text."""

from functools import cache
from pathlib import Path

ASSETS = Path(__file__).parents[3] / "assets"


@cache
def asset(name: str) -> str:
    """The text of a file in `assets/`."""
    return (ASSETS / name).read_text(encoding="utf-8")
