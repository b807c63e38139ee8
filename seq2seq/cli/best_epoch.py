"""Early stopping: keep the best epoch, and end a training that no longer improves.

(Prechelt 1998, doi:10.1007/3-540-49430-8_3.) The measure is computed on the held-out examples, so a
score of the kept model on the same examples is slightly too good: use a third file to report.
"""

from seq2seq.errors import ConfigError
from seq2seq.training.events import EpochEnd

MEASURES = ("held-out-loss", "new")  # less is better for the first


class BestEpoch:
    """Compares the epochs by `measure`; with "" every epoch is better than the one before."""

    def __init__(self, measure: str = "", patience: int = 0) -> None:
        """ConfigError for an unknown measure, or for a `patience` that is no number from 0."""
        if measure and measure not in MEASURES:
            raise ConfigError(f"--keep-best is {measure}: it must be {' or '.join(MEASURES)}.")
        if not isinstance(patience, int) or patience < 0:
            raise ConfigError(f"--patience is {patience}: it must be a whole number from 0.")
        if patience and not measure:
            raise ConfigError("--patience needs --keep-best: it counts the epochs since the best.")
        self.measure, self.patience = measure, patience
        self.epoch, self.value, self.latest = 0, float("-inf"), 0

    def improves(self, event: EpochEnd) -> bool:
        """Whether this epoch is the best so far."""
        self.latest = event.epoch
        if self.measure == "held-out-loss":
            value = -(event.held_out_loss or 0.0)
        else:
            value = event.scores["new"] or 0.0
        if self.measure and value <= self.value:
            return False
        self.epoch, self.value = event.epoch, value
        return True

    @property
    def is_over(self) -> bool:
        """Whether `patience` epochs in a row were not better than the best."""
        return bool(self.patience) and self.latest - self.epoch >= self.patience
