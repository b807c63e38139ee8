"""Presets and expectations of a step: values set at its start, and conditions to complete it.

The lesson's file contains them as lines `preset: NAME VALUE` and `expect: NAME VALUES`:

    preset: text 639669     the input; by default that of the lesson's first link
    preset: set new         the filter of the tab "Side by side", one of `SETS`
    preset: only-wrong yes
    preset: step 3          a field of the control's form; positions count from 1
    preset: token own       the model's own choice (`place own`: the largest attention weight)

    expect: step 3          the field has this value when the control is used
    expect: token new       the field differs from its preset
    expect: width 1 3 5     each of these values has been tried
    expect: text 639669     this is the input
    expect: text new        the input differs from the preset
    expect: tokens >= 12    the input has at least this many tokens

A trial counts if it meets all expectations with a single value. Expectations with several values
are collected over all trials that count.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from seq2seq.decoding.greedy import Prediction
from seq2seq.errors import InputError
from seq2seq.i18n import LazyText

SETS = ("memorised", "new", "longer")
FIELDS = {  # form fields of the tab "Look inside" -> label
    "step": LazyText("output token"), "place": LazyText("input token"), "token": LazyText("token"),
    "width": LazyText("beam width")}
COUNTED = ("step", "place")  # from 0 in forms, from 1 in lessons
PRESETS = ("text", "set", "only-wrong", *FIELDS)
EXPECTED = ("text", "tokens", *FIELDS)
OWN, NEW = "own", "new"


class Expectation(NamedTuple):
    """An `expect:` line: a name, and the value or values that must be tried."""

    name: str
    values: tuple[str, ...]

    @property
    def at_least(self) -> int | None:
        """The required number of tokens, or None."""
        return int(self.values[1]) if self.values[0] == ">=" else None


def preset(value: str) -> tuple[str, str]:
    """Name and value of a `preset:` line. ValueError if it is wrong."""
    name, _, wanted = value.partition(" ")
    ok = {"text": wanted != "", "set": wanted in SETS, "only-wrong": wanted in ("yes", "no"),
          "step": _is_place(wanted), "place": _is_place(wanted) or wanted == OWN,
          "token": wanted != "", "width": _is_place(wanted)}
    if not ok.get(name):
        raise ValueError(f"a preset is one of {', '.join(PRESETS)}, and a value that it can have")
    return name, wanted


def expectation(value: str) -> Expectation:
    """The expectation in an `expect:` line. ValueError if it is wrong."""
    name, *wanted = value.split(" ")
    if name == "text":
        wanted = [value.removeprefix("text ")] if wanted else []
    number = len(wanted) == 2 and wanted[0] == ">=" and _is_place(wanted[1])
    ok = {"tokens": number, "text": bool(wanted),
          **{field: bool(wanted) for field in FIELDS},
          **{field: (bool(wanted) and all(map(_is_place, wanted))) or wanted == [NEW]
             for field in (*COUNTED, "width")}}
    if not ok.get(name):
        raise ValueError(f"a step expects one of {', '.join(EXPECTED)}, and a value of it")
    return Expectation(name, tuple(wanted))


def form_values(presets: Mapping[str, str], prediction: Prediction) -> dict[str, str]:
    """Field -> preset value in the form of a control, as strings.

    `own` becomes the model's own choice in `prediction`.
    """
    found = {}
    at = int(presets.get("step", 1)) - 1
    for name, value in presets.items():
        if name not in FIELDS:
            continue
        if value == OWN:
            if at >= len(prediction.steps):
                continue  # the answer is shorter
            own = prediction.steps[at]
            weights = own.attention
            place = 0 if weights is None else int(weights.argmax())
            found[name] = own.token if name == "token" else str(place)
        else:
            found[name] = str(int(value) - 1) if name in COUNTED else value
    return found


def check_values(expects: Iterable[Expectation], values: Mapping[str, Any],
                 before: Mapping[str, str]) -> None:
    """InputError if a trial does not meet an expectation. `before` are the preset values."""
    for name, wanted in expects:
        if name not in FIELDS or len(wanted) > 1:
            continue
        value = str(values.get(name, ""))[:100]
        if wanted[0] == NEW:
            if value == before.get(name):
                raise InputError("Nothing has changed yet: choose another {what}.",
                                 what=FIELDS[name])
        elif value != (str(int(wanted[0]) - 1) if name in COUNTED else wanted[0]):
            raise InputError("For this step, choose {what} {value}.",
                             what=FIELDS[name], value=wanted[0])


def check_text(expects: Iterable[Expectation], text: str, tokens: Sequence[str],
               before: str) -> None:
    """InputError if an input does not meet an expectation. `before` is the preset input."""
    for one in expects:
        if one.at_least is not None and len(tokens) < one.at_least:
            raise InputError("Type at least {least} tokens: there are only "
                             "{n}.", least=one.at_least,
                             n=len(tokens))
        if one.name == "text":
            wanted = one.values[0]
            if wanted == NEW and _plain(text) == _plain(before):
                raise InputError("Type a different sequence of your own.")
            if wanted != NEW and _plain(text) != _plain(wanted):
                raise InputError("For this step, type the sequence {text}.", text=wanted)


def collected(expects: Iterable[Expectation], values: Mapping[str, Any],
              so_far: Mapping[str, Any]) -> dict[str, list[str]]:
    """For each expectation with several values, those that have been tried, with this trial."""
    found = {}
    for name, wanted in expects:
        if name in FIELDS and len(wanted) > 1:
            old = so_far.get(name)
            tried = {*map(str, old if isinstance(old, list) else ()), str(values.get(name))}
            found[name] = [value for value in wanted if value in tried]
    return found


def left(expects: Iterable[Expectation], tried: Mapping[str, Any]) -> LazyText | None:
    """A text with the values that are still to be tried; None if there are none."""
    for name, wanted in expects:
        if name in FIELDS and len(wanted) > 1:
            done = tried.get(name)
            more = [v for v in wanted if not isinstance(done, list) or v not in done]
            if more:
                return LazyText("Still to try: {what} {values}.", what=FIELDS[name],
                                values=", ".join(more))
    return None


def _plain(text: str) -> str:
    """A text without spaces, for comparison."""
    return "".join(text.split())


def _is_place(word: str) -> bool:
    return word.isascii() and word.isdigit() and 0 < int(word[:4]) < 1000
