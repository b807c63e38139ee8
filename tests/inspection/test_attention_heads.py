"""“Look inside” for a Transformer: attention heads, and no context vector."""

import numpy as np
import pytest
from conftest import SMALL, small_model

from seq2seq import Experiment
from seq2seq.figures.inside import PANELS
from seq2seq.ui.components.pipeline_strip import draw_strip
from seq2seq.ui.tabs.inside.panels import Query, gates, same_places
from seq2seq.ui.tabs.inside.pieces import cells, marked_cells, strip

DRAW = {panel.name: panel.draw for panel in PANELS}


@pytest.fixture(scope="module")
def seen():
    experiment = Experiment("reverse", small_model("transformer", "dot", num_layers=2), SMALL)
    return experiment.insight(experiment.predict("3 1 4 1 5"))


def test_every_head_of_every_layer_is_there_and_sums_to_one(seen):
    num_written = len(seen.prediction.steps)
    reading, writing = seen.heads.reading, seen.heads.writing
    assert reading.shape == (2, 2, 5, 5)
    assert writing.shape == (2, 2, num_written, num_written)
    for weights in (reading, writing):
        np.testing.assert_allclose(weights.sum(axis=3), 1, rtol=1e-5)
    assert not np.triu(writing, 1).any(), "no step sees what is written after it"


def test_the_maps_show_these_weights(seen):
    for name, weights in (("self_reading", seen.heads.reading),
                          ("self_writing", seen.heads.writing)):
        figure = DRAW[name](seen)
        drawn = [np.array(trace.z) for trace in figure.data]
        np.testing.assert_allclose(drawn, weights.reshape(-1, *weights.shape[2:]), atol=1e-3)
        assert [a.text for a in figure.layout.annotations] == [
            f"layer {layer}, head {head}" for layer in (1, 2) for head in (1, 2)]


def test_there_is_no_context_and_no_state_before(seen):
    assert all(moment.before is None for moment in seen.moments)
    assert len(seen.path) == len(seen.moments)
    for panel in ("state", "states", "trajectory"):
        text = DRAW[panel](seen).to_json()
        assert "context" not in text
        assert '"before"' not in text
    assert 'data-part="ctx"' not in strip("abc", "cba", context=False)
    assert "No context" in draw_strip(seen.prediction, seen.config)


def test_recurrent_models_have_all_of_it():
    experiment = Experiment("reverse", small_model("gru", "dot"), SMALL)
    seen = experiment.insight(experiment.predict("3 1 4"))
    assert seen.heads is None
    assert not DRAW["self_reading"](seen).data
    assert len(seen.path) == len(seen.moments) + 1
    assert "context" in DRAW["states"](seen).to_json()


def test_the_heads_over_the_input_follow_the_slider():
    experiment = Experiment("reverse", small_model("transformer", "dot", num_layers=2), SMALL)
    answer = gates(Query(None, 0, experiment, "3 1 4", {}))
    seen = experiment.insight(experiment.predict("3 1 4"))
    assert answer["follows"] == "step"
    frames = answer["figure"]["layout"]["meta"]["frames"]
    assert len(frames) == len(seen.moments)
    shown = np.array(frames[seen.num_read]["z"][0], float)
    np.testing.assert_allclose(shown, seen.heads.source[:, :, 0].reshape(4, 3), atol=1e-3)
    mean = seen.heads.source.mean(axis=(0, 1))
    np.testing.assert_allclose(mean, seen.prediction.attention, atol=1e-5)


@pytest.mark.parametrize(("places", "same"), [([[0, 0], [1, 1]], 2), ([[0, 1], [1, 1]], 1)])
def test_what_the_heads_have_in_common_is_counted(places, same):
    heads = np.eye(2)[np.array(places)].swapaxes(0, 1)[None]  # (L=1, A=2, T, S=2)
    assert f"In {same} of 2 steps" in same_places(heads)


def test_tiles_are_aligned_before_they_are_compared():
    assert [cell.kind for cell in cells("baches", "beaches")] == ["same"] * 6
    assert [cell.kind for cell in marked_cells("beeaches", "beaches")].count("no") == 1
