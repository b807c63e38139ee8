"""Trainings that advance by one step at each request, for “Step one batch”.

They run in the server's process, not in a worker, and only while somebody asks: a step takes
milliseconds, and waits for a turn as an answer does. The newest few are kept.
"""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

from seq2seq.errors import RunGoneError
from seq2seq.experiment import Experiment
from seq2seq.training.estimate import estimate
from seq2seq.training.stepping import Step, step_by_step

MAX_STEPPERS = 16


@dataclass
class Stepper:
    """One training, and the steps that it has made."""

    id: str  # cannot be guessed
    experiment: Experiment
    num_bytes: int
    steps: list[Step] = field(default_factory=list)
    training: Iterator[Step] = field(init=False, repr=False)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __post_init__(self) -> None:
        """Begin before the first step."""
        made = self.experiment
        self.training = step_by_step(made.model, made.splits, made.recipe.train)

    def step(self) -> Step | None:
        """Make the next step; None after the last one of the epoch. TrainingError if it diverges.

        Steps before the newest lose their pairs, which nobody sees again.
        """
        with self.lock:
            found = next(self.training, None)
            if found is not None:
                if self.steps:
                    self.steps[-1] = self.steps[-1]._replace(pairs=())
                self.steps.append(found)
            return found


class Steppers:
    """The newest steppers of all visitors, within `max_bytes`. Thread-safe."""

    def __init__(self, max_bytes: float) -> None:
        self.max_bytes = max_bytes
        self._steppers: OrderedDict[str, Stepper] = OrderedDict()
        self._lock = threading.Lock()

    def start(self, experiment: Experiment) -> Stepper:
        """A stepper of an untrained experiment, which it trains."""
        made = Stepper(secrets.token_urlsafe(16), experiment,
                       estimate(experiment.recipe).num_bytes)
        with self._lock:
            self._steppers[made.id] = made
            while len(self._steppers) > 1 and (
                    len(self._steppers) > MAX_STEPPERS
                    or sum(one.num_bytes for one in self._steppers.values()) > self.max_bytes):
                self._steppers.popitem(last=False)
        return made

    def find(self, stepper_id: object) -> Stepper:
        """The stepper with this id. RunGoneError if it was deleted."""
        with self._lock:
            found = self._steppers.get(stepper_id) if isinstance(stepper_id, str) else None
            if found is None:
                raise RunGoneError("This training is no longer available. Start it again.")
            self._steppers.move_to_end(found.id)
            return found
