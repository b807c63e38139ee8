"""Plain functions in time slices compute only while their caller waits."""

import threading

import pytest

from seq2seq import time_slices
from seq2seq.i18n import current_language, use_language
from seq2seq.time_slices import finish, in_slices, pause


@pytest.fixture(autouse=True)
def at_every_pause(monkeypatch):
    monkeypatch.setattr(time_slices, "SLICE_SECONDS", 0.0)


def test_each_slice_runs_to_the_next_pause_in_the_callers_context():
    steps = []

    def work() -> str:
        for number in range(3):
            steps.append(number)
            pause()
        return current_language()

    with use_language("de"):
        slices = in_slices(work)
        for number in range(3):
            assert next(slices) is None
            assert steps == list(range(number + 1))
        with pytest.raises(StopIteration) as end:
            next(slices)
    assert end.value.value == "de"


def test_a_function_shorter_than_a_slice_is_not_suspended(monkeypatch):
    monkeypatch.setattr(time_slices, "SLICE_SECONDS", 1e9)
    with pytest.raises(StopIteration) as end:
        next(in_slices(lambda: [pause() for _ in range(5)]))
    assert end.value.value == [None] * 5
    pause()  # does nothing outside of `in_slices`


def test_all_slices_at_once_return_the_result():
    assert finish(in_slices(lambda: [pause() for _ in range(5)])) == [None] * 5


def test_the_caller_gets_the_functions_exception():
    def fails() -> None:
        pause()
        raise ValueError("no")

    slices = in_slices(fails)
    next(slices)
    with pytest.raises(ValueError, match="no"):
        next(slices)


def test_closing_the_generator_ends_the_function_and_its_thread():
    before, ended = threading.active_count(), []

    def endless() -> None:
        try:
            while True:
                pause()
        finally:
            ended.append(True)

    slices = in_slices(endless)
    next(slices)
    assert threading.active_count() == before + 1
    slices.close()
    assert ended == [True]
    assert threading.active_count() == before
