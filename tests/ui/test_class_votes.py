"""A class's requests: votes, news, the leader's commands, and what they may contain."""

import pytest

from seq2seq.jobs.limits import DEFAULT
from seq2seq.lessons import get_lesson
from seq2seq.ui.classroom.activity import ClassActivity
from seq2seq.ui.lab import Lab

LESSON = get_lesson("bottleneck")
OWNERS = [f"owner-{n}-token-12345678901" for n in range(4)]


class NoRuns:
    num_active = 0
    limits = DEFAULT


@pytest.fixture
def lab():
    return Lab(NoRuns())


@pytest.fixture
def room(lab):
    """Its activity, the keys of four learners, and the leader's key."""
    found = ClassActivity(lab)
    found.keys = [lab.classes.join("room", owner).key for owner in OWNERS]
    found.leader = lab.classes.lead("room", "teacher")
    return found


def lead(room, what):
    return room.lead(["room", room.leader, what, LESSON.name])


def test_a_class_votes_sees_the_bars_and_votes_again(room):
    assert room.shown("room", "") == {}
    one, two, three, _ = room.keys
    news = room.pulse([one, "3", 0])
    assert news["vote"]["open"]
    assert "anonymous vote" in news["vote"]["say"]
    for key, choice in [(one, 0), (two, 2), (three, 2)]:
        assert not room.vote([key, LESSON.name, choice])["vote"]["open"]
    assert "3 of 4 learners have voted" in room.pulse([one, LESSON.name, 0])["vote"]["say"]
    shown = room.shown("room", "")
    assert (shown["lesson"], shown["show"], shown["again"]) == (LESSON.name, True, True)
    assert "3 of 4 learners have voted." in shown["html"]
    assert "vote 1" not in shown["html"], "nobody sees the bars before the leader does"
    assert lead(room, "show") == {}
    shown = room.shown("room", "")
    assert (shown["show"], shown["again"]) == (False, True)
    assert "vote 1: 33 % (1)" in shown["html"]
    assert "vote 1: 67 % (2)" in shown["html"]
    assert "already shown" in room.vote([room.keys[3], LESSON.name, 1])["problem"]

    lead(room, "again")
    news = room.pulse([one, "", 0])
    assert news["again"]["lesson"] == LESSON.name
    assert "vote" not in news
    assert room.vote([one, LESSON.name, 2])["vote"]["round"] == 2
    assert "again" not in room.pulse([one, "", 0])
    lead(room, "show")
    assert "vote 2: 100 % (1)" in room.shown("room", "")["html"]


def test_only_the_leaders_key_leads_and_only_a_learners_key_votes(room):
    room.vote([room.keys[0], LESSON.name, 0])
    for key in (room.keys[0], "", None, 7):
        assert "Another page leads" in room.lead(["room", key, "show", LESSON.name])["problem"]
    assert room.shown("room", "")["show"]
    for key in (room.leader, "", None, 7):
        assert "no longer in this class" in room.vote([key, LESSON.name, 0])["problem"]
        assert "vote" not in room.pulse([key, LESSON.name, 0])


def test_a_page_joins_again_after_a_restart_but_not_after_its_learner_has_left(room, lab):
    assert room.pulse(["a key of the server before", "", 0]) == {"gone": True}
    lab.classes.leave(OWNERS[0])
    assert room.pulse([room.keys[0], "", 0]) == {"left": True}


@pytest.mark.parametrize("question", [None, 7, [], ["x"], {}])
def test_a_request_that_cannot_be_read_gets_a_sentence(room, question):
    assert room.vote(question).keys() == {"problem"}
    assert room.lead(question).keys() == {"problem"}
    assert room.pulse(question) == {"gone": True}


def test_made_up_lessons_and_steps_fill_no_memory(room):
    key = room.keys[0]
    for lesson, step in [("made-up", 0), (7.5, 0), (LESSON.name, 99), (LESSON.name, -1),
                         (LESSON.name, True), ([], 0)]:
        assert "vote" not in room.pulse([key, lesson, step])
    assert "no lesson" in room.vote([key, "made-up", 0])["problem"]
    assert "no such answer" in room.vote([key, LESSON.name, 5])["problem"]
    assert room.lead(["room", room.leader, "show", "made-up"]) == {}
    assert room.shown("room", "") == {}


def test_it_says_how_many_have_reached_each_step(room, lab):
    for key, step in zip(room.keys, [0, 1, 2, len(LESSON.steps) + 1], strict=True):
        room.pulse([key, LESSON.name, step])
    assert lab.classes.activity("room").num_reached(LESSON.name, 3) == [4, 3, 2]
    html = room.shown("room", "")["html"]
    assert "<b>4</b>" in html
    assert ">guess</span>" in html
    assert html.count("<li><b>") == len(LESSON.steps) + 2


def test_the_leader_chooses_among_the_lessons_that_were_opened(room):
    room.pulse([room.keys[0], "sequences", 0])
    room.pulse([room.keys[1], "bottleneck", 0])
    shown = room.shown("room", "")
    assert shown["lesson"] == "bottleneck", "the one that the class came to last"
    assert [name for name, _ in shown["lessons"]] == ["sequences", "bottleneck"]
    assert room.shown("room", "sequences")["lesson"] == "sequences"
    assert room.shown("room", "attention")["lesson"] == "bottleneck"


def test_one_click_asks_everyone_for_a_seed_of_their_own(room):
    assert room.pulse([room.keys[0], "", 0])["seed"] is None
    assert room.lead(["room", room.leader, "seeds", ""]) == {}
    seeds = {room.pulse([key, "", 0])["seed"] for key in room.keys}
    assert len(seeds) == 4
    room.lead(["room", room.leader, "seeds", ""])
    assert not seeds & {room.pulse([key, "", 0])["seed"] for key in room.keys}
