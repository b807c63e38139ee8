"""The summary of a class: the right runs, best first, without private data."""

import itertools
import json
import time
from types import SimpleNamespace

import gradio as gr
import plotly.graph_objects as go
import pytest
from starlette.datastructures import QueryParams

from seq2seq import ModelConfig, Recipe, TrainConfig
from seq2seq.figures.classroom import COLOURS, DASHES, MARKS, ClassCurve, class_chart, style_of
from seq2seq.i18n import use_language
from seq2seq.jobs.limits import DEFAULT
from seq2seq.jobs.run import Run
from seq2seq.training.events import EpochEnd, Started
from seq2seq.ui.classroom import summary as module
from seq2seq.ui.classroom.activity import ClassActivity
from seq2seq.ui.classroom.summary import ClassSummary, state
from seq2seq.ui.classroom.view import ClassView
from seq2seq.ui.lab import Lab
from seq2seq.ui.session import make_session

OWNERS = ["owner-one-token-1234567", "owner-two-token-1234567", "owner-three-token-12345"]
ADDRESS = "203.0.113.77"
TYPED = "zebra -> arbez\nyak -> kay"


class Shelf:
    """A stand-in for `Runs` with given runs and without workers."""

    num_active = 0
    limits = DEFAULT

    def __init__(self):
        self.runs = []
        self.watched = []

    def of(self, owner):
        return [run for run in self.runs if run.owner == owner]

    def watch(self, run_id):
        self.watched.append(run_id)

    def get(self, run_id):
        return next(run for run in self.runs if run.id == run_id)

    def put(self, owner, recipe=None, right=(), status="done", **more):
        """A run that scored so after each epoch."""
        number = len(self.of(owner)) + 1
        run = Run(f"secret-id-{len(self.runs)}", owner, recipe or Recipe("reverse"),
                  f"Run {number} · attention off", status, address=ADDRESS, **more)
        run.events.append(Started(12, 40, 999, True, ()))
        run.events += [EpochEnd(epoch, 1 - share, 2 - share, share, share, {"new": share}, ())
                       for epoch, share in enumerate(right, 1)]
        self.runs.append(run)
        return run


@pytest.fixture
def lab():
    return Lab(Shelf())


def asked_for(name, measure, version):
    return {"name": name, "measure": measure, "version": version}


@pytest.fixture
def summary(lab):
    found = ClassSummary(lab, ClassActivity(lab))
    found.ask = lambda name="room", measure="right": found.compute(name, measure)
    return found


def test_everybodys_runs_are_there_best_first_and_the_sentence_counts(lab, summary):
    for owner in OWNERS:
        lab.classes.join("room", owner)
    assert summary.ask()["count"] == "3 learners, nobody has trained"
    assert summary.ask()["say"].startswith("No runs yet")
    assert summary.ask()["figure"]["data"] == []
    lab.runs.put(OWNERS[0], right=(0.1, 0.5))
    lab.runs.put(OWNERS[1], right=(0.4,), status="running")
    lab.runs.put(OWNERS[1], Recipe("reverse", ModelConfig(hidden_size=8)), right=(0.2, 0.9))
    lab.runs.put(OWNERS[1], Recipe("sort"), status="waiting")
    told = summary.ask()
    assert told["count"] == "3 learners, 2 have trained, 1 is training now"
    assert [(row["learner"], row["run"], row["right"]) for row in told["rows"]] == [
        (2, "Run 2", "90 %"), (1, "Run 1", "50 %"), (2, "Run 1", "40 %"), (2, "Run 3", "–")]
    assert [row["what"] for row in told["rows"]] == [
        "hidden size 64→8", "default settings", "default settings", "default settings"]
    assert told["rows"][3]["task"] == "Sort digits"
    assert told["rows"][3]["state"] == "in the queue"
    curves = [trace for trace in told["figure"]["data"] if trace["mode"] != "text"]
    assert [curve["y"] for curve in curves] == [[0.1, 0.5], [0.4], [0.2, 0.9]]
    assert curves[2]["name"].startswith("Learner 2, Run 2: hidden size 64→8")
    loss = [trace["y"] for trace in summary.ask(measure="loss")["figure"]["data"]]
    assert loss[0] == [1.9, 1.5]
    assert "best: learner 2, 90 % correct" in told["alt"]
    lab.classes.leave(OWNERS[1])
    assert [row["learner"] for row in summary.ask()["rows"]] == [1]
    assert summary.ask("other")["count"] == "no learners yet"


