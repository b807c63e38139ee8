"""The frames of an ended run."""

import pytest
from test_class_summary import Shelf

from seq2seq.errors import RunGoneError
from seq2seq.training.events import ScoredModel
from seq2seq.ui.lab import Lab
from seq2seq.ui.tabs.player import MAX_FRAMES, frames


@pytest.fixture
def lab():
    return Lab(Shelf())


def test_the_frames_begin_untrained_and_end_with_the_newest_scores(lab):
    run = lab.runs.put("me", right=(0.25, 0.5))
    found = frames(lab, run.id)
    assert found["epochs"] == [0, 1, 2]
    assert found["words"] == ["before training", "after epoch 1", "after epoch 2"]
    assert [scores["new"][0] for scores in found["scores"]] == ["–", "25 %", "50 %"]
    assert len(found["rows"]) == 3


def test_a_run_that_was_stopped_within_an_epoch_ends_there(lab):
    run = lab.runs.put("me", right=(0.25,), status="stopped")
    run.scored = ScoredModel(1.4, 0.3, 0.4, {"new": 0.4}, (), b"")
    assert frames(lab, run.id)["epochs"] == [0, 1, 1.4]


def test_a_long_run_has_a_limited_number_of_frames(lab):
    run = lab.runs.put("me", right=[0.5] * 500)
    found = frames(lab, run.id)["epochs"]
    assert (len(found), found[0], found[-1]) == (MAX_FRAMES, 0, 500)


@pytest.mark.parametrize("run_id", ["gone", None, 7, []])
def test_without_a_run_or_an_epoch_there_are_none(lab, run_id):
    lab.runs.put("me", right=())
    assert frames(lab, lab.runs.runs[0].id) == {"epochs": []}
    lab.runs.get = lambda asked: (_ for _ in ()).throw(RunGoneError("gone"))
    assert frames(lab, run_id) == {"epochs": []}
