import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seq2seq import Experiment, ModelConfig, Recipe, TrainConfig
from seq2seq.errors import ConfigError, Seq2SeqError
from seq2seq.tasks import TASKS

recipes = st.builds(
    Recipe, st.sampled_from([t.name for t in TASKS]),
    st.builds(ModelConfig, st.sampled_from(["rnn", "gru", "lstm"]),
              st.sampled_from(["none", "dot", "additive"]), st.integers(4, 512),
              st.integers(0, 512), st.integers(1, 3), st.booleans(),
              st.floats(0, 0.9)),
    st.builds(TrainConfig, st.integers(1, 200), st.floats(1e-5, 10.0), st.integers(1, 512),
              seed=st.integers(0, 999_999)))


@given(recipes)
def test_json_and_pickle_lose_nothing(recipe):
    assert Recipe.from_json(recipe.to_json()) == recipe
    assert pickle.loads(pickle.dumps(recipe)) == recipe
    assert recipe.differences(recipe) == ""


@given(st.text() | st.recursive(st.none() | st.integers(), st.lists).map(str))
def test_any_other_text_is_refused(text):
    with pytest.raises(Seq2SeqError):
        Recipe.from_json(text)


def test_deep_json_is_refused():
    with pytest.raises(ConfigError):
        Recipe.from_json("[" * 200_000)


def test_differences_name_what_changed():
    one = Recipe("reverse")
    other = Recipe("copy", ModelConfig(attention="dot"), TrainConfig(learning_rate=0.02, seed=8))
    assert other.differences(one) == (
        "task copy, attention off→on, learning rate 0.01→0.02, seed 7→8")
    assert [part.values.get("setting") for part in other.differences(one).values.values()] == [
        None, "attention", "learning rate", "seed"]  # each can be said by itself


def test_a_step_that_would_not_fit_is_refused_with_a_batch_size_that_does():
    pairs = "\n".join(f"{'a b ' * 25}{i} -> {'x y ' * 25}{i}" for i in range(40))
    model = ModelConfig(attention="additive", hidden_size=512)
    with pytest.raises(ConfigError, match="batch size of at most") as caught:
        Experiment("pairs", model, TrainConfig(batch_size=512), pairs)
    allowed = int(str(caught.value).rstrip(".").split()[-1])
    assert 1 <= allowed < 512
    Experiment("pairs", model, TrainConfig(batch_size=allowed), pairs)
