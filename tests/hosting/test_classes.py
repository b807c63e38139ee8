"""The registry of classes: members, limits, and expiry."""

import time

import pytest

from seq2seq.errors import InputError, LabFullError
from seq2seq.hosting.classes import Classes, class_name
from seq2seq.jobs.limits import DEFAULT, Limits

MAX_CLASSES, MAX_LEARNERS = DEFAULT.max_classes, DEFAULT.max_learners


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def numbers(found):
    return [learner.number for learner in found]


def test_learners_are_numbered_as_they_come_and_keep_their_number():
    found = Classes()
    assert [found.join("Room-8b", owner).number for owner in ("a", "b", "c")] == [1, 2, 3]
    assert found.join("room-8B", "b").number == 2
    assert [learner.owner for learner in found.learners("ROOM-8b")] == ["a", "b", "c"]
    assert found.of("b") == "room-8b"
    found.leave("b")
    found.leave("nobody")
    assert found.of("b") == ""
    assert numbers(found.learners("room-8b")) == [1, 3]
    assert found.join("room-8b", "b").number == 4, "a number is never given twice"


def test_a_learner_is_in_one_class_at_a_time_and_runs_count_from_joining_on():
    found = Classes()
    before = time.time()
    assert before <= found.join("one", "a").since <= time.time()
    found.join("two", "a", since=123.0)
    assert found.learners("one") == []
    assert found.learners("two")[0].since == 123.0
    assert found.join("two", "a").since == 123.0, "who is in it already stays so"


@pytest.mark.parametrize("name", ["", " ", "a b", "ä", "a/b", "x" * 41, "<b>", None, 7, "a\n"])
def test_a_name_that_is_none_is_named_with_what_is_allowed(name):
    found = Classes()
    for ask in (lambda: class_name(name), lambda: found.join(name, "a"),
                lambda: found.learners(name)):
        with pytest.raises(InputError, match=r"1 to 40 letters \(a to z\), digits, - or _"):
            ask()


def test_looking_makes_no_class():
    found = Classes()
    assert found.learners("room-8b") == []
    for i in range(MAX_CLASSES):
        found.learners(f"looked-{i}")
    assert found.join("room-8b", "a").number == 1


def test_there_are_only_so_many_classes_and_learners():
    found = Classes()
    for i in range(MAX_LEARNERS):
        found.join("big", f"learner {i}")
    with pytest.raises(LabFullError, match=f"“big” is full: it has {MAX_LEARNERS} learners"):
        found.join("big", "one more")
    found.leave("learner 0")
    assert found.join("big", "one more").number == MAX_LEARNERS + 1
    for i in range(MAX_CLASSES - 1):
        found.join(f"class-{i}", f"owner {i}")
    with pytest.raises(LabFullError, match=f"limit of open classes .{MAX_CLASSES}."):
        found.join("one-more", "somebody")
    assert found.of("somebody") == ""


def test_being_refused_takes_nobody_out_of_the_class_before():
    found = Classes(Limits(max_learners=1))
    found.join("mine", "a")
    found.join("full", "b")
    with pytest.raises(LabFullError):
        found.join("full", "a")
    assert found.of("a") == "mine"


def test_a_class_is_forgotten_when_nobody_comes_or_looks():
    clock = Clock()
    found = Classes(Limits(class_seconds=100), clock)
    found.join("old", "a")
    found.join("looked-at", "b")
    found.join("visited", "c")
    clock.now += 99
    assert found.learners("looked-at")
    found.join("visited", "c")
    clock.now += 2
    assert found.of("a") == ""
    assert (found.of("b"), found.of("c")) == ("looked-at", "visited")
    clock.now += 99
    assert found.learners("looked-at") == []
    assert found.join("old", "a").number == 1, "forgotten means that the next one begins anew"


def test_empty_classes_make_way_and_one_address_cannot_take_all():
    found = Classes(Limits(max_classes=3, max_classes_per_address=2))
    for number in range(2):
        found.join(f"flood-{number}", f"owner {number}", address="192.0.2.1")
    with pytest.raises(LabFullError, match="allows 2 classes per network address"):
        found.join("flood-2", "owner 2", address="192.0.2.1")
    found.join("flood-1", "owner 2", address="192.0.2.1")  # one that is there may be joined
    found.join("mine", "a", address="192.0.2.2")
    with pytest.raises(LabFullError, match=r"limit of open classes .3."):
        found.join("late", "b", address="192.0.2.3")
    found.leave("owner 0")
    assert found.join("late", "b", address="192.0.2.3").number == 1
    assert found.learners("flood-0") == []
    assert found.of("a") == "mine"
