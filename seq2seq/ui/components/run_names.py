"""The words by which the page names runs and their settings."""

import re
from dataclasses import replace

from seq2seq.config import settings
from seq2seq.files.provenance import OWN_DATA, Provenance
from seq2seq.files.share_link import to_query
from seq2seq.i18n import ENGLISH, LazyText, _, current_language, decimal, ngettext
from seq2seq.jobs.runs import Run
from seq2seq.recipe import Recipe, word
from seq2seq.tasks import Task, Tokens, get_task
from seq2seq.ui.components.html import SCORES
from seq2seq.ui.components.token_tiles import TokenRow


def run_name(recipe: Recipe, earlier: list[Run]) -> LazyText:
    """A short name for a new run: its number, and the two most important settings.

    The number continues from the highest one, since old runs are deleted.
    """
    number = 1 + max((number_of(run.name) for run in earlier), default=0)
    size = recipe.model.hidden_size
    if not recipe.model.is_recurrent:
        return LazyText("Run {number} · Transformer, hidden size {size}", number=number, size=size)
    if recipe.model.attention == "none":
        return LazyText("Run {number} · attention off, hidden size {size}",
                        number=number, size=size)
    return LazyText("Run {number} · attention on, hidden size {size}", number=number, size=size)


def number_of(name: str) -> int:
    """The number in a run's name, in any language: 3 in "Run 3 · …"."""
    found = re.search(r"\d+", name.split(" · ")[0])
    return int(found[0]) if found else 0


def short_name(run: Run) -> str:
    """The name without settings: "Run 3"."""
    return _(run.name).split(" · ")[0]


# Lists of runs do not name a model's bug, since learners diagnose it in the last lesson. Only what
# a visitor requests explicitly names it: the share link, the zip, the API.
MODIFIED = LazyText("modified model")


def has_fault(recipe: Recipe) -> bool:
    """Whether the model contains a bug for the learner to find."""
    return recipe.model.fault != "none"


def recipe_query(recipe: Recipe) -> str:
    """The recipe as a link; "" for own pairs, which are private, and for bugs to be found."""
    return "" if recipe.pairs or has_fault(recipe) else to_query(recipe)


def differences(recipe: Recipe, other: Recipe) -> str:
    """The changes from `other` to `recipe`: "hidden size 64→8"; "" if they are equal."""
    one, two = (replace(r, model=replace(r.model, fault="none")) for r in (recipe, other))
    words = [_(one.differences(two))]
    if recipe.model.fault != other.model.fault:
        words.append(_(MODIFIED))
    return ", ".join(filter(None, words))


def different_settings(recipe: Recipe, other: Recipe) -> str:
    """The settings of `recipe` that differ from `other`: "attention off, hidden size 8".

    "" if all are equal.
    """
    words = []
    for mine, theirs in ((recipe.model, other.model), (recipe.train, other.train)):
        for name, what in settings(mine).items():
            value = getattr(mine, name)
            if value == getattr(theirs, name):
                continue
            if name == "fault":
                words.append(_(MODIFIED))
            else:
                words.append(_("{setting} {value}", setting=what.inline, value=word(value)))
    if recipe.pairs != other.pairs:
        words.append(_("other pairs"))
    return ", ".join(words)


def mid_sentence(label: str) -> str:
    """A label inside a sentence, which in English, but not in every language, is in lower case."""
    return label.lower() if current_language() == ENGLISH else _(label)


def task_title(recipe: Recipe) -> str:
    """The task's title, as in the menu."""
    return _(get_task(recipe.task).title)


def longer_title(recipe: Recipe) -> str:
    """The English title of the task's third set of examples, such as "More days"."""
    return get_task(recipe.task).longer


def membership_words(recipe: Recipe, membership: str) -> str:
    """A sentence: which of the three sets a sequence belongs to, if that is known."""
    if membership == "unknown":
        return _("Every epoch had new training data: this sequence may have been among them.")
    if membership == "memorised":
        return _("This sequence was in the training data.")
    if membership == "new":
        return _("This sequence was not in the training data.")
    title = longer_title(recipe)
    if title == SCORES["longer"][0]:
        return _("This sequence is longer than any in the training data.")
    return _("This sequence belongs to “{set}”: nothing like it was in the training "
             "data.", set=_(title))


def source_row(task: Task, tokens: Tokens, unknown: frozenset[str] = frozenset()) -> TokenRow:
    """The tokens of a source, and its text; those in `unknown` are marked."""
    return TokenRow(tokens, task.format(tokens), unknown)


def target_row(task: Task, tokens: Tokens) -> TokenRow:
    """The tokens of an answer, and its text."""
    return TokenRow(tokens, task.format_target(tokens))


def provenance_sentence(provenance: Provenance) -> str:
    """Date, data and CPU time of a model's training, in one or two sentences."""
    told = _("Pre-trained ({date}) in {time} of CPU time; data: {data}.",
             date=provenance.date, time=duration(provenance.cpu_seconds),
             data=_data(provenance).rstrip("."))
    return f"{told} {_(provenance.remark)}".strip()


def _data(provenance: Provenance) -> str:
    """The training data, translated from the English text in the file if its form is known."""
    if own := re.fullmatch(rf"{OWN_DATA}: ([\d,]+) examples, seed (\d+)", provenance.data):
        count = int(own[1].replace(",", ""))
        return _("generated, {count} examples, seed {seed}",
                 count=decimal(count, ","), seed=own[2])
    return re.sub(r", sha256 [0-9a-f]+", "", _(provenance.data))  # too long for the page


def duration(seconds: float) -> str:
    """A time in seconds, rounded, in words.

    >>> duration(38), duration(400), duration(9000)
    ('38 seconds', '7 minutes', '2.5 hours')
    """
    if seconds < 100:
        return ngettext("{n} second", "{n} seconds", round(seconds))
    if seconds < 5400:
        return ngettext("{n} minute", "{n} minutes", round(seconds / 60))
    return _("{n} hours", n=decimal(seconds / 3600, ".1f"))


def epoch_count(epochs: float) -> str:
    """A number of epochs, with a fraction if a run was stopped within an epoch.

    >>> epoch_count(3), epoch_count(0.43)
    ('3', '0.43')
    """
    return str(int(epochs)) if epochs == int(epochs) else decimal(epochs, ".2f")


def epoch_words(epochs: float) -> str:
    """How long a model was trained: "after epoch 3", "stopped after 2.43 epochs"."""
    if epochs == int(epochs):
        return _("after epoch {epoch}", epoch=int(epochs))
    return stopped_words(epochs)


def stopped_words(epochs: float) -> str:
    """When training was stopped: after a complete epoch, or within one."""
    if epochs == int(epochs):
        return _("stopped after epoch {epoch}", epoch=int(epochs))
    return _("stopped after {epochs} epochs", epochs=epoch_count(epochs))
