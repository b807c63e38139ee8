"""The lessons can be parsed, their links work, and their results refer to existing numbers."""

import re
from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seq2seq.errors import InputError
from seq2seq.i18n import LazyText, use_language
from seq2seq.lessons import METRICS, PLANS, get_lesson, lessons, read_lesson
from seq2seq.lessons.claims import NUM_ASKED
from seq2seq.lessons.lesson import AT_LENGTH, AT_PLACE, KINDS, LOOK_AT, WEIGHT_AT
from seq2seq.lessons.reader import CONTROLS, SECTIONS, TABS
from seq2seq.training.notebook_bugs import FAULTS

SMALL = """---
title: A title
minutes: 5
---

# Hook

Two lines
of a hook.

# Guess

What then?

- [ ] One
  Not one.
- [x if small.new < 0.5] Two
  Right,

  it is two: {small.new}.
- [ ] Three
  Not three.

# Do

## Train
link: ?task=reverse&hidden_size=8
run: small
tab: train
wait: trained
Press it.

## Look
run: small
tab: inside
control: force
wait: tried
preset: step 3
preset: token own
expect: step 3
expect: token new
measure: changed count how many tokens changed
Force one.

# Reveal

It has {small.new} of new ones, {small.right_at_7} of 7, loss {small.loss}.

[if small.new < 0.5 and no changed] Not yet.

[if small.new >= small.longer] Changed: {changed}.

# Keep

Keep this.

# Misconception

Not that.

# Question

Why?
"""
KNOWN = {"repair": {"1"}}  # the token “1”, which test_program_listing.py shows to be the end token
WORDS = {  # word -> the first lesson that may use it
    "loss": 2, "held back": 2, "vector": 3, "hidden size": 3, "bottleneck": 3, "attention": 4,
    "teacher forcing": 5, "beam": 6, "greedy": 6, "probability": 6}
JARGON = ("logits", "softmax", "gradient", "backprop", "tensor", "hyperparameter", "inference",
          "overfit", "generalis", "regularis", "optimis", "autoregressive", "embedding")


def read(text=SMALL):
    return read_lesson("3-small.md", text)


def texts(lesson):
    """All texts of a lesson, without links and `code`."""
    pieces = [lesson.title, lesson.hook, lesson.question, lesson.keep, lesson.misconception,
              lesson.road, *(part.template for part in lesson.reveal)]
    pieces += [words for c in lesson.choices for words in (c.text, c.reply)]
    pieces += [words for step in lesson.steps for words in (step.title, step.text)]
    return pieces


def test_a_lesson_is_what_its_file_says():
    lesson = read()
    assert (lesson.number, lesson.name, lesson.title, lesson.minutes) == (3, "small", "A title", 5)
    assert lesson.hook == "Two lines of a hook."
    assert lesson.question == "What then?"
    assert [c.right for c in lesson.choices] == [False, True, False]
    assert lesson.choices[1].reply == "Right,\n\nit is two: {small.new}."
    assert [lesson.is_right({"small.new": new}) for new in (0.2, 0.7, None)] == [True, False, None]
    first, second = lesson.steps
    assert first.link.recipe.model.hidden_size == 8
    assert (first.run, first.tab, first.wait, first.text) == ("small", "train", "trained",
                                                              "Press it.")
    assert not first.ready
    shipped = read(SMALL.replace("\nrun: small\ntab: train", "\nready: yes\nrun: small"))
    assert shipped.steps[0].ready
    assert (second.link, second.control, second.measures[0].meaning) == (
        None, "force", "how many tokens changed")
    assert second.presets == {"step": "3", "token": "own"}
    assert second.expects == (("step", ("3",)), ("token", ("new",)))
    assert lesson.numbers == ("small.new", "small.right_at_7", "small.loss", "changed",
                              "small.longer")


def test_the_reveal_is_filled_with_the_numbers_that_are_there():
    lesson = read()
    numbers = {"small.new": 0.25, "small.right_at_7": 0.999, "small.loss": 0.0512}
    assert lesson.tell(numbers) == ("It has 25 % of new ones, 99.9 % of 7, loss 0.051.\n\n"
                                    "Not yet.")
    assert lesson.tell({**numbers, "changed": 3, "small.longer": 0.1}).endswith("\n\nChanged: 3.")
    assert lesson.tell({**numbers, "changed": 3, "small.longer": 0.3}).count("\n\n") == 0
    assert lesson.tell({"small.new": 0.25}) == "Not yet."
    assert lesson.tell({**numbers, "small.loss": None, "changed": 0}) == ""
    assert lesson.tell({}) == ""


def test_the_reveal_is_translated_before_its_numbers_are_put_in():
    german = {"It has {small.new} of new ones, {small.right_at_7} of 7, loss {small.loss}.":
              "Verlust {small.loss}; von neuen {small.new}, mit 7 {small.right_at_7}.",
              "Changed: {changed}.": "Verändert: {changed}.", "(nothing)": "(nichts)"}
    numbers = {"small.new": 0.25, "small.right_at_7": 0.999, "small.loss": 0.0512,
               "small.longer": 0.1, "changed": 2000}
    with use_language("de"):
        told = read().tell(numbers, lambda text: german.get(text, text))
    assert told == "Verlust 0,051; von neuen 25 %, mit 7 99,9 %.\n\nVerändert: 2.000."
    lesson = read(SMALL.replace("{small.right_at_7} of 7", "“{small.after}”"))
    told = lesson.tell({**numbers, "small.after": LazyText("(nothing)")},
                       lambda t: german.get(t, t))
    assert "“(nichts)”" in told


