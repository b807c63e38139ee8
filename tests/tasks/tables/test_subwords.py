"""Subwords: learnt from the training pairs alone, the same every time, and lossless."""

import copy
import io
import json
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq import Experiment, ModelConfig, Recipe, TrainConfig
from seq2seq.data.splits import make_splits
from seq2seq.errors import CheckpointError, InputError
from seq2seq.files.take_home_zip import make_zip
from seq2seq.tasks import get_task
from seq2seq.tasks.tables.cache import TableCache
from seq2seq.tasks.tables.report import report
from seq2seq.tasks.tables.subwords import MAX_JSON, fingerprint, from_json, learn, to_json

OLDER = Path(__file__).parents[2] / "fixtures" / "subwords.safetensors"  # with a fingerprint
WORDS = [f"{stem}{ending}" for stem in ("walk", "talk", "jump", "look", "open", "play", "help")
         for ending in ("", "s", "ed", "ing", "er", "ers")]
TABLE = "#source-tokens: subwords\n#vocabulary-size: 60\n" + "".join(
    f"I {a} or {b}. -> Ich {b}e oder {a}e.\n" for a in WORDS for b in WORDS[::5])
LEARNT = learn([f"I {a} or {b}." for a in WORDS for b in WORDS[::5]], 60)
TEXTS = (st.text(max_size=40) | st.sampled_from(WORDS)
         | st.text(alphabet="abcdefgihlnoprstuvwy ▁.'é日", max_size=40))


@given(text=TEXTS)
def test_tokens_to_text_to_tokens_is_the_identity(text):
    tokens = LEARNT.split(" ".join(text.split()))
    assert LEARNT.split(LEARNT.join(tokens)) == tokens
    assert all(tokens)


@given(text=TEXTS)
def test_no_character_is_lost(text):
    text = " ".join(text.replace("▁", " ").split())
    assert LEARNT.join(LEARNT.split(text)) == text


def test_frequent_pieces_become_tokens_and_unknown_characters_stay():
    assert LEARNT.split("I walked, 日日") == ("▁I", "▁walk", "ed", ",", "▁", "日", "日")
    assert pickle.loads(pickle.dumps(LEARNT)).split("walking") == LEARNT.split("walking")
    assert copy.deepcopy(LEARNT).to_json() == LEARNT.to_json()


def test_the_merges_are_the_same_in_every_order_and_process():
    """Their hash is fixed, so that a new version of the library is noticed."""
    texts = [f"I {a} or {b}." for a in WORDS for b in WORDS[::5]]
    assert learn(reversed(texts), 60).merges == LEARNT.merges
    code = ("from tests.tasks.tables.test_subwords import LEARNT, to_json;"
            "print(to_json([LEARNT, None]))")
    for seed in "01":
        found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                               check=True, env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."})
        assert fingerprint(found.stdout.strip()) == "f2d91345d053a2b2"


@pytest.mark.parametrize("end", ["", "---\nI qqqqed. -> Ich qqqqe.\n" * 9])
def test_they_are_learnt_from_the_pairs_that_are_trained_on(end):
    table = "#target-tokens: subwords\n" + TABLE + end
    task = get_task("pairs", table)
    for seed in (1, 2):  # with subwords, the split is the same for every seed
        splits = make_splits(task, TrainConfig(seed=seed))
        held_out = {e.source for e in (*splits.new, *splits.longer)}
        assert held_out == task.held_out
        assert not held_out & {e.source for e in splits.train}
        own = learn({task.format(e.source) for e in splits.train}, 60)
        assert own.split("I walkers.") == task.parse("I walkers.")
    assert task.parse("qqqq")[1:] == ("q",) * 4


def test_a_model_of_subwords_answers_in_plain_text_and_can_be_loaded(tmp_path):
    experiment = Experiment("pairs", ModelConfig(hidden_size=8), TrainConfig(num_epochs=1),
                            TABLE.replace("source-tokens", "target-tokens", 1))
    list(experiment.fit())
    experiment.save(tmp_path / "m")
    loaded = Experiment.load(tmp_path / "m")
    assert loaded.predict("I walk or help.").tokens == experiment.predict("I walk or help.").tokens
    assert loaded.task.format_target(("▁Ich", "▁walk", "e", ".")) == "Ich walke."
    assert loaded.recipe == experiment.recipe


@pytest.fixture
def another_library(monkeypatch) -> None:
    """The library learns other merges, as another version of it might."""
    monkeypatch.setattr("seq2seq.tasks.pairs.subwords.learn", lambda texts, size: learn(texts, 40))
    monkeypatch.setattr("seq2seq.tasks._tables", TableCache(48, 8_000_000))


