"""The provenance of a saved model: the command, the data, the date and the scores.

It is stored in the header of a checkpoint, beside the recipe. It names files without their folders,
which are private.

>>> made = Provenance("2026-03-07", "python -m seq2seq train reverse", "made by the task", 12.5)
>>> Provenance.from_json(made.to_json()) == made
True
"""

import hashlib
import json
import math
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from seq2seq.errors import CheckpointError

SETS = ("memorised", "new", "longer", "left_out")
OWN_DATA = "the task's own"  # the beginning of `Provenance.data` for generated data
MAX_TEXT = 2_000  # characters of any field


@dataclass(frozen=True)
class Provenance:
    """How and when a model was trained."""

    date: str  # year-month-day
    command: str  # the command line
    data: str  # a description of the training data
    cpu_seconds: float
    scores: dict[str, float | None] = field(default_factory=dict)  # exact match in [0, 1], by set
    remark: str = ""

    @property
    def from_file(self) -> bool:
        """True if it was trained on a file, which is not part of this package."""
        return not self.data.startswith(OWN_DATA)

    def to_json(self) -> str:
        """As JSON for `from_json`."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Provenance":
        """The provenance in a JSON text. CheckpointError for any other text."""
        wrong = CheckpointError("The file's training record cannot be read: the file is damaged. "
                                "Choose the original file.")
        try:
            data = json.loads(text)
        except (ValueError, TypeError, RecursionError):
            raise wrong from None
        if not isinstance(data, dict) or sorted(data) != sorted(f.name for f in fields(cls)):
            raise wrong
        texts = [data[name] for name in ("date", "command", "data", "remark")]
        if not all(isinstance(text, str) and len(text) <= MAX_TEXT for text in texts):
            raise wrong
        scores = data["scores"]
        if not isinstance(scores, dict) or not set(scores) <= set(SETS):
            raise wrong
        numbers = [data["cpu_seconds"], *(value for value in scores.values() if value is not None)]
        for number in numbers:
            if (isinstance(number, bool) or not isinstance(number, int | float)
                    or not math.isfinite(number) or number < 0):
                raise wrong
        if any(value is not None and value > 1 for value in scores.values()):
            raise wrong
        return cls(**data)


def describe_file(path: Path, count: int) -> str:
    """A short description of a table: name, number of pairs, beginning of its SHA-256."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    return f"{path.name}: {count:,} pairs, sha256 {digest}"
