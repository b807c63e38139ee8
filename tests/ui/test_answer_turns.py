"""Turns: limited, fairly shared between addresses, and refused with a message if too many wait."""

import threading
from contextlib import suppress
from dataclasses import replace
from types import SimpleNamespace

import pytest

from seq2seq.config import ModelConfig, TrainConfig
from seq2seq.errors import BusyError, ConfigError
from seq2seq.jobs.limits import Limits
from seq2seq.jobs.runs import Run
from seq2seq.recipe import Recipe
from seq2seq.tasks.tables.parsing import parse_table
from seq2seq.training.events import Sample, Started
from seq2seq.ui.answer_turns import MAX_PATIENT, MAX_WAITING, MAX_WAITING_PER_ADDRESS, SHORT, Turns
from seq2seq.ui.lab import Lab
from seq2seq.ui.session import answer
from seq2seq.ui.tabs import n_best
from seq2seq.ui.tabs.live_training import poll
from seq2seq.ui.tabs.train import TrainTab


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def called(*tickets):
    return [ticket.called.is_set() for ticket in tickets]


def test_one_address_never_holds_all_turns():
    turns = Turns(3)
    mine = [turns.enter("a") for _ in range(5)]
    assert called(*mine) == [True, True, False, False, False]
    other = turns.enter("b")
    assert called(other) == [True]
    turns.leave(mine[0])
    assert called(*mine) == [True, True, True, False, False]


def test_a_single_turn_goes_to_anybody():
    turns = Turns(1)
    first, second = turns.enter("a"), turns.enter("a")
    assert called(first, second) == [True, False]
    turns.leave(first)
    assert called(second) == [True]


def test_who_has_used_least_is_next():
    clock = Clock()
    turns = Turns(1, clock=clock)
    long = turns.enter("a")
    waiting = [turns.enter("a"), turns.enter("b"), turns.enter("a"), turns.enter("c")]
    clock.now = 5
    turns.leave(long)
    assert called(*waiting) == [False, True, False, False]
    clock.now = 6
    turns.leave(waiting[1])
    assert called(*waiting) == [False, True, False, True]
    clock.now = 6.5
    turns.leave(waiting[3])
    assert called(*waiting) == [True, True, False, True]


def test_what_was_used_long_ago_counts_for_little():
    clock = Clock()
    turns = Turns(1, clock=clock)
    old = turns.enter("a")
    clock.now = 8
    turns.leave(old)
    clock.now = 300
    new = turns.enter("b")
    clock.now = 301
    waiting = [turns.enter("b"), turns.enter("a")]
    turns.leave(new)
    assert called(*waiting) == [False, True]


def test_while_models_train_a_turn_rests_as_long_as_it_has_computed(monkeypatch):
    """A visitor's exports and n-best lists once took a whole core from the class."""
    clock, rests = Clock(), []

    class Timer:
        def __init__(self, seconds, work, arguments):
            rests.append(seconds)
            self.start = lambda: rests.append(lambda: work(*arguments))

    monkeypatch.setattr("threading.Timer", Timer)
    turns = Turns(1, clock=clock, must_rest=lambda: True)
    long = turns.enter("a")
    clock.now = 3
    following = turns.enter("a")
    turns.leave(long)
    assert rests[0] == 3
    assert called(following) == [False]
    rests[1]()
    assert called(following) == [True]
    clock.now += SHORT / 2  # most answers: nothing would be gained
    turns.leave(following)
    assert called(turns.enter("b")) == [True]
    assert len(rests) == 2


def test_only_so_many_wait():
    turns = Turns(1)
    turns.enter("a")
    for _ in range(MAX_WAITING_PER_ADDRESS):
        turns.enter("a")
    with pytest.raises(BusyError, match=r"^This server is busy\. Try again in a moment\.$"):
        turns.enter("a")
    for i in range(MAX_WAITING - MAX_WAITING_PER_ADDRESS):
        turns.enter(f"b{i}")
    with pytest.raises(BusyError):
        turns.enter("c")


def test_who_has_waited_in_vain_is_told_so_and_waits_no_more():
    turns = Turns(1, patience=0.01)
    holder = turns.enter("a")
    with pytest.raises(BusyError), turns.hold("b"):
        pytest.fail("there was no turn")
    turns.leave(holder)
    # The one within goes on with the turn it has.
    with turns.hold("b"), turns.hold("b"), pytest.raises(BusyError):
        run_in_thread(lambda: turns.hold("c").__enter__())
    assert called(turns.enter("d")) == [True]  # all are given back


