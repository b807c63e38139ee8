"""“Training data”: what it says about a text, and that tokens stay text."""

from types import SimpleNamespace

from conftest import SMALL, small_model

from seq2seq import Experiment
from seq2seq.ui.tabs.data_browser import browse


def shown(experiment: Experiment, text: str = "", which: str = "") -> str:
    return browse(SimpleNamespace(recipe=experiment.recipe, provenance=None), experiment, text,
                  which)


def test_it_says_whether_an_input_was_trained_on():
    experiment = Experiment("reverse", small_model(), SMALL)
    trained, held_out = experiment.splits.train[0].source, experiment.splits.new[0].source
    assert "This sequence was in the training data." in shown(experiment, " ".join(trained))
    assert ">0 edits<" in shown(experiment, " ".join(trained))
    assert "This sequence was not in the training data." in shown(experiment, " ".join(held_out))
    assert "Held out: new" in shown(experiment, " ".join(held_out))
    assert "most similar" not in shown(experiment)
    assert "No example contains “x”." in shown(experiment, "x")


def test_a_set_is_listed_alone_and_the_list_is_short():
    experiment = Experiment("reverse", small_model(), SMALL)
    assert "Held out: new" not in shown(experiment, which="memorised")
    assert shown(experiment, which="memorised").count("<tr>") == 31
    assert "The first 30" in shown(experiment, which="memorised")
    counted = len(set(experiment.splits.trained_on))
    assert f"Trained on: {counted} different inputs." in shown(experiment)


def test_tokens_stay_text():
    pairs = "<b>x -> <i>y\n<b>z -> &amp;"
    html = shown(Experiment("pairs", small_model(), SMALL, pairs=pairs), "<b>x")
    assert "<b>" not in html
    assert "<i>" not in html
