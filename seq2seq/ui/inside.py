"""What the tab "Look inside" shows of one answer: strip, sentences and figures, all at once.

The page gets everything about every moment in one answer, so its slider never has to ask.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from seq2seq.errors import InputError
from seq2seq.experiment import Experiment
from seq2seq.figures import PANELS
from seq2seq.figures_sound import attention_over_sound
from seq2seq.figures_style import share_text
from seq2seq.figures_whatif import gate_values, head_weights
from seq2seq.gates import GATES
from seq2seq.inference import Prediction
from seq2seq.insight import Insight, name, written
from seq2seq.jobs import Run
from seq2seq.speech.logmel import picture
from seq2seq.tasks import Task
from seq2seq.tasks.spoken import SpokenDigits
from seq2seq.ui import html, inside_html
from seq2seq.ui.lab import Lab
from seq2seq.ui.names import short_name, task_title
from seq2seq.ui.session import MAX_TEXT
from seq2seq.ui.sound import COLUMN_SECONDS, Heard, words_of

SOUND_HEIGHT = 330  # of the attention map, with the sound below it
GONE = ("This run is no longer here: it was too old, or the server was restarted. Train it again, "
        "then look inside.")

# What can be opened below the panels of a step, by cell; a plain RNN has nothing more to show.
GATES_OF = {"title": "Its gates", "hint": "what it keeps, and what it forgets, at this step"}
DETAILS = {"gru": GATES_OF, "lstm": GATES_OF,
           "transformer": {"title": "Its heads", "hint": "where each of them looks, at this step"}}


@dataclass(frozen=True)
class Asked:
    """A question about one answer: which model, which sequence, and the form's values."""

    run: Run
    epoch: int
    experiment: Experiment
    text: str
    values: dict[str, Any]

    def predict(self, **what_if: Any) -> Prediction:
        """The model's answer to the sequence, with a what-if."""
        return self.experiment.predict(self.text, **what_if)

    def number(self, field: str, low: int, high: int, words: str) -> int:
        """A whole number of the form; InputError says what is allowed."""
        try:
            value = int(str(self.values[field])[:10])
        except (KeyError, ValueError):
            raise InputError(f"{words} is missing: choose one from {low} to {high}.") from None
        if not low <= value <= high:
            raise InputError(f"{words} is {value}: choose one from {low} to {high}.")
        return value

    def word(self, field: str) -> str:
        """A text of the form, at most 100 characters of it."""
        value = self.values.get(field)
        return value.strip()[:100] if isinstance(value, str) else ""


def read_question(lab: Lab, question: dict[str, Any]) -> Asked:
    """A question from the page, checked; Seq2SeqError says what cannot be answered."""
    run = lab.find(question.get("run"))
    if run is None:
        raise InputError(GONE)
    epoch = question.get("epoch")
    if isinstance(epoch, bool) or not isinstance(epoch, int):
        epoch = max(run.blobs, default=0)
    text, values = question.get("text"), question.get("values")
    return Asked(run, epoch, lab.experiment_for(run, epoch),
                 text[:MAX_TEXT] if isinstance(text, str) else "",
                 values if isinstance(values, dict) else {})


def look(asked: Asked) -> dict[str, Any]:
    """Everything about the answer to one sequence, for the page's JavaScript."""
    prediction = asked.predict()
    seen = asked.experiment.insight(prediction)
    model = asked.experiment.recipe.model
    says = html.verdict(prediction.target, prediction.tokens, prediction.finished)
    task, sound = asked.experiment.task, listen(asked.experiment.task, prediction)
    figures = {p.name: p.draw(seen).to_plotly_json() for p in PANELS
               if (prediction.attention is not None or not p.needs_attention)
               and not (sound and p.name == "source_embeddings")}
    if sound and prediction.attention is not None:
        figures["attention"] = attention_over_sound(
            seen, sound.columns, COLUMN_SECONDS, sound.words, SOUND_HEIGHT).to_plotly_json()
    return {
        "epoch": asked.epoch, "text": asked.text, "num_read": seen.num_read,
        "num": len(seen.moments), "who": speaker(asked), "verdict": says,
        "target": "" if prediction.target is None else task.format_target(prediction.target),
        "strip": inside_html.strip(prediction.positions, written(prediction),
                                   sound.loud(seen.num_read) if sound else ()),
        "steps": steps(seen, sound), "attention": prediction.attention is not None,
        "walk": walk(prediction) if sound is None else sound.walk(prediction),
        "sound": sound is not None,
        "detail": DETAILS.get(model.cell),
        "figures": figures,
    }


