"""The numbers of the arithmetic are those with which the model computes its answer."""

import numpy as np
import pytest
import torch
from conftest import KINDS, SMALL, small_model

from seq2seq import Experiment
from seq2seq.inspection.arithmetic import attention_step, cell_step, token_step

TEXT = "4 2 7 1"
CLOSE = {"rtol": 0, "atol": 1e-6}
VARIANTS = [("gru", "dot", {"bidirectional": True, "num_layers": 2}),
            ("lstm", "additive", {"bidirectional": True, "num_layers": 2}),
            ("lstm", "location", {"num_layers": 2}),
            ("transformer", "dot", {"num_layers": 2})]


@pytest.fixture(params=[*((*kind, {}) for kind in KINDS), *VARIANTS],
                ids=lambda kind: "-".join([*kind[:2], *kind[2]]))
def experiment(request) -> Experiment:
    """Every cell with every attention and the Transformer; some with more layers."""
    cell, attention, more = request.param
    return Experiment("reverse", small_model(cell, attention, **more), SMALL)


@torch.no_grad()
def forward(experiment: Experiment, p) -> np.ndarray:
    """Log-probabilities (T, V) of `Seq2Seq.forward` along the tokens that the model wrote."""
    splits = experiment.splits
    ids = [splits.target_vocabulary.id_of(step.token) for step in p.steps]
    source = splits.encode(p.source)
    found = experiment.model.eval()(source, torch.tensor([source.size(1)]), torch.tensor([ids]))
    return found[0].numpy()


def of(experiment: Experiment):
    return experiment.model, experiment.splits, experiment.predict(TEXT)


def test_logit_and_probability_of_every_token(experiment):
    model, splits, p = of(experiment)
    expected = forward(experiment, p)
    symbols = splits.target_vocabulary.decode(range(expected.shape[1]))
    for t in range(len(p.steps)):
        for token in (symbols[0], p.steps[t].token):
            found = token_step(model, splits, p, t, token)
            i = symbols.index(token)
            np.testing.assert_allclose(found.logits - found.log_normaliser, expected[t], **CLOSE)
            np.testing.assert_allclose(found.log_prob, expected[t, i], **CLOSE)
            np.testing.assert_allclose(found.prob, np.exp(expected[t, i]), **CLOSE)
            np.testing.assert_allclose(found.inputs @ found.row + found.bias, found.logit, **CLOSE)
            assert (found.symbols, found.logits[i]) == (symbols, found.logit)


def test_attention_from_the_score_to_the_context(experiment):
    model, splits, p = of(experiment)
    if p.attention is None:
        return
    transformer = experiment.recipe.model.cell == "transformer"
    for t in range(len(p.steps)):
        heads = [(layer, head) for layer in range(experiment.recipe.model.num_layers)
                 for head in range(2)] if transformer else [(0, 0)]
        steps = [attention_step(model, splits, p, t, *head) for head in heads]
        np.testing.assert_allclose(np.mean([s.weights for s in steps], 0), p.attention[t], **CLOSE)
        for one in steps:
            np.testing.assert_allclose(one.right @ one.left / one.scale + one.added, one.scores,
                                       **CLOSE)
            e = np.exp(one.scores - one.scores.max())
            np.testing.assert_allclose(e / e.sum(), one.weights, **CLOSE)
            np.testing.assert_allclose(one.weights @ one.values, one.context, **CLOSE)
        if transformer:
            heads_of = experiment.insight(p).heads.source[:, :, t]
            np.testing.assert_allclose(steps[0].by_head, heads_of, **CLOSE)
            continue
        assert steps[0].kind == experiment.recipe.model.attention
        combine = model.decoder.attention.combine
        joined = np.concatenate([steps[0].context, steps[0].query])
        output = np.tanh(combine.weight.detach().numpy() @ joined
                         + combine.bias.detach().numpy())
        np.testing.assert_allclose(output, steps[0].output, **CLOSE)
        np.testing.assert_allclose(token_step(model, splits, p, t, "1").inputs, output, **CLOSE)


def test_gates_and_states_of_every_moment(experiment):
    model, splits, p = of(experiment)
    if experiment.recipe.model.cell == "transformer":
        return
    traces = experiment.gates(p)
    merged = experiment.recipe.model.bidirectional
    states = [*(traces[0].states if merged else p.encoder_states), *(s.state for s in p.steps)]
    gates = [(trace.gates, t) for trace, num in zip(traces, (len(p.positions), len(p.steps)),
                                                    strict=True) for t in range(num)]
    for moment, (state, (trace, t)) in enumerate(zip(states, gates, strict=True)):
        found = cell_step(model, splits, p, moment)
        np.testing.assert_allclose(found.after, state, **CLOSE)
        if t:
            np.testing.assert_allclose(found.before, states[moment - 1], **CLOSE)
        for name, values in trace.items():
            one = found.sums[name]
            np.testing.assert_allclose(one.value, values[t], **CLOSE)
            np.testing.assert_allclose(1 / (1 + np.exp(-one.from_input - one.from_state)),
                                       one.value, **CLOSE)
        assert list(found.sums) == {"rnn": ["state"], "gru": ["reset", "update", "candidate"],
                                    "lstm": ["input", "forget", "candidate", "output"]}[found.cell]


def test_the_model_is_left_as_it_was(experiment):
    model, splits, p = of(experiment)
    token_step(model, splits, p, 0, "1")
    if p.attention is not None:
        attention_step(model, splits, p, 0)
    assert not any(module._forward_hooks for module in model.modules())


def test_unknown_heads_are_errors():
    experiment = Experiment("reverse", small_model("transformer", "dot"), SMALL)
    for layer, head in ((1, 0), (0, 2), (-1, 0), (0, -1)):
        with pytest.raises(IndexError):
            attention_step(*of(experiment), 0, layer, head)
