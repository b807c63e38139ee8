"""The presets and expectations of lesson steps, without a page."""

import pytest

from seq2seq import Experiment, ModelConfig, TrainConfig
from seq2seq.errors import InputError
from seq2seq.lessons.checks import (
    check_text,
    check_values,
    collected,
    expectation,
    form_values,
    left,
    preset,
)


@pytest.fixture(scope="module")
def prediction():
    small = TrainConfig(num_epochs=1, num_examples=30, max_length=4)
    model = ModelConfig(attention="dot", hidden_size=8)
    return Experiment("reverse", model, small).predict("3 1 4")


@pytest.mark.parametrize("line", [
    "step 3", "place own", "token own", "width 1", "set new", "only-wrong yes", "text 3 1 4"])
def test_presets_are_read(line):
    assert preset(line) == tuple(line.split(" ", 1))


@pytest.mark.parametrize("line", ["", "step", "step 0", "step own", "set all", "only-wrong",
                                  "text", "luck 3", "width ³"])
def test_no_other_preset_is(line):
    with pytest.raises(ValueError, match="a preset is one of"):
        preset(line)


@pytest.mark.parametrize("line", ["", "step", "step own", "width 1 x", "tokens 3", "tokens >= x",
                                  "text", "luck new"])
def test_no_other_expectation_is_read(line):
    with pytest.raises(ValueError, match="a step expects one of"):
        expectation(line)


def test_own_is_what_the_model_itself_chose(prediction):
    values = form_values({"step": "2", "token": "own", "place": "own", "set": "new"}, prediction)
    own = prediction.steps[1]
    assert values == {"step": "1", "token": own.token, "place": str(own.attention.argmax())}
    assert form_values({"step": "99", "token": "own"}, prediction) == {"step": "98"}
    assert form_values({"width": "3"}, prediction) == {"width": "3"}


def test_a_trial_must_be_at_the_place_and_change_something():
    expects = [expectation("step 3"), expectation("token new")]
    before = {"step": "2", "token": "5"}
    with pytest.raises(InputError, match="output token 3"):
        check_values(expects, {"step": "1", "token": "7"}, before)
    with pytest.raises(InputError, match="Nothing has changed yet"):
        check_values(expects, {"step": "2", "token": "5"}, before)
    check_values(expects, {"step": "2", "token": "7"}, before)


def test_several_values_are_collected_over_trials():
    expects = [expectation("width 1 3 5")]
    check_values(expects, {"width": "2"}, {})
    tries: dict = {}
    for width, more in (("3", "1, 5"), ("2", "1, 5"), ("1", "5"), ("5", None)):
        tries = collected(expects, {"width": width}, tries)
        rest = left(expects, tries)
        assert (rest is None) == (more is None)
        if more:
            assert f"beam width {more}" in str(rest)
    assert left(expects, {"width": "1 3 5"}) is not None  # whatever a page sends
    assert left([], {}) is None


def test_texts_must_be_others_or_long_enough_or_that_one():
    long = [expectation("tokens >= 12")]
    with pytest.raises(InputError, match="at least 12 tokens: there are only 10"):
        check_text(long, "3141592653", tuple("3141592653"), "")
    check_text(long, "314159265358", tuple("314159265358"), "")
    with pytest.raises(InputError, match="of your own"):
        check_text([expectation("text new")], "3 1 4", ("3", "1", "4"), "314")
    check_text([expectation("text new")], "3 1 5", ("3", "1", "5"), "314")
    with pytest.raises(InputError, match="290516"):
        check_text([expectation("text 290516")], "18963", tuple("18963"), "")
    check_text([expectation("text 290516")], "2 9 0 5 1 6", tuple("290516"), "")
