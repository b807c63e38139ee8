"""`predict --input`: one answer a line."""

import io

import pytest

from seq2seq.cli.parser import main
from seq2seq.cli.predict import batched


@pytest.fixture
def model(tmp_path, trained, monkeypatch) -> str:
    """The path of a model that reverses."""
    monkeypatch.chdir(tmp_path)
    return str(trained.save(tmp_path / "m"))


def test_each_line_gets_one_line(model, tmp_path, capsys, trained):
    texts = ["3 1 4", "2 7", "1 1 2 3 5"]
    (tmp_path / "in.txt").write_text("\n".join(texts) + "\n")
    assert main(["predict", model, "--input", "in.txt"]) == 0
    found = capsys.readouterr()
    assert found.out.splitlines() == [" ".join(trained.predict(text).tokens) for text in texts]
    assert found.err == ""


def test_a_line_that_cannot_be_read_keeps_its_place(model, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("3 1 4\n3 x\n\n2 7"))
    assert main(["predict", model, "--input", "-", "--beam", "3"]) == 0
    found = capsys.readouterr()
    assert [bool(line) for line in found.out.splitlines()] == [True, False, False, True]
    assert found.err.splitlines()[0].startswith("Line 2: “x” is not in this task's vocabulary.")
    assert found.err.splitlines()[1].startswith("Line 3: The box is empty.")
    assert found.err.splitlines()[2] == "Lines without an answer: 2."


def test_a_long_file_is_read_in_parts():
    assert [len(part) for part in batched(enumerate("abcde"), 2)] == [2, 2, 1]


@pytest.mark.parametrize("words", [["m"], ["m", "1 2", "--input", "x"],
                                   ["m", "--input", "x", "--seed", "3"]])
def test_what_does_not_fit_together_is_a_sentence(model, capsys, words):
    assert main(["predict", *words]) == 2
    assert "--input" in capsys.readouterr().err
