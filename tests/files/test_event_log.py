"""The event log of a training, and the logs of pre-trained models."""

from dataclasses import replace

import pytest
from conftest import SMALL, small_model

from seq2seq import TASKS, Experiment
from seq2seq.errors import CheckpointError
from seq2seq.files import pretrained
from seq2seq.files.event_log import EventLog, read_log
from seq2seq.training.events import EpochEnd, Started, StepEnd
from seq2seq.training.loop import sample_answers
from seq2seq.ui.lab import Lab
from seq2seq.ui.tabs.live_training import live_value, poll

LOGGED = next(task for task in TASKS
              if (path := pretrained.ready(task.name)) and path.with_suffix(".json").is_file())


def test_a_log_is_read_back_as_it_was_told(tmp_path):
    experiment = Experiment("reverse", small_model(), replace(SMALL, num_epochs=3))
    rows = sample_answers(experiment.model, experiment.splits)
    log = EventLog(Started(3, 4, experiment.num_parameters, True, rows))
    told = list(experiment.fit())
    for event in told:
        log.add(event)
    log.write(tmp_path / "log.json")
    events = read_log(tmp_path / "log.json")
    assert events == tuple(log.events)
    assert [e.loss for e in events if isinstance(e, StepEnd)] == pytest.approx(
        [e.loss for e in told if isinstance(e, StepEnd)], abs=1e-4)
    assert [e.scores for e in events if isinstance(e, EpochEnd)] == [
        e.scores for e in told if isinstance(e, EpochEnd)]


def test_of_a_long_training_means_over_steps_are_kept():
    log = EventLog(Started(1, 1000, 10, True, ()))
    for step in range(1, 1001):
        log.add(StepEnd(1, step, float(step), 0.0))
    points = [e for e in log.events if isinstance(e, StepEnd)]
    assert len(points) == 201
    assert points[0].loss == 1
    assert points[2].loss == (6 + 7 + 8 + 9 + 10) / 5


@pytest.mark.parametrize("text", ["", "[]", "{}", '[{"event": "StepEnd"}]', '[{"event": "x"}]',
                                  "[1]", '[{"event": "Started", "num_epochs": "many"}]'])
def test_what_is_no_log_is_a_sentence(tmp_path, text):
    (tmp_path / "log.json").write_text(text)
    with pytest.raises(CheckpointError, match="not a training log"):
        read_log(tmp_path / "log.json")


def test_a_ready_model_shows_its_curve():
    lab = Lab()
    try:
        run = lab.open_pretrained("x" * 22, LOGGED.name)
        assert live_value(lab, run, [])["run"] == run.id
        told = poll(lab, [run.id, 0, -1])
        assert len(told["y"]) > 50
        assert len(told["held"]) == run.recipe.train.num_epochs
        assert told["rows"]
        assert told["scores"]["new"][1] == run.provenance.scores["new"]
        assert "Pre-trained" in told["say"]
    finally:
        lab.runs.close()
