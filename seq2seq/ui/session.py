"""What the tabs share: who the visitor is, which run they all show, and how a text is answered."""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Any

import gradio as gr

from seq2seq.data.vocabulary import EOS, SPECIALS
from seq2seq.decoding.greedy import Prediction
from seq2seq.experiment import Experiment
from seq2seq.i18n import LazyText, _
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

# How the page's own events are answered. Not through Gradio's queue: one that joins it just as its
# stream of answers is being closed would not hear of its own (seen with 6.31). These take
# milliseconds; what takes longer is a run, or has its own place in the queue (`recording.py`).
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}

MAX_TEXT = 2_000  # characters of a typed sequence; tasks say how many tokens they read

# The owner's token lives in the visitor's browser, encrypted with this. Both names are fixed, or
# it would be lost with every restart. It is no password: all it opens is one's own list of runs.
STORAGE_KEY = "seq2seq-lab"
STORAGE_SECRET = "not a secret, only a name"
_SALT = secrets.token_bytes(16)  # so that a page's own key tells nothing of its token


RESERVED = LazyText("“pad” fills up short sequences, “start” begins an answer, “unknown” stands "
                    "for anything outside the vocabulary. They are ordinary tokens, so a model can "
                    "write them.")


@dataclass
class Session:
    """The shared objects of one page."""

    lab: Lab
    owner: gr.BrowserState  # an anonymous token
    selected: gr.Textbox  # see `browser_value`: id of the run that all tabs show; "" for none


def make_session(lab: Lab) -> Session:
    """A session; call it inside the page."""
    owner = gr.BrowserState(None, storage_key=STORAGE_KEY, secret=STORAGE_SECRET)
    return Session(lab, owner, browser_value("", "run-shown"))


def browser_value(value: str, name: str) -> gr.Textbox:
    """A value that the browser sends with every call, where `gr.State` would stay on the server.

    A page that is open while the server restarts goes on with it; and no other visits can push it
    out of the server's memory. Whoever reads it checks it, as anything that is typed.
    """
    return gr.Textbox(value, visible="hidden", container=False,
                      elem_classes=["kept", name])


def valid_owner(token: Any) -> str:
    """`token` if it can be one of ours, otherwise a new one.

    One page gets the same new one however often it asks: who presses Train before the page has
    heard of its token would otherwise train for somebody else, and find nothing after a reload.
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
    """A typed sequence and what was made of it."""

    prediction: Prediction
    answered_by: str  # who answered
    recipe: Recipe
    experiment: Experiment

    @property
    def stands(self) -> str:
        """Where the sequence stands, seen from the run's training data, in a sentence."""
        membership = self.experiment.membership(self.prediction.source)
        return membership_words(self.recipe, membership)


def answer(lab: Lab, run: Run | None, recipe: Recipe, text: Any) -> Answer:
    """The answer of `run`'s newest model if it fits the task, else of an untrained model.

    InputError says what is wrong with the text; BusyError, that others are asking.
    """
    with lab.turn():
        return _answer(lab, run, recipe, text)


def _answer(lab: Lab, run: Run | None, recipe: Recipe, text: Any) -> Answer:
    lab.num_predictions += 1
    text = text[:MAX_TEXT] if isinstance(text, str) else ""
    if run and run.recipe.task == recipe.task and run.recipe.pairs == recipe.pairs:
        recipe = run.recipe
        history = lab.histories.of(run)
        experiment = lab.experiment_for(run)
        epoch = max(run.blobs, default=0)
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
    """Input, target and answer as tiles."""
    p, task = found.prediction, found.experiment.task
    unknown = _("no reference answer: judge for yourself")
    if task.needs_pairs:
        unknown = _("not known: this source is not in your table")
    shown = html.comparison(source_row(task, p.source),
                      None if p.target is None else target_row(task, p.target),
                      target_row(task, p.tokens), p.finished, found.answered_by, unknown,
                      _("the transcript: the encoder receives only the sound") if task.frame_size
                      else "")
    reserved = set(SPECIALS) - {SPECIALS[EOS]}
    return shown + (html.caption(_(RESERVED)) if reserved.intersection(p.tokens) else "")