@pytest.mark.parametrize(("old", "new", "line", "words"), [
    ("title: A title", "name: x", 2, "title: …"),
    ("minutes: 5", "minutes: soon", 3, "whole number from 1 to 99"),
    ("minutes: 5\n", "", 1, "both"),
    ("# Guess", "# Gues", 11, "where Guess should be"),
    ("Two lines\nof a hook.", "", 6, "section Hook is empty"),
    ("# Question\n\nWhy?\n", "", None, "Question is missing"),
    ("- [ ] One", "- One", 15, "a choice starts with"),
    ("- [ ] One", "- [x if small.new < 1] One", 12, "3 choices, 2 of them correct"),
    ("[x if small.new < 0.5]", "[x]", 17, "a choice starts with"),
    ("[x if small.new < 0.5]", "[x if small.now < 0.5]", 12, "there is no number"),
    ("it is two: {small.new}", "it is two: {small.now}", 12, "there is no number"),
    ("preset: step 3", "preset: step zero", 38, "a preset is one of text, set"),
    ("expect: token new", "expect: luck new", 41, "a step expects one of text, tokens"),
    ("wait: tried", "wait: typed\ntab: train\nwait: told", 33, "must wait for something"),
    ("control: force\n", "", 33, "waits until it is tried needs “control: …”"),
    ("link: ?task=reverse&hidden_size=8\nrun: small\n", "", 26, "needs “link: …”"),
    ("- [ ] Three\n  Not three.\n", "", 12, "2 choices"),
    ("  Not three.\n", "", 21, "no reply"),
    ("hidden_size=8", "hidden_size=3", 27, "does not work. Hidden size is 3"),
    ("run: small\ntab: train", "tab: train", 26, "needs “run: …”"),
    ("tab: train", "tab: garden", 29, "one of sequence, train, answers, inside"),
    ("wait: trained", "colour: red", 30, "one of link, ready, run, measure"),
    ("run: small\ntab: inside", "run: large\ntab: inside", 33, "no earlier step"),
    ("changed count how", "changed stones how", 42, "the kinds are share"),
    ("Press it.\n", "", 26, "no text"),
    ("{small.new} of", "{small.now} of", 47, "there is no number “small.now”"),
    ("{small.new} of", "{large.new} of", 47, "there is no number “large.new”"),
    ("{changed}", "{moved}", 51, "a measure (changed)"),
    ("{small.new} of", "{small.new of", 47, "brace"),
    ("link: ?task=reverse&hidden_size=8\n", "ready: yes\n", 27, "not known here"),
    ("small.new < 0.5 and", "small.new is low and", 49, "“small.new is low” is not a condition"),
])
def test_what_is_wrong_is_named_with_file_and_line(old, new, line, words):
    assert old in SMALL
    with pytest.raises(InputError, match=re.escape(words)) as caught:
        read(SMALL.replace(old, new, 1))
    assert re.match(r"3-small\.md, line \d+: ", str(caught.value))
    if line:
        assert f"line {line}:" in str(caught.value)


@pytest.mark.parametrize("file", ["small.md", "3_small.md", "3-Small.md", "3-small.txt"])
def test_files_are_named_by_number_and_name(file):
    with pytest.raises(InputError, match=r"3-bottleneck\.md"):
        read_lesson(file, SMALL)


@settings(deadline=None)
@given(st.integers(0, len(SMALL)), st.text(max_size=3), st.integers(0, 40))
def test_no_damaged_file_crashes(where, put, cut):
    try:
        lesson = read(SMALL[:where] + put + SMALL[where + cut:])
    except InputError as problem:
        assert str(problem).startswith("3-small.md, line ")  # noqa: PT017
    else:
        lesson.tell(dict.fromkeys(lesson.numbers, 1))


