"""Files of version 0.4 can still be read: a model, a share link, and a downloaded zip."""

import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from seq2seq import Experiment, Recipe
from seq2seq.files.share_link import from_query

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "tests" / "fixtures"  # written by the code of 27 November 2026
FOLDER = "seq2seq-reverse"


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("older")
    blob = (FIXTURES / "take-home.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(blob)) as archive:
        archive.extractall(place)
    return place / FOLDER


def recipe_of(files: Path) -> Recipe:
    return Recipe.from_json((files / "recipe.json").read_text())


def test_a_model_opens_and_answers(files):
    experiment = Experiment.load(files / "model.safetensors")
    assert experiment.recipe == recipe_of(files)
    assert experiment.predict("3 1 4").finished


def test_a_share_link_names_the_same_recipe(files):
    link = from_query((FIXTURES / "link.txt").read_text().strip())
    assert link.recipe == recipe_of(files)
    assert link.text == "3 1 4"


def test_its_program_trains_the_same_run_with_todays_package(files, tmp_path):
    for name in ("retrain.py", "model.safetensors"):
        (tmp_path / name).write_bytes((files / name).read_bytes())
    ran = subprocess.run([sys.executable, "retrain.py"], cwd=tmp_path, text=True, check=True,
                         capture_output=True, env={"PYTHONPATH": str(ROOT), "PATH": ""})
    before, now = (float(re.search(rf"last loss {where}: +(\S+)", ran.stdout)[1])
                   for where in ("on the page", "here"))
    assert now == pytest.approx(before, rel=1e-6)  # other processors round otherwise
