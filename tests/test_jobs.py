"""Runs: recipes in, events out, whatever happens to the workers. No torch here.

The workers get our `sys.path` (.pytest.ini puts this folder on it) and find `jobs_for_tests` there.
"""

import logging
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jobs_for_tests import start

from seq2seq.errors import LabFullError, RunGoneError
from seq2seq.jobs import LOST, Run, Runs
from seq2seq.worker import NICENESS, OUR_FAULT

HERE = str(Path(__file__).parent)
PATIENCE = 20.0  # seconds; only ever used up by a test that fails


def wait_until(condition: Callable[[], Any], what: str = "") -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, f"waited in vain: {what}"
        time.sleep(0.01)


def ended(run: Run) -> Run:
    wait_until(lambda: not run.is_active, f"the run is still {run.status}")
    return run


def begun(*runs: Run) -> None:
    for run in runs:
        wait_until(lambda run=run: run.events, f"the run is {run.status}, without an event")


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of a file in which the workers' warm-up leaves a note."""
    return str(tmp_path_factory.mktemp("warm-up") / "notes")


@pytest.fixture(scope="module")
def two_workers(notes: str) -> Iterator[Runs]:
    with Runs(start, max_active=6, warm_up=("note", notes)) as runs:
        yield runs


@pytest.fixture(scope="module")
def one_worker() -> Iterator[Runs]:
    warm_up = ("fails", "This warm-up fails, which does no harm.")
    with Runs(start, num_workers=1, slice_seconds=0.02, warm_up=warm_up) as runs:
        yield runs


def emptied(runs: Runs) -> Runs:
    """Stop and forget whatever an earlier test left: starting workers takes seconds."""
    for run in list(runs._runs.values()):
        runs.stop(run.id)
    runs._runs.clear()
    return runs


@pytest.fixture
def lab(two_workers: Runs) -> Runs:
    """Two workers, six runs at most."""
    return emptied(two_workers)


@pytest.fixture
def one(one_worker: Runs) -> Runs:
    """One worker with short slices."""
    return emptied(one_worker)


def test_events_arrive_in_order_and_nones_do_not(lab: Runs) -> None:
    run = ended(lab.submit("ada", ("count", 500), name="counting"))
    assert (run.status, run.error, run.name, run.owner) == ("done", "", "counting", "ada")
    assert run.events == list(range(1, 501))
    assert lab.get(run.id) is run
    assert lab.of("ada")[-1] is run
    assert lab.of("nobody") == []
    assert run.recipe == ("count", 500)
    assert abs(run.created - time.time()) < 60


def test_a_job_without_events_is_done(lab: Runs) -> None:
    run = ended(lab.submit("ada", ("count", 0)))
    assert (run.status, run.events, run.position) == ("done", [], 0)


def test_ids_cannot_be_guessed(lab: Runs) -> None:
    ids = {ended(lab.submit("ada", ("count", 1))).id for _ in range(3)}
    assert len(ids) == 3
    assert all(len(run_id) >= 22 for run_id in ids)


def test_the_first_event_does_not_wait_for_the_slice(lab: Runs) -> None:
    run = lab.submit("ada", ("once_and_long", 0.5))
    begun(run)
    assert run.events == ["first"]
    assert run.status == "running"
    assert ended(run).events == ["first", "second"]


