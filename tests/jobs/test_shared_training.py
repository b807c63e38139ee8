"""Runs with the same recipe share one training, invisibly to their owners."""

import time
from collections.abc import Iterator

import pytest
from conftest import emptied
from waiting import begun, ended, wait_until

from seq2seq.hosting.startup import may_share
from seq2seq.jobs.limits import Limits
from seq2seq.jobs.run import Run
from seq2seq.jobs.runs import Runs
from seq2seq.recipe import Recipe

RECIPE = ("saving", (100_000, 0.02))  # an epoch after the other, with weights, without end


@pytest.fixture(scope="module")
def module_runs(notes: str) -> Iterator[Runs]:
    from jobs_for_tests import start
    with Runs(start, limits=Limits(num_workers=1), shares=lambda recipe: True) as runs:
        yield runs


@pytest.fixture
def runs(module_runs: Runs) -> Runs:
    return emptied(module_runs)


def three(runs: Runs) -> list[Run]:
    found = [runs.submit(owner, RECIPE) for owner in ("ada", "ben", "eve")]
    begun(*found)
    return found


def test_equal_recipes_are_trained_by_one_job(runs):
    one, two, three_ = three(runs)
    assert [run.num_sharing for run in (one, two, three_)] == [2, 2, 2]
    assert runs.num_active == 1
    assert two.events is one.events
    assert runs.census()["bytes"] == one.num_bytes
    wait_until(lambda: one.cpu_seconds > 0)
    assert two.cpu_seconds == one.cpu_seconds
    late = runs.submit("zoe", RECIPE)
    assert late.cpu_seconds > 0
    assert late.events[:3] == one.events[:3], "all that was told before is there at once"
    assert late.status == one.status


@pytest.mark.parametrize("number", [0, 1], ids=["who leads", "who follows"])
def test_who_stops_keeps_what_there_is_and_the_others_notice_nothing(runs, number):
    all_three = three(runs)
    stopped = all_three.pop(number)
    runs.stop(stopped.id)
    had = list(stopped.events)
    assert stopped.status == "stopped"
    assert stopped.can_continue
    before = len(all_three[0].events)
    wait_until(lambda: len(all_three[0].events) > before + 3)
    assert [run.status for run in all_three] == ["running"] * 2
    assert all_three[0].events is all_three[1].events
    assert stopped.events == had
    assert all_three[0].events[: len(had)] == had
    again = runs.resume(stopped.id)
    assert again.events is all_three[0].events, "it joins the others again"
    assert again.is_active


def test_the_job_ends_when_nobody_is_left(runs):
    for run in three(runs):
        runs.stop(run.id)
    assert runs.num_active == 0
    rest = runs.submit("zoe", ("count", 3))
    ended(rest)
    assert rest.events == [1, 2, 3]


def test_all_end_together(runs):
    one, two = runs.submit("ada", ("count", 30)), runs.submit("ben", ("count", 30))
    ended(one)
    ended(two)
    assert one.events == two.events == list(range(1, 31))
    assert (one.status, two.status) == ("done", "done")
    failed = [runs.submit(owner, ("fails", "Lower it.")) for owner in ("ada", "ben")]
    for run in failed:
        ended(run)
    assert [run.error for run in failed] == ["Lower it."] * 2


def test_a_lost_worker_costs_none_of_them_anything(runs):
    one, two, three_ = three(runs)
    runs.stop(one.id)
    runs._pool.workers[0].process.kill()
    before = len(two.events)
    wait_until(lambda: len(two.events) > before + 3)
    assert two.events is three_.events
    assert two.events[:before] == three_.events[:before]


def test_who_joins_takes_no_room(runs, monkeypatch):
    monkeypatch.setattr(runs, "limits", Limits(num_workers=1, max_active=1))
    three(runs)
    assert all(run.is_active for run in runs._runs.values())


def test_the_same_visitor_begins_anew(runs):
    first = runs.submit("ada", RECIPE)
    begun(first)
    second = runs.submit("ada", RECIPE)
    assert first.status == "stopped"
    assert second.events is not first.events


def test_what_holds_somebodys_data_is_never_shared(runs):
    assert not may_share(Recipe("pairs", pairs="cat -> cats"))
    assert may_share(Recipe("reverse"))
    with Runs(runs.start, limits=Limits(num_workers=1)) as alone:
        one, two = (alone.submit(owner, RECIPE) for owner in ("ada", "ben"))
        begun(one, two)
        assert one.events is not two.events
        assert alone.num_active == 2


def test_nobody_watches_one_of_them(runs, monkeypatch):
    one, two, three_ = three(runs)
    monkeypatch.setattr(runs, "limits", Limits(num_workers=1, idle_seconds=0.5))
    until = time.monotonic() + 20
    while one.is_active and time.monotonic() < until:
        runs.watch(two.id)
        runs.watch(three_.id)
        time.sleep(0.05)
    assert one.status == "stopped"
    assert two.is_active
    assert three_.is_active


def test_who_follows_is_kept_like_who_leads(runs):
    """A saved run contains the events up to its weights, and its state."""
    one, two, _ = three(runs)
    wait_until(lambda: one.checkpoint.state)
    with runs._lock:
        kept = [run.to_saved() for run in (one, two)]
    assert kept[0].events
    for name in ("events", "epoch", "weights", "state", "num_events"):
        assert getattr(kept[1], name) == getattr(kept[0], name)


def test_what_has_ended_together_is_held_once(runs):
    one, two = (runs.submit(owner, ("saving", (3, 0.01))) for owner in ("ada", "ben"))
    ended(one)
    ended(two)
    assert two.events is one.events
    assert runs.census()["bytes"] == one.num_bytes
