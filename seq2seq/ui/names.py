"""How runs and their settings are called on the page."""

from dataclasses import replace
from typing import Any

from seq2seq.config import settings
from seq2seq.jobs import Run
from seq2seq.made import Made
from seq2seq.recipe import Recipe
from seq2seq.tasks import Task, Tokens, get_task
from seq2seq.ui.html import SCORES, Line


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


# Wherever runs are told apart, a fault that is built into one is not named: the last lesson is a
# riddle, and its patients stand in the same lists as all other runs. What one has to ask for holds
# the whole truth: the link (Share shows it on request), the zip, the API.
OTHERWISE = "built otherwise"


def has_fault(recipe: Recipe) -> bool:
    """Whether a bug is built into the model, to be found out by whoever looks at it."""
    return recipe.model.fault != "none"


def differences(recipe: Recipe, other: Recipe) -> str:
    """What is new in `recipe`, seen from `other`: "hidden size 64→8"; empty when nothing is."""
    one, two = (replace(r, model=replace(r.model, fault="none")) for r in (recipe, other))
    words: list[str] = [one.differences(two)]
    if recipe.model.fault != other.model.fault:
        words.append(OTHERWISE)
    return ", ".join(filter(None, words))


def settings_unlike(recipe: Recipe, other: Recipe) -> str:
    """Those settings of `recipe` that are not as in `other`: "attention off, hidden size 8".

    Empty when all are the same.
    """
    words = []
    for mine, theirs in ((recipe.model, other.model), (recipe.train, other.train)):
        for name, what in settings(mine).items():
            value = getattr(mine, name)
            if value == getattr(theirs, name):
                continue
            if name == "fault":
                words.append(OTHERWISE)
            else:
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


def longer_title(recipe: Recipe) -> str:
    """What the third set of scores is called: "More days"."""
    return get_task(recipe.task).longer


def membership_words(recipe: Recipe, membership: str) -> str:
    """Where a sequence stands, seen from the training data, in a sentence."""
    if membership == "memorised":
        return "This sequence was in its training data."
    if membership == "new":
        return "This sequence was not in its training data."
    title = longer_title(recipe)
    if title == SCORES["longer"][0]:
        return "This sequence is longer than any in its training data."
    return f"Nothing like it was in its training data: it belongs to “{title}”."


def source_line(task: Task, tokens: Tokens) -> Line:
    """A source and how people write it."""
    return Line(tokens, task.format(tokens))


def target_line(task: Task, tokens: Tokens) -> Line:
    """An answer and how people write it."""
    return Line(tokens, task.format_target(tokens))


def origin(made: Made) -> str:
    """When, on what and how long it was trained, in a sentence or two."""
    told = (f"Trained beforehand ({made.date}) in {duration(made.cpu_seconds)} of computing; data: "
            f"{made.data.rstrip('.')}.")
    return f"{told} {made.remark}".strip()


def duration(seconds: float) -> str:
    """Seconds in round words.

    >>> duration(38), duration(400), duration(9000)
    ('38 seconds', '7 minutes', '2.5 hours')
    """
    if seconds < 100:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"
