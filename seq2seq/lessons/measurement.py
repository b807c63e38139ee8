"""The numbers of a lesson, computed from the learner's runs.

There are numbers of every run (`METRICS`, and patterns like `right_at_N`), computed from its model
and its events, and numbers of a step (`measure`), computed from what the learner did there, such as
the token that was forced.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from seq2seq.data.vocabulary import EOS, SPECIALS
from seq2seq.decoding.greedy import Prediction
from seq2seq.errors import InputError
from seq2seq.experiment import Experiment
from seq2seq.i18n import LazyText
from seq2seq.lessons import claims
from seq2seq.lessons.lesson import (
    AT_LENGTH,
    AT_PLACE,
    LOOK_AT,
    WEIGHT_AT,
    Lesson,
    Number,
    Step,
)
from seq2seq.training.events import EpochEnd

END = SPECIALS[EOS]


# --- numbers of a run --------------------------------------------------------------------------

def run_numbers(wanted: Iterable[str], experiment: Experiment, events: Sequence[Any], text: str,
                scores: Mapping[str, float | None] | None = None) -> dict[str, Number]:
    """The `wanted` numbers (names of `METRICS` or patterns) of one run; None if unknown.

    `experiment` has its newest model, `events` are those of its training, `text` is the input. A
    model that was trained elsewhere has no events, but `scores`.
    """
    ends = [event for event in events if isinstance(event, EpochEnd)]
    first, last = (ends[0], ends[-1]) if ends else (None, None)
    known = (last.scores if last else scores) or {}
    recorded: dict[str, Number] = {
        **{name: known.get(name) for name in ("memorised", "new", "longer")},
        "loss": last.train_loss if last else None,
        "first_loss": first.train_loss if first else None,
        "held_out_loss": last.held_out_loss if last else None,
        "first_held_out_loss": first.held_out_loss if first else None,
        "epochs": last.epoch if last else experiment.recipe.train.num_epochs,
        "examples": len(experiment.splits.train),
        "parameters": experiment.num_parameters, "first_right": first_right(ends)}
    found: dict[str, Number] = {}
    for name in wanted:
        if name in found:
            continue
        if length := AT_LENGTH.fullmatch(name):
            found[name] = claims.exact_match_at_length(experiment, int(length[1]))
        elif place := AT_PLACE.fullmatch(name):
            found[name] = claims.error_propagation(experiment, int(place[1]))
        elif step := LOOK_AT.fullmatch(name):
            look = _look(experiment, text, int(step[1]))
            found[name] = look[0] if look else None
        elif step := WEIGHT_AT.fullmatch(name):
            look = _look(experiment, text, int(step[1]))
            found[name] = look[1] if look else None
        elif name in recorded:
            found[name] = recorded[name]
        elif measured := MEASURED.get(name):
            found |= measured(experiment, text)
    return {name: found.get(name) for name in wanted}


def first_right(ends: Sequence[EpochEnd]) -> int | None:
    """The first epoch after which a sample was correct, or None."""
    return next((end.epoch for end in ends
                 if any(s.finished and s.predicted == s.target for s in end.samples)), None)


def said(experiment: Experiment, text: str) -> str:
    """The answer to a text, for people; a `LazyText` if it is empty."""
    answer = experiment.predict(text)
    written = experiment.task.format_target(answer.tokens)
    if not written:
        return LazyText("(nothing)") if answer.finished else LazyText("(nothing) …")
    return written if answer.finished else f"{written} …"


def _before(experiment: Experiment, text: str) -> dict[str, Number]:
    """The untrained model's answer, whether it copies the input, whether it ends."""
    untrained = Experiment.from_recipe(experiment.recipe)
    answer = untrained.predict(text)
    return {"before": said(untrained, text), "before_tokens": len(answer.tokens),
            "before_copied": int(answer.tokens == answer.source),
            "before_ended": int(answer.finished)}


def _after(experiment: Experiment, text: str) -> dict[str, Number]:
    return {"after": said(experiment, text)}


