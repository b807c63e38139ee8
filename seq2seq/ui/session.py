"""The session that all tabs of a page share: the visitor's token, the selected run, predictions."""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Any

import gradio as gr

from seq2seq.data.vocabulary import EOS, SPECIALS
from seq2seq.decoding.greedy import Prediction
from seq2seq.errors import shorten
from seq2seq.experiment import Experiment
from seq2seq.i18n import LazyText, _, ngettext
from seq2seq.inspection.trace import name
from seq2seq.jobs.runs import Run
from seq2seq.recipe import Recipe
from seq2seq.ui.components import html
from seq2seq.ui.components.run_names import (
    epoch_words,
    membership_words,
    short_name,
    source_row,
    target_row,
)
from seq2seq.ui.components.settings import preview_recipe
from seq2seq.ui.gradio_internals import current_request
from seq2seq.ui.lab import Lab

# Options of the page's event handlers. They bypass Gradio's queue: an event that enters it while
# its stream is being closed gets no answer (seen in 6.31). They take milliseconds; longer work is
# a run, or uses the queue explicitly (`recording.py`).
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}

# Options of handlers that read the event's data (`gr.EventData`). Each event is sent at once: with
# "once" Gradio drops an event that arrives while the last one is handled, and with "always_last"
# it sends the last event's data again instead of the new data (seen in 6.31).
WITH_DATA: dict[str, Any] = {**QUIET, "trigger_mode": "multiple"}

MAX_TEXT = 2_000  # characters of a typed sequence; `tasks.MAX_TOKENS` limits its tokens

# The browser stores the owner's token, encrypted with STORAGE_SECRET. Both values are constant, or
# each restart would lose the tokens. The secret protects nothing: a token opens one list of runs.
STORAGE_KEY = "seq2seq-lab"
STORAGE_SECRET = "not a secret, only a name"
_SALT = secrets.token_bytes(16)  # so that a token cannot be derived from the session's hash


UNTRAINED = LazyText("“unknown” never occurs in training here, so its embedding still has the "
                     "random values that it started with.")
RESERVED = LazyText("“pad” extends short sequences to a common length, “start” marks the beginning "
                    "of an answer, and “unknown” replaces tokens outside the vocabulary. To the "
                    "model they are tokens like any other, so it can write them.")


@dataclass
class Session:
    """What all tabs of one page share."""

    lab: Lab
    owner: gr.BrowserState  # the visitor's anonymous token
    selected: gr.Textbox  # id of the run that all tabs show, or ""; a `browser_value`


def make_session(lab: Lab) -> Session:
    """Create a session; call it inside the `gr.Blocks` of the page."""
    owner = gr.BrowserState(None, storage_key=STORAGE_KEY, secret=STORAGE_SECRET)
    return Session(lab, owner, browser_value("", "run-shown"))


def browser_value(value: str, name: str) -> gr.Textbox:
    """A hidden text box: a value that the browser stores and sends with each event.

    Unlike `gr.State`, it survives a restart of the server, and many sessions cannot evict it.
    Handlers must validate it like typed text.
    """
    return gr.Textbox(value, visible="hidden", container=False,
                      elem_classes=["kept", name])


def valid_owner(token: Any) -> str:
    """`token` if it has the form of an owner's token, otherwise a new one.

    All calls of one Gradio session get the same new token: a visitor may press Train before the
    page has stored its token, and must find the run after a reload.
    """
    if isinstance(token, str) and re.fullmatch(r"[\w-]{22}", token):
        return token
    page = getattr(current_request(), "session_hash", None)
    if not isinstance(page, str):
        return secrets.token_urlsafe(16)
    digest = hashlib.blake2b(page.encode(errors="replace"), key=_SALT, digest_size=16).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


@dataclass
class Answer:
    """The prediction for a typed sequence, and the model that made it."""

    prediction: Prediction
    answered_by: str  # heading, such as "Your model's answer (Run 1, after epoch 3)"
    recipe: Recipe
    experiment: Experiment

    @property
    def membership(self) -> str:
        """A sentence: whether the sequence was in the training data; "" before training."""
        if self.experiment.recipe.train.num_examples != self.recipe.train.num_examples:
            return ""  # a preview, with few of the examples
        membership = self.experiment.membership(self.prediction.source)
        return membership_words(self.recipe, membership)


def answer(lab: Lab, run: Run | None, recipe: Recipe, text: Any) -> Answer:
    """The prediction of `run`'s newest model if it fits the task, else of an untrained model.

    InputError if the task cannot read the text; BusyError if no turn is free in time.
    """
    with lab.turn():
        return _answer(lab, run, recipe, text)


def _answer(lab: Lab, run: Run | None, recipe: Recipe, text: Any) -> Answer:
    lab.num_predictions += 1
    text = text[:MAX_TEXT] if isinstance(text, str) else ""
    if run and run.recipe.task == recipe.task and run.recipe.pairs == recipe.pairs:
        recipe = run.recipe
        history = lab.histories.of(run)
        epoch = max(run.blobs, default=0)
        # Before training, the answer does not wait until all examples are drawn, which may take
        # many seconds beside the training itself.
        experiment = lab.experiment_for(run) if epoch else lab.untrained(preview_recipe(recipe))
        answered_by = _("Your model's answer ({run}, before training)", run=short_name(run))
        if history.epoch > 0:
            answered_by = _("Your model's answer ({run}, {when})", run=short_name(run),
                            when=epoch_words(epoch))
        if run.provenance:
            answered_by = _("The pre-trained model's answer")
    else:
        experiment = lab.untrained(preview_recipe(recipe))
        answered_by = _("An untrained model's answer")
    return Answer(experiment.predict(text), answered_by, recipe, experiment)


def comparison(found: Answer) -> str:
    """HTML with input, target and prediction as tiles."""
    p, task = found.prediction, found.experiment.task
    unknown = _("no reference answer: judge for yourself")
    if task.needs_pairs:
        unknown = _("not known: this source is not in your table")
    vocabulary = found.experiment.splits.source_vocabulary
    unread = [] if task.frame_size else [t for t in dict.fromkeys(p.source) if t not in vocabulary]
    shown = html.comparison(source_row(task, p.source, frozenset(unread)),
                      None if p.target is None else target_row(task, p.target),
                      target_row(task, p.tokens), p.finished, found.answered_by, unknown,
                      _("the transcript: the encoder receives only the sound") if task.frame_size
                      else "")
    why = None if p.target else task.why_unsolved(p.source)
    if why:
        shown += html.caption(_(why))
    if unread:
        shown += html.caption(ngettext(
            "{tokens} is not in the vocabulary: it does not occur in the training pairs. The model "
            "reads it as “unknown”.",
            "{tokens} are not in the vocabulary: they do not occur in the training pairs. The "
            "model reads each of them as “unknown”.", len(unread),
            tokens=shorten(", ".join(f"“{name(token)}”" for token in unread), 200)))
        if task.min_counts[0] == 1:
            shown += html.caption(_(UNTRAINED))
    reserved = set(SPECIALS) - {SPECIALS[EOS]}
    return shown + (html.caption(_(RESERVED)) if reserved.intersection(p.tokens) else "")