def trained() -> Experiment:
    experiment = Experiment("pairs", ModelConfig(hidden_size=8), TrainConfig(num_epochs=1), TABLE)
    list(experiment.fit())
    return experiment


@pytest.mark.parametrize("most", [10**6, 10])  # larger tables are compressed
def test_a_model_file_keeps_its_subwords_in_every_version_of_the_library(
        most, tmp_path, monkeypatch, request):
    monkeypatch.setattr("seq2seq.files.checkpoint.MAX_PLAIN", most)
    experiment = trained()
    experiment.save(tmp_path / "m")
    before = experiment.task.parse("I walk or help."), experiment.predict("I walk or help.").tokens
    request.getfixturevalue("another_library")
    assert get_task("pairs", TABLE).parse("I walk or help.") != before[0]
    for _ in range(2):  # and once more after it was saved by this version
        loaded = Experiment.load(tmp_path / "m")
        assert (loaded.task.parse("I walk or help."),
                loaded.predict("I walk or help.").tokens) == before
        loaded.save(tmp_path / "m")
    assert loaded.recipe != experiment.recipe  # the pairs alone would give another model
    list(loaded.fit())
    assert loaded.predict("I walk or help.").tokens == before[1]


def test_a_run_on_the_disk_keeps_its_subwords(request):
    recipe = Recipe("pairs", pairs=TABLE)
    before, text = recipe.make_task().subwords, recipe.to_json()
    request.getfixturevalue("another_library")
    assert Recipe.from_json(text).make_task().subwords == before


def test_the_model_in_a_downloaded_zip_opens(tmp_path):
    experiment = trained()
    blob = make_zip(experiment.recipe, experiment.snapshots[1], experiment.history)
    with zipfile.ZipFile(io.BytesIO(blob)) as archive:
        (tmp_path / "m.safetensors").write_bytes(
            archive.read("seq2seq-pairs/model.safetensors"))
    assert Experiment.load(tmp_path / "m").recipe == experiment.recipe


def test_a_file_with_a_fingerprint_opens_where_the_same_subwords_are_learnt(request):
    loaded = Experiment.load(OLDER)
    assert loaded.recipe == Recipe("pairs", ModelConfig(hidden_size=4),
                                   TrainConfig(num_epochs=1, batch_size=16), TABLE)
    assert loaded.predict("I walk or help.").tokens[:3] == ("Ich", "Ich", "oder")
    request.getfixturevalue("another_library")
    with pytest.raises(CheckpointError, match="another version of the package tokenizers"):
        Experiment.load(OLDER)


@pytest.mark.parametrize("sides", [
    "", "{", "7", "[]", "[null]", "[null, 7]", "[7, null]", "[[], null]", "[[[7], []], null]",
    '[["ab", []], null]', '[[["ab"], []], null]', '[[["a"], [["a", "b"]]], null]',
    '[[["a"], [["a"]]], null]', '[[["a"], [["a", 7]]], null]', '[[["\\ud800"], []], null]',
    "[" * 5000, f'[[["a"], []], {" " * MAX_JSON}null]'])
def test_damaged_subwords_are_refused_with_a_sentence(sides):
    with pytest.raises(InputError, match="The subwords in this file are damaged"):
        from_json(sides)
    if sides:
        data = {**json.loads(Recipe("pairs", pairs=TABLE).to_json()), "subwords": sides}
        with pytest.raises(InputError, match="The subwords in this file are damaged"):
            Recipe.from_json(json.dumps(data))


def test_subwords_of_a_table_without_any_are_ignored():
    recipe = Recipe("pairs", pairs="a -> b\nc -> d")
    data = {**json.loads(recipe.to_json()), "subwords": to_json([LEARNT, None])}
    assert Recipe.from_json(json.dumps(data)) == recipe
    with pytest.raises(InputError, match="must be text"):
        Recipe.from_json(json.dumps({**data, "subwords": [7]}))


def test_many_different_words_are_read_as_subwords():
    rows = "\n".join(f"The w{a}{b}x runs. -> y" for a in range(50) for b in range(50))
    task = get_task("pairs", rows)
    assert task.tokenisations == ("subwords", "characters")
    assert task.min_counts == (1, 1)
    assert any(str(line).startswith("Source tokens are subwords, learnt from the pairs that are "
                                    "trained on: ") for line in report(task))
