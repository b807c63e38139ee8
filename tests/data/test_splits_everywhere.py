"""The sets of every task agree with their descriptions, also at the limits of the settings."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest
import torch
from conftest import KINDS, ROOT, small_model

from seq2seq import TASKS, Experiment, ModelConfig, TrainConfig
from seq2seq.data.splits import NUM_SCORED, make_batch, make_splits, splits_of
from seq2seq.errors import InputError
from seq2seq.evaluation.metrics import answers, max_steps, token_loss
from seq2seq.models.parameters import num_parameters
from seq2seq.models.seq2seq import Seq2Seq, make_generator
from seq2seq.tasks import Example, get_task
from seq2seq.tasks.scan import VERBS
from seq2seq.training.loop import sample_examples

NAMES = [task.name for task in TASKS]
# Tasks whose third set is not larger than what is trained on, but of another kind.
KINDS_OF_THIRD = ["dates", "spoken-digits", "scan", "scan-jump", "translation-en-fr-combinations",
                  "translation-en-de-frames"]
TABLES = ["notebook", "spelling", "pairs", "scan", "scan-length", "scan-jump"]
# Small enough for a test, at both ends of what the settings allow.
RANGES = [(1, 1), (1, 30), (30, 30)]
SEVERAL = "\n".join(f"{'ab' * (1 + i % 23)}{i:03} -> {answer}"
                    for i in range(120) for answer in ("x", "y", "z"))

DIGEST = """
import hashlib
from dataclasses import replace
from seq2seq import TASKS
from seq2seq.data.splits import make_splits
from seq2seq.training.loop import sample_examples
for task in TASKS:
    splits = make_splits(task, replace(task.train, num_examples=200, num_epochs=2))
    text = repr((splits.train, splits.new, splits.longer, splits.sets, splits.fresh(1),
                 splits.source_vocabulary.symbols, splits.target_vocabulary.symbols,
                 sample_examples(splits)))
    print(task.name, hashlib.sha256(text.encode()).hexdigest())
