"""The downloaded zip reproduces its run using only its own files."""

import csv
import io
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seq2seq import Experiment, ModelConfig, TrainConfig
from seq2seq.errors import InputError
from seq2seq.files.checkpoint import dump_weights
from seq2seq.files.share_link import from_query
from seq2seq.files.take_home_zip import DATA, ROOT, as_notebook, make_zip, sources, write_program
from seq2seq.hosting.training_job import training_job
from seq2seq.recipe import Recipe
from seq2seq.training.events import EpochEnd, Snapshot

TINY = TrainConfig(num_epochs=3, num_examples=150, max_length=4, batch_size=32, seed=11)
SMALL = ModelConfig(attention="dot", hidden_size=12)
PAIRS = '"quoted" → 1\nnaïve → 2\n\r\nx → $y {z} # %%\n' + "\n".join(
    f"w{i} → {i}" for i in range(12))


def run(recipe, num_epochs):
    """The events of a run that is stopped after some epochs, and its newest weights."""
    events, weights = [], b""
    for event in training_job(recipe):
        if isinstance(event, Snapshot):
            weights = event.weights
            if event.epoch == num_epochs:
                break
        elif event is not None:
            events.append(event)
    return events, weights


def unpack(blob, folder):
    with zipfile.ZipFile(io.BytesIO(blob)) as archive:
        archive.extractall(folder)
    (found,) = folder.iterdir()
    return found


