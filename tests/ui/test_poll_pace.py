"""The pace of polls, with pages on a clock of its own."""

import heapq

import pytest

from seq2seq.ui.poll_pace import LEAST, MAX_POLLS, PollPace


def polls_a_second(num_pages: int, seconds: int) -> list[int]:
    """How many polls there are in each second."""
    now = 0.0
    pace = PollPace(lambda: now)
    due = [(LEAST * number / num_pages, number) for number in range(num_pages)]
    counts = [0] * seconds
    while True:
        now, number = heapq.heappop(due)
        if now >= seconds:
            return counts
        counts[int(now)] += 1
        heapq.heappush(due, (now + pace.polled(), number))


def test_a_class_polls_as_fast_as_a_single_page():
    assert polls_a_second(30, 20) == [60] * 20


@pytest.mark.parametrize("num_pages", [150, 300, 900])
def test_many_pages_send_no_more_polls_than_the_server_can_answer(num_pages):
    later = polls_a_second(num_pages, 60)[20:]
    assert sum(later) / len(later) <= 1.1 * MAX_POLLS
    assert sum(later) / len(later) >= 0.7 * MAX_POLLS
    assert max(later) <= 2.5 * MAX_POLLS


def test_the_pace_is_as_before_when_the_pages_are_closed():
    now = 0.0
    pace = PollPace(lambda: now)
    for _ in range(3000):
        pace.polled()
        now += 0.001
    assert pace.wait > LEAST
    for _ in range(40):
        now += 0.5
        pace.polled()
    assert pace.wait == LEAST
