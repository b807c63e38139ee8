"""The exceptions whose messages are for the user.

    Seq2SeqError (a ValueError)
    ├── InputError         a sequence or a table of pairs that the task cannot read
    ├── ConfigError        a setting outside its range
    ├── CheckpointError    a file that is not a model of this package, or is damaged
    ├── TrainingError      a training that cannot continue: its loss is no longer finite
    ├── LabFullError       more trainings at once than the server admits
    ├── BusyError          more answers at once than the server computes
    └── RunGoneError       a run that the server has deleted

The message says what was given, what is allowed and what to do. It is a template with values,
`InputError("The box has {n} tokens.", n=n)`, so it can be translated (`seq2seq.i18n`). Only
`seq2seq.ui` shows it on the page. An `assert` is for errors of the program, never for user input.
"""

from typing import Any

from seq2seq.i18n import LazyText


class Seq2SeqError(ValueError):
    """Base class of all errors whose message is for the user.

    >>> str(Seq2SeqError("{n} is too many.", n=3))
    '3 is too many.'
    """

    def __init__(self, sentence: str, /, **values: Any) -> None:
        super().__init__(LazyText(sentence, **values))


class InputError(Seq2SeqError):
    """A typed sequence, pasted pairs or an uploaded table cannot be read."""


class ConfigError(Seq2SeqError):
    """A setting is outside its documented range."""


class CheckpointError(Seq2SeqError):
    """A file is not a checkpoint of this package, or is damaged."""


class TrainingError(Seq2SeqError):
    """The training cannot continue. The message names the epoch and a remedy."""


class LabFullError(Seq2SeqError):
    """The server already runs as many trainings as it admits."""


class BusyError(Seq2SeqError):
    """The server already computes as many answers as it admits."""


class StopTraining(Exception):
    """Thrown into a training generator to end it. The generator may still yield a last event."""


class RunGoneError(Seq2SeqError):
    """The run was deleted: it was too old, or the server was restarted."""


def shorten(value: object, limit: int = 40) -> str:
    """`value` as text of at most `limit` characters, for quoting in an error message.

    >>> shorten("abc")
    'abc'
    >>> shorten("x" * 100, 5)
    'xxxx…'
    """
    text = "".join(ch if ch.isprintable() else "�" for ch in str(value)[: limit + 1])
    text = text.replace("<", "‹").replace(">", "›")  # so that a message never contains markup
    return text if len(text) <= limit else text[: limit - 1] + "…"
