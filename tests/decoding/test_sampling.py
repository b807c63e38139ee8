"""Sampling: the draws follow the exact probabilities of the model, and only the seed decides."""

import math
from collections import Counter

import pytest
import torch
from conftest import SMALL, small_model
from test_beam import recomputed

from seq2seq import Experiment
from seq2seq.config import MAX_SEED
from seq2seq.data.vocabulary import EOS, SOS
from seq2seq.decoding.beam import Hypothesis
from seq2seq.decoding.sampling import MAX_DRAWS, draw, draw_rows
from seq2seq.errors import ConfigError

SETTINGS = [(1.0, None), (0.5, None), (2.0, None), (1.0, 3), (0.7, 2)]
NUM = 20_000


def next_probabilities(log_probs: list[float], temperature: float, top_k: int | None):
    """The distribution from its definition, in plain Python."""
    allowed = sorted(range(len(log_probs)), key=lambda v: -log_probs[v])[:top_k]
    weights = {v: math.exp(log_probs[v] / temperature) for v in allowed}
    return {v: weight / sum(weights.values()) for v, weight in weights.items()}


def all_answers(model, source, temperature, top_k, num_steps):
    """Every answer of at most `num_steps` tokens with its exact probability."""
    found, open_ends = {}, [((), 1.0, SOS, source.state)]
    for _ in range(num_steps):
        longer = []
        for tokens, probability, last, state in open_ends:
            with torch.no_grad():
                log_probs, after, _ = model.step(torch.tensor([last]), state, source)
            for v, p in next_probabilities(log_probs[0].tolist(), temperature, top_k).items():
                if v == EOS:
                    found[(*tokens, v)] = probability * p
                else:
                    longer.append(((*tokens, v), probability * p, v, after))
        open_ends = longer
    return found | {tokens: probability for tokens, probability, _, _ in open_ends}


@pytest.fixture(scope="module")
def tiny():
    """A model and an encoded source; weights twice as large make its probabilities uneven."""
    experiment = Experiment("reverse", small_model(attention="dot"), SMALL)
    with torch.no_grad():
        for weight in experiment.model.parameters():
            weight *= 2
        source = experiment.splits.encode(("1", "2"))
        return experiment.model, experiment.model.eval().encode(source, torch.tensor([2]))


@pytest.mark.parametrize(("temperature", "top_k"), SETTINGS)
def test_draws_follow_the_exact_probabilities(tiny, temperature, top_k):
    model, source = tiny
    exact = all_answers(model, source, temperature, top_k, 2)
    assert sum(exact.values()) == pytest.approx(1)
    uniform = torch.rand(NUM, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    rows, log_probs, drawn = draw_rows(model, source, uniform, temperature, top_k)
    counts = Counter(map(tuple, rows))
    assert set(counts) <= set(exact), "nothing outside the k best is ever drawn"
    # Pearson's chi-square; answers that are expected fewer than 5 times are one class together.
    expected = {answer: NUM * p for answer, p in exact.items() if NUM * p >= 5}
    rest = NUM - sum(expected.values())
    squares = [(counts[a] - e) ** 2 / e for a, e in expected.items()]
    if rest >= 5:
        others = NUM - sum(counts[a] for a in expected)
        squares.append((others - rest) ** 2 / rest)
    freedom = len(squares) - 1
    assert sum(squares) < freedom + 4 * math.sqrt(2 * freedom), "4 standard deviations"
    for row, log_prob, p in zip(rows[:50], log_probs[:50].tolist(), drawn[:50].tolist(),
                                strict=True):
        assert math.exp(p) == pytest.approx(exact[tuple(row)], rel=1e-4)
        if (temperature, top_k) == (1.0, None):
            assert log_prob == pytest.approx(p, abs=1e-4)


def test_the_model_s_own_probability_is_that_of_forward(small_experiment):
    source = small_experiment.task.parse("4 2 7 1")
    for one in small_experiment.sample("4 2 7 1", 8, temperature=1.5, top_k=6, seed=3):
        answer = Hypothesis(one.tokens, one.finished, 0, 0, ())
        assert one.log_prob == pytest.approx(recomputed(small_experiment, source, answer), abs=2e-4)


def test_the_seed_alone_decides(small_experiment):
    ask = small_experiment.sample
    again = ask("4 2 7 1", 6, seed=5)
    assert ask("4 2 7 1", 6, seed=5) == again
    assert ask("4 2 7 1", 6, seed=6) != again


def test_a_draw_does_not_depend_on_how_many_are_drawn_with_it(small_experiment):
    many = [s.tokens for s in small_experiment.sample("4 2 7 1", MAX_DRAWS, seed=2)]
    for num in (1, 2, 7):
        assert [s.tokens for s in small_experiment.sample("4 2 7 1", num, seed=2)] == many[:num]


def test_a_low_temperature_and_top_one_are_greedy(trained):
    for text in ("3 1 4 1 5", "9 2", "0 0 7 1 2 3 4 5 6 7"):
        greedy = trained.predict(text)
        for settings in ({"temperature": 0.01}, {"top_k": 1}, {"top_k": 1, "temperature": 10}):
            for one in trained.sample(text, 4, **settings):
                assert (one.tokens, one.finished) == (greedy.tokens, greedy.finished)
                assert one.log_prob == pytest.approx(greedy.log_prob, abs=1e-4)
                assert one.drawn_log_prob <= 0
        assert trained.sample(text, 1, top_k=1)[0].drawn_log_prob == 0


def test_a_high_temperature_draws_what_is_improbable(trained):
    hot = {s.tokens for s in trained.sample("3 1 4 1 5", 8, temperature=5)}
    assert len(hot) > len({s.tokens for s in trained.sample("3 1 4 1 5", 8, temperature=.5)})


def test_of_equal_probabilities_top_k_keeps_the_first():
    log_probs = torch.full((500, 6), math.log(1 / 6))
    ids, own, drawn = draw(log_probs, (torch.arange(500) + .5).double() / 500, 1.0, 2)
    assert ids.tolist() == [0] * 250 + [1] * 250
    assert own.tolist() == pytest.approx([math.log(1 / 6)] * 500)
    assert drawn.tolist() == pytest.approx([math.log(1 / 2)] * 500)


@pytest.mark.parametrize(("settings", "sentence"), [
    ({"temperature": 0}, "greedy"), ({"temperature": 0.0}, "greedy"),
    ({"temperature": -1}, "Temperature is -1"), ({"temperature": 11}, "0.01 to 10"),
    ({"temperature": math.nan}, "Temperature is nan"), ({"temperature": "hot"}, "Temperature"),
    ({"temperature": True}, "Temperature"), ({"temperature": None}, "Temperature"),
    ({"top_k": 0}, "Top-k is 0"), ({"top_k": 2.5}, "Top-k"), ({"top_k": True}, "Top-k"),
    ({"num": 0}, "draws"), ({"num": MAX_DRAWS + 1}, "draws"), ({"num": "5"}, "draws"),
    ({"seed": -1}, "Seed"), ({"seed": MAX_SEED + 1}, "Seed"), ({"seed": 1.0}, "Seed")], ids=str)
def test_what_is_out_of_range_is_a_sentence(trained, settings, sentence):
    with pytest.raises(ConfigError, match=sentence):
        trained.sample("3 1 4", **settings)


def test_more_than_all_tokens_are_all_tokens(trained):
    assert trained.sample("3 1 4", top_k=10**30) == trained.sample("3 1 4")