def test_only_what_began_after_joining_counts_and_no_ready_model(lab, summary):
    lab.runs.put(OWNERS[0], right=(0.1,), created=time.time() - 60)
    lab.classes.join("room", OWNERS[0])
    lab.runs.put(OWNERS[0], right=(0.2,), provenance=SimpleNamespace(scores={}))
    assert summary.ask()["rows"] == []
    lab.runs.put(OWNERS[0], right=(0.3,))
    assert [row["right"] for row in summary.ask()["rows"]] == ["30 %"]


def test_an_answer_holds_nothing_private_and_looking_keeps_no_run_alive(lab, summary):
    for owner in OWNERS:
        lab.classes.join("room", owner)
    mine = Recipe("pairs", ModelConfig(hidden_size=8), TrainConfig(num_epochs=12), TYPED)
    lab.runs.put(OWNERS[0], mine, right=(0.1, 0.5))
    lab.runs.put(OWNERS[0], Recipe("pairs", pairs="other -> rehto\na -> b"), right=(0.1,))
    lab.runs.put(OWNERS[1], right=(0.7,), status="running")
    lab.runs.put(OWNERS[2], status="failed", error="zebra is the matter")
    for measure in ("right", "loss"):
        text = json.dumps(summary.answer(asked_for("room", measure, "")))
        for run in lab.runs.runs:
            assert run.id not in text
            assert run.owner not in text
        for word in ("zebra", "arbez", "yak", "rehto", "secret", "owner", "token", ADDRESS):
            assert word not in text, word
        assert "Your own pairs" in text
        assert "other pairs" in text
    assert lab.runs.watched == []


def test_which_bug_was_built_in_is_not_given_away(lab, summary):
    lab.classes.join("room", OWNERS[0])
    for fault in ("endless", "forgetful", "none"):
        lab.runs.put(OWNERS[0], Recipe("reverse", ModelConfig(fault=fault)), right=(0.1,))
    text = json.dumps(summary.ask(), ensure_ascii=False)
    assert text.count("modified model") >= 3
    assert "endless" not in text
    assert "forgetful" not in text


def test_the_newest_sixty_runs_are_shown_and_it_says_so(lab, summary, monkeypatch):
    monkeypatch.setattr(module, "MAX_SHOWN", 2)
    lab.classes.join("room", OWNERS[0])
    for i in range(5):
        lab.runs.put(OWNERS[0], right=(i / 10,), created=time.time() + i)
    told = summary.ask()
    assert told["say"] == "Showing the newest 2 of 5 runs."
    assert [row["right"] for row in told["rows"]] == ["40 %", "30 %"]


def test_runs_that_differ_in_their_seeds_only_are_drawn_as_a_band(lab, summary):
    for owner, seed, right in [(OWNERS[0], 1, (0.1, 0.5)), (OWNERS[1], 2, (0.3, 0.9)),
                               (OWNERS[2], 3, (0.2,))]:
        lab.classes.join("room", owner)
        lab.runs.put(owner, Recipe("reverse", train=TrainConfig(seed=seed)), right=right)
        lab.runs.put(owner, Recipe("reverse", ModelConfig(hidden_size=8 + seed)), right=right)
        if seed == 1:
            assert summary.ask()["say"] == "", "one seed has no spread"
    told = summary.ask()
    assert told["say"] == ("2 seeds of the same settings, epoch 2: 50 % to 90 %, median 70 %.")
    low, high = told["figure"]["data"][:2]
    assert (low["x"], low["y"], high["y"]) == ([1, 2], [0.1, 0.5], [0.3, 0.9])
    assert summary.ask(measure="loss")["figure"]["data"][1]["y"] == [1.9, 1.5]
    go.Figure(told["figure"])


def test_who_has_the_newest_answer_gets_its_version_only(lab, summary, monkeypatch):
    lab.classes.join("room", OWNERS[0])
    lab.runs.put(OWNERS[0], right=(0.1,))
    monkeypatch.setattr(module, "FRESH_SECONDS", 3600)
    first = summary.answer(asked_for("Room", "right", ""))
    same = summary.answer(asked_for("room", "right", first["version"]))
    assert same == {"version": first["version"]}
    assert summary.answer(asked_for("room", "loss", first["version"])).keys() == first.keys()
    lab.runs.put(OWNERS[0], right=(0.9,))
    assert "rows" not in summary.answer(asked_for("room", "right", first["version"]))
    monkeypatch.setattr(module, "FRESH_SECONDS", 0)
    later = summary.answer(asked_for("room", "right", first["version"]))
    assert len(later["rows"]) == 2
    assert later["version"] != first["version"]


