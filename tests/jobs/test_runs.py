"""Runs: recipes in, events out. No torch here."""

import logging
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from jobs_for_tests import start
from waiting import begun, ended, wait_until

from seq2seq.errors import InputError
from seq2seq.i18n import LazyText
from seq2seq.jobs.limits import Limits
from seq2seq.jobs.runs import Runs
from seq2seq.jobs.scheduler import OUR_FAULT


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


def test_a_job_is_prepared_on_an_idle_server_only_once_and_not_shown(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    with Runs(start, limits=Limits(num_workers=1)) as lab:
        lab.prepare(("traces", str(trace)))
        wait_until(trace.exists, "nothing was prepared")
        run = lab.submit("ada", ("traces", str(trace)))
        lab.prepare(("traces", str(tmp_path / "other")))  # a run is active, or has been
        assert ended(run).events == ["1", "2", "3", "4"]
        assert trace.read_text() in ("123" + "1234", "12" + "1234", "1" + "1234")
        lab.prepare(("traces", str(trace)))
        lab.prepare(("fails", "a sentence"))
        lab.prepare(("crashes", "it cannot be prepared"))
        assert ended(lab.submit("ada", ("count", 2))).events == [1, 2]  # the worker lives


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


def test_a_failure_is_told_in_its_own_words(lab: Runs) -> None:
    sentence = LazyText("The loss is not a number in epoch {n}.", n=3)
    run = ended(lab.submit("ada", ("fails", sentence)))
    assert (run.status, run.error) == ("failed", "The loss is not a number in epoch 3.")
    assert isinstance(run.error, LazyText)  # came through a pipe, and can be said in any language
    assert (run.error.template, run.error.values) == (sentence.template, {"n": 3})
    assert run.events == ["before"]


def test_an_unknown_exception_is_logged_not_shown(
    lab: Runs, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "seq2seq.jobs.runs"):
        run = ended(lab.submit("ada", ("crashes", "a secret")))
    assert (run.status, run.error, run.events) == ("failed", OUR_FAULT, ["before"])
    assert "a secret" not in run.error
    assert "ZeroDivisionError" in caplog.text
    assert "in crashes" in caplog.text
    assert "a secret" not in caplog.text  # it may quote what somebody has typed


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


def test_snapshots_go_to_blobs(lab: Runs) -> None:
    run = ended(lab.submit("ada", ("epochs", (3, 10))))
    assert run.events == ["epoch 1", "epoch 2", "epoch 3"]
    assert dict(run.blobs) == {1: bytes(10), 2: bytes(10), 3: bytes(10)}


def test_a_stopped_run_is_continued_from_its_newest_state(lab: Runs) -> None:
    run = lab.submit("ada", ("saving", (6, 0.05)))
    wait_until(lambda: "epoch 3" in run.events and run.checkpoint.state)
    lab.stop(run.id)
    wait_until(lambda: run.checkpoint.state == str(max(run.blobs)).encode())
    assert run.can_continue
    told = list(run.events)
    assert lab.resume(run.id) is run
    assert run.is_active
    assert ended(run).status == "done"
    assert run.events[:len(told)] == told
    epochs = range(1, 7)
    assert run.events == ["began", *(w for e in epochs for w in (f"half of {e}", f"epoch {e}"))]
    assert dict(run.blobs) == {epoch: b"weights %d" % epoch for epoch in epochs}
    assert not run.can_continue
    with pytest.raises(InputError, match="cannot be continued"):
        lab.resume(run.id)


def test_without_a_state_a_run_is_continued_from_its_start(lab: Runs) -> None:
    run = lab.submit("ada", ("once_and_long", 0.3))
    begun(run)
    lab.stop(run.id)
    lab.resume(run.id)
    assert ended(run).events == ["first", "second"]


def test_continuing_at_once_loses_and_doubles_nothing(lab: Runs) -> None:
    """Late events of the stopped job must not be added."""
    run = lab.submit("ada", ("saving", (40, 0.002)))
    begun(run)
    for pause in range(20):  # more each time: within some it gets on, within others it does not
        lab.stop(run.id)
        if run.can_continue:
            lab.resume(run.id)
        time.sleep(0.004 * pause)
    assert ended(run).status == "done"
    words = ["began", *(w for e in range(1, 41) for w in (f"half of {e}", f"epoch {e}"))]
    assert run.events == words


def test_a_continued_run_takes_the_place_of_its_owners_other_one(lab: Runs) -> None:
    first = lab.submit("ada", ("sleepy", 0.01))
    begun(first)
    lab.stop(first.id)
    second = lab.submit("ada", ("sleepy", 0.01))
    begun(second)
    lab.resume(first.id)
    assert second.status == "stopped"
    assert lab.of("ada") == [second, first]  # the one begun last comes last


def test_whoever_sees_that_a_run_has_ended_finds_it_counted(lab: Runs) -> None:
    """Metrics once did not count the run that had just ended."""
    seen = []

    class Counts(Counter):
        def __setitem__(self, name: str, value: int) -> None:
            seen.append((name, run.status))
            super().__setitem__(name, value)

    run = lab.submit("ada", ("sleepy", 0.01))
    lab.counts, before = Counts(lab.counts), lab.counts
    seen.clear()
    try:
        lab.stop(run.id)
        assert seen == [("stopped", "waiting")] or seen == [("stopped", "running")]
        assert run.status == "stopped"
    finally:
        lab.counts = before