def _look(experiment: Experiment, text: str, step: int) -> tuple[int, float] | None:
    """The position (from 1) and size of the largest attention weight at a step (from 1)."""
    weights = experiment.predict(text).attention
    if weights is None or not 0 < step <= len(weights):
        return None
    return int(weights[step - 1].argmax()) + 1, float(weights[step - 1].max())


def _errors(experiment: Experiment, text: str) -> dict[str, Number]:
    early = claims.errors_in_first_half(experiment)
    return {"errors_early": early, "errors_late": None if early is None else 1 - early}


def _beam(experiment: Experiment, text: str) -> dict[str, Number]:
    return {"beam_differ": claims.beam_numbers(experiment)["differ"]}


def _looks_back(experiment: Experiment, text: str) -> dict[str, Number]:
    return {"look_back": claims.looks_back(experiment)}


MEASURED = {
    **dict.fromkeys(("before", "before_tokens", "before_copied", "before_ended"), _before),
    "after": _after,
    "look_back": _looks_back,
    **dict.fromkeys(("errors_early", "errors_late"), _errors), "beam_differ": _beam}


# --- numbers of a step -------------------------------------------------------------------------

def measure(step: Step, experiment: Experiment, text: str,
            values: Mapping[str, Any]) -> dict[str, Number]:
    """The numbers of a step in which the learner tried something on a model.

    `text` is the input, `values` are the fields of the form: step and token, or step and place.
    InputError if something cannot be measured.
    """
    names = [one.name for one in step.measures]
    if step.control == "beam" and names:
        numbers = ({"found_width": width_that_finds(experiment, text)}
                   if "found_width" in names else claims.beam_numbers(experiment))
        return {name: numbers[name] for name in names}
    changed = {"force": force_changed, "redirect": redirect_changed}.get(step.control)
    if changed is None or not names:
        raise InputError("There is nothing to measure in this step: continue with the next one.")
    return {names[0]: changed(experiment, text, values)}


def width_that_finds(experiment: Experiment, text: str) -> int | None:
    """The smallest of the lesson's beam widths whose best answer is correct, or None."""
    target = experiment.predict(text).target
    for width in claims.WIDTHS:
        best = experiment.beam(text, width).best[0]
        if best.finished and best.tokens == target:
            return width
    return None


def force_changed(experiment: Experiment, text: str, values: Mapping[str, Any]) -> int:
    """The number of tokens after a forced one that change."""
    free = experiment.predict(text)
    at = _place(values.get("step"), len(free.steps), LazyText("output token"))
    token = str(values.get("token", "")).strip()
    if token not in experiment.splits.target_vocabulary:
        raise InputError("Choose a digit to write there.")
    if token == free.steps[at].token:
        raise InputError("The model chose this digit itself, so nothing changes: choose another "
                         "one.")
    return differing(free, experiment.predict(text, forced={at: token}), at + 1)


def redirect_changed(experiment: Experiment, text: str, values: Mapping[str, Any]) -> int:
    """The number of tokens that change if one step attends to one position only."""
    free = experiment.predict(text)
    if free.attention is None:
        raise InputError("This model has no attention, so there is nothing to redirect.")
    at = _place(values.get("step"), len(free.steps), LazyText("output token"))
    place = _place(values.get("place"), len(free.positions), LazyText("input position"))
    weights = [float(i == place) for i in range(len(free.positions))]
    return differing(free, experiment.predict(text, attention={at: weights}), 0)


def differing(one: Prediction, two: Prediction, start: int) -> int:
    """The number of tokens (with end tokens) of two answers that differ from `start` on."""
    a, b = ([*p.tokens, END] if p.finished else list(p.tokens) for p in (one, two))
    return claims.differing(a, b, start)


def patients(lesson: Lesson) -> dict[str, str]:
    """Run -> fault, for the runs of a lesson that have one."""
    return {name: link.recipe.model.fault for name, link in lesson.runs.items()
            if link.recipe.model.fault != "none"}


def _place(value: Any, count: int, what: LazyText) -> int:
    """A position from 0, from a form. InputError if it is out of range."""
    try:
        place = int(str(value)[:10])
    except ValueError:
        place = -1
    if not 0 <= place < count:
        raise InputError("Choose one of the {count} positions ({what}).", count=count, what=what)
    return place
