"""One training job, as everybody sees it: what it is, how far it is, and all it has told."""

import time
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from seq2seq.i18n import LazyText, joined
from seq2seq.jobs.persistence import SavedRun
from seq2seq.jobs.worker import Worker
from seq2seq.training.snapshots import Snapshots

Status = Literal["waiting", "running", "done", "stopped", "failed"]

UNKEPT = LazyText("The server has no space left to save this run: a restart would lose it. "
                  "Download the run to keep it.")


class Checkpoint(NamedTuple):
    """From where a run can be continued: a state, told when so many events had come before it."""

    state: bytes = b""  # empty: from the start
    num_events: int = 0


START = Checkpoint()


@dataclass(eq=False, repr=False)
class Run:
    """One training job and everything it has told so far.

    Only `Runs` writes; anybody may read, at any time and without a lock: `events` is only ever
    appended to, `blobs` changes as a whole, and whoever finds the run ended finds
    all of its events there (only a stopped one may get a last slice of them later).
    """

    id: str  # unguessable: who knows it may see the run and stop it
    owner: str
    recipe: Any
    name: str
    status: Status = "waiting"  # until its first event
    error: str = ""  # when it failed: a sentence for the learner
    note: str = ""  # what else has happened to it: a sentence for the learner
    events: list[Any] = field(default_factory=list)
    blobs: Snapshots = field(default_factory=Snapshots)  # weights by epoch, thinned
    checkpoint: Checkpoint = START
    created: float = field(default_factory=time.time)  # seconds since 1970
    provenance: Any = None  # how a model came to be that was trained elsewhere, if that is known
    is_opened: bool = False  # a model that was trained elsewhere, from a file
    address: str = ""  # of the visitor's network; "" when it is not known
    num_held: int = 0  # bytes that it holds in its worker, while it is active
    num_continued: int = 0  # events it had when it was continued, last time
    present: Any = None  # what it can do now, where no event tells: see `training_job.ScoredModel`
    _parts: tuple[int, int] = (0, 0)  # after so many events, so many parts that told nothing
    _is_unkept: bool = False
    _stops_until: float = 0.0  # so long its last event may be on its way
    _watched: float = field(default_factory=time.monotonic)
    _touched: float = field(default_factory=time.monotonic)
    _worker: Worker | None = None
    job_id: str = ""  # what its worker calls the present attempt at it
    _leader: "Run | None" = None  # the run whose job trains this one, too (`shared_training`)
    _attempt: int = 0  # each time it is given to a worker, it is another job to them
    _losses: int = 0  # of workers, since it was started or continued
    _again: int = 0  # so many of the events to come are here already
    _num_weighed: int = 0  # so many of the events came before the newest weights
    _runs: Any = None

    @property
    def is_active(self) -> bool:
        """Whether it still waits or trains."""
        return self.status in ("waiting", "running")

    @property
    def is_stopping(self) -> bool:
        """Whether it was stopped just now, and will still tell where it stands."""
        return self.present is None and time.monotonic() < self._stops_until

    @property
    def whole_epoch(self) -> int:
        """The newest epoch that has ended and whose weights are here."""
        return int(max((epoch for epoch in self.blobs if epoch == int(epoch)), default=0))

    @property
    def can_continue(self) -> bool:
        """Whether it ended before its end, and may go on from there."""
        return self.status == "stopped" and self._runs is not None and not self.provenance

    @property
    def words(self) -> LazyText:
        """What has happened to it besides training, in sentences; mostly nothing."""
        return joined(w for w in (self.note, UNKEPT if self._is_unkept else "") if w)

    @property
    def position(self) -> int:
        """How many runs that were submitted before it still wait; 0 when it doesn't wait."""
        return self._runs.position(self._leader or self) if self._runs is not None else 0

    @property
    def num_parts(self) -> int:
        """How many parts (steps, or those of an evaluation) came after its newest event."""
        num_events, parts = (self._leader or self)._parts
        return parts if self.is_active and num_events == len(self.events) else 0

    @property
    def num_sharing(self) -> int:
        """How many other active runs are trained by the very same job."""
        return self._runs.num_sharing(self) if self._runs is not None and self.is_active else 0

    @property
    def num_bytes(self) -> int:
        """Memory that its weights take, and what is needed to continue it."""
        return self.blobs.num_bytes + len(self.checkpoint.state)

    def goes_on(self) -> None:
        """It is continued: where it was stopped is history. For `Runs` only."""
        if self.present is not None:
            del self.blobs[self.present.epoch]
        self.present, self._stops_until = None, 0.0

    def add_events(self, events: tuple[Any, ...], num_parts: int = 0) -> bool:
        """Take in what it has told; True if there are new weights. For `Runs` only.

        A job that was begun again tells once more what is known: the same, to the last digit.
        """
        fresh = False
        for event in events:
            if getattr(event, "is_present", False):
                self.blobs[event.epoch] = event.weights
                self.present = event
                continue
            if isinstance(weights := getattr(event, "weights", None), bytes):
                self.blobs[event.epoch] = weights
                fresh = True
                if event.epoch == max(self.blobs):
                    self._num_weighed = len(self.events) - self._again
                if state := getattr(event, "state", b""):
                    self.checkpoint = Checkpoint(state, len(self.events) - self._again)
            elif self._again:
                self._again -= 1
            else:
                self.events.append(event)
        self._parts = len(self.events), 0 if self._again else num_parts
        return fresh

    def keep(self) -> SavedRun:
        """What outlives a restart: of an epoch that has not ended, nothing."""
        epoch, trained_by = self.whole_epoch, self._leader or self
        weights = self.blobs[epoch] if self.blobs else b""
        is_whole = self.status in ("done", "failed")
        events = self.events
        if self.blobs and not is_whole:
            events = self.events[: trained_by._num_weighed]
        return SavedRun(self.id, self.owner, self.recipe, self.name, self.status, self.error,
                        self.note, self.created, tuple(events), epoch, weights,
                        *trained_by.checkpoint)


def restored(saved: SavedRun, max_bytes: int) -> Run:
    """The run that was kept; one that was training when the server ended is interrupted."""
    run = Run(saved.id, saved.owner, saved.recipe, saved.name, error=saved.error, note=saved.note,
              events=list(saved.events), blobs=Snapshots(max_bytes), created=saved.created,
              checkpoint=Checkpoint(saved.state, saved.num_events))
    if saved.weights:
        run.blobs[saved.epoch] = saved.weights
        run._num_weighed = len(run.events)
    if saved.status in ("done", "failed", "stopped"):
        run.status = saved.status  # type: ignore[assignment]
    else:
        run.status = "stopped"
        run.note = LazyText("Interrupted after epoch {epoch}: the server was restarted.",
                            epoch=saved.epoch)
    return run
