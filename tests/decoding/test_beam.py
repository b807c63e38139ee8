import numpy as np
import pytest
import torch
from conftest import SMALL, each_kind_and_task, small_model

from seq2seq import Experiment
from seq2seq.data.splits import make_batch
from seq2seq.decoding.beam import BeamSearch, beam_answers, beam_search, length_penalty
from seq2seq.errors import ConfigError
from seq2seq.inspection.trace import written


def recomputed(experiment: Experiment, source, hypothesis) -> float:
    """The log-probability of an answer as training sees it: `forward`, with teacher forcing."""
    vocabulary = experiment.splits.target_vocabulary
    end = ("<end token>",) if hypothesis.finished else ()
    # An untrained model also writes reserved tokens, so not `encode`, which reads them as data.
    targets = torch.tensor([[vocabulary.id_of(t) for t in hypothesis.tokens + end]])
    given = experiment.splits.encode(source)
    with torch.no_grad():
        log_probs = experiment.model(given, torch.tensor([given.size(1)]), targets)
    return float(log_probs.gather(2, targets[:, :, None]).sum())


@each_kind_and_task
def test_width_one_is_greedy_exactly(model, task):
    experiment = Experiment(task, model, SMALL)
    text = experiment.task.example
    greedy, beam = experiment.predict(text), experiment.beam(text, 1)
    assert len(beam.best) == 1
    assert beam.best[0].tokens == greedy.tokens
    assert beam.best[0].finished == greedy.finished
    assert beam.best[0].log_prob == greedy.log_prob
    assert [n.log_prob for n in beam.nodes] == [s.log_prob for s in greedy.steps]


@each_kind_and_task
def test_scores_are_summed_log_probabilities_recomputed_by_forward(model, task):
    experiment = Experiment(task, model, SMALL)
    text = experiment.task.example
    source = experiment.task.parse(text)
    found = experiment.beam(text, 4)
    assert len(found.best) == 4
    for hypothesis in found.best:
        again = recomputed(experiment, source, hypothesis)
        assert hypothesis.log_prob == pytest.approx(again, abs=2e-4)
        assert hypothesis.log_prob == pytest.approx(
            sum(found.nodes[i].log_prob for i in hypothesis.path), abs=1e-9)
        assert hypothesis.score == hypothesis.log_prob


def test_a_trained_model_finds_its_answer_and_nothing_better(trained):
    for width in range(1, 9):
        found = trained.beam("3 1 4 1 5", width)
        assert found.best[0].tokens == ("5", "1", "4", "1", "3")
        assert len(found.best) == width
        assert len({(h.tokens, h.finished) for h in found.best}) == width, "all are different"


def test_the_tree_is_a_tree_of_beginnings_that_were_kept(trained):
    found = trained.beam("2 7 1 8", 4)
    for node in found.nodes:
        if node.parent is None:
            assert node.step == 0
            assert node.score == pytest.approx(node.log_prob)
        else:
            parent = found.nodes[node.parent]
            assert parent.step == node.step - 1
            assert parent.token != "<end token>"
            assert node.score == pytest.approx(parent.score + node.log_prob)
    per_step = np.bincount([n.step for n in found.nodes])
    assert per_step.max() <= 4
    for h in found.best:
        end = ("<end token>",) * h.finished
        assert tuple(found.nodes[i].token for i in h.path) == h.tokens + end


def test_length_normalisation_ranks_by_the_papers_formula(trained):
    plain, normalised = trained.beam("3 1 4 1 5", 6), trained.beam("3 1 4 1 5", 6, alpha=0.6)
    assert {h.tokens for h in plain.best} == {h.tokens for h in normalised.best}
    for h in normalised.best:
        assert h.score == pytest.approx(h.log_prob / ((5 + len(h.path)) / 6) ** 0.6)
    assert [h.score for h in normalised.best] == sorted((h.score for h in normalised.best),
                                                        reverse=True)
    assert length_penalty(20, 0) == 1


def test_a_beam_ends_though_no_answer_does():
    experiment = Experiment("reverse", small_model(), SMALL)
    experiment.model.decoder.out.bias.data[2] = -1e9
    found = experiment.beam("1 2 3", 3)
    assert not any(h.finished for h in found.best)
    assert {len(h.tokens) for h in found.best} == {experiment.splits.max_target_length + 5}


def test_it_finds_what_greedy_misses():
    """A hand-made model whose most probable first token leads to an improbable answer."""
    experiment = Experiment("reverse", small_model(), SMALL)
    table = torch.full((14, 14), -20.0)
    table[1, 4], table[1, 5] = np.log(0.6), np.log(0.4)  # the start: "0" rather than "1"
    table[4, 2] = table[4, 6] = table[4, 7] = np.log(1 / 3)  # but after "0" nobody knows
    table[5, 2] = np.log(0.99)
    table[6, 2] = table[7, 2] = 0.0
    experiment.model.step = lambda token, state, *_: (table[token], state, None)
    beam: BeamSearch = beam_search(experiment.model, experiment.splits, ("1",), 5, width=2)
    assert beam.best[0].tokens == ("1",)
    assert beam.best[0].log_prob == pytest.approx(np.log(0.4 * 0.99), abs=1e-6)
    assert written(experiment.predict("1"))[0] == "0"


@pytest.mark.parametrize(("width", "alpha"), [(0, 0), (9, 0), (2.0, 0), (True, 0), ("3", 0),
                                              (float("nan"), 0), (3, -1), (3, float("nan"))])
def test_unlawful_settings_are_refused_with_a_sentence(width, alpha):
    with pytest.raises(ConfigError, match="must be"):
        Experiment("reverse", small_model(), SMALL).beam("1 2", width, alpha)


@pytest.mark.parametrize(("width", "alpha"), [(1, 0.0), (3, 0.0), (5, 0.6)])
def test_all_at_once_find_what_each_finds_alone(small_experiment, width, alpha):
    model, splits = small_experiment.model, small_experiment.splits
    examples = splits.new[:8]
    batch = make_batch(examples, splits)
    together = beam_answers(model, batch.source, batch.source_lengths, 9, width, alpha)
    for example, ids in zip(examples, together, strict=True):
        alone = beam_search(model, splits, example.source, 9, width, alpha).best[0]
        names = splits.target_vocabulary.decode(ids)
        assert names == (*alone.tokens, "<end token>") if alone.finished else names == alone.tokens