"""


def sources(examples):
    return [example.source for example in examples]


def test_every_process_has_the_same_examples():
    """The order of sets of strings differs between processes; the splits must not depend on it."""
    ran = [subprocess.Popen([sys.executable, "-c", DIGEST], cwd=ROOT, text=True,
                            stdout=subprocess.PIPE,
                            env={**os.environ, "PYTHONHASHSEED": seed}) for seed in ("1", "2")]
    one, two = (process.communicate()[0].splitlines() for process in ran)
    assert len(one) == len(TASKS)
    assert one == two


@pytest.mark.parametrize("sizes", RANGES, ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_the_sets_are_disjoint_and_the_third_is_beyond_all_that_is_trained_on(name, sizes):
    task = get_task(name)
    low, high = sizes
    for fresh in (False, True):
        config = replace(task.train, num_examples=200, num_epochs=2, min_length=low,
                         max_length=high, fresh=fresh, curriculum=0.0)
        splits = make_splits(task, config)
        trained_on = set(splits.trained_on)
        assert trained_on, "there is nothing to train on"
        new, longer = sources(splits.new), sources(splits.longer)
        assert len(set(new)) == len(new)
        assert len(set(longer)) == len(longer)
        assert not set(new) & set(longer)
        keys = set(map(task.key, trained_on))
        assert not keys & set(map(task.key, [*new, *longer]))
        assert all(task.in_longer_set(source, trained_on) for source in longer)
        assert not any(task.in_longer_set(source, trained_on) for source in new)
        if name not in KINDS_OF_THIRD:
            largest = max(map(task.size, trained_on))
            assert all(task.size(source) > largest for source in longer)
        assert longer


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_no_fresh_examples(name):
    task = get_task(name)
    config = replace(task.train, num_examples=50, num_epochs=3)
    plain, fresh = make_splits(task, config), make_splits(task, replace(config, fresh=True))
    assert fresh.train == fresh.fresh(1) == fresh.fresh(2) == plain.train


def test_what_makes_its_examples_has_fresh_ones():
    for name in set(NAMES) - set(TABLES):
        task = get_task(name)
        splits = make_splits(task, replace(task.train, num_examples=50, num_epochs=3, fresh=True))
        assert splits.fresh(1) != splits.fresh(2), name


def test_each_source_is_scored_once_however_many_answers_it_has():
    for text in (SEVERAL, SEVERAL + "\n---\n" + SEVERAL.replace("ab", "cde")):
        splits = make_splits(get_task("pairs", text), TrainConfig())
        assert len(splits.train) >= 3 * NUM_SCORED / 2
        assert splits.longer
        for name, examples in splits.sets.items():
            assert len(set(sources(examples))) == len(examples), name
            assert all({e.target, *e.others} == {("x",), ("y",), ("z",)} for e in examples)
        for part in (splits.new, splits.longer):
            assert len(set(sources(part))) == len(part)


@pytest.mark.parametrize("name", NAMES)
def test_no_task_scores_a_source_twice(name):
    task = get_task(name)
    # Of 4,000 sampled examples as many are scored as of 40,000, and they take a tenth of the time.
    count = task.train.num_examples if task.is_table else min(4_000, task.train.num_examples)
    for examples in make_splits(task, replace(task.train, num_examples=count)).sets.values():
        assert len(set(sources(examples))) == len(examples) <= 600


def test_a_sum_that_is_trained_on_the_other_way_round_is_not_held_out():
    task = get_task("addition")

    def example(text):
        return Example(task.parse(text), task.solve(task.parse(text)))

    held_out = [example("3+2"), example("4+1"), example("4+1")]
    splits = splits_of(task, [example("2+3"), example("7+7")], held_out)
    assert sources(splits.new) == [tuple("3+2"), tuple("4+1")]
    assert sources(splits.train) == [tuple("7+7")]
    with pytest.raises(InputError, match="also held out"):
        splits_of(task, [example("2+3")], held_out)


@pytest.mark.parametrize("name", ["scan", "scan-length", "scan-jump"])
def test_single_commands_are_among_what_is_scored(name):
    """Single commands are one in 200, so a random sample may contain none."""
    task = get_task(name)
    splits = make_splits(task, task.train)
    for key in ("memorised", "new"):
        part = splits.sets[key]
        known = splits.train if key == "memorised" else splits.new
        single = {e.source for e in known if task.parts(e.source) == 1}
        scored = {e.source for e in part if task.parts(e.source) == 1}
        assert len(part) == NUM_SCORED
        assert len(scored) == min(len(single), NUM_SCORED // 4) > 0
    primitives = {(verb,) for verb in VERBS}
    assert primitives <= {e.source for part in splits.sets.values() for e in part}
    assert sample_examples(splits)


def test_a_typed_sequence_is_cut_off_where_it_is_in_a_batch():
    """Two models that never stop, and so are cut off; sources of many lengths in one batch."""
    for task in ("dates", "reverse"):
        experiment = Experiment(task, small_model(attention="dot"),
                                TrainConfig(num_examples=40, max_length=8))
        model, splits = experiment.model, experiment.splits
        model.decoder.out.bias.data[2] = -1e9
        examples = [Example(tokens, ("x",)) for tokens in
                    (("1",), ("1", "2") * 20, ("3",) * 25, ("1", "9", "5", "0"))]
        assert len({max_steps(splits, len(e.source)) for e in examples}) == 3
        for width in (1, 3):
            for answer in answers(model, splits, examples, width):
                text = experiment.task.format(answer.example.source)
                alone = (experiment.predict(text) if width == 1 else
                         experiment.beam(text, width).best[0])
                assert answer.tokens == alone.tokens
                assert not answer.finished
                assert not alone.finished


CONFIGS = [ModelConfig(cell=cell, attention=attention, hidden_size=8, embedding_dim=4,
                       num_layers=layers, bidirectional=both)
           for cell, attention in KINDS for layers in (1, 2) for both in (False, True)]


@pytest.mark.parametrize("config", CONFIGS, ids=lambda c: f"{c.cell}-{c.attention}-"
                         f"{c.num_layers}-{'both' if c.bidirectional else 'one'}")
def test_the_parameters_that_are_counted_are_those_that_a_step_changes(config):
    splits = make_splits(get_task("reverse"), TrainConfig(num_examples=30, max_length=4))
    sizes = len(splits.source_vocabulary), len(splits.target_vocabulary)
    model = Seq2Seq(*sizes, config, make_generator(1, "weights"))
    batch = make_batch(splits.train, splits)
    loss = token_loss(model(batch.source, batch.source_lengths, batch.target_ids),
                      batch.target_ids)
    loss.backward()
    learned = sum(w.numel() for w in model.parameters() if w.grad is not None)
    assert num_parameters(*sizes, config) == learned
    experiment = Experiment("reverse", config, TrainConfig(num_examples=30, max_length=4))
    assert experiment.num_parameters == learned
    assert torch.isfinite(loss)
