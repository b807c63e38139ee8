import json

import numpy as np
import pytest
from conftest import SMALL, small_model

from seq2seq import Experiment
from seq2seq.figures.gates import gate_values
from seq2seq.figures.inside import PANELS
from seq2seq.figures.style import label, percent_text
from seq2seq.figures.what_if import attention_by_epoch, beam_tree, distances
from seq2seq.inspection.gates import GATES
from seq2seq.inspection.trace import written

TEXT = "4 2 7 1"


@pytest.fixture
def seen(small_experiment):
    return small_experiment.insight(small_experiment.predict(TEXT))


@pytest.mark.parametrize("panel", PANELS, ids=lambda p: p.name)
def test_every_panel_draws_every_model_and_says_how_it_follows(panel, seen):
    if not panel.is_for(seen):
        assert not panel.draw(seen).data
        return
    figure = json.loads(json.dumps(panel.draw(seen).to_plotly_json(), allow_nan=False))
    meta, count = figure["layout"]["meta"], len(seen.moments)
    assert meta["alt"].endswith(".")
    layers = seen.config.num_layers if panel.needs_self_attention else 1
    assert figure["layout"]["height"] == panel.height * layers, "nothing may jump"
    assert "marks" in meta or "frames" in meta, "it must follow the slider"
    for mark in meta.get("marks", [None] * count):
        assert mark is None or len(mark) in (2, 4)
    assert len(meta.get("marks", [None] * count)) == count
    frames = meta.get("frames", [])
    assert len(frames) in (0, count)
    for frame in frames:
        assert all(len(per_trace) == len(figure["data"]) for per_trace in frame.values())
    for trace in figure["data"]:
        for meaning in np.ravel(np.array(trace.get("customdata", []), dtype=object)):
            assert meaning is None or isinstance(meaning, str) or 0 <= meaning < count


def test_names_of_panels_are_theirs_alone():
    assert len({p.name for p in PANELS}) == len(PANELS)
    assert {p.place for p in PANELS} == {"step", "run"}


def test_the_map_shows_the_weights_and_a_cell_leads_to_its_step(trained):
    seen = trained.insight(trained.predict("3 1 4 1 5"))
    panel = next(p for p in PANELS if p.name == "attention")
    trace, meta = panel.draw(seen).data[0], panel.draw(seen).layout.meta
    assert np.array(trace.z) == pytest.approx(seen.prediction.attention, abs=6e-4)
    assert np.array(trace.customdata)[:, 0].tolist() == [5, 6, 7, 8, 9, 10]
    assert meta["marks"][5] == [-.5, 4.5, -.5, .5], "the first token written is the first row"
    assert meta["marks"][0] == [-.5, .5, -.5, 5.5], "the first token read is the first column"
    assert "5 at 5 (position 5)" in meta["alt"]


def test_bars_offer_to_force_what_could_be_written(trained):
    seen = trained.insight(trained.predict("3 1 4"))
    frames = next(p for p in PANELS if p.name == "next").draw(seen).layout.meta["frames"]
    first = frames[3]
    tokens = [token for token, _ in seen.prediction.steps[0].top]
    assert [t for t in first["customdata"][0] if t] == [
        t for t in tokens if t not in ("<padding token>", "<start token>", "<unknown token>")]
    assert first["text"][0][0] in (">99 %", "100 %", f"{100 * first['x'][0][0]:.0f} %")
    assert frames[0]["text"][2] == ["none yet: the encoder is still reading"]


def test_gates_epochs_distances_and_trees_are_drawn(small_experiment, seen):
    p = seen.prediction
    cell = small_experiment.recipe.model.cell
    if GATES[cell]:
        figure = gate_values(seen, [t.gates for t in small_experiment.gates(p)])
        assert len(figure.layout.meta["frames"]) == len(seen.moments)
        assert len(figure.data[0].z) == len(GATES[cell])
    if p.attention is not None:
        reel = attention_by_epoch(p.source, [p.attention, p.attention[:2]],
                                  [written(p), written(p)[:2]])
        assert len(reel.layout.meta["frames"]) == len(reel.layout.meta["layouts"]) == 2
        # An early answer without an end leaves room for those that have one.
        long = attention_by_epoch(p.source, [np.ones((40, len(p.source))), p.attention[:2]],
                                  [["4"] * 40, ["4", "<end token>"]])
        assert long.layout.yaxis.range == (4.5, -.5)
        assert len(long.layout.meta["frames"][0]["z"][0]) == 5
    bars = distances([("reading", "enc", [("4", 1.0), ("2", None)]), ("w", "dec", [("4", 0.5)])])
    assert bars.layout.meta["alt"] == "Distances: 4 1.00, 2: no counterpart, 4 0.50"
    for width in (1, 5):
        found = small_experiment.beam(TEXT, width)
        tree = beam_tree(found.nodes, found.best[0].path)
        places = list(zip(tree.data[2].x, tree.data[2].y, strict=True))
        assert len(places) == len(found.nodes) + 1
        assert len(set(places)) == len(places), "no token hides another one"


def test_tokens_are_never_markup():
    assert label("<b>x</b>") == "&lt;b&gt;x&lt;/b&gt;"
    assert label("a" * 99) == "a" * 11 + "…"
    pairs = "<img src=x onerror=alert(1)> -> <b>1</b>\n" + "\n".join(
        f"w{i} <i>%{{x}}</i> -> v{i} <a>" for i in range(12))
    experiment = Experiment("pairs", small_model(attention="dot"), SMALL, pairs)
    seen = experiment.insight(experiment.predict("w1 <i>%{x}</i>"))
    for panel in PANELS:
        figure = panel.draw(seen).to_plotly_json()
        figure["layout"].pop("meta", None)
        for trace in figure["data"]:
            trace.pop("customdata", None)
        text = json.dumps(figure).replace('<span style=\\"color:var(--', "").replace("</span>", "")
        assert "<" not in text.replace("<extra></extra>", "").replace("<1 %", "")


def test_percentages_are_never_falsely_certain():
    assert [percent_text(x) for x in (0, 0.003, 0.5, 0.996, 1)] == [
        "<1 %", "<1 %", "50 %", ">99 %", "100 %"]


def test_long_sequences_and_large_states_fit():
    experiment = Experiment("reverse", small_model(attention="dot", hidden_size=512), SMALL)
    seen = experiment.insight(experiment.predict("7 " * 60))
    for panel in PANELS:
        if panel.is_for(seen):
            assert panel.draw(seen).layout.height == panel.height
