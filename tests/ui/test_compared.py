"""Comparing, sharing and downloading runs, without a browser."""

import io
import zipfile
from types import SimpleNamespace

import pytest

from seq2seq.config import ModelConfig, TrainConfig
from seq2seq.data.splits import Example
from seq2seq.errors import ConfigError, InputError
from seq2seq.evaluation.metrics import Answer
from seq2seq.files.share_link import from_query, to_query
from seq2seq.hosting.training_job import training_job
from seq2seq.i18n import use_language
from seq2seq.jobs.runs import Run
from seq2seq.recipe import Recipe
from seq2seq.training.events import Snapshot
from seq2seq.ui.components.html import verdict_html
from seq2seq.ui.components.run_history import Histories
from seq2seq.ui.components.run_names import membership_words, mid_sentence, run_name
from seq2seq.ui.components.token_tiles import compare, verdict
from seq2seq.ui.sharing.download import zip_of
from seq2seq.ui.sharing.panel import link_to, read_link, resumes, words_of
from seq2seq.ui.tabs.runs_table import changes, table_of_runs
from seq2seq.ui.tabs.second_run import others_of, tally

TINY = TrainConfig(num_epochs=2, num_examples=60, max_length=4, batch_size=16)


def run_of(recipe: Recipe, number: int = 1, train: bool = False) -> Run:
    run = Run(f"id{number}", "me", recipe, f"Run {number} · attention off", status="done")
    for event in training_job(recipe) if train else ():
        if isinstance(event, Snapshot):
            run.blobs[event.epoch] = event.weights
        elif event is not None:
            run.events.append(event)
    return run


@pytest.fixture(scope="module")
def trained() -> Run:
    return run_of(Recipe("reverse", ModelConfig(hidden_size=8), TINY), train=True)


def test_only_what_changed_is_told():
    first = run_of(Recipe("reverse"))
    other = run_of(Recipe("sort"), 2)
    third = run_of(Recipe("reverse", ModelConfig(hidden_size=8, attention="dot")), 3)
    assert changes(first, []) == "Reverse digits, first run"
    assert changes(third, [first, other]) == "attention off→on, hidden size 64→8"
    assert changes(third, [first, third]) == "nothing: the same settings again"


def test_runs_are_counted_on_whatever_language_their_names_are_in():
    runs = [run_of(Recipe("reverse")), run_of(Recipe("reverse"), 2)]
    runs[1].name = "Lauf 12 · Aufmerksamkeit an, Zustandsgröße 64"
    runs.append(run_of(Recipe("reverse"), 3))
    runs[2].name = "Vortrainiert"
    assert run_name(Recipe("reverse"), runs) == "Run 13 · attention off, hidden size 64"
    assert run_name(Recipe("reverse"), []).startswith("Run 1 · ")


def test_what_is_right_is_green_in_whatever_language():
    assert verdict_html("51", "51", True) == '<span class="verdict right">✓ correct</span>'
    assert verdict_html("51", "51", False) == '<span class="verdict wrong">didn&#x27;t stop</span>'
    assert 'class="verdict soft"' in verdict_html(None, "51", True)
    with use_language("de"):
        assert 'class="verdict right"' in verdict_html("51", "51", True)
        assert 'class="verdict wrong"' in verdict_html("51", "15", True)


def test_one_missing_token_does_not_make_the_rest_wrong():
    kinds = [mark.kind for mark in compare("beaches", "baches")]
    assert kinds == ["ok", "missing", "ok", "ok", "ok", "ok", "ok"]
    extra = compare("baches", "beaches")
    assert [(mark.token, mark.kind, mark.wanted) for mark in extra][1] == ("e", "no", "")
    assert verdict("beaches", "baches") == "1 missing"
    assert verdict("5134", "5724") == "2 wrong"
    assert verdict("abcd", "xbc") == "1 wrong, 1 missing"


def test_a_label_begins_small_in_an_english_sentence_only():
    assert mid_sentence("Hidden size") == "hidden size"
    with use_language("de"):
        assert mid_sentence("Überschrift") == "Überschrift"


def test_the_table_has_a_row_for_each_run_and_marks_the_chosen_one(trained):
    waiting = run_of(Recipe("reverse", train=TINY), 2)
    waiting.status = "waiting"
    assert table_of_runs([trained], Histories()) == ""
    table = table_of_runs([trained, waiting], Histories(), trained)
    assert table.count('scope="row"') == 2
    assert table.count('aria-current="true"') == 1
    assert "(in the queue)" in table
    assert f"<td>{trained.events[-1].held_out_loss:.3f}</td>" in table


