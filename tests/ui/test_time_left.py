"""The time left: estimated from the recent speed, and only after progress."""

from types import SimpleNamespace

import pytest

from seq2seq import Recipe, TrainConfig
from seq2seq.jobs.run import Run
from seq2seq.training.events import EpochEnd, Started, StepEnd
from seq2seq.ui.components import time_left
from seq2seq.ui.components.run_history import Histories
from seq2seq.ui.components.time_left import WINDOW, Countdown


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def counted(clock, *notes):
    """A countdown after notes of (seconds, what is left)."""
    countdown = Countdown(clock)
    for clock.now, left in notes:
        countdown.note(left)
    return countdown


def test_the_rest_takes_as_long_as_it_took_so_far():
    assert counted(Clock(), (0, 100), (5, 90)).seconds() == pytest.approx(45)
    assert counted(Clock(), (0, 100), (5, 90), (10, 0)).seconds() == 0


def test_nothing_is_said_before_something_has_moved():
    clock = Clock()
    assert Countdown(clock).seconds() is None
    assert counted(clock, (0, 100)).seconds() is None
    assert counted(clock, (0, 100), (5, 100)).seconds() is None
    assert counted(clock, (0, 100), (0.1, 90)).seconds() is None


def test_it_follows_when_others_come():
    alone = [(t, 1000 - 10 * t) for t in range(20)]
    crowd = [(20 + t, 800 - t) for t in range(int(WINDOW) + 5)]
    clock = Clock()
    countdown = counted(clock, *alone, *crowd)
    assert countdown.seconds() == pytest.approx(crowd[-1][1], rel=0.1)  # one step a second
    assert len(countdown._notes) < 30


def test_many_readers_at_once_do_not_shorten_the_memory():
    clock = Clock()
    countdown = counted(clock, *((t / 100, 1000 - t / 10) for t in range(2000)))
    assert countdown.seconds() == pytest.approx(80, rel=0.05)
    assert len(countdown._notes) < 100


@pytest.fixture
def clock(monkeypatch):
    found = Clock()
    monkeypatch.setattr(time_left.Countdown.__init__, "__defaults__", (found,))
    return found


def run_of(status, before=0):
    recipe = Recipe("reverse", train=TrainConfig(num_epochs=4))
    run = Run("id", "me", recipe, "Run 1", status=status)
    run._runs = SimpleNamespace(position=lambda _: run.before, num_sharing=lambda _: 0)
    run.before = before
    return run


def test_a_training_tells_how_long_and_whose_work_it_shares_the_server_with(clock):
    run, active = run_of("running"), [1]
    histories = Histories(lambda: active[0])
    run.events.append(Started(4, 100, 999, True, ()))
    assert histories.of(run).sentence() == "Starting…"
    run.events.append(StepEnd(1, 10, 2.0, 1.0))
    assert histories.of(run).sentence() == "Epoch 1 of 4, step 10 of 100 · loss 2.00"
    active[0] = 12
    assert histories.of(run).sentence() == (
        "Epoch 1 of 4, step 10 of 100 · loss 2.00 · 11 other runs are training on this server")
    clock.now = 10.0
    run.events.append(StepEnd(2, 110, 1.0, 1.0))
    assert histories.of(run).sentence() == (
        "Epoch 2 of 4, step 10 of 100 · loss 1.00 · about 30 seconds left: 11 other runs are "
        "training on this server")
    active[0] = 2
    assert histories.of(run).sentence().endswith("left: 1 other run is training on this server")
    active[0] = 1
    assert histories.of(run).sentence().endswith("· about 30 seconds left")


def test_what_is_computed_between_two_events_is_seen(clock):
    """Thirty runs share two cores: of a long one, events may come a minute apart."""
    run = run_of("running")
    histories = Histories()

    def told(events, num_parts):
        run.add_events(tuple(events), num_parts)
        return histories.of(run).sentence().split(" · ")[0]

    assert told([Started(4, 10, 999, True, ()), StepEnd(1, 1, 2.0, 1.0)], 3) == (
        "Epoch 1 of 4, step 4 of 10")
    assert told([], 9) == "Epoch 1 of 4, step 10 of 10"
    assert told([], 11) == "Epoch 1 of 4, evaluation, part 2"
    marks = EpochEnd(1, 1.0, 1.0, 0.5, 0.5, {}, ())
    assert told([marks], 0) == "Epoch 1 of 4, step 10 of 10"
    assert told([], 2) == "Epoch 2 of 4, step 2 of 10"
    assert told([StepEnd(2, 20, 1.0, 1.0)], 0) == "Epoch 2 of 4, step 10 of 10"
    assert told([], 4) == "Epoch 2 of 4, evaluation, part 4"
    follower = run_of("running")
    follower._leader, follower.events = run, run.events
    assert Histories().of(follower).sentence().startswith("Epoch 2 of 4, evaluation, part 4")
    run.events.append(StepEnd(3, 22, 1.0, 1.0))  # the parts belong to what came before it
    assert histories.of(run).sentence().startswith("Epoch 3 of 4, step 2 of 10")


def test_a_waiting_run_tells_what_is_known_of_its_line(clock):
    run = run_of("waiting", before=8)
    histories = Histories(lambda: 20)
    assert histories.of(run).sentence() == "In the queue: 8 runs ahead of yours"
    clock.now, run.before = 4.0, 6
    assert histories.of(run).sentence() == (
        "In the queue: 6 runs ahead of yours · starts in about 10 seconds")
    run.before = 1
    assert "1 run ahead of yours" in histories.of(run).sentence()
    run.before = 0
    assert histories.of(run).sentence() == "Starting: 19 other runs are training on this server"
    assert Histories().of(run).sentence() == "Starting…"