def python(*arguments, cwd):
    """A new interpreter without this project on its path."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    return subprocess.run([sys.executable, *arguments], cwd=cwd, env=env, text=True,
                          capture_output=True, timeout=300)


@pytest.mark.parametrize(("recipe", "num_epochs"), [
    (Recipe("sort", ModelConfig(cell="lstm", hidden_size=8, dropout=0.3),
            TrainConfig(num_epochs=4, num_examples=150, max_length=4, teacher_forcing=0.5)), 2),
    (Recipe("pairs", SMALL, TINY, PAIRS), 3),
], ids=["stopped early", "own pairs"])
def test_the_program_ends_with_the_same_loss_to_the_last_digit(recipe, num_epochs, tmp_path):
    events, weights = run(recipe, num_epochs)
    shown = [event.train_loss for event in events if isinstance(event, EpochEnd)]
    folder = unpack(make_zip(recipe, weights, events), tmp_path / "zip")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = python(str(folder / "retrain.py"), cwd=elsewhere)
    assert done.returncode == 0, done.stderr
    assert f"last loss here:        {shown[-1]!r}\n" in done.stdout
    assert "The same, to the last digit." in done.stdout
    assert done.stdout.count("epoch ") == num_epochs


def test_a_changed_setting_is_noticed_by_the_package_that_came_along(tmp_path):
    recipe = Recipe("reverse", SMALL, TINY)
    events, weights = run(recipe, 1)
    folder = unpack(make_zip(recipe, weights, events), tmp_path)
    program = folder / "retrain.py"
    look = "import seq2seq, sys; print(seq2seq.__file__, 'gradio' in sys.modules)\nHERE ="
    program.write_text(program.read_text().replace("seed=11", "seed=12").replace("HERE =", look))
    done = python("retrain.py", cwd=folder)
    assert done.returncode == 1
    assert done.stdout.splitlines()[0] == f"{folder / 'seq2seq' / '__init__.py'} False"
    assert "Did you change a setting" in done.stderr


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    recipe = Recipe("pairs", SMALL, TINY, PAIRS)
    events, weights = run(recipe, 2)
    return recipe, events, weights, make_zip(recipe, weights, events, "w3")


def test_a_twin_is_trained_again_without_what_it_left_out(small):
    recipe, _events, _weights, blob = small
    twin = replace(recipe, train=replace(recipe.train, leave_out="token:8; token:9"))
    events, weights = run(twin, 1)
    with zipfile.ZipFile(io.BytesIO(make_zip(twin, weights, events))) as archive:
        files = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
    assert files["history.csv"].startswith(b"epoch,step,loss,")
    assert b",longer,left_out\n" in files["history.csv"]
    assert b'    leave_out="token:8; token:9",  # usually ""\n' in files["retrain.py"]
    assert Recipe.from_json(files["recipe.json"].decode()) == twin
    assert {"seq2seq/leave_out.py", "seq2seq/data/left_out.py"} <= files.keys()
    with zipfile.ZipFile(io.BytesIO(blob)) as archive:
        assert b"leave_out" not in archive.read("seq2seq-pairs/retrain.py")
        assert b"leave_out" not in archive.read("seq2seq-pairs/recipe.json")
        assert b",longer\n" in archive.read("seq2seq-pairs/history.csv")


def test_the_same_run_gives_the_same_bytes(small):
    recipe, events, weights, blob = small
    sources.cache_clear()
    assert make_zip(recipe, weights, events, "w3") == blob
    assert len(blob) < 470_000  # the notebook has the package once more


def test_nothing_in_it_names_this_machine(small, tmp_path):
    folder = unpack(small[3], tmp_path)
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert str(ROOT).encode() not in content, path.name
            assert str(Path.home()).encode() + b"/" not in content, path.name
    with zipfile.ZipFile(io.BytesIO(small[3])) as archive:
        assert all(name.startswith("seq2seq-pairs/") for name in archive.namelist())
        assert {entry.date_time[0] for entry in archive.infolist()} == {2000}


def test_every_file_is_named_in_the_read_me(small, tmp_path):
    folder = unpack(small[3], tmp_path)
    words = (folder / "README.txt").read_text()
    for path in folder.iterdir():
        assert path.name in words or path.name == "README.txt"
    assert "$" not in words.partition("?task=")[0]
    query = next(line.strip() for line in words.splitlines() if "?task=" in line)
    assert from_query(query) == (small[0], "w3", "")


def test_the_model_is_the_run_s(small, tmp_path):
    recipe, _, weights, blob = small
    folder = unpack(blob, tmp_path)
    loaded = Experiment.load(folder / "model.safetensors")
    assert loaded.recipe == recipe
    assert dump_weights(loaded.model) == weights
    assert Recipe.from_json((folder / "recipe.json").read_text()) == recipe


def test_the_history_loses_no_digit(small, tmp_path):
    _, events, _, blob = small
    with (unpack(blob, tmp_path) / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    ends = [row for row in rows if row["epoch_loss"]]
    epochs = [event for event in events if isinstance(event, EpochEnd)]
    assert [float(row["epoch_loss"]) for row in ends] == [e.train_loss for e in epochs]
    assert [float(row["memorised"]) for row in ends] == [e.scores["memorised"] for e in epochs]
    assert all(row["longer"] == "" for row in rows)  # so few pairs have no third set
    assert len(rows) == len(events) - 1  # all but `Started`


def test_the_notebook_is_valid_and_its_cells_run(small, tmp_path, monkeypatch, capsys):
    folder = unpack(small[3], tmp_path)
    notebook = nbformat.read(folder / "retrain.ipynb", as_version=4)
    nbformat.validate(notebook)
    monkeypatch.chdir(folder)
    space: dict = {}
    for cell in notebook.cells:
        assert cell.source.strip()
        if cell.cell_type == "code":
            exec(compile(cell.source, "retrain.ipynb", "exec"), space)
    assert "The same, to the last digit." in capsys.readouterr().out


def test_the_notebook_runs_alone_in_an_empty_folder(tmp_path):
    pairs = PAIRS + "\nsep\u2028arated \u2192 a\u2029b\nlone\ud800half \u2192 x"
    recipe = Recipe("pairs", SMALL, TINY, pairs.encode("utf-8", "replace").decode())
    events, weights = run(recipe, 1)
    folder = unpack(make_zip(recipe, weights, events, "sep\u2028arated"), tmp_path / "zip")
    notebook = nbformat.read(folder / "retrain.ipynb", as_version=4)
    nbformat.validate(notebook)
    empty = tmp_path / "empty"
    empty.mkdir()
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    (tmp_path / "cells.json").write_text(json.dumps(code))
    start = (f"import json\nfor cell in json.load(open({str(tmp_path / 'cells.json')!r})):\n"
             "    exec(compile(cell, 'cell', 'exec'), globals())\n"
             "import seq2seq; print(seq2seq.__file__)")
    done = python("-c", start, cwd=empty)
    assert done.returncode == 0, done.stderr
    assert "The same, to the last digit." in done.stdout
    assert done.stdout.splitlines()[-1] == str(empty / "seq2seq" / "__init__.py")


@pytest.mark.parametrize("text", ["\u2028", "a\u2029b\x85c", "\ud800", "x\udfffy"])
def test_line_separators_and_lone_surrogates_do_no_harm(text):
    recipe = Recipe("reverse", SMALL, TINY)
    program = write_program(recipe, recipe.make_task(), [1.5], text)
    program.encode()
    cells = json.loads(as_notebook(program))["cells"]
    for cell in cells:
        if cell["cell_type"] == "code":
            compile(cell["source"], "cell", "exec")


def test_the_page_stays_out():
    names = set(sources())
    assert {"seq2seq/__init__.py", "seq2seq/training/loop.py", "seq2seq/tasks/pairs.py"} <= names
    assert "seq2seq/reports/experiment_card.py" in names  # a notebook displays it
    assert not any("ui/" in name or "figures" in name or "jobs" in name for name in names)


def test_requirements_are_pinned_and_without_the_page(small, tmp_path):
    lines = (unpack(small[3], tmp_path) / "requirements.txt").read_text().split("\n")[1:-1]
    assert all("==" in line for line in lines)
    assert f"torch=={torch.__version__.partition('+')[0]}" in lines
    assert not any(line.startswith(("gradio", "plotly", "pandas")) for line in lines)


def test_data_of_tasks_lies_where_it_is_looked_for():
    from seq2seq.tasks import TASKS
    for task in TASKS:
        if task.name in DATA:
            assert (ROOT / "assets" / DATA[task.name]).exists()


@settings(max_examples=20, deadline=None)
@given(st.text(max_size=30))
def test_any_text_is_carried_into_a_program_that_compiles(text):
    recipe = Recipe("reverse", SMALL, TINY)
    program = write_program(recipe, recipe.make_task(), [1.5, 0.1 + 0.2], text)
    compile(program, "retrain.py", "exec")
    assert "0.30000000000000004," in program
    assert "hidden_size=12,  # usually 64" in program
    json.loads(as_notebook(program))


def test_a_text_that_cannot_be_read_is_replaced_by_the_example(small):
    _, events, weights, _ = small
    recipe = Recipe("pairs", SMALL, TINY, "a b -> c\nb x -> d")
    for text in ("", "   ", "x " * 500):
        with zipfile.ZipFile(io.BytesIO(make_zip(recipe, weights, events, text))) as archive:
            assert 'text = "a b"' in archive.read("seq2seq-pairs/retrain.py").decode()


def test_without_an_epoch_there_is_nothing_to_take_home():
    with pytest.raises(InputError, match="wait for the first epoch"):
        make_zip(Recipe("reverse"), b"", [])
