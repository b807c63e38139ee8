"""The SCAN commands against Lake & Baroni (2018): counts, examples, splits."""

import random

import pytest

from seq2seq.data.splits import make_splits
from seq2seq.tasks import get_task
from seq2seq.tasks.scan import commands, execute

SCAN, LENGTH, JUMP = (get_task(name) for name in ("scan", "scan-length", "scan-jump"))


def test_there_are_exactly_20910_commands():
    assert len(set(commands())) == len(commands()) == 20_910
    assert max(map(len, commands())) == 9
    assert max(len(execute(command)) for command in commands()) == 48
    assert all(execute(command) for command in commands())


@pytest.mark.parametrize(("command", "actions"), [
    ("jump", "JUMP"),
    ("jump left", "LTURN JUMP"),
    ("turn left", "LTURN"),
    ("turn left twice", "LTURN LTURN"),
    ("jump thrice", "JUMP JUMP JUMP"),
    ("jump opposite left", "LTURN LTURN JUMP"),
    ("turn opposite right", "RTURN RTURN"),
    ("jump around right", "RTURN JUMP RTURN JUMP RTURN JUMP RTURN JUMP"),
    ("turn around left", "LTURN LTURN LTURN LTURN"),
    ("jump around left twice", " ".join(["LTURN JUMP"] * 8)),
    ("walk and run", "WALK RUN"),
    ("walk after run", "RUN WALK"),
    ("jump opposite left after walk around left",
     "LTURN WALK LTURN WALK LTURN WALK LTURN WALK LTURN LTURN JUMP"),
    ("jump thrice and turn left twice after look", "LOOK JUMP JUMP JUMP LTURN LTURN"),
    ("run around left twice and jump around right thrice",
     " ".join(["LTURN RUN"] * 8 + ["RTURN JUMP"] * 12)),
])
def test_what_commands_ask_for(command, actions):
    assert " ".join(SCAN.solve(SCAN.parse(command))) == actions


@pytest.mark.parametrize("command", ["turn", "left", "twice", "jump jump", "walk and", "and walk",
                                     "walk twice twice", "jump opposite", "opposite left",
                                     "around jump left", "walk and after run", "turn twice"])
def test_what_is_no_command(command):
    assert SCAN.solve(SCAN.parse(command)) is None


@pytest.mark.parametrize(("task", "longest", "trained", "tested"), [
    (SCAN, 30, 16_728, 4_182), (LENGTH, 22, 16_990, 3_920), (JUMP, 30, 14_670, 7_706)])
def test_the_splits_have_the_published_sizes(task, longest, trained, tested):
    train, test = task.split(random.Random(1), longest)
    assert (len(train), len(test)) == (trained, tested)
    assert not set(train) & set(test)
    assert set(train) | set(test) == set(commands())


def test_the_simple_split_is_trained_on_whole():
    splits = make_splits(SCAN, SCAN.train)
    assert (len(splits.train), len(splits.new)) == (16_728, 4_182)
    assert all(SCAN.parts(e.source) == 3 and len(e.target) <= 22 for e in splits.longer)


def test_long_answers_are_kept_for_the_test():
    splits = make_splits(LENGTH, LENGTH.train)
    assert max(len(e.target) for e in (*splits.train, *splits.new)) == 22
    assert min(len(e.target) for e in splits.longer) == 24
    assert len(splits.train) + len(splits.new) == 16_990


def test_jump_is_trained_on_alone_and_often():
    splits = make_splits(JUMP, JUMP.train)
    assert len(splits.train) + len(splits.new) == 14_670
    assert sum(e.source == ("jump",) for e in splits.train) == 1_467
    assert all("jump" not in e.source or len(e.source) == 1 for e in splits.train)
    assert not any("jump" in e.source for e in splits.new)
    assert all("jump" in e.source and len(e.source) > 1 for e in splits.longer)
    rng = random.Random(3)
    assert all("jump" not in c or len(c) == 1 for c in (JUMP.sample(rng, 5) for _ in range(300)))
