"""The scheduler: which job has the next turn, on a simulated clock."""

import pickle
import queue
from collections import Counter
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from seq2seq.jobs import scheduler
from seq2seq.jobs.scheduler import Inbox, JobLimits, Report, run_jobs

RULES = JobLimits(slice_seconds=0.125, run_seconds=0)


class Enough(BaseException):
    """Ends `run_jobs`, which otherwise never returns."""


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def read(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


def served(
    monkeypatch: pytest.MonkeyPatch, steps: dict[str, float], num_turns: int,
    later: Callable[[Inbox, list[str]], None] = lambda inbox, turns: None
) -> tuple[list[str], Clock]:
    """The order of turns of endless jobs (name -> seconds per step).

    `later` is called with the worker's inbox before each turn.
    """
    clock, inbox, turns = Clock(), queue.SimpleQueue(), []
    monkeypatch.setattr(scheduler, "time", SimpleNamespace(
        monotonic=clock.read, thread_time=clock.read, sleep=clock.pass_by))

    def start(name: str, seconds: float) -> Iterator[Any]:
        while True:
            clock.pass_by(seconds)
            yield name

    def tell(report: Report) -> None:
        if report.begins:
            turns.append(report.job_id)
            later(inbox, turns)
            if len(turns) > num_turns:
                raise Enough

    for name, seconds in steps.items():
        inbox.put((name, pickle.dumps((name, seconds))))
    with pytest.raises(Enough):
        run_jobs(start, None, RULES, inbox, tell)
    return turns[:num_turns], clock


def test_equal_jobs_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    turns, _ = served(monkeypatch, {"a": 0.0625, "b": 0.0625, "c": 0.0625}, 30)
    assert turns == ["a", "b", "c"] * 10


def test_one_long_step_is_paid_for_with_time_not_with_a_turn(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    """After ten seconds of one job, the others have ten seconds each."""
    turns, clock = served(monkeypatch, {"heavy": 10.0, "a": 0.0625, "b": 0.0625}, 1000)
    time_of = Counter({name: turns.count(name) * (10.0 if name == "heavy" else 0.125)
                       for name in ("heavy", "a", "b")})
    assert max(time_of.values()) - min(time_of.values()) <= 10.0 + 0.25
    assert clock.now > 100


def test_two_heavy_jobs_do_not_come_in_turn_with_a_light_one(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    turns, _ = served(monkeypatch, {"heavy": 10.0, "vast": 20.0, "light": 0.0625}, 400)
    # 400 turns of a light job are 50 seconds: about four and two of the others fit beside them.
    assert turns.count("heavy") <= 6
    assert turns.count("vast") <= 4


def test_long_steps_of_two_jobs_do_not_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """A waiting job has a turn between two long ones, so it waits for one of them at most."""
    lights = [f"light {i}" for i in range(6)]
    steps = {"heavy": 1.0, "vast": 1.5} | dict.fromkeys(lights, 0.0625)
    turns, _ = served(monkeypatch, steps, 400)
    began = max(turns.index(name) for name in steps) + 1
    longest, waited = 0.0, dict.fromkeys(lights, 0.0)
    for turn in turns[began:]:
        for light in lights:
            waited[light] = 0.0 if turn == light else waited[light] + max(0.125, steps[turn])
        longest = max(longest, *waited.values())
    assert longest <= 1.5 + 7 * 0.125
    assert {"heavy", "vast"} <= set(turns[began:])


def test_who_comes_later_neither_waits_for_the_past_nor_is_owed_it(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    def later(inbox: Inbox, turns: list[str]) -> None:
        if len(turns) == 200:
            inbox.put(("late", pickle.dumps(("late", 0.0625))))

    turns, _ = served(monkeypatch, {"a": 0.0625, "b": 0.0625}, 260, later)
    after = turns[200:]
    assert "late" in after[:2]
    assert 18 <= after.count("late") <= 22  # a third, from then on



def test_a_turn_without_an_event_tells_how_many_parts_it_has_computed(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, told = Clock(), []
    monkeypatch.setattr(scheduler, "time", SimpleNamespace(
        monotonic=clock.read, thread_time=clock.read, sleep=clock.pass_by))

    def events() -> Iterator[Any]:
        for part in range(13):
            clock.pass_by(0.05)
            yield "event" if part in (0, 10) else None

    job = scheduler.Job("job", events(), RULES)
    while job.run_slice(told.append):
        pass
    assert [(r.events, r.num_parts) for r in told] == [
        (("event",), 0), ((), 2), ((), 5), ((), 8), (("event",), 1), ((), 0)]
    assert [r.status for r in told] == ["running"] * 5 + ["done"]