def test_there_are_eight_in_their_order():
    assert [lesson.number for lesson in lessons()] == list(range(1, 9))
    assert len({lesson.name for lesson in lessons()}) == 8
    assert all(0 < n <= 8 for plan in PLANS.values() for n in plan)
    assert get_lesson("bottleneck") is get_lesson("3") is lessons()[2]
    with pytest.raises(InputError, match=r"no lesson “algebra”.*3 \(bottleneck\)"):
        get_lesson("algebra")


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.name)
class TestEveryLesson:
    def test_is_told_with_any_numbers(self, lesson):
        samples = {"share": (0.0, 0.42, 1.0), "count": (0, 4, 2000), "loss": (0.01, 0.5, 2.5),
                   "mean": (0.0, 1.25, 6.0),
                   "text": ("5 1", "5 1", "5 1")}
        for i in range(3):
            numbers = {name: samples[lesson.kind(name)][i] for name in lesson.numbers}
            told = lesson.tell(numbers)
            assert len(told) > 100
            assert not re.search(r"[{}\[\]]|None|nan", told)
        assert lesson.measures.keys() <= set(lesson.numbers), "a measure that is never told"
        assert lesson.runs, "something must be trained"

    def test_uses_no_word_before_it_is_explained(self, lesson):
        for piece in texts(lesson):
            plain = re.sub(r"\{[\w.]+\}", "", piece).lower()
            for word, first in WORDS.items():
                assert lesson.number >= first or not re.search(rf"\b{word}", plain), piece
            for word in JARGON:
                assert word not in plain, piece

    def test_speaks_in_short_sentences(self, lesson):
        for piece in texts(lesson):
            for sentence in re.split(r"(?<=[.?!:;])[*”]*\s", piece):
                assert len(sentence.split()) <= 32, sentence

    def test_every_choice_is_explained_by_results(self, lesson):
        right = next(choice for choice in lesson.choices if choice.right)
        assert right.conditions, "what must hold in the learner's own numbers?"
        for choice in lesson.choices:
            assert len(choice.reply.split()) >= 14 or "{" in choice.reply
            assert not re.match(r"(Yes|No|Wrong|Right|Sadly|Unfortunately)\b", choice.reply)
        assert len(lesson.keep) <= 120

    def test_every_step_waits_for_what_it_asks(self, lesson):
        for step in lesson.steps:
            assert step.wait != "told", "a step that asks for nothing"
            if step.wait == "seen" and step.tab != "sequence":
                assert step.run, "an empty tab would count as seen"
            if step.wait == "typed":
                assert step.expects
            if step.wait == "tried":
                assert step.expects
                assert step.presets, "what is set, so that a change can be told?"

    def test_it_tells_no_number_that_is_not_computed_or_set(self, lesson):
        """Numbers in what is told after the experiment: of the recipes, or computed here."""
        told = [part.template for part in lesson.reveal] + [c.reply for c in lesson.choices]
        settings = {str(getattr(config, f.name)) for link in lesson.runs.values()
                    for config in (link.recipe.model, link.recipe.train) for f in fields(config)}
        for text in told:
            # What stands in backquotes is a sequence or code.
            plain = re.sub(r"\{[\w.]+\}|`[^`]*`", "", text)
            for number in re.findall(r"\d+", plain):
                asked = {n for name in lesson.numbers for n in re.findall(r"_at_(\d+)", name)}
                assert number in settings | asked | {str(NUM_ASKED)} | KNOWN.get(
                    lesson.name, set()), (number, text)

    def test_its_trainings_are_small(self, lesson):
        """Thirty learners share two cores: what they train takes seconds each."""
        for step in lesson.steps:
            if step.link and not step.ready:
                model, train = step.link.recipe.model, step.link.recipe.train
                work = train.num_epochs * train.num_examples * (model.hidden_size + 64)
                assert work <= 10_000_000, step.query


def test_the_last_lesson_has_every_bug_once_and_the_cure():
    faults = [link.recipe.model.fault for link in get_lesson("repair").runs.values()]
    assert sorted(faults) == sorted(FAULTS)
    cured = get_lesson("repair").runs["cured"].recipe
    for name, link in get_lesson("repair").runs.items():
        if name != "cured":
            assert link.recipe.differences(cured) == f"bug off→{link.recipe.model.fault}"


def test_what_is_compared_differs_in_attention_alone():
    attention, bottleneck = get_lesson("attention").runs, get_lesson("bottleneck").runs
    assert attention["with"].recipe.differences(
        attention["without"].recipe) == "attention off→on"
    assert attention["without"].recipe.model.hidden_size == \
        bottleneck["wide"].recipe.model.hidden_size, "the lesson says so"
    assert get_lesson("longer").runs["ten"].recipe.differences(
        bottleneck["middle"].recipe) == "attention off→on"


def test_the_words_that_the_lesson_on_attention_counts_are_where_it_says():
    link = get_lesson("attention").runs["with"]
    task = link.recipe.make_task()
    source = task.parse(link.text)
    assert (source[6], source[7]) == ("red", "apples")
    assert task.solutions(source)[0][7:9] == ("pommes", "rouges")


def test_all_that_can_be_said_is_said_by_somebody():
    said = {name.rpartition(".")[2] for lesson in lessons() for name in lesson.numbers}
    assert {kind for kind, _ in METRICS.values()} <= set(KINDS)
    assert any(AT_LENGTH.fullmatch(name) for name in said)
    assert any(AT_PLACE.fullmatch(name) for name in said)
    assert any(LOOK_AT.fullmatch(name) for name in said)
    assert any(WEIGHT_AT.fullmatch(name) for name in said)
    assert set(METRICS) - {"longer", "epochs"} <= said
    steps = [step for lesson in lessons() for step in lesson.steps]
    assert {step.tab for step in steps} == set(TABS)
    assert {step.control for step in steps} - {""} <= set(CONTROLS)
    assert len(SECTIONS) == 7