def test_stop_is_shown_at_once_and_closes_the_generator(lab: Runs, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    run = lab.submit("ada", ("busy", str(closed)))
    begun(run)
    lab.stop(run.id)
    assert run.status == "stopped"
    wait_until(closed.exists, "the generator was not closed")
    time.sleep(0.1)
    told = list(run.events)
    time.sleep(0.2)
    assert run.events == told  # nothing more comes
    assert told[1:] == list(range(1, len(told)))  # and nothing is missing
    lab.stop(run.id)  # once more does no harm
    assert run.status == "stopped"


def test_a_run_that_waits_is_stopped_at_once(one: Runs) -> None:
    first = one.submit("ada", ("once_and_long", 0.6))
    begun(first)
    second = one.submit("bob", ("count", 3))
    third = one.submit("cyd", ("count", 3))
    assert (first.position, second.position, third.position) == (0, 0, 1)
    one.stop(second.id)
    assert second.status == "stopped"
    assert third.position == 0
    assert ended(third).events == [1, 2, 3]
    assert ended(first).status == "done"
    assert second.events == []


def test_an_ended_run_stays_done_when_it_is_stopped(lab: Runs) -> None:
    run = ended(lab.submit("ada", ("count", 1)))
    lab.stop(run.id)
    assert run.status == "done"


def test_jobs_spread_over_the_workers(lab: Runs) -> None:
    runs = [lab.submit(f"learner {i}", ("sleepy", 0.01)) for i in range(3)]
    begun(*runs)
    pids = [run.events[0] for run in runs]
    assert pids[0] != pids[1]
    assert len(set(pids)) == 2
    lab.stop(runs[0].id)
    lab.stop(runs[2].id)
    fourth = lab.submit("learner 4", ("sleepy", 0.01))
    begun(fourth)
    assert fourth.events[0] != pids[1]  # it went where there was nothing to do


def test_busy_jobs_of_one_worker_get_equal_turns(one: Runs) -> None:
    runs = [one.submit(f"learner {i}", ("busy", None)) for i in range(4)]
    begun(*runs)
    before = [len(run.events) for run in runs]
    wait_until(lambda: len(runs[0].events) - before[0] >= 50)
    counts = [len(run.events) - b for run, b in zip(runs, before, strict=True)]
    assert min(counts) >= 0.6 * max(counts), counts


def test_three_busy_jobs_on_two_workers_all_move_on(lab: Runs) -> None:
    runs = [lab.submit(f"learner {i}", ("busy", None)) for i in range(3)]
    begun(*runs)
    wait_until(lambda: all(len(run.events) >= 20 for run in runs))
    pids = [run.events[0] for run in runs]
    pair = [run for run in runs if pids.count(run.events[0]) == 2]
    assert len(pair) == 2
    before = [len(run.events) for run in pair]
    wait_until(lambda: len(pair[0].events) - before[0] >= 60)
    counts = [len(run.events) - b for run, b in zip(pair, before, strict=True)]
    assert min(counts) >= 0.5 * max(counts), counts


def test_a_run_alone_on_its_worker_is_not_served_twice_as_fast(lab: Runs) -> None:
    runs = [lab.submit(f"learner {i}", ("busy", None)) for i in range(3)]
    begun(*runs)
    wait_until(lambda: sorted(w.share for w in lab._workers) == [pytest.approx(0.575), 1.0])
    for run in runs[1:]:
        lab.stop(run.id)
    wait_until(lambda: all(w.share == 1.0 for w in lab._workers))
    assert runs[0].is_active


def test_a_worker_never_rests_longer_than_it_works(lab: Runs) -> None:
    runs = [lab.submit(f"learner {i}", ("sleepy", 0.01)) for i in range(6)]
    alone, *_ = [run for run in runs if run._worker is runs[0]._worker]
    for run in runs:
        if run._worker is alone._worker and run is not alone:
            lab.stop(run.id)
    assert sorted(w.share for w in lab._workers) == [0.5, 1.0]


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
    with pytest.raises(LabFullError, match=r"^6 models are training .* Try again in a moment\.$"):
        lab.submit("one too many", ("count", 1))
    assert lab.of("one too many") == []
    again = lab.submit("learner 5", ("sleepy", 0.01))  # takes the place of their own
    assert runs[5].status == "stopped"
    assert again.is_active
    lab.stop(runs[0].id)
    assert ended(lab.submit("one too many", ("count", 1))).status == "done"


def test_a_failure_is_told_in_its_own_words(lab: Runs) -> None:
    run = ended(lab.submit("ada", ("fails", "The loss is not a number in epoch 3.")))
    assert (run.status, run.error) == ("failed", "The loss is not a number in epoch 3.")
    assert run.events == ["before"]


def test_an_unknown_exception_is_logged_not_shown(
    lab: Runs, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "seq2seq.jobs"):
        run = ended(lab.submit("ada", ("crashes", "a secret")))
    assert (run.status, run.error, run.events) == ("failed", OUR_FAULT, ["before"])
    assert "a secret" not in run.error
    assert "ZeroDivisionError: a secret" in caplog.text


@pytest.mark.parametrize("recipe", [("no such job", None), ("cannot_be_sent", None), 7])
def test_a_job_at_fault_fails_alone(lab: Runs, recipe: Any) -> None:
    neighbours = [lab.submit(f"learner {i}", ("sleepy", 0.01)) for i in range(2)]
    begun(*neighbours)
    run = ended(lab.submit("ada", recipe))
    assert (run.status, run.error) == ("failed", OUR_FAULT)
    assert all(neighbour.is_active for neighbour in neighbours)


def test_a_recipe_that_cannot_be_sent_is_refused(lab: Runs) -> None:
    with pytest.raises(Exception, match="pickle"):
        lab.submit("pat", lambda: None)
    assert lab.of("pat") == []


def test_a_large_recipe_and_many_large_events_pass(lab: Runs) -> None:
    recipe = ("count", 1, "x" * 3_000_000)
    run = ended(lab.submit("ada", recipe))  # three parts: `start` cannot unpack it
    assert run.status == "failed"
    run = ended(lab.submit("ada", ("epochs", (8, 2_000_000))))
    assert list(run.blobs) == list(range(1, 9))


def test_workers_step_back_behind_the_server(lab: Runs) -> None:
    run = ended(lab.submit("ada", ("nice", None)))
    assert run.events == [min(19, os.getpriority(os.PRIO_PROCESS, 0) + NICENESS)]


def test_a_lost_worker_fails_its_runs_and_is_replaced(lab: Runs) -> None:
    runs = [lab.submit(f"learner {i}", ("busy", None)) for i in range(2)]
    begun(*runs)
    victim, survivor = runs
    pids = [run.events[0] for run in runs]
    os.kill(pids[0], signal.SIGINT)  # Ctrl+C is the server's business, not the workers'
    seen = len(victim.events)
    wait_until(lambda: len(victim.events) > seen + 10)
    os.kill(pids[0], signal.SIGKILL)
    assert ended(victim).error == LOST
    assert victim.status == "failed"
    again = lab.submit("learner 0", ("busy", None))
    begun(again)
    assert again.events[0] not in pids
    assert survivor.is_active
    lab.stop(survivor.id)
    assert ended(lab.submit("ada", ("count", 3))).events == [1, 2, 3]


def test_nobody_watches_then_it_stops_and_is_forgotten(
    one: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = one.submit("ada", ("sleepy", 0.01))
    left = one.submit("bob", ("sleepy", 0.01))
    begun(watched, left)
    monkeypatch.setattr(one, "idle_seconds", 1.0)

    def is_stopped(run: Run) -> bool:
        one.watch(watched.id)
        return run.status == "stopped"

    wait_until(lambda: is_stopped(left))
    assert watched.is_active
    wait_until(lambda: not watched.is_active)
    assert watched.status == "stopped"
    monkeypatch.setattr(one, "keep_seconds", 0.1)
    wait_until(lambda: not one._runs)
    for call in (one.get, one.watch, one.stop):
        with pytest.raises(RunGoneError, match="no longer here"):
            call(left.id)


def test_snapshots_go_to_blobs(lab: Runs) -> None:
    run = ended(lab.submit("ada", ("epochs", (3, 10))))
    assert run.events == ["epoch 1", "epoch 2", "epoch 3"]
    assert dict(run.blobs) == {1: bytes(10), 2: bytes(10), 3: bytes(10)}


def test_blobs_are_thinned_but_never_the_first_and_the_newest(
    one: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(one, "max_blob_bytes", 1000)
    run = ended(one.submit("ada", ("epochs", (57, 100))))
    assert len(run.events) == 57
    assert 4 <= len(run.blobs) <= 10
    assert {1, 57} <= set(run.blobs)
    run = ended(one.submit("ada", ("epochs", (5, 3000))))
    assert list(run.blobs) == [1, 5]


def test_only_the_newest_ended_runs_are_kept(one: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one, "max_kept", 10)
    monkeypatch.setattr(one, "max_kept_bytes", 1000)
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


def test_warm_up_ran_in_each_worker(lab: Runs, notes: str) -> None:
    both = [lab.submit(f"learner {i}", ("was_noted", notes)) for i in range(2)]
    assert [ended(run).events for run in both] == [[True], [True]]
    assert len(set(Path(notes).read_text(encoding="utf-8").split())) >= 2


def test_sigterm_ends_a_worker_and_close_ends_all() -> None:
    runs = Runs(start)
    active = [runs.submit("ada", ("busy", None)), runs.submit("bob", ("sleepy", 0.01))]
    begun(*active)
    pids = [run.events[0] for run in active]
    os.kill(pids[0], signal.SIGTERM)
    assert ended(active[0]).error == LOST
    before = time.monotonic()
    runs.close()  # while another worker starts in its place
    assert time.monotonic() - before < 5
    assert not any(worker.process.is_alive() for worker in runs._workers)
    assert not any(map(is_alive, pids))
    assert not any(thread.is_alive() for thread in runs._threads)
    assert [run.status for run in active] == ["failed", "stopped"]
    runs.close()  # once more does no harm
    with pytest.raises(RuntimeError, match="closed"):
        runs.submit("ada", ("count", 1))


def test_workers_end_with_the_server_however_it_ends() -> None:
    program = """
        import os, signal, sys, time
        from jobs_for_tests import start
        from seq2seq.jobs import Runs
        runs = Runs(start, num_workers=1)
        both = [runs.submit("ada", ("busy", None)), runs.submit("bob", ("sleepy", 0.1))]
        while not all(run.events for run in both):
            time.sleep(0.01)
        runs.submit("cyd", ("sleepy", 60))
        print(both[0].events[0], flush=True)
    """
    # The workers inherit standard output, so that it ends when the last of them has ended.
    servers = [
        subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(program) + ending],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([HERE, str(Path(HERE).parent)])},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for ending in ("os.kill(os.getpid(), signal.SIGKILL)", "sys.exit()")
    ]
    try:
        for server in servers:
            out, err = server.communicate(timeout=2 * PATIENCE)
            assert out.strip().isdecimal()
            assert err == ""
    finally:
        for server in servers:
            server.kill()
