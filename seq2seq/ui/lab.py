"""The state that all visitors share: training runs, and models loaded from their snapshots.

The page and the HTTP endpoints (`api`) use this one object. It does not train: `Runs` sends recipes
to worker processes, and predictions use the newest snapshot that a worker has returned.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from seq2seq.data.splits import make_splits
from seq2seq.errors import BusyError, InputError, RunGoneError
from seq2seq.evaluation.metrics import Answer
from seq2seq.experiment import Experiment
from seq2seq.files import pretrained
from seq2seq.files.checkpoint import dump_weights
from seq2seq.files.event_log import Event
from seq2seq.files.provenance import Provenance
from seq2seq.hosting.classes import Classes
from seq2seq.hosting.startup import open_runs
from seq2seq.hosting.steppers import Steppers
from seq2seq.hosting.sweeps import Sweeps
from seq2seq.hosting.training_job import score_model_sliced
from seq2seq.i18n import LazyText
from seq2seq.jobs.runs import Run, Runs
from seq2seq.recipe import Recipe
from seq2seq.tasks.tables.parsing import CHARACTERS, Limits, allow
from seq2seq.time_slices import in_slices
from seq2seq.training.estimate import estimate
from seq2seq.training.events import EpochEnd
from seq2seq.ui.answer_turns import Turns
from seq2seq.ui.components.run_history import Histories
from seq2seq.ui.components.run_names import number_of, run_name
from seq2seq.ui.http.client_address import visitor_address
from seq2seq.ui.poll_pace import PollPace

NUM_ANSWERS = 60  # cached sets of answers
MOST_PREPARED = 64 * 2**20  # bytes of a training that is prepared before Train is pressed
MOST_SECONDS = 1.0  # to check what a recipe leaves out before a worker is asked
FROM_FILE = LazyText("Opened from a file")
PRETRAINED = LazyText("Pre-trained")  # name of a run that was not trained here


@dataclass(frozen=True)
class PretrainedModel:
    """A pre-trained model that comes with the lab; its file is read once."""

    experiment: Experiment
    weights: bytes
    provenance: Provenance
    events: tuple[Event, ...]  # of its training; () if they were not recorded


class Lab:
    """The runs of all learners, and a cache of their models."""

    def __init__(self, runs: Runs | None = None) -> None:
        self.runs = open_runs() if runs is None else runs
        pairs = self.runs.limits.max_pairs
        allow(Limits(pairs, pairs * CHARACTERS))  # visitors share this process
        self.num_predictions = 0  # requested so far, by the page and the API
        self.histories = Histories(lambda: self.runs.num_active)
        self.classes = Classes(self.runs.limits)
        self.sweeps = Sweeps(self.runs, self._submit)
        limits = self.runs.limits
        self.steppers = Steppers(limits.models_mb * 2**20)
        self.turns = Turns(limits.answers_at_once,
                           must_rest=lambda: self.runs.num_active > limits.num_workers)
        self.poll_pace = PollPace()
        self._models: OrderedDict[tuple, Experiment] = OrderedDict()
        self._answers: OrderedDict[tuple[str, float, str], list[Answer]] = OrderedDict()
        self._pretrained: dict[Path, PretrainedModel] = {}
        self.starting = threading.Lock()  # from the check for an active run to the new run
        self._lock = threading.Lock()
        self._reading = threading.Lock()  # so that a pre-trained model is read only once
        self.runs.on_forgotten = self._forget

    def submit(self, owner: str, recipe: Recipe) -> Run:
        """Start training `recipe` for `owner`, whose active sweep is stopped.

        LabFullError if too many runs are active, ConfigError if the recipe is too large.
        """
        self.sweeps.stop(owner)
        return self._submit(owner, recipe)

    def _submit(self, owner: str, recipe: Recipe) -> Run:
        held, earlier = estimate(recipe).num_bytes, self.runs.of(owner)
        return self.runs.submit(owner, recipe, run_name(recipe, earlier), self.address(), held)

    def check_left_out(self, recipe: Recipe) -> None:
        """ConfigError if the task's examples have not what the recipe leaves out.

        All examples have to be drawn for that. Where it takes more than `MOST_SECONDS`, or the
        server is busy, the training itself ends with that error.
        """
        if recipe.train.leave_out:
            with suppress(BusyError), self.turn():
                self.turns.run_in_parts(in_slices(partial(
                    make_splits, recipe.make_task(), recipe.train)), MOST_SECONDS)

    def prepare(self, recipe: Recipe) -> None:
        """Prepare for a training of `recipe` if it is small, and not of a visitor's own pairs.

        ConfigError if the recipe is too large to be trained.
        """
        if not recipe.pairs and estimate(recipe).num_bytes <= MOST_PREPARED:
            self.runs.prepare(recipe)

    def resume(self, run: Run) -> Run:
        """Continue a stopped run; errors are those of `Runs.resume`."""
        self.sweeps.stop(run.owner)
        return self.runs.resume(run.id, self.address(), estimate(run.recipe).num_bytes)

    def address(self) -> str:
        """The network address of the request that is being handled."""
        return visitor_address(self.runs.limits.proxies)

    def turn(self, patience: float | None = None) -> AbstractContextManager[None]:
        """A context manager to hold while a model computes.

        BusyError if no turn is free within `patience` seconds (default: `answer_turns.PATIENCE`).
        """
        return self.turns.hold(self.address(), patience)

    def newest(self, owner: str) -> Run | None:
        """The newest run of `owner` that still exists, or None."""
        runs = self.runs.of(owner)
        return runs[-1] if runs else None

    def find(self, run_id: object) -> Run | None:
        """The run with this id, or None if there is none."""
        try:
            return self.runs.get(run_id) if isinstance(run_id, str) and run_id else None
        except RunGoneError:
            return None

    def open_pretrained(self, owner: str, task: str) -> Run:
        """The pre-trained model of `task` as a run of `owner`: a new one, or the one opened before.

        InputError if the task has none, CheckpointError if its file is damaged.
        """
        ready = self.pretrained(task)
        if ready is None:
            raise InputError("There is no pre-trained model for this task: train one.")
        recipe = ready.experiment.recipe
        for run in self.runs.of(owner):
            if run.provenance == ready.provenance and run.recipe == recipe:
                return run
        return self.runs.adopt(owner, recipe, PRETRAINED, recipe.train.num_epochs, ready.weights,
                               ready.provenance, events=ready.events)

    def open_file(self, owner: str, path: Path) -> Run:
        """A model from a visitor's file as a run of `owner`.

        The scores are computed here, since those in a file could be false. CheckpointError if the
        file is not a model of this lab.
        """
        with self.turn():
            experiment = Experiment.load(path)
            num_epochs = experiment.recipe.train.num_epochs
            scored = self.turns.run_in_parts(
                score_model_sliced(experiment.model, experiment.splits, num_epochs))
        return self.runs.adopt(owner, experiment.recipe, FROM_FILE, num_epochs, scored.weights,
                               scored=scored)

    def open_epoch(self, owner: str, run: Run, epoch: int) -> Run:
        """The model of `run` as it was after `epoch`, as a run of `owner` of its own."""
        name = LazyText("Run {number}, epoch {epoch}", number=number_of(run.name), epoch=epoch)
        for other in self.runs.of(owner):
            if other.is_opened and other.recipe == run.recipe and str(other.name) == str(name):
                return other
        end = next(i for i, event in enumerate(run.events)
                   if isinstance(event, EpochEnd) and event.epoch == epoch)
        return self.runs.adopt(owner, run.recipe, name, epoch, run.blobs[epoch],
                               events=run.events[: end + 1], is_saved=True)

    def pretrained(self, task: str) -> PretrainedModel | None:
        """The pre-trained model of a task, or None; its file is read at the first call."""
        path = pretrained.ready(task)
        if path is None:
            return None
        if path not in self._pretrained:
            with self.turn(), self._reading:
                if path not in self._pretrained:
                    experiment = Experiment.load(path)
                    self._pretrained[path] = PretrainedModel(
                        experiment, dump_weights(experiment.model),
                        pretrained.provenance(path), pretrained.log(path))
        return self._pretrained[path]

    def experiment_for(self, run: Run, epoch: float | None = None) -> Experiment:
        """The model of `run` as it was after `epoch` (default: its newest snapshot).

        Epoch 0 is the untrained model. RunGoneError if there is no snapshot of that epoch.
        """
        blobs = run.blobs
        epoch = max(blobs, default=0) if epoch is None else epoch
        if epoch == 0:
            return self.untrained(run.recipe)
        ready = self.pretrained(run.recipe.task) if run.provenance else None
        if ready and ready.provenance == run.provenance:
            return ready.experiment
        if epoch not in blobs:
            raise RunGoneError("There is no snapshot of epoch {epoch}: choose one of {kept}.",
                               epoch=epoch,
                               kept=", ".join(map(str, sorted(blobs))) or LazyText("none yet"))
        return self._model((run.id, epoch),
                           lambda: self.untrained(run.recipe).with_weights(blobs[epoch]))

    def answers(self, run: Run, name: str) -> list[Answer]:
        """The newest model's answers to one of the three sets of examples; cached.

        Errors are those of `Experiment.answers`, and BusyError.
        """
        key = run.id, max(run.blobs, default=0), name
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
        with self.turn():
            found = self.turns.run_in_parts(self.experiment_for(run).answers_sliced(name))
        with self._lock:
            self._answers[key] = found
            while len(self._answers) > NUM_ANSWERS:
                self._answers.popitem(last=False)
        return found

    def untrained(self, recipe: Recipe) -> Experiment:
        """The untrained model of `recipe`; cached."""
        return self._model((recipe,), lambda: self.turns.run_in_parts(
            in_slices(partial(Experiment.from_recipe, recipe))))

    def _forget(self, run: Run) -> None:
        """Delete what is cached for a run that the server has deleted."""
        self.histories.forget(run)
        with self._lock:
            for key in [key for key in self._models if key[0] in (run.id, run.recipe)]:
                del self._models[key]
            for asked in [asked for asked in self._answers if asked[0] == run.id]:
                del self._answers[asked]

    def _model(self, key: tuple, make: Callable[[], Experiment]) -> Experiment:
        """The cached model of `key`, made by `make` if it is missing."""
        with self._lock:
            if key in self._models:
                self._models.move_to_end(key)
                return self._models[key]
        with self.turn():
            model = make()
        limits = self.runs.limits
        with self._lock:
            model = self._models.setdefault(key, model)
            sizes = {key: num_bytes(kept) for key, kept in self._models.items()}
            total = sum(sizes.values())
            while len(self._models) > 1 and (len(self._models) > limits.num_models
                                             or total > limits.models_mb * 2**20):
                oldest, _ = self._models.popitem(last=False)
                total -= sizes[oldest]
        return model


def num_bytes(experiment: Experiment) -> int:
    """Bytes that a model takes in memory: its weights and its initial weights, 4 bytes each."""
    return 8 * experiment.num_parameters
