"""The tab “Look inside” without a browser: its answers and its errors."""

import json
from gettext import NullTranslations
from types import SimpleNamespace

import pytest
from conftest import ROOT, SMALL, small_model

from seq2seq import Experiment, ModelConfig, Recipe, i18n
from seq2seq.errors import RunGoneError
from seq2seq.figures.plotly_js import plotly_js
from seq2seq.files.checkpoint import dump_weights
from seq2seq.i18n import use_language
from seq2seq.inspection import trace
from seq2seq.jobs.limits import DEFAULT
from seq2seq.jobs.runs import Run
from seq2seq.ui.lab import Lab
from seq2seq.ui.tabs.inside.panels import attention_path
from seq2seq.ui.tabs.inside.sections import SECTIONS
from seq2seq.ui.tabs.inside.tab import InsideTab, template

TEXT = "4 2 7 1"


class Remembered:
    """Runs that were trained before the test, with the part of `Runs` that the tab uses."""

    limits = DEFAULT
    num_active = 0

    def __init__(self, *runs: Run) -> None:
        self.runs = {run.id: run for run in runs}

    def get(self, run_id: str) -> Run:
        if run_id not in self.runs:
            raise RunGoneError("gone")
        return self.runs[run_id]


def tab_with(experiment: Experiment) -> InsideTab:
    """The tab, with one run whose snapshots are those of `experiment`."""
    run = Run("id", "me", experiment.recipe, "Run 1 · attention", status="done")
    for epoch, weights in (experiment.snapshots or {0: dump_weights(experiment.model)}).items():
        run.blobs[epoch] = weights
    return InsideTab(SimpleNamespace(lab=Lab(Remembered(run)), selected=None))


def ask(tab: InsideTab, what: str, text: str = TEXT, **values) -> dict:
    answer = tab.ask({"what": what, "run": "id", "text": text, "epoch": None, "values": values})
    json.dumps(answer, allow_nan=False)
    return answer


DEFAULTS = {
    "change": {"how": "replace", "place": "1", "token": "9"}, "force": {"step": "0", "token": "9"},
    "redirect": {"step": "0", "place": "2"}, "beam": {"width": "4", "normalise": True},
    "sampling": {"temperature": "0.7", "top_k": "3", "seed": "4"}, "code": {"part": "Decoder"},
    "unit": {"part": "enc", "unit": "3"}, "cloud": {"part": "dec", "colour": "token"}}


def test_every_question_about_every_model_is_answered(small_experiment):
    tab = tab_with(small_experiment)
    seen = ask(tab, "look")
    assert seen["num_read"] == 4
    assert len(seen["steps"]) == seen["num"]
    assert set(seen["forms"]) == {w.name for w in SECTIONS}
    assert seen["attention"] == ("attention" in seen["figures"])
    for name in ("gates", *(w.name for w in SECTIONS)):
        answer = ask(tab, name, **DEFAULTS.get(name, {}))
        assert "problem" not in answer, (name, answer)
        assert answer.get("html") or answer.get("frames"), name
        if answer.get("follows") == "step" and "frames" in answer:
            assert len(answer["frames"]) == seen["num"]


def test_an_answer_as_a_file_leaves_room_for_the_library(trained):
    answer = ask(tab_with(trained), "file")
    assert answer["html"].count(answer["library"]) == 1
    whole = trained.show(TEXT).html
    assert answer["html"].replace(answer["library"], plotly_js()) == whole


def test_lines_of_each_head_can_be_asked_for(small_experiment):
    tab = tab_with(small_experiment)
    shown = ask(tab, "look")["lines"]
    if shown is None:
        assert "no attention" in ask(tab, "lines", head="mean")["problem"]
        return
    assert shown == ask(tab, "lines", head="mean") == ask(tab, "lines")
    heads = [value for value, _ in shown["heads"]]
    assert bool(heads) == (small_experiment.recipe.model.cell == "transformer")
    drawings = {ask(tab, "lines", head=head)["svg"] for head in heads}
    assert len(drawings) == len(heads)
    for nonsense in ("0.9", "9.0", "-1.0", "x", "0.0.0", "mean" if heads else "0.0"):
        answer = ask(tab, "lines", head=nonsense)
        assert ("problem" in answer) == (nonsense != "mean")


def test_why_names_the_repairs_of_a_wrong_answer(trained):
    tab = tab_with(trained)
    right = ask(tab, "why", "1 2 4 5 3")["html"]
    assert "nothing to repair" in right
    wrong = next(a for a in trained.answers("longer") if not a.is_correct)
    shown = ask(tab, "why", " ".join(wrong.example.source))["html"]
    found = trained.repairs(" ".join(wrong.example.source))
    assert f"number {found.step + 1}: “{trace.name(found.written)}” instead of" in shown
    assert shown.count("<li class=\"ok\"") >= len({t.kind for t in found.successful})
    for kind in ("redirect", "force"):
        assert f"&quot;ask&quot;: &quot;{kind}&quot;, &quot;step&quot;: {found.step}" in shown


