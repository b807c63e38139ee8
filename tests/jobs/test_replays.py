"""A recipe that was trained here before is replayed to the next visitor, not computed again."""

from collections.abc import Iterator

import pytest
from conftest import emptied
from waiting import ended, wait_until

from seq2seq.jobs.limits import Limits
from seq2seq.jobs.runs import Runs

RECIPE = ("saving", (40, 0.0))


@pytest.fixture(scope="module")
def module_runs(notes: str) -> Iterator[Runs]:
    from jobs_for_tests import start
    limits = Limits(num_workers=1, replay_seconds=0.5, max_active=1)
    with Runs(start, limits=limits, shares=lambda recipe: recipe[0] != "own") as runs:
        yield runs


@pytest.fixture
def runs(module_runs: Runs) -> Runs:
    module_runs.counts.clear()
    return emptied(module_runs)


def test_the_next_visitor_gets_the_same_without_a_job(runs):
    first = ended(runs.submit("ada", RECIPE))
    replay = runs.submit("ben", RECIPE)
    assert (replay.status, replay.job_id, runs.num_active) == ("running", "", 0)
    assert 0 < len(replay.events) < len(first.events)  # it is shown in parts
    assert replay.words.startswith("Replay: this server has already trained this recipe, at ")
    wait_until(lambda: len(replay.blobs) > 3)
    assert replay.events == first.events[: len(replay.events)]
    assert ended(replay).status == "done"
    assert replay.events is first.events  # memory is taken once
    assert replay.blobs is first.blobs
    assert runs.counts["replayed"] == 1


def test_pressing_train_once_more_computes_it(runs):
    ended(runs.submit("ada", RECIPE))
    ended(runs.submit("ben", RECIPE))
    again = runs.submit("ben", RECIPE)
    assert again.job_id
    assert ended(again).words == ""
    assert runs.counts["replayed"] == 1


def test_a_stopped_replay_keeps_what_it_showed_and_is_continued_by_computing(runs):
    first = ended(runs.submit("ada", RECIPE))
    replay = runs.submit("ben", RECIPE)
    wait_until(lambda: len(replay.events) > 5)
    runs.stop(replay.id)
    shown = len(replay.events)
    assert (replay.status, replay.words, replay.can_continue) == ("stopped", "", True)
    assert shown < len(first.events)
    runs.resume(replay.id)
    assert replay.job_id
    assert ended(replay).events == first.events


def test_only_a_complete_training_of_the_same_recipe_is_replayed(runs):
    stopped = runs.submit("ada", ("saving", (100_000, 0.02)))
    wait_until(lambda: stopped.events)
    runs.stop(stopped.id)
    assert runs.submit("ben", ("saving", (100_000, 0.02))).job_id
    for run in list(runs._runs.values()):
        runs.stop(run.id)
    assert runs.submit("ben", ("saving", (39, 0.0))).job_id


def test_a_replay_needs_no_room_and_is_nobodys_leader(runs):
    ended(runs.submit("ada", RECIPE))
    busy = runs.submit("eve", ("saving", (100_000, 0.02)))  # the only place
    replays = [runs.submit(owner, RECIPE) for owner in ("ben", "zoe")]
    assert busy.is_active
    assert [run._leader for run in replays] == [None, None]
    for run in replays:
        assert ended(run).status == "done"


def test_own_pairs_are_never_replayed_and_a_host_can_switch_it_off(runs, monkeypatch):
    ended(runs.submit("ada", RECIPE))
    monkeypatch.setattr(runs, "shares", lambda recipe: False)
    assert ended(runs.submit("ben", RECIPE)).job_id
    monkeypatch.undo()
    monkeypatch.setattr(runs, "limits", Limits(num_workers=1, replay_seconds=0))
    assert ended(runs.submit("eve", RECIPE)).job_id
