"""Which runs a server admits, and which it deletes."""

import gc
import time
import weakref

import pytest
from jobs_for_tests import start
from waiting import begun, ended, limit, wait_until

from seq2seq.errors import ConfigError, LabFullError, RunGoneError
from seq2seq.i18n import LazyText
from seq2seq.jobs.admission import DISPLACED
from seq2seq.jobs.limits import Limits
from seq2seq.jobs.runs import Run, Runs


def test_one_active_run_per_owner(lab: Runs) -> None:
    first = lab.submit("ada", ("sleepy", 0.01))
    begun(first)
    other = lab.submit("bob", ("sleepy", 0.01))
    second = lab.submit("ada", ("sleepy", 0.01))
    assert first.status == "stopped"
    assert other.is_active
    begun(second)
    assert lab.of("ada")[-2:] == [first, second]


def test_admission_ends_at_max_active(lab: Runs) -> None:
    runs = [lab.submit(f"learner {i}", ("sleepy", 0.01)) for i in range(6)]
    with pytest.raises(LabFullError, match=r"^This server is full: .* 6 models\. Try again in a "):
        lab.submit("one too many", ("count", 1))
    assert lab.of("one too many") == []
    again = lab.submit("learner 5", ("sleepy", 0.01))  # takes the place of their own
    assert runs[5].status == "stopped"
    assert again.is_active
    lab.stop(runs[0].id)
    assert ended(lab.submit("one too many", ("count", 1))).status == "done"


