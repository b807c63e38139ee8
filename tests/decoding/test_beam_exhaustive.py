"""Beam search against exhaustive search, and against a textbook implementation.

The models are untrained and their vocabularies small, so that every answer of up to four tokens can
be written down and scored by `forward`, the way training does it.
"""

import itertools
import math

import pytest
import torch
from conftest import KINDS, SMALL, small_model

from seq2seq import Experiment
from seq2seq.data.splits import make_batch
from seq2seq.data.vocabulary import EOS
from seq2seq.decoding import beam
from seq2seq.decoding.beam import beam_answers, beam_search
from seq2seq.tasks import Example

STEPS = 3
ONE_LETTER = "a -> x\naa -> xx\naaa -> xxx"  # with the four reserved ids: five tokens


@pytest.fixture
def wide(monkeypatch):
    """Beams as wide as a test needs."""
    monkeypatch.setattr(beam, "MAX_WIDTH", 10_000)


def experiment_of(cell="gru", attention="dot", seed=0, sharp=8.0) -> Experiment:
    """An untrained model whose logits are scaled by `sharp`."""
    made = Experiment("pairs", small_model(cell, attention), SMALL, ONE_LETTER)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        made.model.decoder.out.weight.mul_(sharp)
        made.model.decoder.out.bias.add_(torch.randn(5, generator=generator))
    return made


@torch.no_grad()
def log_prob(experiment, source, ids) -> float:
    """Of a whole sequence of ids, by `forward`."""
    given = experiment.splits.encode(source)
    target = torch.tensor([ids])
    found = experiment.model(given, torch.tensor([given.size(1)]), target).double()
    return float(found.gather(2, target[:, :, None]).sum())


def all_answers(experiment, source, alpha):
    """Every answer: it ends with its only EOS, or is cut off after STEPS tokens. Best first."""
    size = len(experiment.splits.target_vocabulary)
    others = [i for i in range(size) if i != EOS]
    ids = [(*start, EOS) for n in range(STEPS) for start in itertools.product(others, repeat=n)]
    ids += itertools.product(others, repeat=STEPS)
    scored = [(log_prob(experiment, source, row) / ((5 + len(row)) / 6) ** alpha, row)
              for row in ids]
    return sorted(scored, reverse=True)


def ids_of(experiment, hypothesis):
    names = experiment.splits.target_vocabulary
    return (*map(names.id_of, hypothesis.tokens), *[EOS] * hypothesis.finished)


@pytest.mark.parametrize("kind", KINDS, ids="-".join)
def test_a_beam_that_holds_everything_finds_everything_in_order(wide, kind):
    experiment = experiment_of(*kind)
    for source, alpha in ((("a",), 0.0), (("a", "a"), 0.6), (("a",), 1.0)):
        right = all_answers(experiment, source, alpha)
        found = beam_search(experiment.model, experiment.splits, source, STEPS, len(right), alpha)
        assert len(found.best) == len(right)
        assert [h.score for h in found.best] == pytest.approx([s for s, _ in right], abs=1e-4)
        assert {ids_of(experiment, h) for h in found.best} == {row for _, row in right}
        if right[0][0] - right[1][0] > 1e-4:
            assert ids_of(experiment, found.best[0]) == right[0][1]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.0])
@pytest.mark.parametrize("width", [1, 2, 3, 5, 6, 8, 30, 200])
def test_any_width_is_the_textbooks_beam_alone_and_in_a_batch(wide, width, alpha, seed):
    """Widths above 5 are wider than the vocabulary: at first there is too little to fill them."""
    experiment = experiment_of(seed=seed)
    model, splits = experiment.model, experiment.splits
    examples = [Example(("a",) * n, ("x",)) for n in (1, 3, 2)]
    batch = make_batch(examples, splits)
    together = beam_answers(model, batch.source, batch.source_lengths, STEPS, width, alpha)
    for example, row in zip(examples, together, strict=True):
        right = textbook(experiment, example.source, width, alpha)
        alone = beam_search(model, splits, example.source, STEPS, width, alpha)
        assert [ids_of(experiment, h) for h in alone.best] == [ids for _, ids in right]
        assert [h.score for h in alone.best] == pytest.approx([s for s, _ in right], abs=1e-4)
        assert tuple(row) == right[0][1]


def textbook(experiment, source, width, alpha):
    """Beam search over tuples, each scored afresh by `forward`: (score, ids), best first."""
    size = len(experiment.splits.target_vocabulary)
    live, ended = [()], []
    for _ in range(STEPS):
        longer = [(log_prob(experiment, source, (*ids, i)), (*ids, i))
                  for ids in live for i in range(size)]
        kept = [ids for _, ids in sorted(longer, reverse=True)[: width - len(ended)]]
        ended += [ids for ids in kept if ids[-1] == EOS]
        live = [ids for ids in kept if ids[-1] != EOS]
    scored = [(log_prob(experiment, source, ids) / ((5 + len(ids)) / 6) ** alpha, ids)
              for ids in [*ended, *live]]
    return sorted(scored, reverse=True)


def test_empty_places_in_a_wide_beam_push_nobody_out():
    """Made by hand: an answer that needs the last of eight places after its second token.

    There are five tokens, so three places are empty after the first step.
    """
    experiment = experiment_of()
    model, splits = experiment.model, experiment.splits
    common = [0.16, 0.28, 0.0, 0.28, 0.28]  # after "x" or UNK: PAD, SOS, EOS, UNK, "x"
    table = torch.tensor([[0, 0, 1, 0, 0],  # after PAD it surely ends
                          [0.01, 0.01, 0.03, 0.4, 0.55],
                          [0, 0, 1, 0, 0], common, common]).add(1e-6).log()
    model.step = lambda token, state, *_: (table[token], state, None)
    alone = beam_search(model, splits, ("a",), 6, 8).best[0]
    assert math.exp(alone.log_prob) == pytest.approx(0.55 * 0.16, abs=1e-4)
    batch = make_batch([Example(("a",), ("x",))], splits)
    together = beam_answers(model, batch.source, batch.source_lengths, 6, 8)
    assert ids_of(experiment, alone) == tuple(together[0]) == (4, 0, EOS)
