"""What units track: the states of many inputs, and the proposals."""

import numpy as np
import torch
from conftest import SMALL, small_model

from seq2seq import Experiment
from seq2seq.inspection.unit_tracking import ManyStates, correlations, many_states, propose


def test_states_are_those_of_each_input_alone(small_experiment):
    model, splits = small_experiment.model, small_experiment.splits
    examples = splits.new[:6]
    reading = many_states(model, splits, "enc", examples)
    for n, example in enumerate(examples):
        mine = reading.rows == n
        p = small_experiment.predict(" ".join(example.source))
        np.testing.assert_allclose(reading.states[mine], p.encoder_states, atol=1e-5)
        assert tuple(np.array(reading.tokens)[mine]) == example.source
        assert reading.positions[mine].tolist() == list(range(len(example.source)))
        assert set(reading.lengths[mine].tolist()) == {len(example.source)}
    writing = many_states(model, splits, "dec", examples)
    for n, example in enumerate(examples):
        mine = writing.rows == n
        forced = dict(enumerate((*example.target, "<end token>")))
        p = small_experiment.predict(" ".join(example.source), forced=forced)
        np.testing.assert_allclose(writing.states[mine], [s.state for s in p.steps], atol=1e-5)
        assert [t for t, own in zip(writing.tokens, mine, strict=True) if own] == [
            s.read for s in p.steps]


def test_correlations_are_those_of_numpy():
    rng = np.random.default_rng(1)
    states, properties = rng.normal(size=(50, 4)), rng.normal(size=(3, 50))
    states[:, 2], properties[1] = 1, 0
    found = correlations(states, properties)
    assert not found[1].any()
    assert not found[:, 2].any()
    for p in (0, 2):
        for h in (0, 1, 3):
            expected = np.corrcoef(properties[p], states[:, h])[0, 1]
            assert abs(found[p, h] - expected) < 1e-12


def test_units_that_track_something_are_proposed():
    """Unit 0 counts up, 1 counts down, 2 is the length, 3 knows the token “7”, 4 is noise."""
    rng, steps = np.random.default_rng(2), []
    for row in range(60):
        length = int(rng.integers(3, 9))
        for t in range(length):
            token = str(rng.integers(5, 9))
            steps.append((row, t, length, token,
                          [t, -(length - t), length, float(token == "7"), rng.normal()]))
    rows, positions, lengths, tokens, states = zip(*steps, strict=True)
    found = propose(ManyStates(np.array(states), np.array(rows), np.array(positions),
                               np.array(lengths), tokens))
    told = {(one.unit, one.kind, one.token): round(one.correlation, 6) for one in found}
    assert told[0, "position", ""] == told[2, "length", ""] == told[3, "token", "7"] == 1
    assert told[1, "remaining", ""] == -1
    assert len({one.unit for one in found}) == len(found) == 5


def test_a_small_model_has_few_units():
    experiment = Experiment("reverse", small_model(hidden_size=4), SMALL)
    found = propose(many_states(experiment.model, experiment.splits, "dec"))
    assert sorted(one.unit for one in found) == [0, 1, 2, 3]
    assert torch.tensor([one.correlation for one in found]).abs().max() <= 1