def run_in_thread(work):
    found = []

    def guarded():
        try:
            work()
        except BusyError as problem:
            found.append(problem)

    thread = threading.Thread(target=guarded)
    thread.start()
    thread.join()
    if found:
        raise found[0]


def test_a_long_computation_gives_way_between_its_parts():
    clock, order = Clock(), []
    turns = Turns(1, patience=30, clock=clock)
    waits = threading.Event()

    def parts():
        for part in range(3):
            order.append(f"part {part}")
            clock.now += 10
            if part == 0:
                thread.start()
                assert waits.wait(30)
                while not turns._waiting:
                    pass
            yield
        return "result"

    def other():
        waits.set()
        with turns.hold("b"):
            order.append("other")

    thread = threading.Thread(target=other)
    with turns.hold("a"):
        assert turns.run_in_parts(parts()) == "result"
    thread.join(30)
    assert order == ["part 0", "other", "part 1", "part 2"]


def make_lab(**limits: float) -> Lab:
    runs = SimpleNamespace(limits=Limits(**limits), num_active=0, on_forgotten=None)
    return Lab(runs)


def test_of_many_questions_for_the_n_best_few_are_computed_at_once(monkeypatch):
    """Sixty of them to a large model once took every thread of the page, and 5 GB."""
    lab = make_lab()
    at_once, most, lock, let_go = 0, 0, threading.Lock(), threading.Event()

    class Slow:
        task = Recipe("reverse").make_task()

        def beam(self, text, width):
            nonlocal at_once, most
            with lock:
                at_once += 1
                most = max(most, at_once)
            let_go.wait(30)
            with lock:
                at_once -= 1
            return SimpleNamespace(best=())

    monkeypatch.setattr(Lab, "find", lambda self, run: object())
    monkeypatch.setattr(Lab, "experiment_for", lambda self, run: Slow())
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(
        n_best.n_best_answers(lab, {"run": "x", "text": "1 2"}))) for _ in range(12)]
    if hasattr(lab, "turns"):
        lab.turns.patience = 0.3
    for thread in threads:
        thread.start()
    threads[0].join(1)
    while len(answers) < 10 and most < 12:
        threads[-1].join(0.05)
    let_go.set()
    for thread in threads:
        thread.join(30)
    assert most <= 3
    told = [answer["problem"] for answer in answers if "problem" in answer]
    assert told
    assert all("Try again in a moment" in sentence for sentence in told)
    assert any("html" in answer for answer in answers)


@pytest.fixture
def drawn(monkeypatch) -> list[int]:
    """The number of examples, each time that a task's examples are drawn."""
    found: list[int] = []

    def recorded(make):
        def make_splits(task, config):
            found.append(config.num_examples)
            return make(task, config)
        return make_splits

    from seq2seq.data import splits
    monkeypatch.setattr(splits, "_make_splits", recorded(splits._make_splits))
    return found


def test_a_run_that_has_just_begun_is_shown_without_drawing_its_examples(drawn):
    """The start of a translation once took nine seconds, beside the worker that drew them, too."""
    recipe = Recipe("translation-en-fr", train=TrainConfig(num_examples=20_000, seed=12))
    run = Run("id", "a" * 22, recipe, "Run 1", status="running")
    found = answer(make_lab(), run, recipe, recipe.make_task().example)
    assert "before training" in found.answered_by
    assert found.prediction.steps
    assert found.membership == ""  # which few examples cannot tell
    assert max(drawn) <= 200


def test_train_draws_few_examples_before_a_worker_is_asked(drawn, monkeypatch):
    """A dozen presses with 40,000 examples once were a minute of pure Python in the server."""
    lab, asked = make_lab(), []
    lab.submit = lambda owner, recipe: asked.append(recipe)
    tab = SimpleNamespace(session=SimpleNamespace(lab=lab, selected="selected"), problem="problem",
                          settings=SimpleNamespace(facts="facts"),
                          active_run=lambda owner: None, show_run=lambda *args, **more: {})
    recipe = Recipe("numbers-en-fr", train=TrainConfig(num_examples=40_000, seed=12))
    with suppress(AttributeError):  # there is no run to be shown
        TrainTab.start(tab, "a" * 22, lambda: recipe)
    assert asked == [recipe]
    assert max(drawn) <= 200

    # What is left out can only be checked with all examples: for a second at most.
    monkeypatch.setattr("seq2seq.ui.lab.MOST_SECONDS", 0.0)
    without = replace(recipe, train=replace(recipe.train, leave_out="token:nothing-has-this"))
    with suppress(AttributeError):
        TrainTab.start(tab, "a" * 22, lambda: without)
    assert asked.pop() == without  # the worker will report it
    wide = Recipe("pairs", ModelConfig(hidden_size=512, num_layers=3), TrainConfig(batch_size=512))
    assert "Use a batch size of at most" in TrainTab.start(tab, "a" * 22, lambda: wide)["problem"]
    assert asked == [recipe]


