"""`train --resume`, `--keep-best` and `--patience`."""

import os
import signal

import pytest

from seq2seq import EpochEnd, Experiment
from seq2seq.cli.best_epoch import BestEpoch
from seq2seq.cli.parser import main
from seq2seq.cli.resuming import Resuming
from seq2seq.errors import ConfigError
from seq2seq.files.checkpoint import read_provenance


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(capsys, *arguments: str) -> str:
    """What a command prints."""
    capsys.readouterr()
    assert main(arguments) == 0
    return capsys.readouterr().out


def stopped_after(epochs: int, monkeypatch, *arguments: str) -> None:
    """Run a training that receives a signal after so many epochs."""
    from seq2seq.cli import train
    real = Experiment.fit

    def fit(self, *args, **more):
        for event in real(self, *args, **more):
            yield event
            if getattr(event, "held_out_loss", None) is not None and event.epoch == epochs:
                os.kill(os.getpid(), signal.SIGTERM)
    monkeypatch.setattr(train.Experiment, "fit", fit)
    assert main(["train", *arguments]) != 0
    monkeypatch.undo()


def stopped_at_once(monkeypatch, *arguments: str) -> None:
    """Run a training that receives a signal at its first step."""
    real = Experiment.fit

    def fit(self, *args, **more):
        for event in real(self, *args, **more):
            os.kill(os.getpid(), signal.SIGTERM)
            yield event
    monkeypatch.setattr(Experiment, "fit", fit)
    assert main(["train", *arguments]) != 0
    monkeypatch.undo()


SMALL = ["sort", "--epochs", "5", "--hidden-size", "12", "--num-examples", "100", "--seed", "3"]


def test_a_resumed_training_is_the_same_to_the_last_bit(here, capsys, monkeypatch):
    said(capsys, "train", *SMALL, "--out", "whole")
    assert not (here / "whole.state").exists()
    stopped_after(2, monkeypatch, *SMALL, "--out", "m")
    monkeypatch.chdir(here)
    assert "--resume" in capsys.readouterr().out
    out = said(capsys, "train", *SMALL, "--out", "m", "--resume")
    assert "epoch 2 " not in out
    assert "epoch 3 of 5" in out
    whole, resumed = (Experiment.load(name).model.state_dict() for name in ("whole", "m"))
    assert all(whole[name].equal(resumed[name]) for name in whole)
    assert main(["train", *SMALL, "--out", "m", "--resume"]) == 2
    assert "There is no m.state to resume" in capsys.readouterr().err


def test_only_the_same_recipe_is_resumed(here, capsys, monkeypatch):
    stopped_after(1, monkeypatch, *SMALL, "--out", "m")
    monkeypatch.chdir(here)
    capsys.readouterr()
    assert main(["train", *SMALL, "--dropout", "0.5", "--out", "m", "--resume"]) == 2
    assert "another recipe (dropout 0→0.5)" in capsys.readouterr().err


def test_the_best_epoch_is_kept_and_patience_ends_the_training(here, capsys):
    out = said(capsys, "train", *SMALL, "--epochs", "12", "--out", "m", "--keep-best", "new",
               "--patience", "2")  # so small a model answers nothing correctly for long
    assert sum(line.startswith("epoch") for line in out.splitlines()) == 3
    assert "Epoch 1 of 3 was the best by new" in out
    kept = Experiment.load("m")
    experiment = Experiment.from_recipe(kept.recipe)
    for event in experiment.fit():
        if isinstance(event, EpochEnd):
            break
    weights = experiment.model.state_dict()
    assert all(weights[name].equal(value) for name, value in kept.model.state_dict().items())


def test_the_least_loss_is_the_best_and_a_draw_is_no_improvement():
    best = BestEpoch("held-out-loss", patience=2)
    events = [EpochEnd(n, 1.0, loss, 0.5, 0.0, {"new": 0.0}, ())
              for n, loss in enumerate([3.0, 2.0, 2.0, 2.5], 1)]
    assert [(best.improves(event), best.is_over) for event in events] == [
        (True, False), (True, False), (False, False), (False, True)]
    assert best.epoch == 2


@pytest.mark.parametrize(("options", "sentence"), [
    (["--keep-best", "luck"], "--keep-best is luck: it must be held-out-loss or new"),
    (["--patience", "3"], "--patience needs --keep-best"),
    (["--keep-best", "new", "--patience", "x"], "--patience is x"),
])
def test_wrong_options_of_early_stopping_are_sentences(here, capsys, options, sentence):
    assert main(["train", *SMALL, *options, "--out", "m"]) == 2
    assert sentence in capsys.readouterr().err


def test_the_state_of_another_training_is_not_resumed(here, capsys, monkeypatch):
    """It once was if a training of another recipe had been started and stopped since."""
    stopped_after(2, monkeypatch, *SMALL, "--out", "m")
    monkeypatch.chdir(here)
    stopped_at_once(monkeypatch, *SMALL, "--learning-rate", "0.5", "--out", "m")
    monkeypatch.chdir(here)
    assert "--resume" not in capsys.readouterr().out.splitlines()[-1]  # there is no whole epoch
    assert main(["train", *SMALL, "--learning-rate", "0.5", "--out", "m", "--resume"]) == 2
    assert "There is no m.state to resume" in capsys.readouterr().err


def test_other_data_is_not_resumed(here, capsys, monkeypatch):
    words = [f"{a}{b}\t{b}{a}" for a in "abcd" for b in "efgh"]
    arguments = ["pairs", "--pairs", "w.tsv", "--epochs", "5", "--hidden-size", "12", "--out", "m"]
    (here / "w.tsv").write_text("\n".join(words))
    stopped_after(2, monkeypatch, *arguments)
    monkeypatch.chdir(here)
    (here / "w.tsv").write_text("\n".join(reversed(words)))
    capsys.readouterr()
    assert main(["train", *arguments, "--resume"]) == 2
    assert "with another recipe" in capsys.readouterr().err
    # With a task of its own, a file is not part of the recipe.
    resuming = Resuming(here / "m.safetensors", Experiment.load("m").recipe, "other.tsv")
    with pytest.raises(ConfigError, match=r"trained on other data: w\.tsv: "):
        resuming.read(BestEpoch())


def test_stopped_before_the_first_epoch_the_model_is_saved_also_with_keep_best(
        here, capsys, monkeypatch):
    stopped_at_once(monkeypatch, *SMALL, "--keep-best", "new", "--out", "m")
    monkeypatch.chdir(here)
    assert "the model is saved in m.safetensors" in capsys.readouterr().out
    assert Experiment.load("m")


def test_the_command_in_the_model_says_how_the_epoch_was_chosen(here, capsys):
    said(capsys, "train", *SMALL, "--out", "m", "--keep-best", "new", "--patience", "2")
    assert read_provenance("m.safetensors").command.endswith("--keep-best new --patience 2 "
        "--hidden-size 12 --num-epochs 5 --num-examples 100 --seed 3")
