"""The note after a run: the result in a sentence or two, and a suggested next step.

The texts depend on the run's scores and settings. The next step is a change of the recipe, which
the note's button applies before it trains again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from seq2seq.evaluation.overfitting import Turn, turn
from seq2seq.i18n import _, decimal
from seq2seq.jobs.runs import Run
from seq2seq.recipe import Recipe
from seq2seq.tasks import get_task
from seq2seq.ui.components.html import SCORES, percent
from seq2seq.ui.components.run_history import Histories, History
from seq2seq.ui.components.run_names import different_settings, longer_title, short_name

GOOD = 0.95  # share of right answers that counts as learned
POOR = 0.7
MAX_EXAMPLES = 40_000
MAX_EPOCHS = 200
DROPOUT, MIN_SIZE = 0.3, 16  # what is offered against overfitting


@dataclass(frozen=True)
class Note:
    """A note: its text, the next step (a key of `ACTIONS`, or `CONTINUE`), the button's label."""

    text: str
    action: str = ""
    label: str = ""


ACTIONS: dict[str, Callable[[Recipe], Recipe]] = {
    "attention": lambda r: replace(r, model=replace(r.model, attention="dot")),
    "dropout": lambda r: replace(r, model=replace(r.model, dropout=DROPOUT)),
    "half": lambda r: replace(
        r, model=replace(r.model, hidden_size=max(MIN_SIZE, r.model.hidden_size // 2))),
    "smaller": lambda r: replace(r, model=replace(r.model, hidden_size=8)),
    "longer": lambda r: replace(
        r, train=replace(r.train, num_epochs=min(MAX_EPOCHS, 2 * r.train.num_epochs))),
    "whole": lambda r: replace(r, train=replace(r.train, leave_out="")),
    "examples": lambda r: replace(
        r, train=replace(r.train, num_examples=min(MAX_EXAMPLES, 4 * r.train.num_examples))),
}

CONTINUE = "continue"  # the action that continues the run instead of starting a new one
BEST = "best"  # the action that opens the model of the run's best epoch


def before_training() -> Note:
    """The note before the first training."""
    return Note(_("Guess before you press Train: how many of the new sequences will it answer "
                  "correctly?"))


def next_step(run: Run, histories: Histories, others: list[Run]) -> Note | None:
    """The note for a run that has ended, or None."""
    history = histories.of(run)
    scores, recipe = history.scores, run.recipe
    if run.can_continue and history.epoch < recipe.train.num_epochs:
        epoch, total = max(0.0, history.epoch), recipe.train.num_epochs
        if epoch and epoch == int(epoch):
            text = _("Stopped after epoch {epoch} of {total}; progress is saved.",
                     epoch=int(epoch), total=total)
        else:
            text = _("Stopped during epoch {epoch} of {total}; progress is saved.",
                     epoch=int(epoch) + 1, total=total)
        return Note(text, CONTINUE, _("Continue →"))
    if run.status == "failed" or not scores:
        return None
    new, memorised, longer = scores.get("new"), scores.get("memorised"), scores.get("longer")
    right = {"new": percent(new), "memorised": percent(memorised), "longer": percent(longer)}
    if run.is_opened and not run.provenance and 0 < history.epoch < recipe.train.num_epochs:
        return _remedy(recipe, _(
            "This is the model of epoch {epoch}, before its held-out loss rose: {new} correct on "
            "new examples. Look at its answers, or try a remedy against overfitting.",
            epoch=int(history.epoch), **right))
    if scores.get("left_out") is not None:
        return _twin(recipe, scores, others)
    if run.provenance:
        return Note(_("This model is pre-trained: {new} correct on new examples. Train one "
                      "yourself and compare, or explore this one: type an input, and look inside.",
                      **right))
    if new is None:
        return Note(_("The model answers {memorised} of its training examples correctly. With so "
                      "few pairs, none could be held out: add more pairs to see how it answers new "
                      "ones.",
                      **right))
    if get_task(recipe.task).fixed and (memorised or 0) >= POOR:
        return Note(_("The model answers {memorised} of its training examples and {new} of the "
                      "new ones correctly. A falling loss does not show that it has learned the "
                      "rule: judge a model only on examples that it has never seen.", **right))
    if recipe.model.attention == "none" and not get_task(recipe.task).fixed:
        return _without_attention(recipe, new)
    before = _same_without_attention(run, others)
    if before and (old := histories.of(before).scores.get("new")) is not None and new > old:
        return Note(_("{new} correct on new examples, compared with {old} in {run} "
                      "({settings}): with attention the decoder may look back at every input "
                      "position.",
                      new=percent(new), old=percent(old), run=short_name(before),
                      settings=different_settings(before.recipe, recipe)))
    # Only a task that generates its examples can generate more of them.
    has_more = not get_task(recipe.task).is_table
    if not has_more and new < GOOD:
        if turned := turn(history.curve.held_x, history.curve.held_y):
            return _overfitted(run, history, turned)
        if (memorised or 0) >= GOOD:
            text = _("The model answers {memorised} of its training examples and {new} of the new "
                     "ones correctly: it has learned the training examples better than the rule "
                     "behind them.", **right)
            return _remedy(recipe, text)
    if (new < POOR and (memorised or 0) >= GOOD and has_more
            and recipe.train.num_examples < MAX_EXAMPLES):
        return Note(_("The model has memorised its training examples, but gets {new} of the new "
                      "ones correct: it has learned the examples, not the rule.", **right),
                    "examples", _("Train on four times as many examples →"))
    if new < GOOD and (memorised or 0) < GOOD and recipe.train.num_epochs < MAX_EPOCHS:
        return Note(_("{new} correct on new examples: the model has not learned the task "
                      "yet.", **right),
                    "longer", _("Train twice as long →"))
    if longer is not None and longer < POOR:
        title = longer_title(recipe)
        if title == SCORES["longer"][0]:
            return Note(_("{new} correct on new examples, but {longer} on those longer than any "
                          "in training: the model has learned the task only for the lengths it "
                          "was trained on.", **right))
        return Note(_("{new} correct on new examples, but {longer} on “{set}”: the model has "
                      "learned the task only for inputs like those in "
                      "training.", **right, set=_(title)))
    return Note(_("{new} correct on new examples. Look at the answers, and type a sequence that "
                  "could make the model fail.", **right))


def best_epoch(run: Run, history: History) -> int | None:
    """The epoch with the least held-out loss of those whose weights the server still has."""
    losses = {int(x): y for x, y in zip(history.curve.held_x, history.curve.held_y, strict=False)
              if x in run.blobs}
    return min(losses, key=losses.__getitem__, default=None)


def _overfitted(run: Run, history: History, turned: Turn) -> Note:
    text = _("The model overfits: its held-out loss was lowest after epoch {epoch} ({least}) and "
             "has risen to {last} since.", epoch=turned.epoch,
             least=decimal(turned.least, ".2f"), last=decimal(turned.last, ".2f"))
    best = best_epoch(run, history)
    scores = {event.epoch: event.scores.get("new") or 0.0 for event in history.epochs}
    if best is not None and best < history.epoch and scores[best] >= (
            history.scores.get("new") or 0.0):
        return Note(text, BEST, _("Use the model of epoch {epoch} →", epoch=best))
    # Often more answers become correct although the probabilities of the others fall.
    return _remedy(run.recipe, " ".join((text, _(
        "Still, more of its answers to new examples are correct now than then."))))


def _twin(recipe: Recipe, scores: Mapping[str, float | None], others: list[Run]) -> Note:
    """The note for a run that leaves out some of its examples."""
    text = _("{left_out} correct on the examples left out of training ({rules}), compared with "
             "{memorised} on those trained on. “New” contains both kinds.",
             left_out=percent(scores["left_out"]), rules=recipe.train.leave_out,
             memorised=percent(scores.get("memorised")))
    whole = ACTIONS["whole"](recipe)
    if any(other.recipe == whole for other in others):
        return Note(text)
    return Note(text, "whole", _("Train with all examples →"))


def _remedy(recipe: Recipe, text: str) -> Note:
    """`text` with the remedy against overfitting that this recipe has not tried yet."""
    if recipe.model.dropout < DROPOUT:
        return Note(text, "dropout", _("Train again with dropout {share} →",
                                       share=decimal(DROPOUT, ".1f")))
    if recipe.model.hidden_size > MIN_SIZE:
        size = max(MIN_SIZE, recipe.model.hidden_size // 2)
        return Note(text, "half", _("Train a smaller model: hidden size {size} →", size=size))
    return Note(text)


def _without_attention(recipe: Recipe, new: float) -> Note:
    right, size = percent(new), recipe.model.hidden_size
    if new < GOOD:
        text = _("The whole input is compressed into one vector before the decoder writes "
                 "anything: {new} correct on new examples.", new=right)
    elif size > 8:
        return Note(_("The whole input is compressed into one vector before the decoder writes "
                      "anything, and still {new} are correct on new examples: the vector of "
                      "{size} numbers is large enough.", new=right, size=size),
                    "smaller", _("Try a smaller vector: 8 numbers →"))
    else:
        text = _("The whole input is compressed into one vector before the decoder writes "
                 "anything, and still {new} are correct on new examples.", new=right)
    return Note(text, "attention", _("Turn attention on and train again →"))


def _same_without_attention(run: Run, others: list[Run]) -> Run | None:
    """The newest earlier run with the same recipe except for attention, which is off."""
    plain = replace(run.recipe, model=replace(run.recipe.model, attention="none"))
    for other in reversed(others):
        if other.created < run.created and other.recipe == plain:
            return other
    return None
