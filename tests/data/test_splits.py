from dataclasses import replace

import pytest
import torch

from seq2seq import TrainConfig
from seq2seq.data.splits import Batches, make_batch, make_splits
from seq2seq.data.vocabulary import EOS, PAD, UNK
from seq2seq.tasks import TASKS, get_task

TABLES = ["", "a b -> x\nb a -> y", "\n".join(f"{i} {i * i} -> {i}" for i in range(30)),
          "\n".join(f"{'z ' * (i % 23 + 1)}{i} -> {i}" for i in range(200)),
          "\n".join(f"k {i // 2} -> {i}" for i in range(100))]


def sources(examples):
    return {e.source for e in examples}


@pytest.mark.parametrize("task", [*[t for t in TASKS if not t.needs_pairs],
                                  *[get_task("pairs", t) for t in TABLES]],
                         ids=lambda t: t.name)
def test_the_three_sets_never_overlap(task):
    config = task.train if task.family != "First steps" else TrainConfig(max_length=6)
    splits = make_splits(task, replace(config, num_examples=300, seed=7))
    train, new, longer = map(sources, (splits.train, splits.new, splits.longer))
    assert not train & new
    assert not train & longer
    assert not new & longer
    # Nor is a held-out source trained on under another name (3+2 for 2+3).
    assert not set(map(task.key, train)) & set(map(task.key, new | longer))
    assert splits.train
    assert sources(splits.memorised) <= train
    if task.needs_pairs:
        longest = max(map(len, train))
        assert all(len(s) > max(longest, max(map(len, new), default=0)) for s in longer)
    else:
        assert all(task.in_longer_set(s, train) for s in longer)
        assert not any(task.in_longer_set(s, train) for s in new)
        assert len(new) >= 50
        assert len(longer) >= 100


def test_the_sequence_in_the_text_box_is_held_out():
    for seed in range(5):
        task = get_task("reverse")
        splits = make_splits(task, TrainConfig(num_examples=20_000, max_length=5, seed=seed))
        assert splits.new[0].source == task.parse(task.example)


def test_tiny_worlds_still_hold_something_out():
    splits = make_splits(get_task("copy"), TrainConfig(num_examples=10_000, max_length=1))
    assert len(splits.train) == 8
    assert len(splits.new) == 2


def test_the_notebooks_five_are_all_that_is_trained_on():
    task = get_task("notebook")
    splits = make_splits(task, task.train)
    assert [" ".join(e.source) for e in splits.train][::4] == ["1 2 3 4 5", "21 22 23 24 25"]
    assert len(splits.train) == 5


def test_a_small_table_is_trained_on_whole():
    splits = make_splits(get_task("pairs", TABLES[1]), TrainConfig())
    assert len(splits.train) == 2
    assert splits.new == splits.longer == ()


def test_a_word_that_only_held_out_pairs_hold_is_unknown():
    splits = make_splits(get_task("pairs", TABLES[2]), TrainConfig())
    held_out = splits.new[0]
    assert UNK in splits.source_vocabulary.encode(held_out.source)


def test_same_seed_same_examples():
    task = get_task("sort-letters")
    one, two, other = (make_splits(task, TrainConfig(num_examples=50, seed=s)) for s in (1, 1, 2))
    assert one.train == two.train
    assert one.train != other.train


def test_every_target_ends_with_eos_and_padding_is_at_the_end():
    splits = make_splits(get_task("reverse"), TrainConfig(num_examples=100, max_length=6))
    batch = make_batch(splits.train[:20], splits)
    for row, example in zip(batch.target_ids.tolist(), splits.train, strict=False):
        real = len(example.target)
        assert row[real] == EOS
        assert set(row[real + 1:]) <= {PAD}
        assert PAD not in row[:real]


def test_an_epoch_sees_every_example_once_in_a_new_order():
    splits = make_splits(get_task("reverse"), TrainConfig(num_examples=100, max_length=6))
    batches = Batches(splits, 16, torch.Generator().manual_seed(0))

    def epoch():
        return [tuple(row[:n].tolist()) for batch in batches.epoch(1)
                for row, n in zip(batch.source, batch.source_lengths, strict=True)]

    first, second = epoch(), epoch()
    assert sorted(first) == sorted(second)
    assert len(first) == len(splits.train)
    assert first != second
    assert len(list(batches.epoch(1))) == len(batches)


FRESH = TrainConfig(num_examples=200, num_epochs=6, min_length=2, max_length=8, fresh=True,
                    curriculum=0.6)


def test_fresh_epochs_differ_grow_and_never_hold_what_is_held_out():
    splits = make_splits(get_task("reverse-letters"), FRESH)
    epochs = [splits.fresh(e) for e in range(1, 7)]
    assert all(len(e) == 200 for e in epochs)
    assert len({frozenset(sources(e)) for e in epochs}) == 6
    assert not set().union(*map(sources, epochs)) & splits.held_out
    longest = [max(len(e.source) for e in epoch) for epoch in epochs]
    assert longest[:2] == [2, 2]  # slowly at first
    assert longest[3:] == [8, 8, 8]
    assert sorted(longest) == longest
    edge = sum(len(e.source) == longest[2] for e in epochs[2])
    assert edge > 100  # half of them, and those of the other half that happen to be so long


def test_the_last_fresh_epoch_is_what_is_scored_as_memorised():
    splits = make_splits(get_task("reverse"), FRESH)
    assert splits.fresh(6) == splits.train
    assert sources(splits.fresh(2)) <= splits.trained_on
    batches = Batches(splits, 16, torch.Generator().manual_seed(0))
    assert len(list(batches.epoch(2))) == len(batches) == 13


def test_a_curriculum_needs_fresh_examples():
    assert TrainConfig(curriculum=0.5) == TrainConfig()
