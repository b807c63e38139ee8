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


def test_the_best_answers_to_each_line_with_their_scores(model, capsys, monkeypatch, trained):
    for alpha in ("0", "1"):
        monkeypatch.setattr("sys.stdin", io.StringIO("3 1 4\nx\n2 7 7\n"))
        assert main(["predict", model, "--input", "-", "--beam", "3", "--n-best", "2",
                     "--length-normalisation", alpha]) == 0
        found = capsys.readouterr()
        rows = [line.split("\t") for line in found.out.splitlines()]
        expected = [(n, h) for n, text in ((1, "3 1 4"), (3, "2 7 7"))
                    for h in trained.beam(text, 3, float(alpha)).best[:2]]
        assert rows == [[str(n), f"{h.score:.4f}", " ".join(h.tokens)] for n, h in expected]
        assert found.err.startswith("Line 2: ")


@pytest.mark.parametrize(("words", "sentence"), [
    (["--input", "-", "--beam", "2", "--n-best", "3"], "from 1 to the width of the beam"),
    (["1 2", "--beam", "2", "--n-best", "2"], "for the lines of --input"),
    (["1 2", "--length-normalisation", "2"], "Length normalisation is 2"),
])
def test_options_of_the_search_are_checked(model, capsys, words, sentence):
    assert main(["predict", model, *words]) == 2
    assert sentence in capsys.readouterr().err


def test_length_normalisation_changes_the_answer_to_a_line_as_it_does_on_the_page(
        model, capsys, monkeypatch, trained):
    texts = ["3 1 4 1 5 9 2 6 5", "1", "9 9 9 9 9 9 9 9 9 9 9 9"]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(texts)))
    assert main(["predict", model, "--input", "-", "--beam", "5",
                 "--length-normalisation", "1"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        " ".join(trained.beam(text, 5, 1.0).best[0].tokens) for text in texts]


@pytest.mark.parametrize("words", [["m"], ["m", "1 2", "--input", "x"],
                                   ["m", "--input", "x", "--seed", "3"]])
def test_what_does_not_fit_together_is_a_sentence(model, capsys, words):
    assert main(["predict", *words]) == 2
    assert "--input" in capsys.readouterr().err
