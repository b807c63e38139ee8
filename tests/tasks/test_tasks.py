import random
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq.errors import InputError
from seq2seq.tasks import MAX_TOKENS, TASKS, get_task
from seq2seq.tasks.pairs import MAX_PAIRS
from seq2seq.tasks.tables.parsing import PAGE, allow

SAMPLED = [task for task in TASKS if task.family == "First steps" and not task.needs_pairs]
MOVING = [task for task in SAMPLED if task.name.split("-")[0] in ("reverse", "copy", "sort")]
each_sampled = pytest.mark.parametrize("task", SAMPLED, ids=lambda task: task.name)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_every_task_reads_and_solves_its_own_example(task):
    tokens = task.parse(task.example)
    assert task.parse(task.format(tokens)) == tokens
    assert task.solve(tokens)


@each_sampled
def test_samples_and_answers_stay_in_the_alphabet(task):
    rng = random.Random(0)
    for length in range(1, 12):
        source = task.sample(rng, length)
        target = task.solve(source)
        assert len(source) == length
        assert set(source) | set(target) <= set(task.alphabet)


@pytest.mark.parametrize("task", MOVING, ids=lambda task: task.name)
def test_reverse_copy_and_sort_only_move_tokens(task):
    source = task.sample(random.Random(0), 9)
    assert sorted(source) == sorted(task.solve(source))


@pytest.mark.parametrize(("name", "text", "answer"), [
    ("reverse", "3 1 4 1 5", "5 1 4 1 3"),
    ("reverse", "31415", "5 1 4 1 3"),
    ("reverse", "[3, 1, 4]", "4 1 3"),
    ("copy", "2 7 1", "2 7 1"),
    ("sort", "3 1 4 1 5", "1 1 3 4 5"),
    ("reverse-letters", "Abc", "c b a"),
    ("sort-letters", "banana", "a a a b n n"),
    ("notebook", "1 2 25", "25 2 1"),
    ("pairs", "city", "cities"),
])
def test_answers(name, text, answer):
    task = get_task(name)
    target = task.solve(task.parse(text))
    assert task.format(target) == answer or "".join(target) == answer


@each_sampled
@pytest.mark.parametrize("text", ["", "  ", "3 ? 1", "é", "1 " * (MAX_TOKENS + 1), "99 x", None,
                                  ["3"], "<b>"])
def test_bad_input_gets_a_sentence(task, text):
    with pytest.raises(InputError) as caught:
        task.parse(text)
    sentence = str(caught.value)
    assert sentence.endswith((".", task.example))
    assert 20 < len(sentence) < 300
    assert "<" not in sentence


def test_an_unknown_letter_is_named():
    with pytest.raises(InputError, match=r"“x” is not in this task.*from 0 to 9"):
        get_task("reverse").parse("3 x 1")


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text):
    for task in TASKS:
        with suppress(InputError):
            assert 1 <= len(task.parse(text)) <= MAX_TOKENS


@pytest.mark.parametrize("table", [
    "a b -> b a\nc d -> d c", "a b\tb a\nc d\td c", "a b,b a\nc d,d c",
    "\ufeffa b→b a\n\nc d → d c",
    '"a b","b a"\n"c d","d c"'])
def test_every_way_to_write_pairs(table):
    task = get_task("pairs", table)
    assert [(e.source, e.target) for e in task.examples] == [
        (("a", "b"), ("b", "a")), (("c", "d"), ("d", "c"))]
    assert task.solve(task.parse("c d")) == ("d", "c")
    assert task.solve(task.parse("d c")) is None


def test_words_without_blanks_are_read_by_letter():
    task = get_task("pairs", "cat -> c a t s\nbus -> b u s")
    assert task.parse("dog") == ("d", "o", "g")
    assert task.tokenisations == ("characters", "spaces")


@pytest.mark.parametrize(("table", "words"), [
    ("a -> b\nhello\nyou", "Line 2"), ("-> c", "Line 1"), ("a,b,c", "Line 1"),
    ("just words", "Line 1"), ("\n\n", "no pairs"), ("x" * 2_000_000, "characters"),
    ("a -> b\n" * (MAX_PAIRS + 1), "at most"), ("a " * 130 + "-> b", f"at most {MAX_TOKENS}"),
    (" ".join(map(str, range(60))) + " -> a\n", None), ('"a,b', "CSV"), (7, "must be text"),
    ("#source-tokens: spaces\n" + "\n".join(f"k{i} x{i} -> v" for i in range(2500)),
     "different tokens"),
])
def test_bad_tables_name_the_line_or_the_limit(table, words):
    allow(PAGE)
    if words is None:
        assert get_task("pairs", table).examples
        return
    with pytest.raises(InputError, match=words):
        get_task("pairs", table)


def test_unknown_task_lists_the_known_ones():
    with pytest.raises(InputError, match=r"reverse, .*pairs"):
        get_task("no such")
