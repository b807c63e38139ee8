"""Properties of all data and all models, tested with hypothesis."""

from collections import Counter
from dataclasses import replace

import pytest
import torch
from conftest import KINDS, SMALL, small_model
from hypothesis import assume, given
from hypothesis import strategies as st

from seq2seq import Experiment, TrainConfig
from seq2seq.data.splits import Batches, make_batch
from seq2seq.data.vocabulary import EOS, PAD
from seq2seq.decoding.beam import beam_answers
from seq2seq.decoding.greedy import greedy
from seq2seq.errors import Seq2SeqError
from seq2seq.models.seq2seq import make_generator
from seq2seq.tasks import Example

EXPERIMENT = Experiment("reverse", small_model(), SMALL)
DIGITS = st.lists(st.sampled_from("0123456789"), min_size=1, max_size=9).map(tuple)
EXAMPLES = st.lists(st.builds(Example, DIGITS, DIGITS), min_size=1, max_size=12)
SEEDS = st.integers(0, 999_999)


@given(EXAMPLES)
def test_a_batch_can_be_read_back(examples):
    splits = EXPERIMENT.splits
    batch = make_batch(examples, splits)
    assert batch.num_target_tokens == sum(len(e.target) + 1 for e in examples)
    rows = zip(examples, batch.source.tolist(), batch.source_lengths.tolist(),
               batch.target_ids.tolist(), strict=True)
    for example, source, length, target in rows:
        assert splits.source_vocabulary.decode(source[:length]) == example.source
        assert set(source[length:]) <= {PAD}
        end = target.index(EOS)
        assert splits.target_vocabulary.decode(target[:end]) == example.target
        assert set(target[end + 1:]) <= {PAD}


@given(EXAMPLES, st.integers(1, 15), SEEDS)
def test_an_epoch_holds_every_example_once(examples, batch_size, seed):
    splits = replace(EXPERIMENT.splits, train=tuple(examples))
    batches = Batches(splits, batch_size, make_generator(seed, "batches"))
    found: Counter = Counter()
    sizes = []
    for batch in batches.epoch(1):
        sizes.append(len(batch))
        assert batch.source.size(1) == batch.source_lengths.max()  # no column of padding alone
        assert (batch.target_ids[:, -1] != PAD).any()
        for source, target in zip(batch.source.tolist(), batch.target_ids.tolist(), strict=True):
            found[tuple(i for i in source if i != PAD), tuple(i for i in target if i != PAD)] += 1
    whole = make_batch(examples, splits)
    assert len(sizes) == len(batches)
    assert sum(sizes) == len(examples)
    assert max(sizes) <= batch_size
    assert found == Counter(
        (tuple(i for i in s if i != PAD), tuple(i for i in t if i != PAD))
        for s, t in zip(whole.source.tolist(), whole.target_ids.tolist(), strict=True))


@given(st.sampled_from(KINDS), SEEDS, EXAMPLES)
def test_company_changes_no_probability(kind, seed, examples):
    experiment = Experiment("reverse", small_model(*kind), replace(SMALL, seed=seed))
    model, batch = experiment.model, make_batch(examples, experiment.splits)
    with torch.no_grad():
        together = model(batch.source, batch.source_lengths, batch.target_ids)
        for row, example in enumerate(examples):
            one = make_batch([example], experiment.splits)
            alone = model(one.source, one.source_lengths, one.target_ids)[0]
            assert torch.allclose(together[row, :len(alone)], alone, atol=1e-5)


@given(st.sampled_from(KINDS), SEEDS, EXAMPLES, st.integers(1, 12), st.integers(1, 4))
def test_answers_end_at_their_end_token_and_in_time(kind, seed, examples, max_steps, width):
    experiment = Experiment("reverse", small_model(*kind), replace(SMALL, seed=seed))
    batch = make_batch(examples, experiment.splits)
    given_to = (experiment.model, batch.source, batch.source_lengths, max_steps)
    for rows in (greedy(*given_to), beam_answers(*given_to, width=width)):
        assert len(rows) == len(examples)
        for row in rows:
            assert 1 <= len(row) <= max_steps
            assert EOS not in row[:-1]
            assert row[-1] == EOS or len(row) == max_steps


@given(st.sampled_from(KINDS), SEEDS, st.integers(1, 3), st.integers(4, 20), st.booleans())
def test_what_is_saved_is_what_is_loaded(tmp_path_factory, kind, seed, layers, size, both_ways):
    model = small_model(*kind, num_layers=layers, hidden_size=size, bidirectional=both_ways)
    try:
        experiment = Experiment("sort", model, TrainConfig(num_examples=20, seed=seed))
    except Seq2SeqError:  # heads of a Transformer must divide its size, and the sentence says so
        assume(False)
    path = experiment.save(tmp_path_factory.mktemp("saved") / "model")
    again = Experiment.load(path)
    assert again.recipe == experiment.recipe
    assert again.predict("3 1 2").log_prob == experiment.predict("3 1 2").log_prob
    mine, others = experiment.model.state_dict(), again.model.state_dict()
    assert mine.keys() == others.keys()
    assert all(torch.equal(mine[name], others[name]) for name in mine)


@pytest.mark.parametrize("kind", KINDS, ids="-".join)
def test_the_order_of_a_batch_does_not_matter(kind):
    experiment = Experiment("reverse", small_model(*kind), SMALL)
    examples = [*experiment.splits.new[:7]]
    batch = make_batch(examples, experiment.splits)
    turned = make_batch(examples[::-1], experiment.splits)
    there = greedy(experiment.model, batch.source, batch.source_lengths, 12)
    back = greedy(experiment.model, turned.source, turned.source_lengths, 12)
    assert there == back[::-1]
