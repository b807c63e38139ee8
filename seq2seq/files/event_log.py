"""The events of a training as a small JSON file, stored beside a pre-trained model.

For a long training not every step is stored: a `StepEnd` then has the mean loss of the steps since
the previous one, as `events.report_step` says. Losses are rounded to four digits.
"""

import json
from dataclasses import replace
from pathlib import Path

from seq2seq.errors import CheckpointError
from seq2seq.training.events import (
    EpochEnd,
    Event,
    Started,
    StepEnd,
    event_from_json,
    event_to_json,
    report_step,
    report_stride,
)


class EventLog:
    """Collects the events of a training."""

    def __init__(self, started: Started) -> None:
        self.events: list[Event] = [started]
        self._stride = report_stride(started.num_epochs * started.steps_per_epoch)
        self._unreported: list[float] = []

    def add(self, event: StepEnd | EpochEnd) -> None:
        """Add an event."""
        if isinstance(event, EpochEnd):
            held_out = event.held_out_loss
            self.events.append(replace(
                event, train_loss=round(event.train_loss, 4),
                held_out_loss=None if held_out is None else round(held_out, 4)))
        elif (reported := report_step(event, self._stride, self._unreported)) is not None:
            self.events.append(replace(reported, loss=round(reported.loss, 4),
                                       grad_norm=round(reported.grad_norm, 4)))

    def write(self, path: Path) -> None:
        """Write the file, one event per line. CheckpointError if writing fails."""
        lines = [json.dumps(event_to_json(event), ensure_ascii=False, separators=(",", ":"))
                 for event in self.events]
        try:
            path.write_text("[" + ",\n".join(lines) + "]\n", encoding="utf-8")
        except OSError as problem:
            raise CheckpointError("The log could not be written ({why}). Free some space on the "
                                  "disk.", why=problem.strerror) from None


def read_log(path: Path) -> tuple[Event, ...]:
    """The events in a file of `EventLog`. CheckpointError for any other file."""
    try:
        events = tuple(map(event_from_json, json.loads(path.read_text(encoding="utf-8"))))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        events = ()
    if not events or not isinstance(events[0], Started):
        raise CheckpointError("{name} is not a training log: create it with “python -m seq2seq "
                              "train --log”.", name=path.name)
    return events
