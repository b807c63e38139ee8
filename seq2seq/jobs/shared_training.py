"""Runs that share one training: the same recipe gives the same numbers, so they are computed once.

Of several active runs with equal recipes, one is the leader: its job trains. The others are its
followers: they refer to the same events and weights, and get the same status. A run that is stopped
gets a copy of both. If the leader is stopped, a follower becomes the leader and gets its job.

The caller must hold the lock of `Runs`.
"""

from collections.abc import Iterable

from seq2seq.jobs.run import Run


def leader_of(recipe: object, runs: Iterable[Run]) -> Run | None:
    """The active run whose job trains `recipe`, or None."""
    return next((run for run in runs if run.is_active and run._leader is None
                 and run._recording is None and run.recipe == recipe), None)


def followers_of(leader: Run, runs: Iterable[Run]) -> list[Run]:
    """The active followers of `leader`, oldest first."""
    return [run for run in runs if run._leader is leader and run.is_active]


def follow(run: Run, leader: Run) -> None:
    """Make `run` a follower of `leader`, including all events so far."""
    run._leader, run._worker, run.job_id = leader, None, ""
    run.events, run.blobs, run.status = leader.events, leader.blobs, leader.status
    run.cpu_seconds = leader.cpu_seconds


def leave(run: Run, leader: Run) -> None:
    """Separate `run` from `leader`, with a copy of the events and weights so far."""
    run._leader = None
    run.events, run.blobs = list(leader.events), leader.blobs.copy()
    run.checkpoint, run._num_at_weights = leader.checkpoint, leader._num_at_weights


def replace_leader(leader: Run, followers: list[Run]) -> None:
    """Make the first of `followers` the leader of the others, and separate `leader` from them."""
    new, *others = followers
    new._leader = None
    new.job_id, new._worker, new.num_held = leader.job_id, leader._worker, leader.num_held
    new.checkpoint, new._num_at_weights = leader.checkpoint, leader._num_at_weights
    new._num_repeated, new._num_lost, new._parts = (
        leader._num_repeated, leader._num_lost, leader._parts)
    new._seconds_before = leader._seconds_before
    for other in others:
        other._leader = new
    leave(leader, new)
    leader.job_id = ""  # further reports of the job belong to the new leader
