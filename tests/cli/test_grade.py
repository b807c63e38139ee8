"""`grade`: the links of a class, trained again on another seed."""

import csv
import io
from dataclasses import replace

import pytest

from seq2seq import Experiment, ModelConfig, Recipe, TrainConfig
from seq2seq.cli.parser import main
from seq2seq.errors import ConfigError
from seq2seq.evaluation.goal import read_goal
from seq2seq.files.share_link import to_query

TRAIN = TrainConfig(num_epochs=1, num_examples=60, max_length=4, seed=77)
RECIPE = Recipe("reverse", ModelConfig(hidden_size=8), TRAIN)


def rows_of(capsys, *arguments: str) -> list[dict[str, str]]:
    assert main(["grade", *arguments]) == 0
    return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


def test_each_link_is_trained_again_with_the_same_other_seed(tmp_path, capsys):
    link = "https://lab.example/" + to_query(RECIPE)
    (tmp_path / "links.txt").write_text(
        f"Ada Lovelace\t{link}\n\nBen, https://lab.example/?task=revers\n{link}\n")
    first, wrong, alone = rows_of(capsys, str(tmp_path / "links.txt"), "--seed", "5",
                                  "--goal", "new>=0,parameters<=10")
    again = Experiment("reverse", RECIPE.model, TrainConfig(
        num_epochs=1, num_examples=60, max_length=4, seed=5))
    for _ in again.fit():
        pass
    assert first["name"] == "Ada Lovelace"
    assert first["memorised"] == f"{again.scores()['memorised']:.3f}"
    assert first["parameters"] == str(again.num_parameters)
    assert (first["goal"], first["problem"]) == ("not reached", "")
    assert (wrong["name"], wrong["new"], wrong["goal"]) == ("Ben", "", "")
    assert wrong["problem"].startswith("There is no task “revers”")
    assert {**alone, "name": "", "cpu_seconds": ""} == {**first, "name": "", "cpu_seconds": ""}
    assert alone["name"] == "line 4"


def test_a_link_that_leaves_something_out_is_graded_like_the_others(tmp_path, capsys):
    twin = Recipe("reverse", RECIPE.model, replace(TRAIN, leave_out="token:7"))
    (tmp_path / "links.txt").write_text(f"Ada {to_query(twin)}\n")
    row, = rows_of(capsys, str(tmp_path / "links.txt"))
    assert row["problem"] == ""
    assert row["memorised"]


@pytest.mark.parametrize(("text", "sentence"), [
    ("Ada\n", "Line 1 has no recipe link"), ("\n", "The file has no recipe links")])
def test_a_file_without_links_is_a_sentence(tmp_path, capsys, text, sentence):
    (tmp_path / "links.txt").write_text(text)
    assert main(["grade", str(tmp_path / "links.txt")]) == 2
    assert sentence in capsys.readouterr().err


def test_a_goal_holds_if_all_its_conditions_do():
    goal = read_goal("new>=0.95,parameters<=5000")
    good = {"new": 0.95, "parameters": 5000}
    assert all(condition.holds(good) for condition in goal)
    assert not all(condition.holds({**good, "new": 0.949}) for condition in goal)
    assert not goal[0].holds({"new": None})


@pytest.mark.parametrize("text", ["", "new>0.9", "luck>=1", "new>=high", "new>=1,,"])
def test_a_goal_that_cannot_be_read_is_a_sentence(text):
    with pytest.raises(ConfigError, match=r"Write one like this: new>=0\.95,parameters<=5000"):
        read_goal(text)