def test_why_needs_a_correct_answer():
    tab = tab_with(Experiment("pairs", small_model(), SMALL, pairs="one -> a\ntwo -> b"))
    assert "not known" in ask(tab, "why", "two three")["html"]


@pytest.mark.parametrize("text", ["", "x", "1 2 <b>", 7, None, "1 " * 199])
def test_a_sequence_that_cannot_be_read_becomes_a_sentence(text):
    tab = tab_with(Experiment("reverse", small_model(), SMALL))
    problem = ask(tab, "look", text)["problem"]
    assert len(problem) > 20
    assert "<" not in problem


NONSENSE = [
    ("change", {}), ("change", {"how": "explode", "place": "0", "token": "1"}),
    ("change", {"how": "replace", "place": "-1", "token": "1"}),
    ("change", {"how": "replace", "place": "4", "token": "1"}),
    ("change", {"how": "replace", "place": "NaN", "token": "1"}),
    ("change", {"how": "replace", "place": "9" * 5000, "token": "1"}),
    ("change", {"how": "insert", "place": "0", "token": "<script>"}),
    ("force", {"step": 10**9, "token": "1"}), ("force", {"step": "0", "token": ["1"]}),
    ("force", {"step": "0", "token": "<padding token>"}),
    ("redirect", {"step": "0", "place": "77"}),
    ("beam", {"width": "0"}), ("beam", {"width": "9"}), ("beam", {"width": {"a": 1}}),
    ("sampling", {}), ("sampling", {"temperature": "0", "top_k": "", "seed": "1"}),
    ("sampling", {"temperature": "nan", "top_k": "", "seed": "1"}),
    ("sampling", {"temperature": "1e9", "top_k": "", "seed": "1"}),
    ("sampling", {"temperature": "1", "top_k": "0", "seed": "1"}),
    ("sampling", {"temperature": "1", "top_k": "", "seed": "-1"}),
    ("sampling", {"temperature": ["1"], "top_k": "", "seed": "1"}),
    ("unit", {}), ("unit", {"unit": "0"}), ("unit", {"unit": "99"}), ("unit", {"unit": [1]}),
    ("nothing", {}), (["look"], {}),
]


@pytest.mark.parametrize(("what", "values"), NONSENSE, ids=str)
def test_nonsense_becomes_a_sentence(what, values):
    tab = tab_with(Experiment("reverse", small_model(attention="dot"), SMALL))
    answer = ask(tab, what, **values)
    assert len(answer["problem"]) > 10
    assert "<" not in answer["problem"]


@pytest.mark.parametrize("question", [
    None, [], "look", {}, {"what": "look"}, {"what": "look", "run": 7},
    {"what": "look", "run": "other", "text": TEXT},
    {"what": "look", "run": "id", "epoch": 99, "text": TEXT},
    {"what": "look", "run": "id", "text": ["1"], "values": "x"}], ids=str)
def test_questions_of_any_shape_become_a_sentence(question):
    tab = tab_with(Experiment("reverse", small_model(), SMALL))
    assert len(tab.ask(question)["problem"]) > 10


def test_without_a_run_the_tab_says_what_to_do():
    tab = tab_with(Experiment("reverse", small_model(), SMALL))
    assert tab.show("", "reverse", "1 2") == {"run": "", "text": ""}
    assert tab.show("id", "reverse", "1 2") == {"run": "id", "text": "1 2"}
    assert tab.show("id", "reverse", "1 x") == {"run": "id", "text": "3 1 4 1 5"}
    assert tab.show("id", "reverse", None) == {"run": "id", "text": "3 1 4 1 5"}
    assert tab.show("id", "sort", "1 2") == {"run": "id", "text": "3 1 4 1 5"}
    assert "Train a model first" in template()


def test_no_token_becomes_markup():
    evil = "<img src=x onerror=alert(1)>"
    pairs = f"a {evil} -> {evil} b\n" + "\n".join(f"a w{i} -> v{i} {evil}" for i in range(9))
    tab = tab_with(Experiment("pairs", small_model(attention="dot"), SMALL, pairs))
    seen = ask(tab, "look", "a w1")
    pieces = [seen["strip"], seen["lines"]["svg"], *seen["forms"].values()]
    values = {"change": {"how": "replace", "place": "1", "token": "src=x"},
              "force": {"step": "0", "token": "<img"}, "redirect": {"step": "0", "place": "1"}}
    for what_if in SECTIONS:
        answer = ask(tab, what_if.name, "a w1",
                     **{**DEFAULTS.get(what_if.name, {}), **values.get(what_if.name, {})})
        assert "problem" not in answer, answer
        pieces += [answer["html"], *answer.get("frames", [])]
    assert not any("<img" in piece for piece in pieces)
    assert any("&lt;img" in piece for piece in pieces)