def test_what_is_kept_for_everybody_is_kept_for_each_language(lab, summary, monkeypatch):
    monkeypatch.setattr(module, "FRESH_SECONDS", 3600)
    lab.classes.join("room", OWNERS[0])
    lab.runs.put(OWNERS[0], right=(0.5,))
    english = summary.answer(asked_for("room", "right", ""))
    with use_language("de"):
        german = summary.answer(asked_for("room", "right", english["version"]))
    assert (english["rows"][0]["loss"], german["rows"][0]["loss"]) == ("1.500", "1,500")
    assert summary.answer(asked_for("room", "right", "")) is english


@pytest.mark.parametrize("question", [None, [], ["room"], {}, 7, {"name": "<b>"},
                                      {"name": None}])
def test_a_question_that_cannot_be_read_gets_a_sentence(summary, question):
    assert summary.answer(question).keys() == {"problem"}


def test_made_up_names_fill_no_memory(summary):
    for i in range(1000):
        summary.answer(asked_for(f"class-{i}", "right", ""))
    assert len(summary._cached) <= module.MAX_ANSWERS + 1


def test_how_far_a_run_is_in_words(lab):
    recipe = Recipe("reverse", train=TrainConfig(num_epochs=3))
    histories, words = lab.histories, []
    for status, right in [("waiting", ()), ("running", ()), ("running", (0.1, 0.2)),
                          ("stopped", (0.1,)), ("stopped", ()), ("done", (0.1, 0.2, 0.3))]:
        run = lab.runs.put("o", recipe, right, status)
        words.append(state(run, histories.of(run)))
    assert words == ["in the queue", "epoch 1 of 3", "epoch 3 of 3", "stopped after epoch 1",
                     "stopped during epoch 1", "done"]


@pytest.mark.parametrize("measure", ["right", "loss"])
def test_plotly_takes_the_chart_and_learners_differ_by_more_than_colour(measure):
    curves = [ClassCurve(n, f"Learner {n}", [1, 2, 3], [0.1, None, n / 30], n % 5 > 0)
              for n in range(1, 31)]
    chart = class_chart(curves, measure, 3)
    go.Figure(chart)  # raises where a property has another name
    go.Figure(class_chart([], measure))
    looks = [tuple(style_of(n).values()) for n in range(1, 211)]
    assert len(set(looks)) == 210 == len(COLOURS) * len(DASHES) * len(MARKS)
    for one, two in itertools.pairwise(looks):
        assert all(a != b for a, b in zip(one, two, strict=True))


@pytest.mark.parametrize(("measure", "ends", "labels"), [
    ("right", (0.99, 0.98, 0.5, 0.97, 0.96), ["3", "1, 2 +2"]),
    ("right", (0.02, 0.0, 0.01), ["1, 2, 3"]),  # near on the axis, however low all are
    ("loss", (2.0, 0.02, 0.01), ["2, 3", "1"]),
])
def test_curves_that_end_together_share_one_label(measure, ends, labels):
    curves = [ClassCurve(n, "", [1, 2], [0, end]) for n, end in enumerate(ends, 1)]
    drawn = class_chart(curves, measure)["data"][-1]
    assert [text.strip() for text in drawn["text"]] == labels


# --- the component -------------------------------------------------------------------------------

OWNER = "abcdefghijklmnopqrstuv"


def asked(query):
    return SimpleNamespace(query_params=QueryParams(query))


@pytest.fixture
def view(lab):
    with gr.Blocks():
        return ClassView(make_session(lab))


def told(view, updates):
    return updates[view.view]


def test_opening_a_link_joins_and_looking_does_not(view, lab):
    assert told(view, view.on_load(asked(""), OWNER))["name"] == ""
    seen = told(view, view.on_load(asked("class=Room-8b&view=class"), OWNER))
    assert (seen["name"], seen["looks"]) == ("room-8b", True)
    assert lab.classes.of(OWNER) == ""
    seen = told(view, view.on_load(asked("class=Room-8b&lesson=1"), OWNER))
    assert (seen["name"], seen["learner"], seen["looks"]) == ("room-8b", 1, False)
    again = told(view, view.on_load(asked(""), OWNER))
    assert (again["name"], again["learner"]) == ("room-8b", 1), "who is still in it is told so"
    left = told(view, view.leave(OWNER))
    assert left["name"] == ""
    assert lab.classes.of(OWNER) == ""


@pytest.mark.parametrize("query", ["class=a+b", "class=", "class=%3Cb%3E&view=class"])
def test_a_name_that_is_none_is_told(view, query):
    seen = told(view, view.on_load(asked(query), OWNER))
    assert seen["name"] == ""
    assert "1 to 40 letters" in seen["problem"]


