"""Pauses: a plain function stands still in between, and computes only while it is waited for."""

import threading

import pytest

from seq2seq import pauses
from seq2seq.i18n import current_language, use_language
from seq2seq.pauses import pause, paused


@pytest.fixture(autouse=True)
def at_every_pause(monkeypatch):
    monkeypatch.setattr(pauses, "PART_SECONDS", 0.0)


def test_it_goes_on_only_when_it_is_asked_to():
    steps = []

    def work() -> str:
        for number in range(3):
            steps.append(number)
            pause()
        return current_language()

    with use_language("de"):
        parts = paused(work)
        for number in range(3):
            assert next(parts) is None
            assert steps == list(range(number + 1))
        with pytest.raises(StopIteration) as end:
            next(parts)
    assert end.value.value == "de"


def test_short_work_has_no_pause(monkeypatch):
    monkeypatch.setattr(pauses, "PART_SECONDS", 1e9)
    with pytest.raises(StopIteration) as end:
        next(paused(lambda: [pause() for _ in range(5)]))
    assert end.value.value == [None] * 5
    pause()  # outside of it nothing happens


def test_an_error_is_that_of_the_caller():
    def fails() -> None:
        pause()
        raise ValueError("no")

    parts = paused(fails)
    next(parts)
    with pytest.raises(ValueError, match="no"):
        next(parts)


def test_who_no_longer_waits_ends_it():
    before, ended = threading.active_count(), []

    def endless() -> None:
        try:
            while True:
                pause()
        finally:
            ended.append(True)

    parts = paused(endless)
    next(parts)
    assert threading.active_count() == before + 1
    parts.close()
    assert ended == [True]
    assert threading.active_count() == before
