"""The state of an unfinished training, in a file beside the model: for `train --resume`.

The file begins with a line of JSON about the best epoch so far; the bytes of `TrainingState.dump`
follow.
"""

import json
import os
from pathlib import Path

from seq2seq.cli.best_epoch import BestEpoch
from seq2seq.errors import CheckpointError, ConfigError
from seq2seq.files.checkpoint import read_recipe
from seq2seq.recipe import Recipe
from seq2seq.training.state import TrainingState


def state_path(out: Path) -> Path:
    """The path of the training state that belongs to the model file `out`."""
    return out.with_suffix(".state")


def write_state(out: Path, state: TrainingState, best: BestEpoch) -> None:
    """Write the state after a complete epoch, atomically. CheckpointError if that fails."""
    path = state_path(out)
    part = path.with_name(path.name + ".part")
    try:
        line = json.dumps({"epoch": best.epoch, "value": best.value}).encode()
        part.write_bytes(line + b"\n" + state.dump())
        os.replace(part, path)
    except OSError as problem:
        part.unlink(missing_ok=True)
        raise CheckpointError(f"{path.name} could not be written ({problem.strerror}). Free some "
                              "space and start the training again with --resume.") from None


def read_state(out: Path, recipe: Recipe, best: BestEpoch) -> TrainingState:
    """The state of an earlier call with the same recipe; `best` gets the best epoch so far.

    ConfigError if there is none, or if the recipe is another one; CheckpointError for a damaged
    file.
    """
    path = state_path(out)
    if not path.exists() or not out.exists():
        raise ConfigError(f"There is no {path.name} to resume: the training is complete, or it has "
                          "not completed an epoch. Leave out --resume.")
    earlier = read_recipe(out)
    if earlier != recipe:
        raise ConfigError(f"{out.name} was trained with another recipe "
                          f"({recipe.differences(earlier)}). Give the same options, or leave out "
                          "--resume.")
    line, _, state = path.read_bytes().partition(b"\n")
    try:
        told = json.loads(line)
        best.epoch, best.value = int(told["epoch"]), float(told["value"])
    except (ValueError, KeyError, TypeError):
        raise CheckpointError(f"{path.name} is damaged: leave out --resume.") from None
    return TrainingState(state)
