"""“Where it fails”: what its buttons say, and that tokens stay text."""

import re
from types import SimpleNamespace

from seq2seq import Recipe
from seq2seq.evaluation.failures import find_failures, select
from seq2seq.evaluation.metrics import Answer
from seq2seq.reports.failure_groups import groups_html, title_of
from seq2seq.tasks import Example
from seq2seq.ui.sharing.hidden_parts import PARTS
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
