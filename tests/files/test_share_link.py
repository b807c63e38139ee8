"""Share links: recipes round-trip, and errors are named."""

from contextlib import suppress
from dataclasses import fields, replace
from urllib.parse import parse_qs, parse_qsl

import pytest
from hypothesis import example, given
from hypothesis import settings as trial
from hypothesis import strategies as st

from seq2seq import TASKS, ModelConfig, Recipe, TrainConfig
from seq2seq.config import settings
from seq2seq.errors import ConfigError, InputError, Seq2SeqError
from seq2seq.files.share_link import MAX_PAIRS_CHARACTERS, NAMES, Link, from_query, to_query
from seq2seq.tasks import get_task


def any_value(field):
    """Everything that a setting allows, from the very place where the limits are written down."""
    what = field.metadata["setting"]
    if what.choices:
        return st.sampled_from(what.choices)
    if field.type in (bool, "bool"):
        return st.booleans()
    if field.type in (int, "int"):
        return st.integers(int(what.low), int(what.high))
    if what.max_characters:
        return st.sampled_from(["", "token:7; length:5", "input:a;b & c = 1", "token:;"])
    return st.floats(what.low, what.high)


def any_config(kind):
    return st.fixed_dictionaries({f.name: any_value(f) for f in fields(kind)})


def in_order(values):
    low, high = sorted((values["min_length"], values["max_length"]))
    return TrainConfig(**{**values, "min_length": low, "max_length": high})


side = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1,
               max_size=8).filter(lambda s: s.strip() and "->" not in s and "→" not in s)
tables = st.lists(st.tuples(side, side), max_size=8).map(
    lambda rows: "\n".join(f"{a.strip()} -> {b.strip()}" for a, b in rows))
recipes = st.builds(Recipe, st.sampled_from([t.name for t in TASKS]),
                    any_config(ModelConfig).map(lambda values: ModelConfig(**values)),
                    any_config(TrainConfig).map(in_order))


@trial(deadline=None)  # a task may have to read its words from a file first
@given(recipes, tables)
@example(Recipe("pairs"), "a,b -> c:d\nx -> y")
@example(Recipe("pairs"), "a::b\tc\nd\te")
@example(Recipe("pairs"), "a:b -> c\nx,y -> z")
@example(Recipe("pairs"), "a -> b\r\nc -> d\n")
@example(Recipe("pairs"), "a,b\nc,d")
def test_every_setting_and_pair_comes_back(recipe, table):
    task = get_task(recipe.task)
    if task.needs_pairs:
        recipe = replace(recipe, pairs=table)
    text = "" if table else task.example
    query = to_query(recipe, text)
    assert from_query(query) == Link(recipe, text, "")
    assert from_query(query.removeprefix("?")) == Link(recipe, text, "")
    assert from_query("https://lab.example/" + query + "#top") == Link(recipe, text, "")
    assert from_query(dict(parse_qsl(query[1:]))) == Link(recipe, text, "")


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_the_usual_recipe_has_a_short_link(task):
    query = to_query(Recipe(task.name, task.model, task.train))
    assert set(parse_qs(query[1:])) == {"task", "defaults"}


def test_every_setting_has_a_name_in_links():
    assert set(settings(ModelConfig)) | set(settings(TrainConfig)) < set(NAMES)


def test_a_link_can_be_written_by_hand():
    link = from_query("?task=pairs&pairs=cat:cats,dog:dogs&hidden_size=8&bidirectional=No&fresh=yes"
                      "&lesson=3&__theme=dark&utm_source=mail")
    assert link.recipe.pairs == "cat -> cats\ndog -> dogs"
    assert link.recipe.model.hidden_size == 8
    assert link.recipe.model.bidirectional is False
    assert link.recipe.train.fresh is True
    assert link.recipe.train.num_epochs == get_task("pairs").train.num_epochs
    assert link.note == ""


def test_short_pairs_stay_readable():
    query = to_query(Recipe("pairs", pairs="cat -> cats\nnew york -> n y"))
    assert "&pairs=cat:cats,new+york:n+y&" in query


