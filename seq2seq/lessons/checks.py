"""What a step of a lesson sets beforehand, and what must have been done before it is done.

Both stand in the lesson's file, as lines `preset: NAME VALUE` and `expect: NAME WHAT`:

    preset: text 639669     the sequence in the box; without it, that of the lesson's first link
    preset: set new         the filter of the tab "Side by side": one of `SETS`
    preset: only-wrong yes
    preset: step 3          a field of the control's form; places count from 1
    preset: token own       what the model itself chose there (`place own`: where it looked most)

    expect: step 3          this field has this value when the control is tried
    expect: token new       this field has another value than its preset
    expect: width 1 3 5     each of these has been tried
    expect: text 639669     this text is in the box
    expect: text new        another text than the preset is in the box
    expect: tokens >= 12    the text has so many tokens

A trial counts if it meets every expectation of a single value; those of several values are
collected over all trials that count.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from seq2seq.decoding.greedy import Prediction
from seq2seq.errors import InputError
from seq2seq.i18n import LazyText

SETS = ("memorised", "new", "longer")
FIELDS = {  # fields of the forms on the tab "Look inside", and what they are called there
    "step": LazyText("output token"), "place": LazyText("input token"), "token": LazyText("token"),
    "width": LazyText("beam width")}
COUNTED = ("step", "place")  # forms count them from 0, people from 1
PRESETS = ("text", "set", "only-wrong", *FIELDS)
EXPECTED = ("text", "tokens", *FIELDS)
OWN, NEW = "own", "new"


class Expectation(NamedTuple):
    """One `expect:` line: a name, and the values that it must (each) have had."""

    name: str
    values: tuple[str, ...]

    @property
    def at_least(self) -> int | None:
        """The smallest number of tokens, where it is that which is asked for."""
        return int(self.values[1]) if self.values[0] == ">=" else None


def preset(value: str) -> tuple[str, str]:
    """Name and value of a `preset:` line. ValueError says what is wrong."""
    name, _, wanted = value.partition(" ")
    ok = {"text": wanted != "", "set": wanted in SETS, "only-wrong": wanted in ("yes", "no"),
          "step": _is_place(wanted), "place": _is_place(wanted) or wanted == OWN,
          "token": wanted != "", "width": _is_place(wanted)}
    if not ok.get(name):
        raise ValueError(f"a preset is one of {', '.join(PRESETS)}, and a value that it can have")
    return name, wanted


def expectation(value: str) -> Expectation:
    """What an `expect:` line asks for. ValueError says what is wrong."""
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
    """What the form of a control is set to: field -> its value there, as strings.

    `own` is resolved by the model's own answer to the text.
    """
    found = {}
    at = int(presets.get("step", 1)) - 1
    for name, value in presets.items():
        if name not in FIELDS:
            continue
        if value == OWN:
            if at >= len(prediction.steps):
                continue  # it wrote less than that
            own = prediction.steps[at]
            weights = own.attention
            place = 0 if weights is None else int(weights.argmax())
            found[name] = own.token if name == "token" else str(place)
        else:
            found[name] = str(int(value) - 1) if name in COUNTED else value
    return found


def check_values(expects: Iterable[Expectation], values: Mapping[str, Any],
                 before: Mapping[str, str]) -> None:
    """InputError says what a trial lacks; `before` is what the form was set to."""
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
    """InputError says what a text lacks; `tokens` are those of it, `before` is the preset text."""
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
    """For each expectation of several values: those that have been tried, this trial included."""
    found = {}
    for name, wanted in expects:
        if name in FIELDS and len(wanted) > 1:
            old = so_far.get(name)
            tried = {*map(str, old if isinstance(old, list) else ()), str(values.get(name))}
            found[name] = [value for value in wanted if value in tried]
    return found


def left(expects: Iterable[Expectation], tried: Mapping[str, Any]) -> LazyText | None:
    """What is still to be tried; None when that is nothing."""
    for name, wanted in expects:
        if name in FIELDS and len(wanted) > 1:
            done = tried.get(name)
            more = [v for v in wanted if not isinstance(done, list) or v not in done]
            if more:
                return LazyText("Still to try: {what} {values}.", what=FIELDS[name],
                                values=", ".join(more))
    return None


def _plain(text: str) -> str:
    """A sequence of digits may be typed with or without spaces."""
    return "".join(text.split())


def _is_place(word: str) -> bool:
    return word.isascii() and word.isdigit() and 0 < int(word[:4]) < 1000