def test_only_runs_of_the_same_task_can_be_asked_the_same(trained):
    twin = run_of(trained.recipe, 2)
    twin.blobs[0] = b"weights"
    sort = run_of(Recipe("sort"), 3)
    sort.blobs[0] = b"weights"
    silent = run_of(trained.recipe, 4)
    assert others_of(trained, [trained, twin, sort, silent]) == [twin]


def test_who_was_right_is_counted_where_both_were_asked():
    def answers(**right):
        return [Answer(Example((name,), ("1",)), ("1",) if ok else ("0",), True)
                for name, ok in right.items()]

    told = tally("Run 1", answers(a=True, b=True, c=False, d=True),
                 "Run 2", answers(a=True, b=False, c=False, x=True))
    assert told == ("Both runs answered the same 3 new examples. Both correct: 1 · only Run 1: 1 · "
                    "only Run 2: 0 · neither: 1.")
    assert tally("Run 1", answers(a=True), "Run 2", answers(x=True)) == ""


def request(query: str) -> SimpleNamespace:
    from starlette.datastructures import QueryParams
    return SimpleNamespace(query_params=QueryParams(query))


def test_an_address_is_a_link_only_if_it_holds_one_of_our_words():
    for query in ("", "__theme=dark", "lesson=bottleneck&utm_source=x", "ref=friends"):
        assert read_link(request(query)) is None
    assert read_link(None) is None
    link = read_link(request("task=reverse&hidden_size=8&lesson=bottleneck&hide=share&class=7b"))
    assert link.recipe == Recipe("reverse", ModelConfig(hidden_size=8))
    with pytest.raises(ConfigError, match="more than once"):
        read_link(request("task=reverse&seed=1&seed=2"))


def test_a_reload_goes_on_with_the_run_that_the_link_began(trained):
    link = from_query(to_query(trained.recipe))
    other = run_of(Recipe("sort"), 2)
    assert resumes(link, trained)
    assert not resumes(link, None)
    assert not resumes(link, other)
    other.status = "running"
    assert resumes(link, other)


def test_a_link_promises_equal_losses_only_where_that_is_known():
    query = to_query(Recipe("reverse", ModelConfig(hidden_size=8)))
    assert "to the last digit" in words_of(from_query(query), True)[0]
    by_hand = from_query("?task=reverse&hidden_size=8")
    assert words_of(by_hand, False) == (
        "Opened from a link: “Reverse digits” with hidden size 8. Press Train.", "")
    old = from_query(query[:-1] + ("0" if query[-1] != "0" else "1"))
    assert "another version" in words_of(old, True)[1]
    assert "last digit" not in words_of(old, True)[0]


def test_a_text_that_cannot_be_read_is_left_out_and_pairs_too_long_are_told():
    assert "text" not in link_to("x", Recipe("reverse"), "abc")["query"]
    pairs = "\n".join(f"word{i} -> words{i}" for i in range(200))
    assert "can hold only" in link_to("x", Recipe("pairs", pairs=pairs), "")["problem"]


def test_a_run_that_still_trains_is_taken_home_as_far_as_its_weights_have_come(trained):
    going = run_of(trained.recipe)
    going.status = "running"
    going.events.extend(trained.events)  # both epochs, of the second the weights are on their way
    going.blobs[1] = trained.blobs[1]
    with zipfile.ZipFile(io.BytesIO(zip_of(going, "1 2"))) as archive:
        program = archive.read("seq2seq-reverse/retrain.py").decode()
    assert "# epoch 1\n" in program
    assert "# epoch 2\n" not in program


def test_a_model_without_a_history_is_not_taken_home(trained):
    opened = run_of(trained.recipe)
    opened.blobs[2] = trained.blobs[2]
    with pytest.raises(InputError, match="not trained here"):
        zip_of(opened)
    fresh = run_of(trained.recipe)
    fresh.status = "waiting"
    with pytest.raises(InputError, match="first epoch"):
        zip_of(fresh)
    fresh.status, fresh.job_id = "stopped", "1"  # before a worker had begun it
    with pytest.raises(InputError, match="first epoch"):
        zip_of(fresh)


def test_the_sentence_says_when_nobody_knows_whether_a_sequence_was_trained_on():
    recipe = Recipe("reverse", ModelConfig(), TrainConfig())
    words = {name: membership_words(recipe, name)
             for name in ("memorised", "new", "longer", "unknown")}
    assert len(set(words.values())) == 4
    assert "may have been" in words["unknown"]
