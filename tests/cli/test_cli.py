"""The command line, mostly in this process, and for real where a process matters."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from safetensors import safe_open

from seq2seq import Experiment
from seq2seq.cli.files import read_table
from seq2seq.cli.parser import main, make_parser
from seq2seq.config import ModelConfig, TrainConfig, settings
from seq2seq.errors import CheckpointError, TrainingError
from seq2seq.files import pretrained
from seq2seq.files.checkpoint import read_provenance
from seq2seq.tasks import get_task
from seq2seq.tasks.tables.parsing import AT_HOME, MAX_PAIRS, PAGE, Limits, allow

ROOT = Path(__file__).parents[2]
QUICK = ["--epochs", "1", "--hidden-size", "12", "--num-examples", "100"]
WORDS = "".join(f"{word}\t{phonemes}\n" for word, phonemes in [
    ("CAT", "K AE T"), ("HAT", "HH AE T"), ("READ", "R IY D"), ("READ", "R EH D"),
    ("BAT", "B AE T"), ("MAT", "M AE T")])


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """An empty folder to work in. Files are read as at home, whatever ran before."""
    allow(AT_HOME)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "seq2seq", *arguments], text=True,
                          capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
                          timeout=120, check=False, **options)


def said(capsys, *arguments: str) -> str:
    assert main(arguments) == 0
    return capsys.readouterr().out


def refused(capsys, *arguments: str) -> str:
    try:
        code = main(arguments)
    except SystemExit as end:
        code = end.code
    assert code == 2
    sentence = capsys.readouterr().err
    assert sentence.count("\n") == 1
    assert "Traceback" not in sentence
    return sentence


def test_train_evaluate_predict_for_real(here, capsys):
    made = run("train", "reverse", *QUICK, "--out", "m", "--attention", "dot", "--no-bidirectional")
    assert made.returncode == 0, made.stderr
    assert "epoch 1 of 1" in made.stdout
    recipe = Experiment.load(here / "m").recipe
    assert recipe.model == ModelConfig(attention="dot", hidden_size=12, bidirectional=False)
    asked = run("predict", "m", "3 1 4", "--beam", "3")
    assert asked.returncode == 0
    assert len([line for line in asked.stdout.splitlines() if "%" in line]) == 3
    assert "correct:  4 1 3" in asked.stdout
    drawn = []
    for seed in ("3", "3", "4"):
        drawn.append(said(capsys, "predict", "m", "3 1 4", "--temperature", "1.5", "--top-k", "4",
                          "--seed", seed, "--draws", "6"))
    assert drawn[0] == drawn[1] != drawn[2]
    assert "6 draws: temperature 1.5, top-k 4, seed 3" in drawn[0]
    assert len([line for line in drawn[0].splitlines() if "%" in line]) == 6
    wrong = run("predict", "m", "three")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr.startswith("“t” is not in this task")


@pytest.mark.parametrize(("options", "sentence"), [
    (["--temperature", "0"], "greedy"), (["--temperature", "hot"], "Temperature is hot"),
    (["--top-k", "0"], "Top-k is 0"), (["--draws", "99"], "number of draws is 99"),
    (["--seed", "-1"], "Seed is -1"), (["--beam", "3", "--seed", "1"], "leave out")])
def test_sampling_options_are_checked_before_a_model_is_loaded(capsys, options, sentence):
    assert main(["predict", "no-such-file", "3 1 4", *options]) == 2
    assert sentence in capsys.readouterr().err


def test_the_file_is_the_one_that_the_recipe_names(here):
    assert main(["train", "sort", *QUICK, "--out", "m", "--seed", "3"]) == 0
    loaded = Experiment.load("m")
    again = Experiment.from_recipe(loaded.recipe)
    for _ in again.fit():
        pass
    assert loaded.scores() == again.scores()
    for a, b in zip(loaded.model.parameters(), again.model.parameters(), strict=True):
        assert a.equal(b)


def test_it_says_how_it_was_made_without_folders(here):
    (here / "deep").mkdir()
    (here / "deep" / "words.tsv").write_text(WORDS)
    main(["train", "spelling", "--pairs", str(here / "deep" / "words.tsv"), "--epochs", "1",
          "--hidden-size", "12", "--out", str(here / "deep" / "m"), "--half", "--remark", "Small."])
    made = read_provenance(here / "deep" / "m")
    assert made.command == ("python -m seq2seq train spelling --pairs words.tsv --out m "
                            "--hidden-size 12 --num-epochs 1 --half")
    assert made.data.startswith("words.tsv: 6 pairs, sha256 ")
    assert made.remark == "Small."
    assert made.scores["memorised"] is not None
    assert made.cpu_seconds >= 0
    blob = (here / "deep" / "m.safetensors").read_bytes()
    assert str(here).encode() not in blob
    with safe_open(here / "deep" / "m.safetensors", "pt") as file:
        assert {file.get_slice(key).get_dtype() for key in file.keys()} == {"F16"}  # noqa: SIM118


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_training_is_saved(here, number):
    long = subprocess.Popen(
        [sys.executable, "-m", "seq2seq", "train", "reverse", "--epochs", "200", "--out", "m",
         "--num-examples", "500"], env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    until = time.monotonic() + 60
    while not (here / "m.safetensors").exists():
        assert time.monotonic() < until
        time.sleep(0.05)
    long.send_signal(number)
    out, err = long.communicate(timeout=60)
    assert long.returncode == 130
    assert "the model is saved in" in out
    assert "Traceback" not in err
    made = read_provenance("m")
    assert made.remark.startswith("Stopped during epoch ")
    assert Experiment.load("m").predict("1 2").tokens is not None


def test_every_setting_is_an_option_with_its_range():
    parser = make_parser()
    for kind in (ModelConfig, TrainConfig):
        for name, what in settings(kind).items():
            option = f"--{name.replace('_', '-')}"
            takes_value = what.low is not None or what.choices or what.max_characters
            value = ["1"] if takes_value else []
            asked = parser.parse_args(["train", "reverse", option, *value])
            assert getattr(asked, name) in (1, True, "1")


@pytest.mark.parametrize(("words", "sentence"), [
    ([], "required: command"),
    (["fly"], "invalid choice"),
    (["train"], "required: task"),
    (["train", "no such"], "There is no task “no such”"),
    (["train", "reverse", "--bogus", "1"], "--bogus"),
    (["train", "reverse", "--epochs", "many"], "Epochs is “many”: it must be a whole number"),
    (["train", "reverse", "--hidden-size", "100000"], "Hidden size is 100000"),
    (["train", "reverse", "--leave-out", "7"], "Left out of training is “7”: write token:"),
    (["train", "reverse", "--leave-out", "token:x"], "no training example contains this token"),
    (["train", "reverse", "--learning-rate", "nan"], "Learning rate is nan"),
    (["train", "reverse", "--cell", "brain"], "one of rnn, gru"),
    (["train", "reverse", "--out", "no/such/folder/m"], "cannot be saved"),
    (["train", "spelling", "--held-out", "w.tsv"], "--held-out needs --pairs"),
    (["train", "spelling", "--pairs", "absent.tsv"], "absent.tsv cannot be read"),
    (["train", "spelling", "--pairs", "w.tsv", "--fresh"], "--fresh does not work with --pairs"),
    (["train", "reverse", "--pairs", "w.tsv"], "w.tsv: Line 1: “C” is not in this task"),
    (["train", "spelling", "--pairs", "picture.png"], "picture.png: The file is a picture"),
    (["train", "spelling", "--pairs", "stress.tsv"], "Line 2: “AE1” is not an output token"),
    (["train", "pairs", "--pairs", "three.csv"], "three.csv: Line 2 .*3 columns"),
    (["train", "pairs", "--pairs", "long.tsv"], "long.tsv: Line 2 has a side of 300 tokens"),
    (["evaluate", "absent"], "no file absent.safetensors"),
    (["evaluate", "w.tsv"], "no file w.tsv.safetensors"),
    (["predict", "foreign", "1"], "not a model"),
    (["tasks", "--only", "no such"], "There is no task"),
    (["tasks", "--only", "reverse", "--seed", "-1"], "Seed is -1: it must be a whole number"),
], ids=lambda v: v[:40] if isinstance(v, str) else None)
def test_mistakes_get_one_sentence(here, capsys, words, sentence):
    (here / "w.tsv").write_text(WORDS)
    (here / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    (here / "stress.tsv").write_text("A\tAH\nCAT\tK AE1 T\nHAT\tHH AE1 T\n")
    (here / "three.csv").write_text("a,b\n" + "a,b,c\n" * 2)
    (here / "long.tsv").write_text("\n" + "c" * 300 + "\tb\n")
    (here / "foreign.safetensors").write_bytes(b"noise")
    assert re.search(sentence, refused(capsys, *words))


def test_a_training_that_cannot_go_on_is_a_sentence(capsys, monkeypatch):
    def explode(*_):
        raise TrainingError("In epoch 1 the loss was no longer a finite number.")
        yield
    monkeypatch.setattr("seq2seq.experiment.train", explode)
    assert "no longer a finite number" in refused(capsys, "train", "reverse", *QUICK)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_files_in_every_unicode_encoding(here, capsys, encoding):
    (here / "w.csv").write_bytes("Öl,Ã¶l\r\nTür,tür\r\nŁódź,łódź\r\n".encode(encoding))
    said(capsys, "train", "pairs", "--pairs", "w.csv", *QUICK, "--out", "m")
    task = Experiment.load("m").task
    assert [("".join(e.source), "".join(e.target)) for e in task.examples] == [
        ("Öl", "Ã¶l"), ("Tür", "tür"), ("Łódź", "łódź")]


def test_a_larger_table_than_the_page_reads(here, capsys):
    n = MAX_PAIRS + 1000
    (here / "big.csv").write_text("".join(f"{i},{i % 7}\n" for i in range(n)))
    (here / "out.csv").write_text("".join(f"{i};{i % 7}\n" for i in range(n, n + 50)))
    said(capsys, "train", "pairs", "--pairs", "big.csv", "--held-out", "out.csv", *QUICK,
         "--batch-size", "512", "--out", "m")
    experiment = Experiment.load("m")  # as a script or a notebook does
    assert len(experiment.splits.train) == n
    assert {"".join(e.source) for e in experiment.splits.new} == {str(i) for i in range(n, n + 50)}
    allow(PAGE)
    with pytest.raises(CheckpointError, match=r"at most 20,000.*SEQ2SEQ_MAX_PAIRS"):
        Experiment.load("m")
    (here / "long.csv").write_text("".join(f"{i},{i % 7}{'x' * 80}\n" for i in range(15_000)))
    allow(AT_HOME)
    said(capsys, "train", "pairs", "--pairs", "long.csv", *QUICK, "--batch-size", "512", "--out",
         "long")
    assert (here / "long.safetensors").stat().st_size < 300_000  # its table is compressed
    assert len(Experiment.load("long").task.examples) == 15_000
    allow(Limits(20_000, 200_000))
    with pytest.raises(CheckpointError, match="table has more than 200,000 characters"):
        Experiment.load("long")


def test_any_of_several_pronunciations_counts(here, capsys):
    from seq2seq.cli.files import by_source, read_examples
    from seq2seq.tasks import get_task
    (here / "lines.tsv").write_text(WORDS)
    (here / "columns.tsv").write_text("CAT\tK AE T\nREAD\tR IY D\tR EH D\nHAT\tHH AE T\t\n")
    for name in ("lines.tsv", "columns.tsv"):
        examples = read_examples(name, get_task("spelling"))
        read = [e for e in by_source(examples) if "".join(e.source) == "READ"]
        assert [(e.target, e.others) for e in read] == [
            (("R", "IY", "D"), (("R", "EH", "D"),))]
    (here / "dev.tsv").write_text("CAT\tK AE T\nRED\tR EH D\n")
    out = said(capsys, "train", "spelling", "--pairs", "lines.tsv", "--held-out", "dev.tsv",
               *QUICK, "--out", "m")
    assert "5 examples, 2 held out" in out
    assert "1 training pairs have a held-out source: they are not trained on." in out
    out = said(capsys, "evaluate", "m", "--pairs", "columns.tsv", "--beam", "2")
    assert "sources      3" in out
    assert "WER          100.00 " in out
    assert "PER " in out


def test_tasks_as_a_table(capsys, monkeypatch):
    from seq2seq.cli import table
    from seq2seq.experiment import Experiment as Real
    seeds, attentions = [], []

    def quick(name, model, train):
        seeds.append(train.seed)
        attentions.append(model.attention)
        return Real(name, ModelConfig(hidden_size=8), TrainConfig(num_epochs=1, num_examples=100))
    monkeypatch.setattr(table, "Experiment", quick)
    out = said(capsys, "tasks", "--only", "reverse", "dates", "--markdown").splitlines()
    said(capsys, "tasks", "--only", "dates", "--seed", "8")
    assert seeds == [7, 7, 7, 8]
    assert attentions == ["none", "dot", "dot", "dot"]
    assert [line.split("|")[1].strip() for line in out[2:]] == [
        "`reverse`", "`reverse --attention dot`", "`dates`"]
    assert len({line.count("|") for line in out}) == 1


def test_a_ready_model_is_called_by_its_tasks_name(here, capsys, monkeypatch):
    said(capsys, "train", "copy", *QUICK, "--out", "copy")
    (here / "models").mkdir()
    os.rename("copy.safetensors", here / "models" / "copy.safetensors")
    monkeypatch.setattr(pretrained, "MODELS", here / "models")
    assert "correct:  1 2" in said(capsys, "predict", "copy", "1 2")
    made = json.loads(pretrained.provenance(pretrained.ready("copy")).to_json())
    assert made["command"].startswith("python")


def test_the_held_out_file_is_read_like_the_file_of_pairs(here):
    (here / "pairs.tsv").write_text("a\tx\nb\ty\n---\nc\tz\n")
    (here / "more.tsv").write_text('wa -> waq\twas\n"d"\tv\n')
    task = get_task("pairs")
    table = replace(task, text=read_table(task, "pairs.tsv", "more.tsv")[0])
    assert {"".join(source) for source in table.held_out} == {"c", "wa -> waq", "d"}
