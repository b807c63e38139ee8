"""Files of many scripts, encodings and origins: from the file by the proposals to a model."""

import re
import unicodedata

import pytest
import sacrebleu

from seq2seq import Experiment
from seq2seq.cli.parser import main

QUICK = ("--epochs", "1", "--hidden-size", "8", "--batch-size", "8")
# Script -> two sources and their targets, the separator, and words of the report.
SCRIPTS = {
    "Latin with marks": (("café", "nœud"), ("kahvi", "solmu"), "\t", "characters"),
    "Latin decomposed": (("e\u0301te\u0301", "o\u0308l"), ("summer", "oil"), "\t", "characters"),
    "Cyrillic": (("Привет, мир!", "Где ты?"), ("Hello, world!", "Where are you?"), "\t",
                 "Source script: Cyrillic."),
    "Greek": (("Καλημέρα σας.", "Πού είσαι;"), ("Good; morning.", "Where are you?"), ";",
              "Source script: Greek."),
    "Arabic": (("مرحبا بالعالم.", "أين أنت؟"), ("Hello world.", "Where are you?"), "\t",
               "Source script: Arabic, shown from right to left."),
    "Hebrew": (("hello", "peace"), ("שלום", "שָׁלוֹם"), " -> ",
               "Target script: Hebrew, shown from right to left."),
    "Devanagari": (("namaste", "duniyā"), ("नमस्ते", "दुनिया"), ",", "Target script: Devanagari."),
    "Hangul": (("안녕하세요", "세계"), ("annyeonghaseyo", "segye"), "\t",
               "Source script: Hangul."),
    "Jamo": ((unicodedata.normalize("NFD", "안녕"), unicodedata.normalize("NFD", "세계")),
             ("annyeong", "segye"), "\t", "Source script: Hangul."),
    "Kanji": (("東京都", "大阪府"), ("とうきょうと", "おおさかふ"), "\t",
              "Source script: Chinese characters."),
    "Kana": (("カタカナ", "ひらがな"), ("katakana", "hiragana"), " → ",
             "Source script: Katakana."),
}


def rows_of(script: str) -> list[tuple[str, str]]:
    sources, targets, _separator, _words = SCRIPTS[script]
    return [(f"{a}{n}", f"{b}{n}") for n in range(15)
            for a, b in zip(sources, targets, strict=True)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("script", SCRIPTS)
def test_a_file_becomes_a_model(tmp_path, monkeypatch, capsys, script, encoding):
    monkeypatch.chdir(tmp_path)
    separator, words = SCRIPTS[script][2:]
    rows = rows_of(script)
    quoted = [[f'"{cell}"' if separator in ",;" else cell for cell in row] for row in rows]
    text = "".join(separator.join(row) + "\r\n" for row in quoted)
    (tmp_path / "mine.txt").write_bytes(text.encode(encoding))
    assert main(["inspect", "mine.txt"]) == 0
    said = capsys.readouterr().out
    assert words in said
    assert "30 pairs with 30 different sources" in said
    assert "left out" not in said
    if encoding == "utf-8":
        assert main(["train", "pairs", "--pairs", "mine.txt", *QUICK, "--out", "m"]) == 0
        task = Experiment.load("m").task
        cells = [(task.format(e.source), task.format_target(e.target)) for e in task.examples]
        assert [tuple("".join(cell.split()) for cell in row) for row in cells] == [
            tuple("".join(cell.split()) for cell in row) for row in rows]


@pytest.mark.parametrize("text", ["Größe;taille\nTür;porte\n",
                                  "l’été,der Sommer\nnoël,Weihnacht\n"])
def test_windows_1252_is_refused_with_the_way_out(tmp_path, monkeypatch, capsys, text):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.csv").write_bytes(text.encode("cp1252"))
    assert main(["inspect", "mine.csv"]) == 2
    assert re.search(r"mine\.csv: .*line 1\. It is probably in Windows-1252.*“CSV UTF-8”",
                     capsys.readouterr().err)


def test_mixed_normal_forms_are_told(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    rows = [unicodedata.normalize("NFD" if n % 3 else "NFC", f"été{n}") + f"\tsummer{n}\n"
            for n in range(15)]
    (tmp_path / "mine.tsv").write_text("".join(rows))
    assert main(["inspect", "mine.tsv"]) == 0
    assert "All letters are in the Unicode normal form NFC." in capsys.readouterr().out
    assert main(["inspect", "mine.tsv", "--normalise", "none"]) == 0
    assert "(in 5 cells), others a letter and a mark (in 10)" in capsys.readouterr().out


def test_evaluate_leaves_out_what_it_cannot_read_and_counts_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["train", "spelling", *QUICK, "--num-examples", "50", "--out", "m"]) == 0
    (tmp_path / "words.tsv").write_text("CAT\tK AE T\nno tab\nÉTÉ\tEY T\nHAT\tHH AE T\nX\t\n")
    capsys.readouterr()
    assert main(["evaluate", "m", "--pairs", "words.tsv"]) == 0
    out, err = capsys.readouterr()
    assert "sources      2" in " ".join(out.split(" "))
    assert err.startswith("words.tsv: Lines left out: 3. 1 with no separator between two sides "
                          "(line 2); the first is “no tab”. 1 with a symbol")


def test_repeated_pairs_and_a_heading_are_told(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.csv").write_text("source,target\n" + "dog,Hund\ncat,Katze\ndog,Hund\n")
    assert main(["inspect", "mine.csv"]) == 0
    out = capsys.readouterr().out
    assert "Line 1 is a heading, not a pair." in out
    assert "Lines that repeat a pair: 1. The pair is read once." in out


def test_answers_are_in_the_users_spelling_and_measured_as_sacrebleu_measures_the_lines(
        tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    rows = [(f"Go {a} {b}, {a}!", f"« Va {b} {a}, {a} » !") for a in "abcdef" for b in "ghijkl"]
    (tmp_path / "mine.tsv").write_text("".join(f"{a}\t{b}\n" for a, b in rows))
    assert main(["train", "pairs", "--pairs", "mine.tsv", "--epochs", "4", "--hidden-size", "16",
                 "--out", "m"]) == 0
    task = Experiment.load("m").task
    assert {task.format_target(e.target) for e in task.examples} == {b for _, b in rows}
    (tmp_path / "in.txt").write_text("".join(f"{a}\n" for a, _ in rows))
    capsys.readouterr()
    assert main(["predict", "m", "--input", "in.txt"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert main(["evaluate", "m", "--pairs", "mine.tsv"]) == 0
    said = capsys.readouterr().out
    references = [[b for _, b in rows]]
    for name, score in (("BLEU", sacrebleu.corpus_bleu(lines, references, force=True)),
                        ("chrF", sacrebleu.corpus_chrf(lines, references)),
                        ("translation edit rate", sacrebleu.corpus_ter(lines, references))):
        assert re.search(rf"^{name} +{score.score:.2f} ", said, re.MULTILINE), (name, score)