def test_forcing_its_own_choice_says_so(trained):
    tab = tab_with(trained)
    assert "nothing changes" in ask(tab, "force", "3 1 4 1 5", step="0", token="5")["html"]
    other = ask(tab, "force", "3 1 4 1 5", step="1", token="9")["html"]
    assert "You forced “9”" in other


def test_sentences_tell_what_was_seen(trained):
    tab = tab_with(trained)
    seen = ask(tab, "look", "3 1 4 1 5")
    assert seen["steps"][0]["say"].startswith("The encoder reads “3”")
    assert "It attends most to “5”, input position 5" in seen["steps"][5]["say"]
    assert "It writes “5”" in seen["steps"][5]["say"]
    assert seen["steps"][5]["place"] == "writing token 1 of 6"
    assert seen["steps"][-1]["say"].endswith("That ends the answer.")
    assert "Width 1 is greedy" in ask(tab, "beam", width="1")["html"]
    epochs = ask(tab, "epochs", "3 1 4 1 5")
    assert epochs["labels"] == [str(e) for e in trained.snapshots]
    assert len(epochs["frames"]) == len(epochs["labels"])
    assert "After epoch 8: ✓ correct." in epochs["frames"][-1]


def test_draws_are_marked_and_the_same_for_the_same_seed(trained):
    tab = tab_with(trained)

    def drawn(text="3 1 4 1 5", **values):
        return ask(tab, "sampling", text, **{"top_k": "", "seed": "1", **values})["html"]

    sure = drawn(temperature="0.1")
    assert "All 8 draws give the same answer. Correct: 8 of 8." in sure
    assert sure.count("✓ correct") == sure.count("= greedy") == 8
    hot = drawn(temperature="2")
    assert hot == drawn(temperature="2")
    assert hot != drawn(temperature="2", seed="2")
    assert "✗ wrong" in hot
    assert "different answers in 8 draws" in hot
    assert drawn(temperature="2", top_k="1").count("= greedy") == 8
    assert "greedy decoding" in ask(tab, "sampling", temperature="0", top_k="", seed="1")["problem"]


def test_the_code_is_the_code_that_runs():
    for kind, name in (("dot", "DotAttention"), ("none", "NoAttention")):
        tab = tab_with(Experiment("reverse", ModelConfig(attention=kind), SMALL))
        shown = ask(tab, "code", part="Attention")["html"]
        assert name in shown
        assert "seq2seq/models/attention.py" in shown
        assert str(ROOT) not in shown


def test_a_question_takes_a_turn_and_says_when_there_is_none():
    tab = tab_with(Experiment.from_recipe(Recipe("reverse", small_model(), SMALL)))
    turns = tab.session.lab.turns
    turns.patience = 0.01
    for _ in range(20):  # each gives its turn back, also when it fails
        ask(tab, "beam", width="99")
    held = [turns.enter("") for _ in range(turns.num - 1)]
    assert "Try again in a moment" in ask(tab, "beam", width="3")["problem"]
    turns.leave(held[0])
    assert "problem" not in ask(tab, "beam", width="3")


def test_the_path_of_its_gaze_is_told_only_where_there_is_one(trained):
    assert "from the end back to the start" in attention_path(trained.predict("3 1 4 1 5"))
    assert attention_path(trained.predict("3 1")) == ""
    blank = Experiment("reverse", small_model("gru", "none"), SMALL).predict("3 1 4 1 5")
    assert attention_path(blank) == ""


def test_everything_is_said_in_the_language_of_whoever_asks(trained, monkeypatch):
    class Loud(NullTranslations):
        def gettext(self, message):
            loud = message.replace("The encoder reads", "ENCODER READS").replace("Where", "WHERE")
            return loud.replace("Attention map", "ATTENTION map")

    monkeypatch.setattr(i18n, "_translations", lambda _: Loud())
    tab = tab_with(trained)
    with use_language("de"):
        assert ask(tab, "look", "3 1 4 1 5")["steps"][0]["say"].startswith("ENCODER READS “3”")
        assert "<h2>ATTENTION map " in template()
        assert "<h2>WHERE the answer comes from</h2>" in template()
    assert "<h2>Attention map " in template()
