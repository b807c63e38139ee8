"""Runs that share one training: the same recipe gives the same numbers, so they are computed once.

Of several active runs with equal recipes one *leads*: its job is at work. The others *follow*: they
hold the same events and weights, as the same objects, and become what it becomes. Whoever stops
leaves with a copy of what there is by then. When the leader stops, a follower takes over its job.

Whoever calls these holds the lock of `Runs`.
"""

from collections.abc import Iterable

from seq2seq.jobs.run import Run


def leader_of(recipe: object, runs: Iterable[Run]) -> Run | None:
    """The run whose job trains `recipe` now; None if there is none."""
    return next((run for run in runs if run.is_active and run._leader is None
                 and run.recipe == recipe), None)


def followers_of(leader: Run, runs: Iterable[Run]) -> list[Run]:
    """The active runs that follow `leader`, the oldest first."""
    return [run for run in runs if run._leader is leader and run.is_active]


def follow(run: Run, leader: Run) -> None:
    """Let `run` share the training of `leader` from now on, with all that it has told so far."""
    run._leader, run._worker, run.job_id = leader, None, ""
    run.events, run.blobs, run.status = leader.events, leader.blobs, leader.status


def leave(run: Run, leader: Run) -> None:
    """Let `run` go its own way, with a copy of what `leader` has told by now."""
    run._leader = None
    run.events, run.blobs = list(leader.events), leader.blobs.copy()
    run.checkpoint, run._num_weighed = leader.checkpoint, leader._num_weighed


def hand_over(leader: Run, followers: list[Run]) -> None:
    """Let the first of the followers lead the training, and `leader` go its own way."""
    heir, *others = followers
    heir._leader = None
    heir.job_id, heir._worker, heir.num_held = leader.job_id, leader._worker, leader.num_held
    heir.checkpoint, heir._num_weighed = leader.checkpoint, leader._num_weighed
    heir._again, heir._losses, heir._parts = leader._again, leader._losses, leader._parts
    for other in others:
        other._leader = heir
    leave(leader, heir)
    leader.job_id = ""  # what its job still tells is the heir's
