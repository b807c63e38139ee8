"""Everything that can go wrong for a person, as one small tree.

    Seq2SeqError (a ValueError)
    ├── InputError         a sequence or a table of pairs that the task cannot read
    ├── ConfigError        a setting outside its range
    ├── CheckpointError    a file that is not one of our models, or is damaged
    ├── TrainingError      a run that cannot go on (its loss is no longer a number)
    ├── LabFullError       more trainings at once than this server admits
    ├── BusyError          more answers at once than this server computes
    └── RunGoneError       a run that the server no longer remembers

The message of each is a sentence for the learner: what was given, what is allowed, what to do.
It is written with gaps, `InputError("The box has {n} tokens.", n=n)`, so that it can be said in
another language (`seq2seq.i18n`). Only `seq2seq.ui` turns them into messages on the page. A
broken promise *between* our own functions is a different thing, an `assert`, and never guards what
a person typed.
"""

from typing import Any

from seq2seq.i18n import LazyText


class Seq2SeqError(ValueError):
    """Base of all errors whose message is meant for the person at the keyboard.

    >>> str(Seq2SeqError("{n} is too many.", n=3))
    '3 is too many.'
    """

    def __init__(self, sentence: str, /, **values: Any) -> None:
        super().__init__(LazyText(sentence, **values))


class InputError(Seq2SeqError):
    """A typed sequence, pasted pairs or an uploaded table cannot be read."""


class ConfigError(Seq2SeqError):
    """A setting has a value outside its documented range."""


class CheckpointError(Seq2SeqError):
    """A file is not a checkpoint of this package, or is damaged."""


class TrainingError(Seq2SeqError):
    """Training cannot go on: the sentence names the epoch and a remedy."""


class LabFullError(Seq2SeqError):
    """The server already trains as many models as it admits."""


class BusyError(Seq2SeqError):
    """The server is computing as many answers as it does at once."""


class StopTraining(Exception):
    """Thrown into a job that is to come to its end now. It may still tell where it stands."""


class RunGoneError(Seq2SeqError):
    """The run was forgotten: too old, or the server was restarted."""


def shorten(value: object, limit: int = 40) -> str:
    """`value` as text of at most `limit` characters, to be quoted inside an error message.

    >>> shorten("abc")
    'abc'
    >>> shorten("x" * 100, 5)
    'xxxx…'
    """
    text = "".join(ch if ch.isprintable() else "�" for ch in str(value)[: limit + 1])
    text = text.replace("<", "‹").replace(">", "›")  # a message never carries markup
    return text if len(text) <= limit else text[: limit - 1] + "…"
