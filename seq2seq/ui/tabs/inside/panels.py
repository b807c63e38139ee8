"""What the tab “Look inside” shows of one answer: diagram, sentences and figures.

One response contains all steps of the model, so the page's slider sends no requests.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from seq2seq.decoding.greedy import Prediction
from seq2seq.errors import InputError
from seq2seq.experiment import Experiment
from seq2seq.figures.gates import gate_values
from seq2seq.figures.inside import PANELS
from seq2seq.figures.sentences import step_sentences
from seq2seq.figures.sound import attention_over_sound
from seq2seq.figures.what_if import head_weights
from seq2seq.i18n import LazyText, _
from seq2seq.inspection.gates import GATES
from seq2seq.inspection.trace import written
from seq2seq.jobs.runs import Run
from seq2seq.tasks import Task
from seq2seq.tasks.spoken_digits import SpokenDigits
from seq2seq.ui.components import token_tiles
from seq2seq.ui.components.run_names import epoch_words, short_name, task_title
from seq2seq.ui.lab import Lab
from seq2seq.ui.session import MAX_TEXT
from seq2seq.ui.tabs.audio import COLUMN_SECONDS, SoundInput, loudness, words_of
from seq2seq.ui.tabs.inside import pieces
from seq2seq.ui.tabs.inside.choices import choices
from seq2seq.ui.tabs.inside.lines import MEAN, lines_of

SOUND_HEIGHT = 330  # of the attention map, with the sound below it
GONE = LazyText("This run is no longer available: it expired, or the server was restarted. Train "
                "it again, then look inside.")

# The section below the panels of a step, by cell; a plain RNN has none.
GATES_OF = {"title": LazyText("Gates"),
            "hint": LazyText("what the cell keeps and what it forgets at this step")}
HEADS_OF = {"title": LazyText("Attention heads"),
            "hint": LazyText("which input tokens each head attends to at this step")}
DETAILS = {"gru": GATES_OF, "lstm": GATES_OF, "transformer": HEADS_OF}


@dataclass(frozen=True)
class Query:
    """A request about one answer: the model, the sequence, and the values of a form."""

    run: Run
    epoch: float
    experiment: Experiment
    text: str
    values: dict[str, Any]

    def predict(self, **what_if: Any) -> Prediction:
        """The model's answer to the sequence; for `what_if` see `Experiment.predict`."""
        return self.experiment.predict(self.text, **what_if)

    def number(self, field: str, low: int, high: int, what: LazyText) -> int:
        """A whole number in the form. InputError if it is missing or out of range."""
        try:
            value = int(str(self.values[field])[:10])
        except (KeyError, ValueError):
            raise InputError("{what} is missing: choose one from {low} to {high}.", what=what,
                             low=low, high=high) from None
        if not low <= value <= high:
            raise InputError("{what} is {value}: choose one from {low} to {high}.", what=what,
                             value=value, low=low, high=high)
        return value

    def real(self, field: str, what: LazyText) -> float:
        """A number of the form, of any size; InputError if it is none."""
        try:
            return float(str(self.values[field])[:10])
        except (KeyError, ValueError):
            raise InputError("{what} is missing: choose a number.", what=what) from None

    def word(self, field: str) -> str:
        """A text in the form, cut to 100 characters."""
        value = self.values.get(field)
        return value.strip()[:100] if isinstance(value, str) else ""


def read_question(lab: Lab, question: dict[str, Any]) -> Query:
    """A validated request of the page. Seq2SeqError if it cannot be answered."""
    run = lab.find(question.get("run"))
    if run is None:
        raise InputError(GONE)
    epoch = question.get("epoch")
    if isinstance(epoch, bool) or not isinstance(epoch, int | float):
        epoch = max(run.blobs, default=0)
    text, values = question.get("text"), question.get("values")
    return Query(run, epoch, lab.experiment_for(run, epoch),
                 text[:MAX_TEXT] if isinstance(text, str) else "",
                 values if isinstance(values, dict) else {})


def look(query: Query) -> dict[str, Any]:
    """Everything about the answer to one sequence, for the page's JavaScript."""
    prediction = query.predict()
    seen = query.experiment.insight(prediction)
    model = query.experiment.recipe.model
    sound = sound_input(query.experiment.task, prediction)
    figures = {p.name: p.draw(seen).to_plotly_json() for p in PANELS
               if p.is_for(seen)
               and not (sound and p.name == "source_embeddings")}
    if sound and prediction.attention is not None:
        figures["attention"] = attention_over_sound(
            seen, sound.columns, COLUMN_SECONDS, sound.words, SOUND_HEIGHT).to_plotly_json()
    return {
        "epoch": query.epoch, "text": query.text, "num_read": seen.num_read,
        "num": len(seen.moments), "who": heading(query, prediction),
        "strip": pieces.strip(prediction.positions, written(prediction),
                                   sound.levels(seen.num_read) if sound else (),
                                   model.is_recurrent),
        "steps": step_sentences(seen, sound), "attention": prediction.attention is not None,
        "walk": attention_path(prediction) if sound is None else sound.attention_path(prediction),
        "sound": sound is not None,
        "detail": {key: _(text) for key, text in DETAILS.get(model.cell, {}).items()} or None,
        "figures": figures, "lines": lines_of(seen), "arithmetic": choices(seen),
    }


