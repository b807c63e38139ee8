"""The settings proposed for a table fit its size, and change only what nobody has chosen."""

from dataclasses import replace

import gradio as gr
import pytest

from seq2seq import Experiment, TrainConfig
from seq2seq.cli.parser import main
from seq2seq.tasks import get_task
from seq2seq.tasks.pairs import EXAMPLE_PAIRS, PAIRS
from seq2seq.tasks.tables.recipe import proposed_recipe
from seq2seq.ui.components.settings import default_recipe
from seq2seq.ui.lab import Lab
from seq2seq.ui.session import make_session
from seq2seq.ui.tabs.sequence import SequenceTab
from seq2seq.ui.tabs.train import TrainTab


def table(num: int) -> str:
    return "".join(f"w{n:05} -> v{n}\n" for n in range(num))


def test_a_larger_table_gets_fewer_epochs_and_no_fewer_values():
    found = [proposed_recipe(get_task("pairs", table(num))) for num in (20, 300, 3000, 19_000)]
    epochs, sizes = ([getattr(config[i], name) for config in found]
                     for i, name in ((1, "num_epochs"), (0, "hidden_size")))
    assert epochs == sorted(epochs, reverse=True)
    assert sizes == sorted(sizes)
    assert all(model.dropout for model, _train in found)


def test_pairs_that_are_held_out_do_not_count():
    held_out = f"{table(30)}---\n" + "".join(f"x{n:05} -> y\n" for n in range(3000))
    assert proposed_recipe(get_task("pairs", held_out)) == proposed_recipe(
        get_task("pairs", table(30)))


def test_the_terminal_proposes_and_options_win(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text(table(40))
    assert main(["train", "pairs", "--pairs", "a.txt", "--epochs", "1", "--hidden-size", "8",
                 "--out", "m"]) == 0
    recipe = Experiment.load("m").recipe
    model, train = proposed_recipe(get_task("pairs", table(40)))
    assert (recipe.model.hidden_size, recipe.train.num_epochs) == (8, 1)
    assert (recipe.model.dropout, recipe.train.batch_size) == (model.dropout, train.batch_size)
    assert "Settings proposed for so many pairs, unless options set them: dropout 0→" in (
        capsys.readouterr().out)
    assert PAIRS.train == TrainConfig(num_epochs=40, batch_size=16)  # the default of old links


@pytest.fixture(scope="module")
def tab():
    lab = Lab()
    with gr.Blocks():
        session = make_session(lab)
        made, train = SequenceTab(session), TrainTab(session)
        made.settings = train.settings
    yield made
    lab.runs.close()


def test_the_page_fills_in_what_is_proposed_for_a_file(tab, tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("".join(f"w{n:03} {'V;PST' if n % 2 else 'N'}\tw{n:03}ed\n"
                            for n in range(60)))
    found = tab.uploaded(str(path))
    assert found[tab.pairs].startswith("#source-tokens: characters\nw000 N\t")
    assert found[tab.text] == "w000 N"
    _, train = proposed_recipe(get_task("pairs", found[tab.pairs]))
    assert found[tab.settings.parts["num_epochs"]] == train.num_epochs
    assert f"epochs {train.num_epochs}" in found[tab.proposal]
    assert default_recipe("pairs", found[tab.pairs]).train == PAIRS.train
    assert set(tab.proposed("hello")) == {tab.proposal}


def values_in(tab, updates) -> tuple:
    """What the controls contain after these updates."""
    return tuple(part["value"] if isinstance(part := updates[one], dict) else part
                 for one in tab.settings.inputs)


def test_pasted_pairs_get_what_is_proposed_like_a_file(tab):
    text = "".join(f"w{n:03} N\tw{n:03}s\n" for n in range(60))
    before = values_in(tab, tab.settings.show(default_recipe("pairs"), with_facts=False))
    expected = tab.proposed(text)
    for kept in ("", " \n", EXAMPLE_PAIRS):
        found = tab.pasted(kept, text, "", before)
        assert found == {**expected, tab.text: "w000 N"}
    assert values_in(tab, found) != before
    # Another table replaces it: the settings are those that were filled in.
    other = "".join(f"x{n:03} -> x{n % 7}\n" for n in range(3000))
    again = tab.pasted("", other, found[tab.filled], values_in(tab, found))
    assert again[tab.filled] == tab.proposed(other)[tab.filled] != found[tab.filled]


def test_a_paste_never_overwrites_what_the_visitor_has_chosen(tab):
    text = "".join(f"w{n:03} N\tw{n:03}s\n" for n in range(60))
    usual = default_recipe("pairs")
    before = values_in(tab, tab.settings.show(usual, with_facts=False))
    assert tab.pasted("my own -> pair", text, "", before) == {}
    for changed in (replace(usual, model=replace(usual.model, hidden_size=8)),
                    replace(usual, train=replace(usual.train, seed=5))):
        values = values_in(tab, tab.settings.show(changed, with_facts=False))
        assert tab.pasted("", text, "", values) == {}
        assert tab.pasted("", text, usual.to_json(), values) == {}
    assert tab.pasted("", "no pairs", "", before) == {}
    impossible = [10**9 if value == usual.model.hidden_size else value for value in before]
    assert tab.pasted("", text, "", tuple(impossible)) == {}
