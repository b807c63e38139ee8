"""The numbers of a lesson's reveal, computed from a learner's own runs.

Two kinds: those of every run (`METRICS`, and `right_at_N`), from its model and the events of its
training; and what a step of the lesson finds out, from what the learner did there: which token was
forced, where the gaze was moved, which bug was given to which patient.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from seq2seq.errors import InputError
from seq2seq.experiment import Experiment
from seq2seq.inference import Prediction
from seq2seq.language import Text
from seq2seq.lessons.lesson import AT_LENGTH, Lesson, Number, Step
from seq2seq.metrics import answers, exact_match
from seq2seq.tasks.sampling import draw, solved
from seq2seq.training import EpochEnd
from seq2seq.vocabulary import EOS, SPECIALS

NUM_OF_LENGTH = 100  # sequences of one length that are asked, at most
NUM_COMPARED = 100  # new sequences that are answered greedily and with a beam
BEAM_WIDTH = 5
END = SPECIALS[EOS]
# The bugs as the last lesson counts them, and what a learner says of a patient: one of these.
BUGS = {"first-token": "One", "forgetful": "Two", "endless": "Three", "double-end": "Four"}


# --- numbers of a run --------------------------------------------------------------------------

def run_numbers(wanted: Iterable[str], experiment: Experiment, events: Sequence[Any], text: str,
                scores: Mapping[str, float | None] | None = None) -> dict[str, Number]:
    """Those of `METRICS` and `right_at_N` that are `wanted`, of one run.

    `experiment` holds its newest model, `events` what its training told (`EpochEnd`s count), `text`
    is what stands in the box. A model without events, trained elsewhere, brings its `scores`.
    What is not known is None.
    """
    ends = [event for event in events if isinstance(event, EpochEnd)]
    last = ends[-1] if ends else None
    known = (last.scores if last else scores) or {}
    found: dict[str, Number] = {}
    for name in wanted:
        if length := AT_LENGTH.fullmatch(name):
            found[name] = right_at(experiment, int(length[1]))
        elif name in ("memorised", "new", "longer"):
            found[name] = known.get(name)
        elif name == "loss":
            found[name] = last.train_loss if last else None
        elif name == "held_out_loss":
            found[name] = last.held_out_loss if last else None
        elif name == "epochs":
            found[name] = last.epoch if last else experiment.recipe.train.num_epochs
        elif name == "parameters":
            found[name] = experiment.num_parameters
        elif name == "first_right":
            found[name] = first_right(ends)
        elif name == "before":
            found[name] = said(Experiment.from_recipe(experiment.recipe), text)
        elif name == "after":
            found[name] = said(experiment, text)
    return found


def right_at(experiment: Experiment, length: int) -> float | None:
    """Share of right answers on sequences of one length that it was not trained on."""
    task, splits = experiment.task, experiment.splits
    trained_on = {task.key(example.source) for example in splits.train}
    rng = random.Random(f"{experiment.recipe.train.seed}/length {length}")
    drawn = draw(task, rng, NUM_OF_LENGTH, [length], without=trained_on)
    return exact_match(answers(experiment.model, splits, solved(task, drawn)))


def first_right(ends: Sequence[EpochEnd]) -> int | None:
    """The first epoch after which one of the fixed rows was right; None if there was none."""
    return next((end.epoch for end in ends
                 if any(s.finished and s.predicted == s.target for s in end.samples)), None)


def said(experiment: Experiment, text: str) -> str:
    """The answer to a text, as people write it; a `Text` where it is in words of ours."""
    answer = experiment.predict(text)
    written = experiment.task.format_target(answer.tokens)
    if not written:
        return Text("(nothing)") if answer.finished else Text("(nothing) …")
    return written if answer.finished else f"{written} …"


# --- what a step finds out ---------------------------------------------------------------------

def measure(step: Step, experiment: Experiment, text: str,
            values: Mapping[str, Any]) -> dict[str, Number]:
    """The numbers of a step in which something was tried on a model.

    `text` is the sequence and `values` the form beside it: step and token, or step and place.
    InputError says what cannot be measured, and what to do.
    """
    if step.control == "beam":
        return beam_numbers(experiment)
    changed = {"force": force_changed, "gaze": gaze_changed}.get(step.control)
    if changed is None or not step.measures:
        raise InputError("There is nothing to measure in this step: go on with the next one.")
    return {step.measures[0].name: changed(experiment, text, values)}


def force_changed(experiment: Experiment, text: str, values: Mapping[str, Any]) -> int:
    """How many tokens behind a forced one are others than before."""
    free = experiment.predict(text)
    at = _place(values.get("step"), len(free.steps), Text("output token"))
    token = str(values.get("token", "")).strip()
    if token not in experiment.splits.target_vocabulary:
        raise InputError("Choose a digit to write there.")
    if token == free.steps[at].token:
        raise InputError("That is its own choice, so nothing changes: choose another digit.")
    return differing(free, experiment.predict(text, forced={at: token}), at + 1)


def gaze_changed(experiment: Experiment, text: str, values: Mapping[str, Any]) -> int:
    """How many tokens are others than before when one step has to look at one place only."""
    free = experiment.predict(text)
    if free.attention is None:
        raise InputError("This model has no attention, so it has no gaze to move.")
    at = _place(values.get("step"), len(free.steps), Text("output token"))
    place = _place(values.get("place"), len(free.positions), Text("place of the input"))
    weights = [float(i == place) for i in range(len(free.positions))]
    return differing(free, experiment.predict(text, attention={at: weights}), 0)


def differing(one: Prediction, two: Prediction, start: int) -> int:
    """At how many places from `start` on two answers differ; places that are missing count."""
    a, b = ([*p.tokens, END] if p.finished else list(p.tokens) for p in (one, two))
    return (sum(x != y for x, y in zip(a[start:], b[start:], strict=False))
            + abs(len(a) - len(b)))


def beam_numbers(experiment: Experiment) -> dict[str, Number]:
    """Of the first new sequences: right answers greedily and with a beam, and how many differ."""
    model, splits = experiment.model, experiment.splits
    examples = splits.new[:NUM_COMPARED]
    greedy = answers(model, splits, examples)
    beam = answers(model, splits, examples, width=BEAM_WIDTH)
    return {"greedy_right": exact_match(greedy), "beam_right": exact_match(beam),
            "differ": sum((a.tokens, a.finished) != (b.tokens, b.finished)
                          for a, b in zip(greedy, beam, strict=True))}


def patients(lesson: Lesson) -> dict[str, str]:
    """Run -> the name of its fault, for the runs of a lesson that have one."""
    return {name: link.recipe.model.fault for name, link in lesson.runs.items()
            if link.recipe.model.fault != "none"}


def diagnosed(lesson: Lesson, said_of: Mapping[str, Any]) -> int:
    """How many patients were given the right bug, `{"a": "Three", …}`."""
    faults = patients(lesson)
    if set(said_of) != set(faults) or not set(map(str, said_of.values())) <= set(BUGS.values()):
        raise InputError("Choose one of the four bugs for each patient.")
    return sum(said_of[name] == BUGS[fault] for name, fault in faults.items())


def _place(value: Any, count: int, what: Text) -> int:
    """A place from 0 on, as a form sends it."""
    try:
        place = int(str(value)[:10])
    except ValueError:
        place = -1
    if not 0 <= place < count:
        raise InputError("Choose one of the {count} places ({what}).", count=count, what=what)
    return place
