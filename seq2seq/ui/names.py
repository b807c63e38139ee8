"""How runs and their settings are called on the page."""

from typing import Any

from seq2seq.config import settings
from seq2seq.jobs import Run
from seq2seq.recipe import Recipe
from seq2seq.tasks import get_task


def run_name(recipe: Recipe, earlier: list[Run]) -> str:
    """A short name for a new run: its number, and the two settings that matter most.

    The number goes on from the newest run, since older ones are forgotten some day.
    """
    number = 1 + max((_number(run.name) for run in earlier), default=0)
    attention = "off" if recipe.model.attention == "none" else "on"
    return f"Run {number} · attention {attention}, hidden size {recipe.model.hidden_size}"


def _number(name: str) -> int:
    digits = name.removeprefix("Run ").split(" ")[0]
    return int(digits) if digits.isdecimal() else 0


def short_name(run: Run) -> str:
    """Only its number: "Run 3"."""
    return run.name.split(" · ")[0]


def settings_unlike(recipe: Recipe, other: Recipe) -> str:
    """Those settings of `recipe` that are not as in `other`: "attention off, hidden size 8".

    Empty when all are the same.
    """
    words = []
    for mine, theirs in ((recipe.model, other.model), (recipe.train, other.train)):
        for name, what in settings(mine).items():
            value = getattr(mine, name)
            if value != getattr(theirs, name):
                word = "off" if value == "none" else _word(value)
                words.append(f"{what.label.lower()} {word}")
    if recipe.pairs != other.pairs:
        words.append("other pairs")
    return ", ".join(words)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)


def task_title(recipe: Recipe) -> str:
    """The task's title, as in the menu."""
    return get_task(recipe.task).title
