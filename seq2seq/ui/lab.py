"""What all visitors share: the training runs, and models read back from their snapshots.

The page (`page.py`, one `tab_*.py` per tab) and the HTTP endpoints (`api.py`) are two doors to
this one object. It never trains anything itself: recipes go to worker processes through `Runs`,
and every prediction is answered from the newest snapshot that came back.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable

from seq2seq.errors import RunGoneError
from seq2seq.experiment import Experiment, start
from seq2seq.jobs import Run, Runs
from seq2seq.recipe import Recipe

NUM_MODELS = 16  # models kept ready to answer; the oldest unused one goes first


class Lab:
    """The runs of all learners, and the models that answer for them."""

    def __init__(self, runs: Runs | None = None) -> None:
        self.runs = Runs(start) if runs is None else runs
        self._models: OrderedDict[tuple, Experiment] = OrderedDict()
        self._lock = threading.Lock()

    def submit(self, owner: str, recipe: Recipe) -> Run:
        """Start training `recipe` for `owner`; LabFullError when too many train already."""
        earlier = self.runs.of(owner)
        return self.runs.submit(owner, recipe, name=run_name(recipe, earlier))

    def newest(self, owner: str) -> Run | None:
        """The run that `owner` started last, if it is still remembered."""
        runs = self.runs.of(owner)
        return runs[-1] if runs else None

    def find(self, run_id: object) -> Run | None:
        """The run called `run_id`, or None if there is none (any more)."""
        try:
            return self.runs.get(run_id) if isinstance(run_id, str) and run_id else None
        except RunGoneError:
            return None

    def experiment_for(self, run: Run, epoch: int | None = None) -> Experiment:
        """The model of `run` as it was after `epoch` (default: its newest snapshot).

        Before the first epoch has ended this is the untrained model that the run began with.
        """
        blobs = dict(run.blobs)
        epoch = max(blobs, default=0) if epoch is None else epoch
        if epoch == 0:
            return self.untrained(run.recipe)
        if epoch not in blobs:
            raise RunGoneError(f"There is no snapshot of epoch {epoch}: this run has epochs "
                               f"1 to {max(blobs, default=0)}. Choose one of them.")
        return self._model((run.id, epoch), lambda: read_back(run.recipe, blobs[epoch]))

    def untrained(self, recipe: Recipe) -> Experiment:
        """The model that training `recipe` would begin with."""
        return self._model((recipe.task, recipe.model, recipe.pairs, recipe.train.seed),
                           lambda: read_back(recipe, None))

    def _model(self, key: tuple, make: Callable[[], Experiment]) -> Experiment:
        """A model from the cache, made outside the lock if it is not there yet."""
        with self._lock:
            if key in self._models:
                self._models.move_to_end(key)
                return self._models[key]
        model = make()
        with self._lock:
            model = self._models.setdefault(key, model)
            while len(self._models) > NUM_MODELS:
                self._models.popitem(last=False)
        return model


def read_back(recipe: Recipe, weights: bytes | None) -> Experiment:
    """An experiment as `recipe` describes it, with `weights` (safetensors) put in."""
    experiment = Experiment.from_recipe(recipe)
    if weights is not None:
        experiment.load_weights(weights)
    return experiment


def run_name(recipe: Recipe, earlier: list[Run]) -> str:
    """A short name for a new run: its number, and the two settings that matter most."""
    attention = {"none": "no attention"}.get(recipe.model.attention, "attention")
    return f"Run {len(earlier) + 1} · {attention}, hidden {recipe.model.hidden_size}"
