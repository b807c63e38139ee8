import itertools

import numpy as np
import pytest
import torch
from conftest import SMALL, each_kind_and_task, small_model
from hypothesis import given
from hypothesis import strategies as st

from seq2seq import Experiment
from seq2seq.data.splits import make_batch
from seq2seq.inspection.similar_states import training_states
from seq2seq.inspection.trace import align, compare_states, flatten, written
from seq2seq.models.cells import CELLS

TEXT = "4 2 7 1"
STACKS = list(itertools.product(CELLS, (1, 2, 3), (False, True)))


@each_kind_and_task
def test_every_step_is_a_distribution_and_the_likeliest_is_written(model, task):
    experiment = Experiment(task, model, SMALL)
    p = experiment.predict(experiment.task.example)
    given = experiment.splits.encode(p.source)
    source = experiment.model.encode(given, torch.tensor([given.size(1)]))
    state, vocabulary = source.state, experiment.splits.target_vocabulary
    for step in p.steps:
        read = torch.tensor([vocabulary.id_of(step.read)])
        with torch.no_grad():
            log_probs, state, _ = experiment.model.step(read, state, source)
        assert float(log_probs.exp().sum()) == pytest.approx(1, abs=1e-5)
        assert step.token == vocabulary.decode([int(log_probs[0].argmax())])[0]
        if step.attention is not None:
            assert step.attention.sum() == pytest.approx(1, abs=1e-5)


def test_attention_is_nothing_on_padding(small_experiment):
    examples = sorted(small_experiment.splits.train, key=lambda e: len(e.source))
    batch = make_batch([examples[0], examples[-1]], small_experiment.splits)
    source = small_experiment.model.encode(batch.source, batch.source_lengths)
    _, _, weights = small_experiment.model.step(torch.tensor([1, 1]), source.state, source)
    if weights is not None:
        assert bool((weights[0, len(examples[0].source):] == 0).all())
        assert weights.sum(1).tolist() == pytest.approx([1, 1], abs=1e-5)


@each_kind_and_task
def test_editing_nothing_changes_nothing(model, task):
    experiment = Experiment(task, model, SMALL)
    text = experiment.task.example
    free = experiment.predict(text)
    forced = experiment.predict(text, forced=dict(enumerate(written(free))))
    assert forced.tokens == free.tokens
    assert forced.log_prob == free.log_prob
    # A Transformer's map is the mean of its heads, each of which looks at something else.
    if free.attention is not None and model.is_recurrent:
        own = {t: step.attention.tolist() for t, step in enumerate(free.steps)}
        edited = experiment.predict(text, attention=own)
        assert edited.tokens == free.tokens
        assert edited.log_prob == free.log_prob
    reading, writing = compare_states(free, forced)
    assert {p.distance for p in reading + writing} == {0.0}


@pytest.mark.parametrize("task", ["reverse", "notebook", "pairs"])  # sampled, fixed, a table
def test_the_last_snapshot_predicts_what_the_model_predicts(any_model, task):
    experiment = Experiment(task, any_model, SMALL)
    text = experiment.task.example
    before = experiment.predict(text)
    for _ in experiment.fit():
        pass
    found = experiment.through_time(text, experiment.snapshots)
    assert list(found) == [0, 1, 2]
    assert found[2].log_prob == experiment.predict(text).log_prob
    assert written(found[2]) == written(experiment.predict(text))
    assert found[0].log_prob == before.log_prob


def test_of_many_snapshots_some_are_chosen_with_both_ends():
    experiment = Experiment("reverse", small_model(), SMALL)
    many = {epoch: experiment.snapshots[0] for epoch in range(0, 201, 2)}
    epochs = list(experiment.through_time("1 2", many))
    assert len(epochs) == 24
    assert (epochs[0], epochs[-1]) == (0, 200)
    assert max(np.diff(epochs)) <= 10


