"""Subwords: learnt from the training pairs alone, the same every time, and lossless."""

import copy
import pickle
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq import Experiment, ModelConfig, TrainConfig
from seq2seq.data.splits import make_splits
from seq2seq.errors import CheckpointError
from seq2seq.tasks import PairsTask, get_task
from seq2seq.tasks.tables.report import report
from seq2seq.tasks.tables.subwords import learn

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
    assert copy.deepcopy(LEARNT).fingerprint == LEARNT.fingerprint


def test_the_merges_are_the_same_in_every_order_and_process():
    """Their fingerprint is fixed, so that a new version of the library is noticed."""
    texts = [f"I {a} or {b}." for a in WORDS for b in WORDS[::5]]
    assert learn(reversed(texts), 60).merges == LEARNT.merges
    code = ("from tests.tasks.tables.test_subwords import LEARNT; print(LEARNT.fingerprint)")
    for seed in "01":
        found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                               check=True, env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."})
        assert found.stdout.strip() == LEARNT.fingerprint == "f2d91345d053a2b2"


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


def test_a_model_of_subwords_answers_in_plain_text_and_can_be_loaded(tmp_path, monkeypatch):
    experiment = Experiment("pairs", ModelConfig(hidden_size=8), TrainConfig(num_epochs=1),
                            TABLE.replace("source-tokens", "target-tokens", 1))
    list(experiment.fit())
    experiment.save(tmp_path / "m")
    loaded = Experiment.load(tmp_path / "m")
    assert loaded.predict("I walk or help.").tokens == experiment.predict("I walk or help.").tokens
    assert loaded.task.format_target(("▁Ich", "▁walk", "e", ".")) == "Ich walke."
    monkeypatch.setattr(PairsTask, "fingerprint", "another")
    with pytest.raises(CheckpointError, match="another version of the package tokenizers"):
        Experiment.load(tmp_path / "m")


def test_many_different_words_are_read_as_subwords():
    rows = "\n".join(f"The w{a}{b}x runs. -> y" for a in range(50) for b in range(50))
    task = get_task("pairs", rows)
    assert task.tokenisations == ("subwords", "characters")
    assert task.min_counts == (1, 1)
    assert any(str(line).startswith("Source tokens are subwords, learnt from the pairs that are "
                                    "trained on: ") for line in report(task))