def test_only_small_trainings_of_generated_data_are_prepared():
    """A worker prepares without admission: a stranger must not fill its memory or its time."""
    lab, prepared = make_lab(), []
    lab.runs.prepare = prepared.append
    small = Recipe("reverse", train=TrainConfig(num_examples=500))
    for recipe in (small, Recipe("pairs", pairs="a -> b\nc -> d"),
                   Recipe("reverse", ModelConfig(hidden_size=512, num_layers=3),
                          TrainConfig(batch_size=16))):
        lab.prepare(recipe)
    assert prepared == [small]
    with pytest.raises(ConfigError):
        lab.prepare(Recipe("reverse", ModelConfig(hidden_size=512, num_layers=3),
                           TrainConfig(batch_size=512)))
    assert prepared == [small]


def test_a_poll_does_not_read_the_visitors_table_again(monkeypatch):
    from seq2seq.tasks import pairs
    reads = []
    monkeypatch.setattr(pairs, "parse_table", lambda text: reads.append(1) or parse_table(text))
    run = Run("id", "me", Recipe("pairs", pairs="a -> b\nc -> d\nunread -> before"), "Run 1",
              status="done")
    run.events.append(Started(1, 1, 10, False, (Sample(("a",), ("b",), ("b",), True),)))
    lab = make_lab()
    lab.runs.get, lab.runs.of, lab.runs.watch = lambda _: run, lambda _: [run], lambda _: None
    for _ in range(5):
        assert poll(lab, ["id", 0, -1])["rows"]
    assert len(reads) <= 1


def test_only_few_wait_longer_than_others(monkeypatch):
    """Each holds a thread of the page: many that wait for half a minute would take them all."""
    turns, waited = Turns(1, patience=0.01), []
    first = turns.enter("held")
    event = type(first.called)
    monkeypatch.setattr(event, "wait", lambda self, seconds: waited.append(seconds) or False)
    with pytest.raises(BusyError), turns.hold("me", patience=30):
        pass
    for n in range(MAX_PATIENT):
        turns.enter(f"other {n}")
    with pytest.raises(BusyError), turns.hold("me", patience=30):
        pass
    assert waited == [30, 0.01]


def test_what_takes_too_long_is_given_up():
    clock, closed = Clock(), []
    turns = Turns(1, clock=clock)

    def parts():
        try:
            while True:
                clock.now += 0.4
                yield
        finally:
            closed.append(clock.now)

    with pytest.raises(BusyError), turns.hold("a"):
        turns.run_in_parts(parts(), 1.0)
    assert closed == [pytest.approx(1.2)]


def test_a_model_that_is_asked_is_made_in_parts(monkeypatch):
    """Its 40,000 examples took eight seconds of pure Python, in one turn."""
    monkeypatch.setattr("seq2seq.time_slices.SLICE_SECONDS", 0.0)
    lab, gave_way = make_lab(), []
    monkeypatch.setattr(lab.turns, "_pass_on", lambda: gave_way.append(1))
    recipe = Recipe("reverse", ModelConfig(hidden_size=8), TrainConfig(num_examples=77, seed=4022))
    assert len(lab.untrained(recipe).splits.train) == 77
    assert len(gave_way) > 77


def test_the_line_below_the_settings_counts_for_a_second_at_most(monkeypatch):
    monkeypatch.setattr("seq2seq.time_slices.SLICE_SECONDS", 0.0)
    monkeypatch.setattr("seq2seq.ui.tabs.train.COUNTING_SECONDS", 0.0)
    tab = SimpleNamespace(session=SimpleNamespace(lab=make_lab()))
    recipe = Recipe("numbers-en-fr", train=TrainConfig(num_examples=400, seed=4023))
    assert "up to 400 examples" in TrainTab.facts(tab, recipe)
    monkeypatch.setattr("seq2seq.ui.tabs.train.COUNTING_SECONDS", 60.0)
    assert "up to" not in TrainTab.facts(tab, recipe)
