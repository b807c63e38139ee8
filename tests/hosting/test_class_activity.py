"""What a class does together: votes in two rounds, steps, seeds, and who may lead."""

import pytest

from seq2seq.config import MAX_SEED
from seq2seq.errors import InputError
from seq2seq.hosting.class_activity import MAX_REQUESTS, SEEDS_APART, Activity
from seq2seq.hosting.classes import LEADER_SECONDS, Classes
from seq2seq.jobs.limits import Limits, limit_of


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_one_vote_per_learner_and_round_and_no_counts_before_they_are_shown():
    found = Activity()
    for learner, choice in [(1, 0), (2, 2), (3, 2), (3, 0)]:
        found.vote("q", 3, learner, choice)
    ballot = found.ballot("q")
    assert (ballot.round, ballot.voted, ballot.counts) == (1, 3, ())
    assert not ballot.is_open_to(1)
    assert ballot.is_open_to(4)
    found.show("q")
    assert found.ballot("q").counts == ((1, 0, 2),)
    with pytest.raises(InputError, match="already shown"):
        found.vote("q", 3, 4, 1)


def test_the_second_round_keeps_the_first_and_there_is_no_third():
    found = Activity()
    found.vote_again("q")
    found.show("q")
    assert found.ballot("q") == Activity().ballot("q"), "nothing to show or to repeat yet"
    found.vote("q", 3, 1, 0)
    found.vote("q", 3, 2, 1)
    found.show("q")
    found.vote_again("q")
    assert found.second_round(1) == "q"
    assert found.second_round(3) == "", "who did not vote is not asked again"
    found.vote("q", 3, 1, 1)
    assert found.second_round(1) == ""
    ballot = found.ballot("q")
    assert (ballot.round, ballot.voted, ballot.counts) == (2, 1, ((1, 1, 0),))
    found.vote_again("q")
    found.show("q")
    assert found.ballot("q").counts == ((1, 1, 0), (0, 1, 0))
    found.vote_again("q")
    assert found.ballot("q").round == 2


def test_a_first_round_that_was_not_shown_stays_hidden_during_the_second():
    found = Activity()
    found.vote("q", 2, 1, 0)
    found.vote_again("q")
    assert found.ballot("q").counts == ()
    found.vote("q", 2, 1, 1)
    found.show("q")
    assert found.ballot("q").counts == ((1, 0), (0, 1))


@pytest.mark.parametrize("choice", [-1, 3, None, True, "0", 0.0])
def test_a_choice_that_is_none_is_refused(choice):
    found = Activity()
    with pytest.raises(InputError, match="no such answer"):
        found.vote("q", 3, 1, choice)
    assert found.ballot("q").voted == 0


def test_the_highest_step_counts_and_who_leaves_is_not_counted():
    found = Activity()
    for learner, step in [(1, 0), (2, 3), (2, 1), (3, 1)]:
        found.reach("q", learner, step)
    found.vote("q", 3, 2, 0)
    assert found.num_reached("q", 4) == [3, 2, 1, 1]
    assert (found.newest, found.questions()) == ("q", ["q"])
    found.leave([2])
    assert found.num_reached("q", 4) == [2, 1, 0, 0]
    assert found.ballot("q").voted == 0
    found.vote("other", 3, 1, 0)
    found.reach("q", 1, 1)
    assert found.newest == "other"


def test_each_request_gives_each_learner_another_seed_within_the_range():
    found = Activity()
    assert found.seed_of(1) is None
    seeds = set()
    for _ in range(2):
        found.request_seeds()
        seeds |= {found.seed_of(learner) for learner in range(1, 61)}
    assert len(seeds) == 120
    most = limit_of(Limits.__dataclass_fields__["max_learners"]).high
    assert MAX_REQUESTS * SEEDS_APART + SEEDS_APART <= MAX_SEED
    assert most <= SEEDS_APART


def test_the_first_page_leads_until_it_is_gone():
    clock = Clock()
    found = Classes(clock=clock)
    key = found.lead("Room", "teacher")
    assert key
    assert found.lead("room", "teacher") == key, "a reload keeps it"
    assert found.lead("room", "somebody") == ""
    assert found.leads("room", key)
    for wrong in ("", None, "x", found.join("room", "learner").key):
        assert not found.leads("room", wrong)
    assert not found.leads("other", key)
    clock.now += LEADER_SECONDS - 1
    assert found.leads("room", key), "which counts as seen"
    clock.now += LEADER_SECONDS - 1
    assert found.lead("room", "somebody") == ""
    clock.now += LEADER_SECONDS + 1
    new = found.lead("room", "somebody")
    assert new
    assert new != key
    assert not found.leads("room", key)


def test_a_learners_key_is_theirs_alone_and_ends_when_they_leave():
    found = Classes()
    one, two = found.join("a", "one"), found.join("a", "two")
    assert one.key != two.key
    assert one.key not in repr(one)
    assert found.member(one.key) == ("a", one)
    activity = found.activity("A")
    activity.vote("q", 3, one.number, 0)
    activity.vote("q", 3, two.number, 1)
    found.join("b", "one")
    assert found.member(one.key) is None
    assert activity.ballot("q").voted == 1, "who joins another class takes their vote along"
    assert found.member(None) is found.member("") is None
    assert found.activity("nowhere").questions() == []
