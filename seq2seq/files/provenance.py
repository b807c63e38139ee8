"""How a saved model came to be: what was typed, what it was trained on, what it can do.

It travels in the header of a checkpoint, beside the recipe. Names of files only: where they lay
on somebody's machine is nobody's business.

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

SETS = ("memorised", "new", "longer")
OWN_DATA = "the task's own"  # so begins `Provenance.data` where no file was brought
MAX_TEXT = 2_000  # characters of any part


@dataclass(frozen=True)
class Provenance:
    """A model's birth certificate."""

    date: str  # year-month-day
    command: str  # as it was typed
    data: str  # what it was trained on
    cpu_seconds: float
    scores: dict[str, float | None] = field(default_factory=dict)  # exact match in [0, 1], by set
    remark: str = ""

    @property
    def from_file(self) -> bool:
        """Whether it was trained on a file that somebody brought, and that is not here."""
        return not self.data.startswith(OWN_DATA)

    def to_json(self) -> str:
        """As text that `from_json` reads back."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Provenance":
        """Read it back; CheckpointError for anything else, as files come from strangers."""
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
    """A table in a few words: its name, its size and the beginning of its SHA-256."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    return f"{path.name}: {count:,} pairs, sha256 {digest}"
