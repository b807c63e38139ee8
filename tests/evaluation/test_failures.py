"""Groups of answers: where a model fails, and which answers these are."""

import pytest

from seq2seq.evaluation.failures import Confusion, Group, find_failures, select
from seq2seq.evaluation.metrics import Answer
from seq2seq.tasks import Example


def answer(source: str, target: str, written: str, finished: bool = True) -> Answer:
    return Answer(Example(tuple(source), tuple(target)), tuple(written), finished)


FOUND = [answer("abc", "cba", "cba"), answer("abd", "dba", "dca"), answer("ab", "ba", "ba"),
         answer("xb", "bx", "b"), answer("ba", "ab", "abb"), answer("bb", "bb", "bb", False),
         answer("bc", "cb", "cc")]


def test_answers_are_counted_by_the_length_of_their_source():
    assert find_failures(FOUND).by_length == (
        Group("length:2", 2, 5, 1), Group("length:3", 3, 2, 1))


def test_tokens_are_counted_by_their_position_in_the_target():
    found = find_failures(FOUND).by_position
    # Wrong: the second of dba and of cb, and the second of bx, which is missing.
    assert [(group.number, group.num, group.num_correct) for group in found] == [
        (1, 7, 7), (2, 7, 4), (3, 2, 2)]


def test_what_was_written_for_what():
    assert find_failures(FOUND).confusions == (Confusion("confusion:b\tc", "b", "c", 2),)


def test_endings():
    found = find_failures(FOUND)
    assert (found.num_too_early, found.num_too_late) == (1, 2)


@pytest.mark.parametrize(("key", "sources"), [
    ("length:3", ["abc", "abd"]), ("position:2", ["abd", "xb", "bc"]),
    ("confusion:b\tc", ["abd", "bc"]), ("end:early", ["xb"]), ("end:late", ["ba", "bb"]),
    ("length:9", []), ("nonsense", []), ("confusion:", [])])
def test_the_answers_of_a_group(key, sources):
    assert ["".join(a.example.source) for a in select(FOUND, key)] == sources


def test_every_group_selects_as_many_answers_as_it_counts():
    failures = find_failures(FOUND)
    for group in failures.by_length:
        chosen = select(FOUND, group.key)
        assert (len(chosen), sum(a.is_correct for a in chosen)) == (group.num, group.num_correct)
    for group in failures.by_position:
        assert len(select(FOUND, group.key)) == group.num - group.num_correct
    assert [len(select(FOUND, c.key)) for c in failures.confusions] == [
        c.num for c in failures.confusions]


def test_an_interval_is_wilsons():
    low, high = Group("length:1", 1, 10, 10).interval
    assert (round(low, 3), high) == (0.722, pytest.approx(1))
