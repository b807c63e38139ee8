"""“From picture to arithmetic”: formulas and lines of source for each number of the picture."""

import re

import pytest
from conftest import ROOT, SMALL, small_model
from test_inside import TEXT, tab_with

from seq2seq import Experiment
from seq2seq.i18n import use_language
from seq2seq.ui.tabs.inside.choices import choices
from seq2seq.ui.tabs.inside.formulas import cell
from seq2seq.ui.tabs.inside.tab import InsideTab


def computed(experiment: Experiment, text: str = TEXT, tab: InsideTab | None = None,
             **values) -> str:
    question = {"run": "id", "epoch": None, "text": text, "values": {
        "place": "0", "unit": "1", "level": 0, "token": "4", "head": "0.0", **values}}
    return (tab or tab_with(experiment)).compute({"computation": question})


def shown_source(markdown: str) -> None:
    """The line of source in the text is the one in the file."""
    path, line, code = re.search(r"`(seq2seq/\S+\.py)`, line (\d+):\n\n```python\n(.+)\n```",
                                 markdown).groups()
    assert code in (ROOT / path).read_text().splitlines()[int(line) - 1]


def test_every_subject_has_formulas_and_source_on_every_level(small_experiment):
    p = small_experiment.predict(TEXT)
    known = choices(small_experiment.insight(p))
    num_read, num = len(p.positions), len(p.positions) + len(p.steps)
    tab = tab_with(small_experiment)
    for subject in known["subjects"]:
        first = 0 if subject["encoder"] else num_read
        for level in range(len(subject["levels"])):
            for step in (first, num - 1):
                text = computed(small_experiment, tab=tab, subject=subject["key"], level=level,
                                step=step)
                assert text.count("$$") >= 2, text
                assert "nan" not in text
                shown_source(text)


def test_numbers_are_those_of_the_answer(trained):
    p, num_read = trained.predict(TEXT), 4
    for t, step in enumerate(p.steps):
        weights = computed(trained, subject="attention", level=1, step=num_read + t, place="2")
        assert f"= {step.attention[2]:.3f}" in weights or step.attention[2] < 5e-4
        assert f"**{cell(step.attention[2])}**" in weights
        log_prob = computed(trained, subject="token", level=1, step=num_read + t, token=step.token)
        assert f"**{cell(step.log_prob)}**" in log_prob


def test_each_head_of_a_transformer_has_its_own_numbers():
    experiment = Experiment("reverse", small_model("transformer", "dot", num_layers=2), SMALL)
    texts = {computed(experiment, subject="attention", level=1, step=5, head=head)
             for head in ("0.0", "0.1", "1.0", "1.1")}
    assert len(texts) == 4
    assert all("mean of all 4 heads" in text for text in texts)


@pytest.mark.parametrize("values", [
    {"subject": "nothing", "step": 5}, {"subject": "token", "step": 0},
    {"subject": "token", "step": 99}, {"subject": "token", "step": 5, "level": 3},
    {"subject": "token", "step": 5, "token": "<b>"}, {"subject": "token", "step": "x"},
    {"subject": "attention", "step": 5, "place": "77"},
    {"subject": "attention", "step": 5, "unit": "0"}, {}, {"subject": ["token"]}], ids=str)
def test_nonsense_becomes_a_sentence(values):
    text = computed(Experiment("reverse", small_model("gru", "dot"), SMALL), **values)
    assert len(text) > 20
    assert not {"$", "<", "|"} & set(text)


def test_tokens_cannot_become_markup():
    pairs = "\n".join(f"{a} -> {b}" for a, b in zip(("$$x", "a|b", "*c*"), ("<b>", "$$y", "_z_"),
                                                    strict=True))
    experiment = Experiment("pairs", small_model("gru", "dot"), SMALL, pairs=pairs)
    source = experiment.splits.train[0].source
    num_read = len(source)
    for subject, level in (("attention", 1), ("token", 1)):
        text = computed(experiment, experiment.task.format(source), subject=subject, level=level,
                        step=num_read, token=experiment.splits.target_vocabulary.symbols[0])
        assert text.count("$$") == 2
        assert "<b>" not in text
        widths = {line.count("|") for line in text.splitlines() if line.startswith("|")}
        assert len(widths) == 1


def test_decimal_commas_in_german(trained):
    with use_language("de"):
        text = computed(trained, subject="token", level=0, step=4)
    assert re.search(r"\d\{,\}\d{3}", text)
    assert re.search(r"\| −?\d+,\d{3} \|", text)
