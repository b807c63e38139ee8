"""What is proposed for tables whose words are hopeless as tokens, and for columns of features."""

import unicodedata

from seq2seq import Experiment
from seq2seq.cli.parser import main
from seq2seq.tasks import get_task
from seq2seq.tasks.tables.parsing import parse_table
from seq2seq.tasks.tables.proposals import proposed_settings

LEMMAS = [a + b + c for a in "bcdfg" for b in "aeiou" for c in "lmnr"]
FORMS = {"V;PST": "ed", "V;PRS;3;SG": "s", "V.PTCP": "ing", "N": ""}
ROWS = [(lemma, lemma + ending, features) for i, lemma in enumerate(LEMMAS)
        for features, ending in [list(FORMS.items())[i % 4]]]


def test_words_that_occur_once_are_proposed_as_characters():
    """As words, half of the tokens of held-out sources were unknown."""
    table = "\n".join(f"{lemma} {features}\t{form}" for lemma, form, features in ROWS)
    task = get_task("pairs", table)
    assert task.tokenisations == ("spaces", "characters")
    assert proposed_settings(task) == {"source_tokens": "characters"}
    assert proposed_settings(get_task("pairs", f"#source-tokens: words\n{table}")) == {}
    sentences = "\n".join(f"{a} sees {b}. -> {b} sieht {a}." for a in ("he", "she", "it")
                          for b in ("Anna", "Ben", "Carl", "Dora"))
    assert proposed_settings(get_task("pairs", sentences)) == {}


def test_mixed_normal_forms_are_proposed_to_be_made_equal():
    rows = [unicodedata.normalize("NFD" if n % 3 else "NFC", f"été{n}") + f" -> x{n}"
            for n in range(15)]
    assert proposed_settings(get_task("pairs", "\n".join(rows))) == {"normalise": "NFC"}
    assert proposed_settings(get_task("pairs", "#normalise: NFC\n" + "\n".join(rows))) == {}


def test_files_of_sigmorphon_are_read_as_they_are(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.tsv").write_text("".join("\t".join(row) + "\n" for row in ROWS))
    (tmp_path / "new.tsv").write_text("".join(f"{a}\t{c}\t{b}\n" for a, b, c in ROWS))
    for name in ("old.tsv", "new.tsv"):
        table = parse_table((tmp_path / name).read_text())
        assert table.rows[1].cells == ("bam V;PRS;3;SG", "bams")
    (tmp_path / "new.tsv").write_text("zam\tzam\tN\nzem\tzemed\tV;PST\n")
    assert main(["train", "pairs", "--pairs", "old.tsv", "--held-out", "new.tsv", "--epochs", "1",
                 "--hidden-size", "8", "--out", "m"]) == 0
    assert "Source tokens are characters" in capsys.readouterr().out
    task = Experiment.load("m").task
    assert task.parse("zem V;PST")[-3:] == ("P", "S", "T")
    assert main(["evaluate", "m", "--pairs", "old.tsv"]) == 0
    assert "sources                100\n" in capsys.readouterr().out


def test_a_held_out_file_may_have_other_columns(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.tsv").write_text("".join(f"{n}\tGo {x}.\t{2 * n}\tVa {x} !\n"
                                            for n, x in enumerate("abcdefghijkl")))
    (tmp_path / "b.tsv").write_text("Go x.\tVa x !\nGo y.\tVa y !\n")
    assert main(["inspect", "a.tsv", "--held-out", "b.tsv"]) == 0
    assert "Trained on: 12 pairs. Held out: 2 sources" in capsys.readouterr().out