def lines(query: Query) -> dict[str, Any]:
    """The attention lines of the head that the question names."""
    found = lines_of(query.experiment.insight(query.predict()), query.word("head") or MEAN)
    if found is None:
        raise InputError("This model has no attention.")
    return found


def attention_path(prediction: Prediction) -> str:
    """A sentence about the path of the attention's maxima if it is a diagonal, else ""."""
    if prediction.attention is None or len(prediction.tokens) < 3:
        return ""
    path = prediction.attention[: len(prediction.tokens)].argmax(axis=1)
    moves = [int(b - a) for a, b in pairwise(path)]
    if moves.count(-1) >= 0.8 * len(moves):
        return _("As the model writes, its attention moves through the input from the end back "
                 "to the start.")
    if moves.count(1) >= 0.8 * len(moves):
        return _("As the model writes, its attention moves through the input from the start to "
                 "the end.")
    return ""


def model_words(query: Query) -> str:
    """The run, its task, and the epoch of the model."""
    run, task = short_name(query.run), task_title(query.run.recipe)
    if query.run.provenance:
        return _("{run} model · {task}", run=run, task=task)
    if not query.epoch:
        return _("{run} · {task} · before any training", run=run, task=task)
    return _("{run} · {task} · {when}", run=run, task=task, when=epoch_words(query.epoch))


def heading(query: Query, p: Prediction) -> str:
    """The model, the verdict on its answer, and the correct answer."""
    who, verdict = model_words(query), token_tiles.verdict(p.target, p.tokens, p.finished)
    target = "" if p.target is None else query.experiment.task.format_target(p.target)
    if not target or p.is_correct:
        return _("{who} · the answer: {verdict}", who=who, verdict=verdict)
    return _("{who} · the answer: {verdict}, expected {target}", who=who, verdict=verdict,
             target=target)


def reads_sound(prediction: Prediction) -> bool:
    """Whether the encoder read audio: its positions are then times, not tokens."""
    return prediction.positions != prediction.source


def sound_input(task: Task, prediction: Prediction) -> SoundInput | None:
    """The audio input of a prediction; None if the input was tokens."""
    if not isinstance(task, SpokenDigits) or not reads_sound(prediction):
        return None
    return SoundInput(loudness(task, prediction.source), words_of(task, prediction.source))


def same_places(heads: np.ndarray) -> str:
    """A sentence: how often all heads, weights (L, A, T, S), attend most to the same token."""
    most = heads.argmax(axis=3).reshape(-1, heads.shape[2])                  # (L * A, T)
    same = int((most == most[:1]).all(axis=0).sum())
    mean = _("The map above is the mean of all heads. The decoder's heads are not used while the "
             "encoder reads.")
    if len(most) == 1:
        return mean
    together = _("In {n} of {total} steps all heads attend most to the same input token.", n=same,
                 total=most.shape[1])
    return f"{together} {mean}"


def gates(query: Query) -> dict[str, Any]:
    """The gates of every step, or a Transformer's heads, as a figure that follows the slider."""
    cell = query.experiment.recipe.model.cell
    prediction = query.predict()
    if cell == "transformer":
        seen = query.experiment.insight(prediction)
        assert seen.heads is not None, "a Transformer has heads"
        return {"html": pieces.sentence(same_places(seen.heads.source), "soft"),
                "figure": head_weights(seen).to_plotly_json(), "follows": "step"}
    if not GATES[cell]:
        return {"html": pieces.sentence(_(
            "A plain RNN has no gates: each step replaces its entire state."))}
    traces = query.experiment.gates(prediction)
    listed = "; ".join(f"{_(gate)}: {_(what)}" for gate, what in GATES[cell].items())
    if query.experiment.recipe.model.bidirectional:
        says = _("Faint is 0, strong is 1. {gates} (encoder: the gates of the forward "
                 "direction).",
                 gates=listed)
    else:
        says = _("Faint is 0, strong is 1. {gates}.", gates=listed)
    figure = gate_values(query.experiment.insight(prediction), [t.gates for t in traces])
    return {"html": pieces.sentence(says, "soft"),
            "figure": figure.to_plotly_json(), "follows": "step"}
