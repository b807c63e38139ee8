"""Reports: complete HTML files that need no network, with the numbers of the model."""

import json
import re
import sys
from html.parser import HTMLParser

import pytest
from conftest import SMALL, small_model

from seq2seq import Experiment
from seq2seq.__main__ import main
from seq2seq.errors import InputError
from seq2seq.evaluation.failures import find_failures, select
from seq2seq.i18n import use_language
from seq2seq.reports.error_analysis import error_analysis

VOID = {"meta", "input", "br"}


class Parts(HTMLParser):
    """Elements with their attributes; fails if tags do not match."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def without_plotly(html: str) -> str:
    return re.sub(r"<script>.*?\nconst ANSWER", "<script>const ANSWER", html, flags=re.DOTALL)


def needs_no_network(html: str) -> None:
    for tag, attributes in Parts(without_plotly(html)).found:
        assert tag not in ("link", "img", "iframe")
        assert not {"src", "href"} & attributes.keys(), (tag, attributes)
    assert not re.search(r"url\(|@import", without_plotly(html))


def test_the_error_analysis_lists_each_group_with_its_mistakes(trained):
    page = trained.report()
    needs_no_network(page.html)
    found = trained.answers("longer")
    groups = find_failures(found)
    rows = [json.loads(attributes["data-keys"]) for _, attributes in Parts(page.html).found
            if "data-keys" in attributes]
    wrong = [a for name in trained.splits.sets for a in trained.answers(name) if not a.is_correct]
    assert len(rows) == len(wrong)
    for group in groups.by_length:
        assert sum(group.key in keys for keys in rows) == len(select(wrong, group.key))
    for confusion in groups.confusions:
        assert sum(confusion.key in keys for keys in rows) == len(select(wrong, confusion.key))


def test_a_set_without_errors_says_so(trained):
    right = [a for a in trained.answers("memorised") if a.is_correct]
    html = error_analysis("Title", "note", {"memorised": right, "longer": []}, trained.task).html
    assert f"all {len(right)} are correct" in html
    assert "data-keys=" not in html


def test_titles_and_tokens_are_escaped():
    pairs = "<b>x -> <i>y\n<b>z -> &amp;"
    experiment = Experiment("pairs", small_model(), SMALL, pairs=pairs)
    html = error_analysis("<u>", "<s>", {"<mine>": experiment.answers("memorised")},
                          experiment.task).html
    assert not re.search("<(u|s|b|i|mine)>", html.split("</style>")[1].replace("<b style", ""))
    Parts(html)


def test_one_answer_as_a_file(small_experiment, tmp_path):
    page = small_experiment.show("4 2 7 1")
    needs_no_network(page.html)
    answer = json.loads(re.search(r"const ANSWER = (\{.*\});\n", page.html)[1]
                        .replace("<\\/", "</"))
    p = small_experiment.predict("4 2 7 1")
    assert len(answer["steps"]) == len(p.positions) + len(p.steps)
    cell = small_experiment.recipe.model.cell
    assert ("gates" in answer["figures"]) == (cell in ("gru", "lstm"))
    assert ("heads" in answer["figures"]) == (cell == "transformer")
    assert ("attention" in answer["figures"]) == (p.attention is not None)
    boxes = {a["data-figure"] for _, a in Parts(without_plotly(page.html)).found
             if "data-figure" in a}
    assert boxes == set(answer["figures"])
    assert page.save(tmp_path / "answer.html").stat().st_size < 6_000_000


def test_a_note_names_settings_as_the_page_does():
    experiment = Experiment("sort", small_model("lstm", "dot"), SMALL)
    note = f"Architecture: LSTM. Attention: dot product. Parameters: {experiment.num_parameters:,}."
    assert note in experiment.report().html
    assert "Attention: off." in Experiment("sort", small_model("gru", "none"), SMALL).report().html
    with use_language("de"):
        assert "Architektur: LSTM. Aufmerksamkeit: Skalarprodukt." in experiment.report().html


def test_notebooks_display_experiments_and_pages(trained):
    card = trained._repr_html_()
    Parts(card)
    assert "Reverse" in card
    assert f"{trained.num_parameters:,}" in card
    untrained = Experiment("sort", small_model(), SMALL)._repr_html_()
    assert ">Epochs trained</th><td style=\"text-align:left\">0<" in untrained
    frame = trained.report()._repr_html_()
    (tag, attributes), = Parts(frame).found
    assert tag == "iframe"
    assert attributes["srcdoc"] == trained.report().html


def test_the_command_writes_the_report(trained, tmp_path, capsys):
    model, report = trained.save(tmp_path / "model"), tmp_path / "report.html"
    assert main(["evaluate", str(model), "--report", str(report)]) == 0
    assert f"Report: {report}" in capsys.readouterr().out
    html = report.read_text()
    needs_no_network(html)
    assert "<h2>New</h2>" in html
    table = tmp_path / "pairs.tsv"
    table.write_text("1 2 3\t3 2 1\n1 2\t2 2\n")
    assert main(["evaluate", str(model), "--pairs", str(table), "--report", str(report)]) == 0
    assert "<h2>pairs.tsv</h2>" in report.read_text()
    assert main(["evaluate", str(model), "--report", str(tmp_path / "no" / "report.html")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_take_home_copy_cannot_write_pages(trained, monkeypatch):
    monkeypatch.setitem(sys.modules, "seq2seq.reports.answer_page", None)  # not in the zip
    for write in (trained.report, lambda: trained.show("1 2")):
        with pytest.raises(InputError, match="Use the whole lab"):
            write()
    assert "Experiment" in trained._repr_html_()


@pytest.mark.parametrize("name", ["error_analysis.js", "answer_page.js"])
def test_scripts_cannot_end_their_element(name):
    from seq2seq.reports.html_page import asset
    assert "</" not in asset(name)
