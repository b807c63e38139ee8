"""The events of a training, and their form as JSON."""

import math
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

from seq2seq.tasks import Tokens

MAX_POINTS = 200  # points of a loss curve, roughly, for any number of steps


@dataclass(frozen=True)
class StepEnd:
    """After one update of the weights. Epochs and steps count from 1, steps over all epochs."""

    epoch: int
    step: int
    loss: float  # nats per token, on this step's batch
    grad_norm: float  # Euclidean norm of the gradient before clipping


@dataclass(frozen=True)
class Sample:
    """One of the examples that are decoded after every epoch, with the model's answer."""

    source: Tokens
    target: Tokens
    predicted: Tokens
    finished: bool


@dataclass(frozen=True)
class EpochEnd:
    """After one pass over all training examples."""

    epoch: int
    train_loss: float  # nats per token, mean over the epoch's tokens
    held_out_loss: float | None  # on new examples; None when nothing is held out
    token_accuracy: float | None  # of decoded answers to new examples, aligned with the targets
    exact_match: float | None  # of decoded answers to new examples
    scores: dict[str, float | None]  # exact match on memorised, new and longer examples
    samples: tuple[Sample, ...]


@dataclass(frozen=True)
class Started:
    """The first event of a training job."""

    num_epochs: int
    steps_per_epoch: int
    num_parameters: int
    held_out: bool  # True if the samples are not in the training set
    samples: tuple[Sample, ...]  # with the answers of the untrained model


@dataclass(frozen=True)
class Snapshot:
    """The weights at the end of an epoch (0: before training), as safetensors bytes.

    Some snapshots also contain the `state` from which `training_job` can continue.
    """

    epoch: int
    weights: bytes
    state: bytes = b""


@dataclass(frozen=True)
class ScoredModel:
    """Scores and weights of a model that are not part of an `EpochEnd`.

    For example those of a training that was stopped within an epoch, or of an opened file.
    """

    epoch: float  # epochs of training, with the fraction of the last one
    held_out_loss: float | None
    token_accuracy: float | None
    scores: dict[str, float | None]
    samples: tuple[Sample, ...]
    weights: bytes
    is_scored_model: ClassVar[bool] = True  # `seq2seq.jobs` does not import this class


Event = Started | StepEnd | EpochEnd
EVENTS = {kind.__name__: kind for kind in (Started, StepEnd, EpochEnd)}


def report_stride(num_steps: int) -> int:
    """The number of steps between two reported ones, in a run of `num_steps`."""
    return max(1, num_steps // MAX_POINTS)


def report_step(event: StepEnd, stride: int, unreported: list[float]) -> StepEnd | None:
    """`event` with the mean loss since the last reported step, or None if it is not reported.

    `unreported` holds the losses of those steps; it is changed in place.
    """
    unreported.append(event.loss)
    if event.step > 1 and event.step % stride:
        return None
    mean = sum(unreported) / len(unreported)
    unreported.clear()
    return replace(event, loss=mean)


def event_to_json(event: Event) -> dict[str, Any]:
    """An event as JSON values, for `event_from_json`."""
    return {"event": type(event).__name__, **asdict(event)}


def event_from_json(data: dict[str, Any]) -> Started | StepEnd | EpochEnd:
    """The event that JSON describes. ValueError, TypeError or KeyError if it describes none."""
    values = dict(data)
    kind = EVENTS[values.pop("event")]
    for name, value in values.items():
        if name == "samples":
            values[name] = tuple(_sample(**sample) for sample in value)
        elif name == "scores":
            values[name] = {check_text(key): optional_number(score) for key, score in value.items()}
        elif name == "held_out":
            values[name] = bool(value)
        elif name in ("loss", "grad_norm", "train_loss"):
            values[name] = check_number(value)
        elif name in ("held_out_loss", "token_accuracy", "exact_match"):
            values[name] = optional_number(value)
        else:
            values[name] = check_count(value)
    return kind(**values)


def _sample(source: Any, target: Any, predicted: Any, finished: Any) -> Sample:
    return Sample(tuple(map(check_text, source)), tuple(map(check_text, target)),
                  tuple(map(check_text, predicted)), bool(finished))


def check_text(value: Any) -> str:
    """`value` if it is a string; TypeError otherwise."""
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def check_count(value: Any) -> int:
    """`value` if it is an integer from 0 to 2³¹ - 1; TypeError otherwise."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise TypeError("not a number to count with")
    return value


def check_number(value: Any) -> float:
    """`value` if it is a finite number; TypeError otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("not a number")
    if not abs(value) < math.inf or abs(value) > 1e300:  # an int may exceed every float
        raise TypeError("not a number that can be used")
    return value


def optional_number(value: Any) -> float | None:
    """`value` if it is None or a finite number; TypeError otherwise."""
    return None if value is None else check_number(value)
