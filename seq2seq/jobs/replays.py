"""Replays: a recipe that was trained on this server is not computed again for the next visitor.

The same recipe gives the same numbers. So the run of whoever presses Train next gets the events and
weights of the earlier training, over a few seconds instead of at once: the page shows the curve and
the answers as during a training. Pressing Train once more trains anew, since a visitor's own runs
are never replayed to them.

The caller must hold the lock of `Runs`.
"""

import time
from collections.abc import Iterable

from seq2seq.i18n import LazyText
from seq2seq.jobs.run import Run

TICK = 0.1  # seconds between two parts of a replay


def find_recording(owner: str, recipe: object, runs: Iterable[Run]) -> Run | None:
    """The newest complete training of `recipe`, by another visitor; else None."""
    found = None
    for run in runs:
        if run.recipe == recipe:
            if run.owner == owner:
                return None
            if run.status == "done" and run.events and not (run.provenance or run.is_opened):
                found = run
    return found


def begin_replay(run: Run, recording: Run) -> None:
    """Make `run` a replay of `recording`."""
    run._recording, run._replayed_since = recording, time.monotonic()
    run.note = LazyText(
        "Replay: this server has already trained this recipe, at {time} UTC. Same recipe, same "
        "numbers. To compute them again, press Train once more.",
        time=time.strftime("%H:%M", time.gmtime(recording.created)))
    run.status, run.cpu_seconds = "running", recording.cpu_seconds
    advance(run, 0.0)


def advance(run: Run, share: float) -> bool:
    """Add the events and weights of the first `share` (0 to 1) of the recording; True at its end.

    At its end, `run` refers to the same events and weights as the recording.
    """
    recording = run._recording
    assert recording is not None
    if share >= 1:
        run.events, run.blobs = recording.events, recording.blobs
        run._recording = None
        return True
    count = max(1, int(share * len(recording.events)))
    run.events.extend(recording.events[len(run.events) : count])
    last = max(recording.blobs, default=0)
    for epoch in recording.blobs:
        if epoch <= share * last and epoch not in run.blobs:
            run.blobs[epoch] = recording.blobs[epoch]
    return False