def test_nobody_watches_then_it_stops_and_is_forgotten(
    one: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = one.submit("ada", ("sleepy", 0.01))
    left = one.submit("bob", ("sleepy", 0.01))
    begun(watched, left)
    limit(monkeypatch, one, idle_seconds=1.0)

    def is_stopped(run: Run) -> bool:
        one.watch(watched.id)
        return run.status == "stopped"

    wait_until(lambda: is_stopped(left))
    assert watched.is_active
    wait_until(lambda: not watched.is_active)
    assert watched.status == "stopped"
    limit(monkeypatch, one, keep_seconds=0.1)
    wait_until(lambda: not one._runs)
    for call in (one.get, one.watch, one.stop):
        with pytest.raises(RunGoneError, match="no longer available"):
            call(left.id)


def test_blobs_are_thinned_but_never_the_first_and_the_newest(
    one: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, one, max_run_mb=1000 / 2**20)
    run = ended(one.submit("ada", ("epochs", (57, 100))))
    assert len(run.events) == 57
    assert 4 <= len(run.blobs) <= 10
    assert {1, 57} <= set(run.blobs)
    run = ended(one.submit("ada", ("epochs", (5, 3000))))
    assert list(run.blobs) == [1, 5]


def test_only_the_newest_ended_runs_are_kept(one: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, one, max_kept=10)
    limit(monkeypatch, one, max_kept_mb=1000 / 2**20)
    mine = [ended(one.submit("ada", ("count", 1))) for _ in range(12)]
    active = one.submit("ada", ("sleepy", 0.01))
    assert one.of("ada") == [*mine[-7:], active]  # eight of an owner
    others = [ended(one.submit(f"learner {i}", ("count", 1))) for i in range(8)]
    wait_until(lambda: one.of("ada") == [*mine[-2:], active])  # ten in all
    assert all(one.get(run.id) is run for run in others)
    large = ended(one.submit("eve", ("epochs", (2, 400))))
    assert one.get(large.id) is large
    second = ended(one.submit("fay", ("epochs", (2, 400))))
    wait_until(lambda: not one.of("eve"))  # and a thousand bytes
    assert one.get(second.id) is second
    assert active.is_active


def test_admission_ends_at_so_many_runs_of_one_address(
    lab: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, lab, max_active_per_address=2)
    near = [lab.submit(f"learner {i}", ("sleepy", 0.01), address="192.0.2.1") for i in range(2)]
    with pytest.raises(LabFullError, match=r"already training 2 models for your network"):
        lab.submit("one too many", ("count", 1), address="192.0.2.1")
    far = lab.submit("elsewhere", ("sleepy", 0.01), address="192.0.2.2")
    unknown = [lab.submit(f"unknown {i}", ("sleepy", 0.01)) for i in range(2)]
    again = lab.submit("learner 1", ("sleepy", 0.01), address="192.0.2.1")
    assert [run.status for run in near][1] == "stopped"  # made way for the owner's own
    assert all(run.is_active for run in (near[0], again, far, *unknown))
    lab.stop(unknown[0].id)
    with pytest.raises(LabFullError):  # to continue counts like beginning
        lab.resume(unknown[0].id, address="192.0.2.1")
    limit(monkeypatch, lab, max_active_per_address=0)
    assert lab.submit("third", ("sleepy", 0.01), address="192.0.2.1").is_active


def test_a_run_that_has_used_its_computing_time_is_stopped_with_a_sentence() -> None:
    with Runs(start, limits=Limits(num_workers=1, run_seconds=0.5)) as runs:
        other = runs.submit("bob", ("sleepy", 0.01))
        run = ended(runs.submit("ada", ("thinking", 0.05)))
        assert run.status == "stopped"
        assert "0.5 seconds of CPU time" in run.words
        assert isinstance(run.note, LazyText)
        assert 10 <= len(run.events) <= 14
        assert run.can_continue
        runs.resume(run.id)  # as much once more
        assert run.words == ""
        wait_until(lambda: not run.is_active)
        assert run.events == list(range(1, len(run.events) + 1))
        assert other.is_active  # sleeping uses no CPU time


def test_opened_models_never_push_out_what_was_trained(
    one: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, one, max_owned=2)
    trained = [ended(one.submit("ada", ("count", 1))) for _ in range(2)]
    opened = [one.adopt("ada", ("count", 1), "opened", 1, b"weights") for _ in range(3)]
    assert one.of("ada") == [*trained, *opened[1:]]
    newer = ended(one.submit("ada", ("count", 1)))
    assert one.of("ada") == [trained[1], *opened[1:], newer]


def test_a_newcomer_displaces_a_run_of_whoever_holds_most(lab: Runs) -> None:
    near = [lab.submit(f"learner {i}", ("sleepy", 0.01), address="192.0.2.1") for i in range(4)]
    far = [lab.submit(f"other {i}", ("sleepy", 0.01), address="192.0.2.2") for i in range(2)]
    new = lab.submit("new", ("sleepy", 0.01), address="192.0.2.3")
    assert new.is_active
    assert all(run.is_active for run in far)
    assert [run.status for run in near][3] == "stopped"  # the newest of the most
    assert near[3].words == DISPLACED
    assert near[3].can_continue
    with pytest.raises(LabFullError):  # the address with the most runs displaces none
        lab.submit("more", ("count", 1), address="192.0.2.1")
    with pytest.raises(LabFullError):  # one of six is already a quarter
        lab.submit("new 2", ("sleepy", 0.01), address="192.0.2.3")
    assert all(run.is_active for run in (*near[:3], *far, new))


def test_a_worker_holds_only_so_much_memory(lab: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, lab, worker_mb=100)

    def submit(owner: str, megabytes: float) -> Run:
        return lab.submit(owner, ("sleepy", 0.01), num_held=int(megabytes * 2**20))

    large = [submit(f"large {i}", 60) for i in range(2)]
    assert large[0]._worker is not large[1]._worker
    with pytest.raises(LabFullError, match=r"memory for another model .* about 60 MB"):
        submit("large 2", 60)
    small = submit("small", 12)  # for whom room was left
    assert small.is_active
    with pytest.raises(ConfigError, match="about 90 MB of memory, more than"):
        submit("vast", 90)
    with pytest.raises(ConfigError):  # and nothing was stopped for it
        submit("small", 101)
    assert small.is_active
    again = submit("large 1", 70)  # in the place of their own
    assert large[1].status == "stopped"
    lab.stop(large[0].id)
    third = submit("large 2", 60)
    assert third._worker is large[0]._worker
    assert again._worker is not third._worker
    with pytest.raises(LabFullError):  # to continue takes as much
        lab.resume(large[0].id, num_held=60 * 2**20)


def test_abandoned_runs_end_and_their_memory_is_freed(monkeypatch):
    with Runs(start, limits=Limits(num_workers=1)) as runs:
        left = [runs.submit(f"learner {i}", ("epochs", (10, 1_000_000))) for i in range(5)]
        left.append(runs.submit("learner 5", ("busy", None)))
        begun(*left)
        assert runs.census()["bytes"] > 10_000_000
        limit(monkeypatch, runs, idle_seconds=0.5, keep_seconds=0.5)
        still = weakref.WeakSet(left)
        left.clear()
        wait_until(lambda: not runs._runs)
        until = time.monotonic() + 5
        while still and time.monotonic() < until:
            gc.collect()
            time.sleep(0.05)
        assert len(still) == 0
        assert runs.census()["bytes"] == 0