def walk(prediction: Prediction) -> str:
    """What the attention map shows, where its strongest places make a plain path; else nothing."""
    if prediction.attention is None or len(prediction.tokens) < 3:
        return ""
    path = prediction.attention[: len(prediction.tokens)].argmax(axis=1)
    moves = [int(b - a) for a, b in pairwise(path)]
    for move, words in ((-1, "from the end back to the start"), (1, "from the start to the end")):
        if moves.count(move) >= 0.8 * len(moves):
            return f"As it writes, its gaze walks through the input {words}."
    return ""


def speaker(asked: Asked) -> str:
    """Which model answers, and when."""
    when = f"after epoch {asked.epoch}" if asked.epoch else "before any training"
    if asked.run.made:
        return f"{short_name(asked.run)} model · {task_title(asked.run.recipe)}"
    return f"{short_name(asked.run)} · {task_title(asked.run.recipe)} · {when}"


def hears_sound(prediction: Prediction) -> bool:
    """Whether the encoder read sound: its places are then times, and no tokens."""
    return prediction.positions != prediction.source


def listen(task: Task, prediction: Prediction) -> Heard | None:
    """The sound behind a prediction; None where it was made from symbols."""
    if not isinstance(task, SpokenDigits) or not hears_sound(prediction):
        return None
    return Heard(picture(task.frames(prediction.source)), words_of(task, prediction.source))


def steps(seen: Insight, sound: Heard | None = None) -> list[dict[str, Any]]:
    """For each moment where it is, what happens there, and how much each input is looked at."""
    p = seen.prediction
    found: list[dict[str, Any]] = []
    for i, token in enumerate(p.positions):
        also = " It has also read from the end back to here." if seen.config.bidirectional else ""
        say = f"The encoder reads “{name(token)}” and changes its state.{also}"
        if not seen.config.is_recurrent:
            say = f"“{name(token)}” looks at all tokens of the input, itself included, at once."
        place = f"reading token {i + 1} of {seen.num_read}"
        if sound:
            say = f"The encoder hears the sound at {token}{sound.inside(i)}.{also}"
            place = f"hearing {token}"
        found.append({"part": "enc", "place": place, "say": say})
    for t, step in enumerate(p.steps):
        if t == 0:
            context = "takes over the context and " if seen.config.is_recurrent else ""
            begin = f"The decoder {context}reads “start”."
        else:
            all_before = "" if seen.config.is_recurrent else ", and looks at all before it"
            begin = f"The decoder reads its own “{name(step.read)}” back{all_before}."
        gaze = ""
        if step.attention is not None:
            at = int(step.attention.argmax())
            gaze = (f" It looks most at “{name(p.positions[at])}”, place {at + 1} of the input "
                    f"({share_text(float(step.attention[at]))}).")
            if sound:
                gaze = (f" It listens most at {p.positions[at]}{sound.inside(at)} "
                        f"({share_text(float(step.attention[at]))}).")
        sure = share_text(math.exp(step.log_prob))
        end = " That ends the answer." if t == len(p.steps) - 1 and p.finished else ""
        found.append({
            "part": "dec", "place": f"writing token {t + 1} of {len(p.steps)}",
            "say": f"{begin}{gaze} It writes “{name(step.token)}” ({sure}).{end}",
            "look": None if step.attention is None else step.attention.round(3).tolist()})
    return found


def gates(asked: Asked) -> dict[str, Any]:
    """The gates of every moment, or a Transformer's heads, as a figure that follows the slider."""
    cell = asked.experiment.recipe.model.cell
    prediction = asked.predict()
    if cell == "transformer":
        heads = asked.experiment.heads(prediction)
        figure = head_weights(asked.experiment.insight(prediction), heads)
        return {"html": inside_html.sentence(
            "Each head looks for something else; the map above is their mean. While the encoder "
            "reads, no head of the decoder is at work yet.", "soft"),
            "figure": figure.to_plotly_json()}
    if not GATES[cell]:
        return {"html": inside_html.sentence(
            "A plain RNN has no gates: at each step all of its state is made anew.")}
    traces = asked.experiment.gates(prediction)
    says = "; ".join(f"{gate}: {what}" for gate, what in GATES[cell].items())
    way = " (of the encoder: those that read forwards)" if (
        asked.experiment.recipe.model.bidirectional) else ""
    figure = gate_values(asked.experiment.insight(prediction), [t.gates for t in traces])
    return {"html": inside_html.sentence(f"Faint is 0, strong is 1. {says}{way}.", "soft"),
            "figure": figure.to_plotly_json(), "follows": "step"}
