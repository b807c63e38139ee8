"""The sweep of a class: who gets which cell, and what a link may contain."""

import pytest

from seq2seq import Recipe
from seq2seq.errors import ConfigError
from seq2seq.hosting.class_activity import Activity
from seq2seq.hosting.class_sweep import ClassSweep, read_sweep
from seq2seq.hosting.sweep_grid import recipes


@pytest.fixture
def sweep():
    """Six cells."""
    axes = read_sweep("hidden_size:8,32,64;attention:none,dot")
    return ClassSweep(axes, recipes(Recipe("reverse"), axes))


def test_each_learner_gets_a_cell_and_keeps_it(sweep):
    first = [sweep.cell_of(learner) for learner in range(1, 7)]
    assert sorted(first) == list(range(6))
    second = [sweep.cell_of(learner) for learner in range(7, 13)]
    assert sorted(second) == list(range(6)), "then each cell has two learners"
    assert [sweep.cell_of(learner) for learner in range(1, 7)] == first


def test_who_has_trained_a_cell_gets_one_that_nobody_has(sweep):
    cells = [sweep.cell_of(learner) for learner in (1, 2)]
    sweep.move_on({cells[0]})
    moved = sweep.cell_of(1)
    assert moved not in cells
    assert sweep.cell_of(2) == cells[1], "it is still being trained"
    sweep.move_on(set(range(6)))
    assert (sweep.cell_of(1), sweep.cell_of(2)) == (moved, cells[1]), "no cell is left"


def test_a_cell_of_a_learner_who_leaves_is_free(sweep):
    activity = Activity()
    activity.begin_sweep(sweep)
    cells = [sweep.cell_of(learner) for learner in range(1, 7)]
    activity.leave([3])
    assert sweep.cell_of(7) == cells[2]


def test_the_same_sweep_again_keeps_the_cells_and_another_one_replaces_it(sweep):
    activity = Activity()
    assert activity.sweep is None
    activity.begin_sweep(sweep)
    activity.begin_sweep(ClassSweep(sweep.axes, sweep.cells))
    assert activity.sweep is sweep
    other = ClassSweep(sweep.axes, sweep.cells[:2])
    activity.begin_sweep(other)
    assert activity.sweep is other


@pytest.mark.parametrize(("text", "sentence"), [
    ("", "In the link, sweep is"), ("hidden_size", "In the link, sweep is"),
    ("seed:1,2;dropout:0,0.5;num_layers:1,2", "In the link, sweep is"),
    (f"seed:{'1,' * 200}2", "In the link, sweep is"), ("fault:none", "is not a setting"),
    ("hidden_size:8,x", "Hidden size is “x”"), ("hidden_size:", "Write the values"),
    (f"seed:{','.join(map(str, range(20)))}", "at most 12")])
def test_a_sweep_that_is_none_gets_a_sentence(text, sentence):
    with pytest.raises(ConfigError, match=sentence):
        read_sweep(text)