def test_other_defaults_than_those_of_the_sender_are_told():
    query = to_query(Recipe("reverse", ModelConfig(hidden_size=8)))
    assert not from_query(query).note
    changed = from_query(query[:-1] + ("0" if query[-1] != "0" else "1"))
    assert changed.recipe.model.hidden_size == 8
    assert "another version" in changed.note


def test_what_is_usual_decides_about_the_fingerprint(monkeypatch):
    old = to_query(Recipe("reverse"))
    task = get_task("reverse")
    later = replace(task, train=replace(task.train, num_epochs=task.train.num_epochs + 1))
    monkeypatch.setattr("seq2seq.files.share_link.get_task", lambda *_: later)
    assert "another version" in from_query(old).note


def test_pairs_too_long_for_a_link_go_another_way():
    pairs = "\n".join(f"word{i} -> words{i}" for i in range(200))
    with pytest.raises(InputError, match=rf"hold only {MAX_PAIRS_CHARACTERS:,}.*[Dd]ownload"):
        to_query(Recipe("pairs", pairs=pairs))


def test_half_a_character_is_refused():
    for pairs in ("\ud800 -> b", "a \ud800 b, c -> d -> "):
        with pytest.raises(Seq2SeqError):
            to_query(Recipe("pairs", pairs=pairs))


@pytest.mark.parametrize(("query", "words"), [
    ("", "has no task"),
    ("?hidden_size=8", r"has no task.*\?task=reverse"),
    ("?task=chess", "no task “chess”.*reverse, "),
    ("?task=reverse&epochs=9", "“epochs”.*mean num_epochs"),
    ("?task=reverse&hidden-size=9", "mean hidden_size"),
    ("?task=reverse&colour=9", "“colour”.*settings are task, text"),
    ("?task=reverse&hidden_size=huge", "Hidden size is “huge”.*whole number from 4 to 512"),
    ("?task=reverse&hidden_size=", "Hidden size is “”.*from 4 to 512"),
    ("?task=reverse&hidden_size=nan", "Hidden size is nan"),
    ("?task=reverse&hidden_size=" + "9" * 5000, "Hidden size is inf"),
    ("?task=reverse&learning_rate=1e99", "Learning rate is 1e.99.*from 1e-05 to 10"),
    ("?task=reverse&cell=tree", "Architecture is “tree”.*rnn, gru, lstm"),
    ("?task=reverse&bidirectional=maybe", "Bidirectional encoder is “maybe”.*yes or no"),
    ("?task=reverse&min_length=9&max_length=3", "Shortest is 9"),
    ("?task=reverse&seed=1&seed=2", "gives seed more than once"),
    ("?task=reverse&text=abc", "“a” is not in this task"),
    ("?task=reverse&pairs=a:b", "has pairs, but the task “reverse”"),
    ("?task=pairs&pairs=a:b,c", "Pair 2 of the link is “c”"),
    ("?task=pairs&pairs=a:", "Pair 1"),
    ("?task=pairs&pairs=a:b&table=c", "twice"),
    ("?task=pairs&table=hello", "Line 1"),
    ("?task=reverse&text=" + "1" * 9000, "at most 8,000"),
    ({"task": ["reverse"]}, "must be text"),
    ({"task": "reverse", "seed": 7}, "must be text"),
])
def test_what_is_wrong_is_named(query, words):
    with pytest.raises((ConfigError, InputError), match=f"(?s){words}") as caught:
        from_query(query)
    assert len(str(caught.value)) < 700
    assert "<" not in str(caught.value)


def test_a_text_that_cannot_be_read_is_not_shared():
    with pytest.raises(InputError):
        to_query(Recipe("reverse"), "abc")


@trial(deadline=None)
@given(st.text(max_size=60) | st.dictionaries(st.sampled_from(NAMES), st.text(max_size=9)).map(
    lambda d: "&".join(f"{k}={v}" for k, v in d.items())))
def test_no_text_crashes(query):
    with suppress(Seq2SeqError):
        link = from_query(query)
        assert from_query(to_query(link.recipe, link.text)) == link._replace(note="")
