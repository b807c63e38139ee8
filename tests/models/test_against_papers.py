"""`forward`, `step` and the loss against NumPy programs written from the papers (`papers.py`)."""

import itertools

import numpy as np
import pytest
import torch
from conftest import KINDS
from papers import Paper, loss

from seq2seq.config import ModelConfig
from seq2seq.data.splits import pad
from seq2seq.data.vocabulary import EOS, PAD, SOS
from seq2seq.evaluation.metrics import token_loss
from seq2seq.models.seq2seq import Seq2Seq, make_generator
from seq2seq.training.loop import smoothed_loss

SOURCE_SIZE, TARGET_SIZE = 11, 9
# Mixed lengths, one of each alone, and one longer than the pattern of location-aware attention.
SOURCES = [[4], [5, 6, 7, 8, 9], [10, 4, 10], [3, 4, 5, 6, 7, 8, 9], [4, 5] * 20]
TARGETS = [[4, EOS], [EOS], [8, 7, 6, 5, 4, EOS], [5, 5, EOS], [6, 7, 8, 6, EOS]]
SHAPES = [ModelConfig(cell=cell, attention=attention, hidden_size=6, embedding_dim=width,
                      num_layers=layers, bidirectional=both)
          for (cell, attention), layers, (both, width) in itertools.product(
              KINDS, (1, 2, 3), ((False, 5), (True, 0)))]


def name(config):
    return (f"{config.cell}-{config.attention}-{config.num_layers}-"
            f"{'both' if config.bidirectional else 'one'}-ways")


def make(config) -> Seq2Seq:
    model = Seq2Seq(SOURCE_SIZE, TARGET_SIZE, config, make_generator(5, "papers"))
    with torch.no_grad():  # wider apart than at the start of training: faults show
        for weight in model.parameters():
            weight.mul_(1.5)
    return model.eval()


def batch():
    return (pad(SOURCES), torch.tensor(list(map(len, SOURCES))), pad(TARGETS))


def paper_of(model, config) -> Paper:
    return Paper({key: value.detach().numpy().astype(float)
                  for key, value in model.state_dict().items()}, config)


@pytest.fixture(params=SHAPES, ids=name)
def config(request) -> ModelConfig:
    return request.param


@torch.no_grad()
def test_forward_is_the_papers_model(config):
    model = make(config)
    source, lengths, targets = batch()
    forced = model(source, lengths, targets).numpy()
    free = model(source, lengths, targets, teacher_forcing=0.0).numpy()
    paper = paper_of(model, config)
    for row, (tokens, target) in enumerate(zip(SOURCES, TARGETS, strict=True)):
        expected, _ = paper.run(tokens, target)
        np.testing.assert_allclose(forced[row, : len(target)], expected, atol=1e-5)
        np.testing.assert_allclose(free[row, : len(target)], paper.free(tokens, len(target)),
                                   atol=1e-5)


@torch.no_grad()
def test_steps_are_the_papers_model(config):
    model = make(config)
    source, lengths, targets = batch()
    encoded = model.encode(source, lengths)
    state, token = encoded.state, torch.full((len(SOURCES),), SOS)
    found, looked = [], []
    for t in range(targets.size(1)):
        log_probs, state, weights = model.step(token, state, encoded)
        found.append(log_probs.numpy())
        looked.append(None if weights is None else weights.numpy())
        token = targets[:, t]
    paper = paper_of(model, config)
    for row, (tokens, target) in enumerate(zip(SOURCES, TARGETS, strict=True)):
        expected, attention = paper.run(tokens, target)
        for t in range(len(target)):
            np.testing.assert_allclose(found[t][row], expected[t], atol=1e-5)
            if attention is None:
                assert looked[t] is None
                continue
            np.testing.assert_allclose(looked[t][row, : len(tokens)], attention[t], atol=1e-5)
            assert not looked[t][row, len(tokens):].any(), "padding is not looked at"


@pytest.mark.parametrize(("kind", "smoothing"), [*((kind, 0.1) for kind in KINDS),
                                                 (("gru", "dot"), 0.0)])
def test_gradients_are_differences_of_the_papers_loss(kind, smoothing):
    """A few numbers of every weight, moved up and down in the NumPy program."""
    config = ModelConfig(*kind, hidden_size=4, embedding_dim=3, num_layers=2)
    model = make(config).double()
    source, lengths, targets = batch()
    source, lengths, targets = source[1:4, :7], lengths[1:4], targets[1:4]
    log_probs = model(source, lengths, targets)
    plain = token_loss(log_probs, targets)
    total = smoothed_loss(plain, log_probs, targets, smoothing)
    total.backward()
    paper = paper_of(model, config)

    def value():
        rows = [paper.run(*pair)[0] for pair in zip(SOURCES[1:4], TARGETS[1:4], strict=True)]
        return loss(rows, TARGETS[1:4], smoothing)

    assert total.item() == pytest.approx(value(), abs=1e-9)
    rng, step = np.random.default_rng(3), 1e-5
    for key, weight in model.state_dict(keep_vars=True).items():
        numbers = paper.w[key].reshape(-1)
        slopes = (np.zeros(numbers.size) if weight.grad is None
                  else weight.grad.numpy().reshape(-1))
        largest = int(np.abs(slopes).argmax())
        for at in {largest, *rng.integers(numbers.size, size=2).tolist()}:
            before = numbers[at]
            numbers[at] = before + step
            above = value()
            numbers[at] = before - step
            slope = (above - value()) / (2 * step)
            numbers[at] = before
            assert slopes[at] == pytest.approx(slope, abs=1e-7, rel=1e-5), key


def test_what_stands_in_the_padding_changes_no_loss_and_no_gradient():
    log_probs = torch.randn(3, 6, TARGET_SIZE, generator=torch.Generator().manual_seed(1))
    log_probs = log_probs.log_softmax(2).requires_grad_()
    targets = pad([[4, 5, 6, 7, 8, EOS], [EOS], [4, EOS]])
    real = targets != PAD
    for smoothing in (0.0, 0.3):
        total = smoothed_loss(token_loss(log_probs, targets), log_probs, targets, smoothing)
        rows = [log_probs[i][real[i]].detach().double().numpy() for i in range(3)]
        ids = [targets[i][real[i]].tolist() for i in range(3)]
        assert total.item() == pytest.approx(loss(rows, ids, smoothing), abs=1e-6)
        [slopes] = torch.autograd.grad(total, log_probs)
        assert not slopes[~real].any()
        assert slopes[real].abs().sum(1).gt(0).all()