def test_after_a_restart_an_open_page_joins_again(view, lab):
    page = {"name": "room", "looks": False, "key": "a key of the server before"}
    seen = told(view, view.come_back(OWNER, page))
    assert (seen["name"], seen["learner"]) == ("room", 1)
    assert lab.classes.member(seen["key"])[0] == "room"
    assert told(view, view.come_back(OWNER, {"name": "no name"}))["name"] == ""
    before = lab.classes.of(OWNER)
    for page in (None, {}, {"name": None}, 7):
        assert told(view, view.come_back(OWNER, page))["name"] == ""
    assert lab.classes.of(OWNER) == before == "room"


def test_after_a_restart_the_next_run_brings_its_learner_back(view, lab):
    page = {"name": "room", "looks": False}
    run = lab.runs.put(OWNER, right=(0.1,), status="running", created=123.0)
    view.rejoin(OWNER, {"name": "room", "looks": True}, run.id)
    view.rejoin("somebody else's token..", page, run.id)
    view.rejoin(OWNER, {"name": "no name"}, run.id)
    view.rejoin(OWNER, None, run.id)
    assert lab.classes.learners("room") == []
    view.rejoin(OWNER, page, run.id)
    assert lab.classes.learners("room")[0].since == 123.0
    assert [row["right"] for row in view.summary.compute("room", "right")["rows"]] == ["10 %"]


SWEEP = "?class=room&view=class&task=reverse&seed=3&sweep=hidden_size:8,32;attention:none,dot"


def command(lab, summary, query):
    return summary.activity.lead(["room", lab.classes.lead("room", "teacher"), "sweep", query])


def test_the_cells_of_a_sweep_go_round_and_the_grid_fills(lab, summary):
    keys = [lab.classes.join("room", owner).key for owner in OWNERS]
    assert summary.activity.pulse([keys[0], "", 0])["cell"] is None
    assert summary.ask()["sweep"] == ""
    assert command(lab, summary, SWEEP) == {}
    told = [summary.activity.pulse([key, "", 0])["cell"]["say"] for key in keys]
    assert told[0] == "Your cell of the class’s sweep: hidden size 8, attention off."
    assert told[1] == "Your cell of the class’s sweep: hidden size 8, attention dot product."
    with gr.Blocks():
        view = ClassView(make_session(lab))
    recipe = view.own_cell(OWNERS[1])
    assert recipe == Recipe("reverse", ModelConfig(hidden_size=8, attention="dot"),
                            TrainConfig(seed=3))
    assert view.own_cell("a visitor without a class") is None
    assert summary.ask()["sweep"].count('class="waiting"') == 4

    lab.runs.put(OWNERS[0], view.own_cell(OWNERS[0]), right=[0.5], status="running")
    lab.runs.put(OWNERS[1], recipe, right=[0.5, 0.75])
    grid = summary.ask()["sweep"]
    assert (grid.count('class="done"'), grid.count('class="training"')) == (1, 1)
    assert "1 of 4 models are trained." in grid
    assert "<b>75 %</b>" in grid
    assert not any(secret in grid for secret in (*OWNERS, "secret-id"))
    assert summary.activity.pulse([keys[0], "", 0])["cell"] is None, "it is being trained"
    again = summary.activity.pulse([keys[1], "", 0])["cell"]["say"]
    assert again.endswith("hidden size 32, attention dot product."), "the cell that nobody has"


@pytest.mark.parametrize(("query", "sentence"), [
    ("?task=reverse", "The link has no sweep"), (None, "The link has no sweep"),
    (SWEEP + "x" * 10_000, "The link has no sweep"), ("?sweep=seed:1,2", "The link has no task"),
    ("?task=reverse&sweep=seed:1", "at least two models"),
    ("?task=reverse&sweep=seed:1,2,3,4,5,6,7;hidden_size:8,16", "at most 12"),
    ("?task=reverse&batch_size=256&max_length=20&sweep=hidden_size:8,512;num_layers:1,9",
     "it must be a whole number from 1 to 3")])
def test_a_sweep_that_cannot_be_dealt_is_refused(lab, summary, query, sentence):
    assert sentence in command(lab, summary, query)["problem"]
    lab.classes.join("room", OWNERS[0])
    assert lab.classes.activity("room").sweep is None
    refused = summary.activity.lead(["room", "not the key", "sweep", SWEEP])
    assert "Another page leads" in refused["problem"]
