"""The events of a training: what it tells step by step and epoch by epoch, and these as JSON."""

import math
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

from seq2seq.tasks import Tokens

MAX_POINTS = 200  # points of a loss curve, about, however many steps it stands for


@dataclass(frozen=True)
class StepEnd:
    """After one update of the weights. Epochs and steps count from 1, steps over the whole run."""

    epoch: int
    step: int
    loss: float  # nats per token, of this step's batch
    grad_norm: float  # length of the gradient before clipping


@dataclass(frozen=True)
class Sample:
    """One of the fixed rows, and what the model wrote for it at that moment."""

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
    token_accuracy: float | None  # on new examples, written freely, aligned with the targets
    exact_match: float | None  # on new examples, written freely
    scores: dict[str, float | None]  # exact match on memorised, new and longer examples
    samples: tuple[Sample, ...]


@dataclass(frozen=True)
class Started:
    """First event of a job: what is about to happen."""

    num_epochs: int
    steps_per_epoch: int
    num_parameters: int
    held_out: bool  # are the rows below held out of training?
    samples: tuple[Sample, ...]  # the fixed rows, answered by the untrained model


@dataclass(frozen=True)
class Snapshot:
    """The model at the end of an epoch (0: before training), as safetensors bytes.

    Once in a while with the `state` that `training_job` can go on from.
    """

    epoch: int
    weights: bytes
    state: bytes = b""


@dataclass(frozen=True)
class Present:
    """What a model can do, and its weights, at a moment that no epoch of its log tells of.

    So where its training was stopped in the middle of one, or when it was opened from a file.
    """

    epoch: float  # epochs passed, with the fraction of one that was begun
    held_out_loss: float | None
    token_accuracy: float | None
    scores: dict[str, float | None]
    samples: tuple[Sample, ...]
    weights: bytes
    is_present: ClassVar[bool] = True  # for `Run.take`, which knows no experiment


Event = Started | StepEnd | EpochEnd
EVENTS = {kind.__name__: kind for kind in (Started, StepEnd, EpochEnd)}


def stride_of(num_steps: int) -> int:
    """Every how many steps of a run one is told of."""
    return max(1, num_steps // MAX_POINTS)


def point(event: StepEnd, stride: int, untold: list[float]) -> StepEnd | None:
    """`event` with the mean loss of the steps that nobody was told of, or None if it is not told.

    `untold` holds their losses, and is changed.
    """
    untold.append(event.loss)
    if event.step > 1 and event.step % stride:
        return None
    mean = sum(untold) / len(untold)
    untold.clear()
    return replace(event, loss=mean)


def event_to(event: Event) -> dict[str, Any]:
    """An event as JSON values, for `event_from`."""
    return {"event": type(event).__name__, **asdict(event)}


def event_from(data: dict[str, Any]) -> Started | StepEnd | EpochEnd:
    """An event from its JSON; ValueError, TypeError or KeyError if it is none."""
    values = dict(data)
    kind = EVENTS[values.pop("event")]
    for name, value in values.items():
        if name == "samples":
            values[name] = tuple(_sample(**sample) for sample in value)
        elif name == "scores":
            values[name] = {text(key): maybe(score) for key, score in value.items()}
        elif name == "held_out":
            values[name] = bool(value)
        elif name in ("loss", "grad_norm", "train_loss"):
            values[name] = number(value)
        elif name in ("held_out_loss", "token_accuracy", "exact_match"):
            values[name] = maybe(value)
        else:
            values[name] = count(value)
    return kind(**values)


def _sample(source: Any, target: Any, predicted: Any, finished: Any) -> Sample:
    return Sample(tuple(map(text, source)), tuple(map(text, target)),
                  tuple(map(text, predicted)), bool(finished))


def text(value: Any) -> str:
    """`value` if it is a text; TypeError otherwise."""
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def count(value: Any) -> int:
    """`value` if it is a whole number from 0 to 2³¹; TypeError otherwise."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise TypeError("not a number to count with")
    return value


def number(value: Any) -> float:
    """`value` if it is a finite number; TypeError otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("not a number")
    if not abs(value) < math.inf or abs(value) > 1e300:  # a whole number may be larger than any
        raise TypeError("not a number that can be used")
    return value


def maybe(value: Any) -> float | None:
    """`value` if it is None or a finite number; TypeError otherwise."""
    return None if value is None else number(value)
