"""The state of an unfinished training, in a file beside the model: for `train --resume`.

The file begins with a line of JSON: what was trained on what, and the best epoch so far. The bytes
of `TrainingState.dump` follow.
"""

import json
import os
from pathlib import Path

from seq2seq.cli.best_epoch import BestEpoch
from seq2seq.errors import CheckpointError, ConfigError, Seq2SeqError
from seq2seq.recipe import Recipe
from seq2seq.training.state import TrainingState


class Resuming:
    """The state file of the model `out`, for a recipe trained on `data` (its description)."""

    def __init__(self, out: Path, recipe: Recipe, data: str) -> None:
        self.out, self.recipe, self.data = out, recipe, data
        self.path = out.with_suffix(".state")

    def write(self, state: TrainingState, best: BestEpoch) -> None:
        """Write the state after a complete epoch, atomically. CheckpointError if that fails."""
        part = self.path.with_name(self.path.name + ".part")
        line = json.dumps({"recipe": self.recipe.to_json(), "data": self.data, "epoch": best.epoch,
                           "value": best.value})
        try:
            part.write_bytes(line.encode() + b"\n" + state.dump())
            os.replace(part, self.path)
        except OSError as problem:
            part.unlink(missing_ok=True)
            raise CheckpointError(f"{self.path.name} could not be written ({problem.strerror}). "
                                  "Free some space and start the training again with "
                                  "--resume.") from None

    def read(self, best: BestEpoch) -> TrainingState:
        """The state of an earlier call; `best` gets the best epoch so far.

        ConfigError if there is none, or if recipe or data differ; CheckpointError for a damaged
        file.
        """
        if not self.path.exists() or not self.out.exists():
            raise ConfigError(f"There is no {self.path.name} to resume: the training is complete, "
                              "or it has not completed an epoch. Leave out --resume.")
        line, _, state = self.path.read_bytes().partition(b"\n")
        try:
            told = json.loads(line)
            earlier, data = Recipe.from_json(told["recipe"]), str(told["data"])
            best.epoch, best.value = int(told["epoch"]), float(told["value"])
        except (ValueError, KeyError, TypeError, Seq2SeqError):
            raise CheckpointError(f"{self.path.name} is damaged: leave out --resume.") from None
        if earlier != self.recipe:
            raise ConfigError(f"{self.out.name} was trained with another recipe "
                              f"({self.recipe.differences(earlier)}). Give the same options, or "
                              "leave out --resume.")
        if data != self.data:
            raise ConfigError(f"{self.out.name} was trained on other data: {data}. Give the same "
                              "files, or leave out --resume.")
        return TrainingState(state)

    def delete(self) -> None:
        """Delete the file: the training is complete, or another one begins."""
        self.path.unlink(missing_ok=True)
