"""One training run: its recipe, its status, its events and its weights."""

import time
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from seq2seq.i18n import LazyText, joined
from seq2seq.jobs.persistence import SavedRun
from seq2seq.jobs.worker import Worker
from seq2seq.training.snapshots import Snapshots

Status = Literal["waiting", "running", "done", "stopped", "failed"]

UNSAVED = LazyText("The server has no space left to save this run: a restart would lose it. "
                  "Download the run to keep it.")


class Checkpoint(NamedTuple):
    """A training state from which a run can be continued, after its first `num_events` events."""

    state: bytes = b""  # empty: from the start
    num_events: int = 0


START = Checkpoint()


@dataclass(eq=False, repr=False)
class Run:
    """One training run and all events that its job has reported so far.

    Only `Runs` writes to it. Any thread may read it without a lock: `events` only grows, `blobs`
    is replaced atomically, and an ended run has all of its events (a stopped one may still receive
    those of its last slice).
    """

    id: str  # cannot be guessed; everyone who has it may see the run and stop it
    owner: str
    recipe: Any
    name: str
    status: Status = "waiting"  # until its first event
    error: str = ""  # why it failed: a sentence for the learner
    note: str = ""  # another message for the learner, such as a lost worker
    events: list[Any] = field(default_factory=list)
    blobs: Snapshots = field(default_factory=Snapshots)  # weights by epoch, thinned
    checkpoint: Checkpoint = START
    created: float = field(default_factory=time.time)  # seconds since 1970
    provenance: Any = None  # how a model was trained elsewhere, if known
    is_opened: bool = False  # a model that was trained elsewhere
    address: str = ""  # the visitor's network address; "" if unknown
    num_held: int = 0  # bytes that it holds in its worker while it is active
    num_continued: int = 0  # number of events when it was last continued
    cpu_seconds: float = 0.0  # that its training has taken, also in earlier attempts
    scored: Any = None  # the `ScoredModel` of a run that was stopped within an epoch
    _parts: tuple[int, int] = (0, 0)  # number of events, and of `None`s since the last of them
    _is_unsaved: bool = False
    _stops_until: float = 0.0  # a stopped run may report a last event until this time
    _watched: float = field(default_factory=time.monotonic)
    _touched: float = field(default_factory=time.monotonic)
    _worker: Worker | None = None
    job_id: str = ""  # the worker's id of the current attempt
    _leader: "Run | None" = None  # the run whose job also trains this one (`shared_training`)
    _recording: "Run | None" = None  # the run that it replays (`replays`)
    _replayed_since: float = 0.0
    _attempt: int = 0  # number of jobs that were started for this run
    _num_lost: int = 0  # workers lost since it was started or continued
    _seconds_before: float = 0.0  # CPU seconds before the current attempt
    _num_repeated: int = 0  # the next events that are already in `events`
    _num_at_weights: int = 0  # number of events before the newest weights
    _runs: Any = None

    @property
    def is_active(self) -> bool:
        """Whether it waits or trains."""
        return self.status in ("waiting", "running")

    @property
    def is_stopping(self) -> bool:
        """Whether it was just stopped and may still report its final scores."""
        return self.scored is None and time.monotonic() < self._stops_until

    @property
    def whole_epoch(self) -> int:
        """The newest complete epoch whose weights are stored."""
        return int(max((epoch for epoch in self.blobs if epoch == int(epoch)), default=0))

    @property
    def can_continue(self) -> bool:
        """Whether it was stopped and can be continued."""
        return self.status == "stopped" and self._runs is not None and not self.provenance

    @property
    def words(self) -> LazyText:
        """Its messages for the learner; usually empty."""
        return joined(w for w in (self.note, UNSAVED if self._is_unsaved else "") if w)

    @property
    def position(self) -> int:
        """How many runs that were submitted before it still wait; 0 if it does not wait."""
        return self._runs.position(self._leader or self) if self._runs is not None else 0

    @property
    def num_parts(self) -> int:
        """How many `None`s (steps, or slices of an evaluation) followed its newest event."""
        num_events, parts = (self._leader or self)._parts
        return parts if self.is_active and num_events == len(self.events) else 0

    @property
    def num_sharing(self) -> int:
        """How many other active runs are trained by the same job."""
        return self._runs.num_sharing(self) if self._runs is not None and self.is_active else 0

    @property
    def num_bytes(self) -> int:
        """Bytes of its weights and its checkpoint."""
        return self.blobs.num_bytes + len(self.checkpoint.state)

    def clear_stop(self) -> None:
        """Delete the weights and scores of its stop, before it is continued. For `Runs` only."""
        if self.scored is not None:
            del self.blobs[self.scored.epoch]
        self.scored, self._stops_until = None, 0.0

    def add_events(self, events: tuple[Any, ...], num_parts: int = 0) -> bool:
        """Add reported events; True if they contain new weights. For `Runs` only.

        A restarted job repeats events that are already here, bit for bit; they are skipped.
        """
        fresh = False
        for event in events:
            if getattr(event, "is_scored_model", False):
                self.blobs[event.epoch] = event.weights
                self.scored = event
                continue
            if isinstance(weights := getattr(event, "weights", None), bytes):
                self.blobs[event.epoch] = weights
                fresh = True
                if event.epoch == max(self.blobs):
                    self._num_at_weights = len(self.events) - self._num_repeated
                if state := getattr(event, "state", b""):
                    self.checkpoint = Checkpoint(state, len(self.events) - self._num_repeated)
            elif self._num_repeated:
                self._num_repeated -= 1
            else:
                self.events.append(event)
        self._parts = len(self.events), 0 if self._num_repeated else num_parts
        return fresh

    def to_saved(self) -> SavedRun:
        """What to save of the run: its complete epochs."""
        epoch, trained_by = self.whole_epoch, self._leader or self
        weights = self.blobs[epoch] if self.blobs else b""
        is_whole = self.status in ("done", "failed")
        events = self.events
        if self.blobs and not is_whole:
            events = self.events[: trained_by._num_at_weights]
        return SavedRun(self.id, self.owner, self.recipe, self.name, self.status, self.error,
                        self.note, self.created, tuple(events), epoch, weights,
                        *trained_by.checkpoint, self.cpu_seconds, self.is_opened)


def restored(saved: SavedRun, max_bytes: int) -> Run:
    """The run that was saved. One that was active when the server ended becomes stopped."""
    run = Run(saved.id, saved.owner, saved.recipe, saved.name, error=saved.error, note=saved.note,
              events=list(saved.events), blobs=Snapshots(max_bytes), created=saved.created,
              checkpoint=Checkpoint(saved.state, saved.num_events),
              cpu_seconds=saved.cpu_seconds, is_opened=saved.is_opened)
    if saved.weights:
        run.blobs[saved.epoch] = saved.weights
        run._num_at_weights = len(run.events)
    if saved.status in ("done", "failed", "stopped"):
        run.status = saved.status  # type: ignore[assignment]
    else:
        run.status = "stopped"
        run.note = LazyText("Interrupted after epoch {epoch}: the server was restarted.",
                            epoch=saved.epoch)
    return run