@pytest.mark.parametrize("attention", ["dot", "location"])
@pytest.mark.parametrize(("cell", "num_layers", "both"), STACKS)
def test_recomputed_states_are_the_models_own(cell, num_layers, both, attention):
    config = small_model(cell, attention, num_layers=num_layers, bidirectional=both)
    experiment = Experiment("reverse", config, SMALL)
    p = experiment.predict(TEXT)
    reading, writing = experiment.gates(p)
    np.testing.assert_allclose(writing.states, np.stack([s.state for s in p.steps]), atol=1e-5)
    if not both:
        np.testing.assert_allclose(reading.states, p.encoder_states, atol=1e-5)
    else:
        ids = torch.tensor([experiment.splits.source_vocabulary.encode(p.source)])
        encoder = experiment.model.encoder
        with torch.no_grad():
            outputs, _ = encoder.recurrence(encoder.embedding(ids))
        np.testing.assert_allclose(reading.states, outputs[0, :, :12], atol=1e-5)
    names = {"rnn": [], "gru": ["reset", "update"], "lstm": ["input", "forget", "output"]}[cell]
    for trace, length in ((reading, len(p.source)), (writing, len(p.steps))):
        assert list(trace.gates) == names
        for values in trace.gates.values():
            assert values.shape == (length, 12)
            assert ((values >= 0) & (values <= 1)).all()


def test_moments_follow_each_other(small_experiment):
    p = small_experiment.predict(TEXT)
    seen = small_experiment.insight(p)
    moments = seen.moments
    assert [m.part for m in moments] == ["enc"] * 4 + ["dec"] * len(p.steps)
    if not small_experiment.recipe.model.is_recurrent:
        assert all(moment.before is None for moment in moments)
        assert seen.path.shape == (len(moments), 2)
        return
    assert not moments[0].before.any()
    assert moments[4].before is p.context
    for before, after in itertools.pairwise(moments[4:]):
        assert after.before is before.after
    assert seen.path.shape == (len(moments) + 1, 2)
    assert 0 < seen.share <= 1


def test_the_context_is_what_the_decoder_starts_from():
    experiment = Experiment("reverse", small_model(), SMALL)
    p = experiment.predict(TEXT)
    np.testing.assert_allclose(p.context, p.encoder_states[-1], atol=1e-6)  # one way, one layer
    assert not experiment.predict(TEXT, zero_context=True).context.any()


def test_nearest_neighbours_of_a_training_state_is_itself(trained):
    known = trained.training_states()
    example = trained.splits.train[5]
    p = trained.predict(" ".join(example.source))
    assert p.tokens == example.target
    for step, moments in enumerate(known.nearest(np.stack([s.state for s in p.steps]))):
        assert moments[0].example == example
        assert moments[0].position == step
        assert moments[0].distance == pytest.approx(0, abs=1e-3)
        assert [m.distance for m in moments] == sorted(m.distance for m in moments)


def test_neighbours_count_no_padding(small_experiment):
    examples = small_experiment.splits.train[:7]
    known = training_states(small_experiment.model, small_experiment.splits, examples)
    assert len(known.places) == len(known.states) == sum(len(e.target) + 1 for e in examples)
    assert len(known.nearest(known.states[:2], 1000)[0]) == len(known.states)


tokens = st.lists(st.sampled_from("abc"), max_size=8)


@given(tokens, tokens)
def test_alignment_keeps_both_orders(one, two):
    pairs = align(one, two)
    assert [i for i, _ in pairs if i is not None] == list(range(len(one)))
    assert [j for _, j in pairs if j is not None] == list(range(len(two)))
    assert (None, None) not in pairs


@pytest.mark.parametrize("points", [np.zeros((4, 3)), np.ones((1, 5)), np.eye(3)[:2],
                                    np.full((3, 2), np.nan), np.arange(12.0).reshape(4, 3)])
def test_any_points_have_a_picture(points):
    flat, share = flatten(points)
    assert flat.shape == (len(points), 2)
    assert np.isfinite(flat).all()
    assert 0 <= share <= 1


def test_two_runs_of_one_input_part_where_a_token_is_forced(trained):
    free, forced = trained.predict("3 1 4 1 5"), trained.predict("3 1 4 1 5", forced={1: "9"})
    reading, _ = compare_states(free, forced)
    assert {p.distance for p in reading} == {0.0}
    apart = [float(np.linalg.norm(a.state - b.state))
             for a, b in zip(free.steps, forced.steps, strict=False)]
    assert apart[:2] == [0, 0]
    assert apart[2] > 0.1
