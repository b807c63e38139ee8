"""“Where it fails”: what its buttons say, and that tokens stay text."""

import re
from contextlib import nullcontext
from functools import partial
from types import SimpleNamespace

import gradio as gr

from seq2seq import Recipe
from seq2seq.evaluation.failures import find_failures, select
from seq2seq.evaluation.metrics import Answer
from seq2seq.jobs.runs import Run
from seq2seq.reports.failure_groups import groups_html, title_of
from seq2seq.tasks import Example
from seq2seq.ui.sharing.hidden_parts import PARTS
from seq2seq.ui.tabs.failures import FailuresPanel
from seq2seq.ui.tabs.second_run import SecondRun
from seq2seq.ui.tabs.side_by_side import AnswersTab

BAD = "<img src=x onerror=hit()>"
FOUND = [Answer(Example(("a", "b"), ("b", BAD)), ("b", "c"), True),
         Answer(Example(("a",), ("a",)), ("a",), True),
         Answer(Example(("c",), ("c",)), ("c", "c"), True)]


def test_each_group_is_a_button_that_says_what_it_counts():
    shown = groups_html(find_failures(FOUND))
    assert re.findall(r'data-key="([^"]*)" title="([^"]*)"', shown)[:2] == [
        ("length:1", "length 1: 1 of 2 correct"), ("length:2", "length 2: 0 of 1 correct")]
    assert 'data-key="end:late">ends too late: 1<' in shown
    assert "end:early" not in shown  # there are none


def test_tokens_stay_text():
    shown = groups_html(find_failures(FOUND))
    assert "<img" not in shown
    assert "&lt;img" in shown


def test_the_caption_names_the_group():
    assert title_of("length:2", FOUND[:1]) == "Answers to sources of length 2: 1"
    assert title_of("position:2", FOUND[:1]) == (
        "Answers with an error at position 2 of the target: 1")
    assert title_of("end:late", select(FOUND, "end:late")) == "Answers that end too late: 1"
    assert title_of("confusion:b\tc", []) == "Answers with “c” instead of “b”: 0"
    # A blank may be a token.
    assert title_of("confusion: \tc", []) == "Answers with “c” instead of “␣”: 0"


def table(key: str) -> str:
    """The table of a group of three answers, two of them correct."""
    found = [FOUND[1], FOUND[1], FOUND[2]]
    run = SimpleNamespace(recipe=Recipe("pairs", pairs="a -> a\nc -> c"))
    lab = SimpleNamespace(find=lambda run_id: run, answers=lambda run, name: found)
    return AnswersTab.table_of(SimpleNamespace(session=SimpleNamespace(lab=lab)), "", "new", False,
                               key)


def test_a_group_without_errors_does_not_say_that_all_answers_are_correct():
    shown = table("position:1")
    assert "Answers with an error at position 1 of the target: 0." in shown
    assert "all 3 are correct" not in shown


def test_a_link_that_hides_look_inside_hides_its_buttons_in_the_table():
    shown = table("length:1")
    assert shown.count('class="link look to-inside"') == 3
    assert ".to-inside" in PARTS["inside"].where


BETTER = [Answer(a.example, a.example.target, True) for a in FOUND[:2]] + FOUND[2:]


def two_runs(one: list[Answer], two: list[Answer], second: str = "b") -> str:
    """The section of run 1, with run 2 chosen in the menu if `second` is its id."""
    recipe = Recipe("pairs", pairs="a -> a\nc -> c")
    runs = {name: Run(name, "me", recipe, f"Run {n} · attention off", blobs={1: b""})
            for n, name in enumerate("ab", 1)}
    answers = {"a": one, "b": two}
    lab = SimpleNamespace(find=runs.get, answers=lambda run, name: answers[run.id],
                          turn=nullcontext, runs=SimpleNamespace(of=lambda owner: runs.values()))
    session = SimpleNamespace(lab=lab)
    with gr.Blocks():
        panel = FailuresPanel(session, SimpleNamespace(find=partial(
            SecondRun.find, SimpleNamespace(session=session))))
        return panel.compared("a", "new", second, "length:2")


def test_two_runs_are_in_the_same_bars():
    shown = two_runs(FOUND, BETTER)
    labels = re.findall(r'data-key="(\w+:\d+)".*? aria-label="([^"]*)"', shown)
    assert labels[:2] == [
        ("length:1", "length 1: 1 of 2 correct in Run 1; 1 of 2 correct in Run 2"),
        ("length:2", "length 2: 0 of 1 correct in Run 1; 1 of 1 correct in Run 2")]
    assert shown.count('class="column"') == shown.count('class="column other-run"') == 4
    assert shown.count("<b style") == 8  # an interval for each bar of both
    assert '<i class="key other-run"></i>Run 2' in shown
    assert "Most frequent errors of Run 1" in shown
    assert re.findall(r'data-key="([^"]*)" aria-pressed="true"', shown) == ["length:2"]


def test_without_a_second_run_the_bars_are_those_of_the_first():
    assert two_runs(FOUND, BETTER, "nobody") == groups_html(find_failures(FOUND),
                                                            pressed="length:2")


def test_a_second_run_with_other_examples_is_not_drawn_but_explained():
    shown = two_runs(FOUND, BETTER[:2])
    assert "Run 2 is not shown here: its examples in this set differ from those of Run 1" in shown
    assert "other-run" not in re.sub("<p.*?</p>", "", shown)


def test_a_first_run_without_errors_is_compared_with_one_that_has_some():
    right = [Answer(a.example, a.example.target, True) for a in FOUND]
    assert "length 2: 1 of 1 correct in Run 1; 0 of 1 correct in Run 2" in two_runs(right, FOUND)
    assert "all 3 are correct in both runs" in two_runs(right, right)


def test_a_group_of_other_answers_is_not_marked_as_chosen():
    tab = SimpleNamespace(group_shown=lambda selected, which: f"{selected} 5 {which}")
    assert AnswersTab.key_shown(tab, "a 5 new\tlength:2", "a", "new") == "length:2"
    assert AnswersTab.key_shown(tab, "a 5 new\tlength:2", "b", "new") == ""
    assert AnswersTab.key_shown(tab, "", "a", "new") == ""
