"""Workers: fair turns, and runs that survive the loss of a worker."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from jobs_for_tests import start
from waiting import PATIENCE, begun, ended, is_alive, wait_until

from seq2seq.jobs.runs import LOST, Runs
from seq2seq.jobs.worker import NICENESS, ProcessWorker

HERE = str(Path(__file__).parents[1])


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
    wait_until(lambda: sorted(w.share for w in lab._pool.workers) == [pytest.approx(0.575), 1.0])
    for run in runs[1:]:
        lab.stop(run.id)
    wait_until(lambda: all(w.share == 1.0 for w in lab._pool.workers))
    assert runs[0].is_active


def test_a_worker_never_rests_longer_than_it_works(lab: Runs) -> None:
    runs = [lab.submit(f"learner {i}", ("sleepy", 0.01)) for i in range(6)]
    alone, *_ = [run for run in runs if run._worker is runs[0]._worker]
    for run in runs:
        if run._worker is alone._worker and run is not alone:
            lab.stop(run.id)
    assert sorted(w.share for w in lab._pool.workers) == [0.5, 1.0]


def test_workers_step_back_behind_the_server(lab: Runs) -> None:
    run = ended(lab.submit("ada", ("nice", None)))
    assert run.events == [min(19, os.getpriority(os.PRIO_PROCESS, 0) + NICENESS)]


def test_a_lost_worker_is_replaced_and_its_runs_begin_again(lab: Runs) -> None:
    runs = [lab.submit(f"learner {i}", ("busy", None)) for i in range(2)]
    begun(*runs)
    victim, survivor = runs
    pids = [run.events[0] for run in runs]
    os.kill(pids[0], signal.SIGINT)  # the server handles Ctrl+C, not the workers
    seen = len(victim.events)
    wait_until(lambda: len(victim.events) > seen + 10)
    os.kill(pids[0], signal.SIGKILL)
    wait_until(lambda: victim.words == ProcessWorker.lost_words)
    seen = len(victim.events)
    wait_until(lambda: len(victim.events) > seen + 10)
    assert victim.events[1:] == list(range(1, len(victim.events)))  # none twice, none missing
    assert survivor.is_active
    assert survivor.words == ""
    assert lab.counts["lost workers"] >= 1


def test_a_run_goes_on_from_its_state_when_its_worker_is_lost(lab: Runs) -> None:
    others = [lab.submit(f"learner {i}", ("sleepy", 0.01)) for i in range(2)]
    begun(*others)
    run = lab.submit("ada", ("saving", (10, 0.05)))
    wait_until(lambda: "epoch 2" in run.events)
    neighbour = next(other for other in others if other._worker is run._worker)
    os.kill(neighbour.events[0], signal.SIGKILL)
    assert ended(run).status == "done"
    assert run.words == ProcessWorker.lost_words
    words = ["began", *(w for e in range(1, 11) for w in (f"half of {e}", f"epoch {e}"))]
    assert run.events == words


def test_a_run_that_kills_its_workers_is_not_begun_a_third_time(lab: Runs, tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    run = ended(lab.submit("ada", ("deadly", str(marks))))
    assert (run.status, run.words) == ("stopped", LOST)
    assert run.can_continue
    assert marks.read_text() == "xx"
    assert ended(lab.submit("ada", ("count", 3))).events == [1, 2, 3]


def test_a_run_that_kills_its_workers_takes_no_neighbour_along(lab: Runs, tmp_path: Path) -> None:
    others = [lab.submit(f"learner {i}", ("sleepy", 0.01)) for i in range(4)]
    begun(*others)
    for _ in range(2):  # each time it kills both workers
        run = ended(lab.submit("eve", ("deadly", str(tmp_path / "marks"))))
        assert run.words == LOST
    wait_until(lambda: all(run.is_active and run.status == "running" for run in others))
    assert [run._num_lost for run in others] == [0] * 4


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
    wait_until(lambda: active[0].words)
    before = time.monotonic()
    runs.close()  # while another worker starts in its place
    assert time.monotonic() - before < 5
    assert not any(worker.process.is_alive() for worker in runs._pool.workers)
    assert not any(map(is_alive, pids))
    assert not any(thread.is_alive() for thread in (*runs._pool.threads, runs._reaper))
    assert [run.status for run in active] == ["stopped", "stopped"]
    runs.close()  # once more does no harm
    with pytest.raises(RuntimeError, match="closed"):
        runs.submit("ada", ("count", 1))


def test_workers_end_with_the_server_however_it_ends() -> None:
    program = """
        import os, signal, sys, time
        from jobs_for_tests import start
        from seq2seq.jobs.runs import Runs
        from seq2seq.jobs.limits import Limits
        runs = Runs(start, limits=Limits(num_workers=1))
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
