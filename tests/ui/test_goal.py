"""A goal in the link: what of it a run has reached, and how a class is ranked by it."""

import pytest
from test_class_summary import OWNERS, Shelf

from seq2seq import ModelConfig, Recipe
from seq2seq.evaluation.goal import read_goal
from seq2seq.ui.classroom.activity import ClassActivity
from seq2seq.ui.classroom.summary import ClassSummary
from seq2seq.ui.lab import Lab
from seq2seq.ui.sharing.goal import answer, in_words

GOAL = "new>=0.5,parameters<=5000"
SMALL = Recipe("reverse", ModelConfig(hidden_size=8))


@pytest.fixture
def lab():
    return Lab(Shelf())


def test_each_condition_is_ticked_off_with_the_value_reached(lab):
    run = lab.runs.put("me", right=(0.2, 0.4))
    html = answer(lab, [GOAL, ""])["html"]
    assert html.count("not reached") == 2
    html = answer(lab, [GOAL, run.id])["html"]
    assert "at least 50 % correct on new examples <small>now 40 %" in html
    assert "at most 5,000 parameters <small>now 999" in html
    assert html.count('class="held"') == 1
    run = lab.runs.put("me", right=(0.5,))
    html = answer(lab, [GOAL, run.id])["html"]
    assert "Goal reached by Run 2" in html
    assert "not reached" not in html


def test_cpu_seconds_count_when_they_are_known(lab):
    run = lab.runs.put("me", right=(0.5,))
    assert "not reached" in answer(lab, ["cpu_seconds<=2", run.id])["html"]
    run.cpu_seconds = 1.44
    assert "at most 2 seconds of CPU time <small>now 1.4" in answer(
        lab, ["cpu_seconds<=2", run.id])["html"]


@pytest.mark.parametrize("goal", ["", "new", "<b>>=1", "new>0.5", "new>=0.5;x", "speed>=1"])
def test_a_bad_goal_gets_a_sentence(lab, goal):
    html = answer(lab, [goal, ""])["html"]
    assert 'role="alert"' in html
    assert "is not a valid condition for a goal" in html
    assert "<b>" not in html


@pytest.mark.parametrize("question", [None, 7, [], ["new>=1"]])
def test_a_question_that_cannot_be_read_shows_nothing(lab, question):
    assert answer(lab, question) == {"html": ""}


def test_conditions_in_words():
    assert [in_words(c) for c in read_goal("longer>=0.125,cpu_seconds<=2.5")] == [
        "at least 12 % correct on longer examples", "at most 2.5 seconds of CPU time"]


def test_the_class_is_ranked_by_the_goal_and_each_run_opens_as_its_recipe(lab):
    summary = ClassSummary(lab, ClassActivity(lab))
    for owner in OWNERS:
        lab.classes.join("room", owner)
    lab.runs.put(OWNERS[0], right=(0.9,)).cpu_seconds = 9.0
    lab.runs.put(OWNERS[1], SMALL, right=(0.6,)).cpu_seconds = 4.0
    lab.runs.put(OWNERS[2], Recipe("pairs", pairs="zebra -> arbez\nyak -> kay"), right=(0.4,))
    lab.runs.put(OWNERS[2], Recipe("reverse", ModelConfig(fault="endless")), right=(0.3,))
    told = summary.answer({"name": "room", "goal": GOAL})
    assert [(row["learner"], row["reached"], row["seconds"]) for row in told["rows"]] == [
        (2, True, "4.0"), (1, True, "9.0"), (3, False, "–"), (3, False, "–")]
    assert told["rows"][0]["link"].startswith("?task=reverse&hidden_size=8")
    assert [row["link"] for row in told["rows"][2:]] == ["", ""], "pairs and bugs stay unnamed"
    assert told["goal"] == "at least 50 % correct on new examples, at most 5,000 parameters"
    without = summary.answer({"name": "room"})
    assert [row["learner"] for row in without["rows"]] == [1, 2, 3, 3]
    assert "reached" not in without["rows"][0]
    assert "not a valid condition" in summary.answer({"name": "room", "goal": "x"})["problem"]
