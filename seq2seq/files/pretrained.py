"""The pre-trained models in `assets/models`, one checkpoint per task.

The header of each contains its `Provenance`. If the event log of the training is beside it, the
page shows the loss curve.
"""

from pathlib import Path

from seq2seq.errors import CheckpointError
from seq2seq.files.checkpoint import SUFFIX, read_provenance
from seq2seq.files.event_log import Event, read_log
from seq2seq.files.provenance import Provenance
from seq2seq.tasks import TASKS

MODELS = Path(__file__).parents[2] / "assets" / "models"


def ready(task: str) -> Path | None:
    """The file of the pre-trained model for a task, or None."""
    # `task` may come from a visitor: only names of tasks become file names.
    path = MODELS / f"{task}{SUFFIX}"
    return path if any(t.name == task for t in TASKS) and path.is_file() else None


def log(path: Path) -> tuple[Event, ...]:
    """The events in the log beside a model's file; () if there is no log.

    CheckpointError if the log is damaged.
    """
    beside = path.with_suffix(".json")
    return read_log(beside) if beside.is_file() else ()


def provenance(path: Path) -> Provenance:
    """The provenance in a model's file. CheckpointError if there is none."""
    found = read_provenance(path)
    if found is None:
        raise CheckpointError("{name} has no record of its training: save it with “python -m "
                              "seq2seq train”.", name=path.name)
    return found
