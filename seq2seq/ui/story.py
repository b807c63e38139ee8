"""What was just seen, in two sentences, and the one next step: the violet note after a run.

Every sentence is computed from the run's own scores and settings. An action is a change of the
recipe; the note's button makes that change and trains again.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from seq2seq.jobs import Run
from seq2seq.recipe import Recipe
from seq2seq.tasks import get_task
from seq2seq.ui.history import Histories
from seq2seq.ui.html import SCORES, percent
from seq2seq.ui.names import longer_title, settings_unlike, short_name

GOOD = 0.95  # share of right answers that counts as learned
POOR = 0.7
MAX_EXAMPLES = 40_000
MAX_EPOCHS = 200


@dataclass(frozen=True)
class Story:
    """A note: its words, and the next step as a key of `ACTIONS` with the words on its button."""

    text: str
    action: str = ""
    label: str = ""


ACTIONS: dict[str, Callable[[Recipe], Recipe]] = {
    "attention": lambda r: replace(r, model=replace(r.model, attention="dot")),
    "smaller": lambda r: replace(r, model=replace(r.model, hidden_size=8)),
    "longer": lambda r: replace(
        r, train=replace(r.train, num_epochs=min(MAX_EPOCHS, 2 * r.train.num_epochs))),
    "examples": lambda r: replace(
        r, train=replace(r.train, num_examples=min(MAX_EXAMPLES, 4 * r.train.num_examples))),
}

CONTINUE = "continue"  # the one action that is no new training

FIRST = Story("Guess before you press Train: of the sequences that it has never seen, how many "
              "will it answer right?")


def tell(run: Run, histories: Histories, others: list[Run]) -> Story | None:
    """The story of a run that has ended; None when there is nothing to tell."""
    history = histories.of(run)
    scores, recipe = history.scores, run.recipe
    if run.can_continue and history.epoch < recipe.train.num_epochs:
        return Story(f"It has been through {max(0, history.epoch)} of {recipe.train.num_epochs} "
                     "epochs. What it has learned in them is kept.", CONTINUE, "Continue →")
    if run.status == "failed" or not scores:
        return None
    new, memorised, longer = scores.get("new"), scores.get("memorised"), scores.get("longer")
    if run.made:
        return Story(f"Somebody trained this one beforehand: {percent(new)} of the new ones are "
                     "right. Train one yourself and compare, or go on and ask it, look into it.")
    known = f"{percent(memorised)} of the memorised ones"
    if new is None:
        return Story(f"It answers {known}. With so few pairs none could be held out: add more, "
                     "and you will see what it makes of new ones.")
    if get_task(recipe.task).fixed and (memorised or 0) >= POOR:
        return Story(f"It answers {known} and {percent(new)} of the new ones. A loss that falls is "
                     "not yet understanding: judge a model only by what it has never seen.")
    if recipe.model.attention == "none" and not get_task(recipe.task).fixed:
        return _without_attention(recipe, new)
    before = _without(run, others)
    if before and (old := histories.of(before).scores.get("new")) is not None and new > old:
        return Story(f"{percent(new)} of the new ones, against {percent(old)} in "
                     f"{short_name(before)} ({settings_unlike(before.recipe, recipe)}): with "
                     "attention the decoder may look back at every input position.")
    if new < POOR and (memorised or 0) >= GOOD and recipe.train.num_examples < MAX_EXAMPLES:
        return Story(f"It knows its examples by heart, and {percent(new)} of the new ones: it has "
                     "learned them, not the rule.", "examples", "Train on four times as many →")
    if new < GOOD and recipe.train.num_epochs < MAX_EPOCHS:
        return Story(f"{percent(new)} of the new ones are right: it has not learned it yet.",
                     "longer", "Train twice as long →")
    if longer is not None and longer < POOR:
        title = longer_title(recipe)
        those = ("those that are longer than any in its training"
                 if title == SCORES["longer"][0] else f"“{title}”")
        return Story(f"Right on {percent(new)} of the new ones, but on {percent(longer)} of "
                     f"{those}: it has learned a range, not the rule.")
    return Story(f"Right on {percent(new)} of what it has never seen. Look at its answers, and "
                 "type a sequence that could break it.")


def _without_attention(recipe: Recipe, new: float) -> Story:
    squeezed = "The whole input is squeezed into one vector before the decoder writes anything"
    if new < GOOD:
        return Story(f"{squeezed}: {percent(new)} of the new ones came out right.",
                     "attention", "Turn attention on and train again →")
    if recipe.model.hidden_size > 8:
        return Story(f"{squeezed}, and yet {percent(new)} of the new ones came out right: the "
                     f"vector of {recipe.model.hidden_size} numbers is large enough.",
                     "smaller", "Squeeze harder: 8 numbers →")
    return Story(f"{squeezed}, and yet {percent(new)} of the new ones came out right.",
                 "attention", "Turn attention on and train again →")


def _without(run: Run, others: list[Run]) -> Run | None:
    """The newest earlier run of the same task that had no attention."""
    for other in reversed(others):
        if (other.created < run.created and other.recipe.task == run.recipe.task
                and other.recipe.model.attention == "none"):
            return other
    return None
