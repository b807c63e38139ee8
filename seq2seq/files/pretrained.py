"""The ready models: one file a task, trained beforehand, shipped in `assets/models`.

Each is an ordinary checkpoint; its header contains its `Provenance`. If the log of its training is
beside it, the page shows its loss curve.
"""

from pathlib import Path

from seq2seq.errors import CheckpointError
from seq2seq.files.checkpoint import SUFFIX, read_provenance
from seq2seq.files.event_log import Event, read_log
from seq2seq.files.provenance import Provenance
from seq2seq.tasks import TASKS

MODELS = Path(__file__).parents[2] / "assets" / "models"


def ready(task: str) -> Path | None:
    """The file of the ready model for a task, or None where there is none."""
    # Only names of tasks become names of files, whatever is asked for.
    path = MODELS / f"{task}{SUFFIX}"
    return path if any(t.name == task for t in TASKS) and path.is_file() else None


def log(path: Path) -> tuple[Event, ...]:
    """The events of a ready model's training, from the log beside its file; () without one.

    CheckpointError for a damaged one.
    """
    beside = path.with_suffix(".json")
    return read_log(beside) if beside.is_file() else ()


def provenance(path: Path) -> Provenance:
    """How the model in a file was made. CheckpointError where the file does not say."""
    found = read_provenance(path)
    if found is None:
        raise CheckpointError("{name} has no record of its training: save it with “python -m "
                              "seq2seq train”.", name=path.name)
    return found
