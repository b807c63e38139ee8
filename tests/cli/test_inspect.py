"""`inspect`: what would be read from a file of pairs."""

import io

import pytest

from seq2seq.cli.inspect import bars
from seq2seq.cli.parser import main
from seq2seq.data.splits import _left_out, _make_splits
from seq2seq.tasks.tables.cache import TableCache
from seq2seq.tasks.tables.facts import histogram


def test_it_shows_format_tokens_lengths_and_split(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = "".join(f"Go {a} {b}.\tVa {b} {a} !\tCC-BY 2.0\n" for a in "abcde" for b in "fghij")
    (tmp_path / "pairs.tsv").write_text(rows + "no tab\n")
    held_out = [f"Go {a} f.\tVa f {a} !\tCC-BY 2.0\n" for a in "az"]
    (tmp_path / "out.tsv").write_text("".join(held_out))
    assert main(["inspect", "pairs.tsv", "--held-out", "out.tsv", "--lower-case", "yes"]) == 0
    said, wrong = capsys.readouterr()
    assert wrong == ("pairs.tsv: Lines left out: 1. 1 with no separator between two sides (line "
                     "26); the first is “no tab”.\n")
    assert "26 pairs with 26 different sources" in said
    assert "Source tokens are words and punctuation marks: 13 different ones, 4 to 4" in said
    assert "  go|a|f|.  ->  va|f|a|!" in said
    assert "Trained on: 24 pairs. Held out: 2 sources" in said
    assert "Training pairs whose source is held out: 1. They are not trained on." in said
    assert "Training lacks 12.5 % of their source tokens and 12.5 % of their target" in said
    assert "Source vocabulary by minimum count: 1: 13, 2: 12" in said


def test_a_histogram_has_ten_bars_at_most():
    lines = bars(histogram([("x",) * n for n in range(1, 96)]))
    assert len(lines) == 10
    assert lines[0].split()[:4] == ["1", "to", "10", "10"]
    assert lines[-1].split()[:4] == ["91", "to", "95", "5"]
    assert bars(histogram([("x",)])) == ["           1          1  " + "█" * 40]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("command", [("inspect", "a.tsv"), (
    "train", "pairs", "--pairs", "a.tsv", "--epochs", "1", "--hidden-size", "4")])
def test_a_terminal_shows_bars_and_nothing_else_does(command, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("seq2seq.cli.bars.DELAY", 0)
    (tmp_path / "a.tsv").write_text("".join(f"go {n}\tva {n}\n" for n in range(60)))
    assert main(list(command)) == 0
    said, wrong = capsys.readouterr()
    assert wrong == ""
    monkeypatch.setattr("seq2seq.tasks._tables", TableCache(48, 8_000_000))
    _make_splits.cache_clear()
    _left_out.cache_clear()
    monkeypatch.setattr("sys.stderr", terminal := Terminal())
    assert main(list(command)) == 0
    for name in ("Reading lines", "Splitting into tokens", "Counting tokens"):
        assert f"{name}: " in terminal.getvalue()
    assert command[0] == "train" or capsys.readouterr().out == said


def test_lines_are_counted_as_in_the_file(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("source,target\na,b\nno comma\nc,d\n")
    assert main(["inspect", "a.csv", "--lower-case", "yes", "--min-count", "1"]) == 0
    said = capsys.readouterr().out
    assert "Line 1 is a heading" in said
    assert "(line 3); the first is “no comma”" in said
