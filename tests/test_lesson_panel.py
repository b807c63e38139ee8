"""What the panel of the lessons answers, asked without a browser."""

import gradio as gr
import pytest

from seq2seq import Experiment, Recipe
from seq2seq.checkpoint import dump_weights
from seq2seq.config import ModelConfig
from seq2seq.errors import RunGoneError
from seq2seq.faults import FAULTS
from seq2seq.jobs import Run
from seq2seq.lessons import get_lesson, lessons
from seq2seq.lessons.measuring import BUGS, patients, run_numbers
from seq2seq.limits import DEFAULT
from seq2seq.ui.lab import Lab
from seq2seq.ui.lesson_html import inline
from seq2seq.ui.lesson_panel import LessonPanel
from seq2seq.ui.names import differences, settings_unlike
from seq2seq.ui.session import make_session


class Shelf:
    """Stands for `Runs`: runs that have ended, and no workers."""

    num_active, num_workers = 0, 2
    limits = DEFAULT

    def __init__(self) -> None:
        self.runs: dict[str, Run] = {}

    def get(self, run_id: str) -> Run:
        if run_id not in self.runs:
            raise RunGoneError("gone")
        return self.runs[run_id]

    def watch(self, run_id: str) -> None:
        self.get(run_id)

    def put(self, recipe: Recipe) -> Run:
        """An untrained model: quick, and its numbers are numbers like any others."""
        run = Run(f"run-{len(self.runs)}", "me", recipe, f"Run {len(self.runs)}", status="done")
        run.blobs[1] = dump_weights(Experiment.from_recipe(recipe).model)
        self.runs[run.id] = run
        return run


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture(scope="module")
def panel(shelf) -> LessonPanel:
    with gr.Blocks():
        return LessonPanel(make_session(Lab(shelf)))


def ask(panel, lesson, stage, **more):
    return panel.answer({"what": "page", "lesson": lesson, "stage": stage, "guess": 0, **more})


def test_nothing_is_shown_before_the_guess(panel):
    for lesson in lessons():
        assert "This is my guess" in ask(panel, lesson.name, 0)["html"]
        for stage in (1, 99):
            assert "First guess" in ask(panel, lesson.name, stage, guess=None)["problem"]
        for guess in (True, 3, -1, "0", {}):
            assert "First guess" in ask(panel, lesson.name, 1, guess=guess)["problem"]
        assert "First guess" in panel.answer({"what": "guess", "lesson": lesson.name})["problem"]


def test_whatever_is_asked_it_answers_with_a_page_or_a_sentence(panel):
    for question in (None, 7, {}, {"what": "page"}, {"lesson": "algebra"},
                     {"what": "measure", "lesson": "mistakes", "stage": 2, "guess": 0},
                     {"what": "measure", "lesson": "mistakes", "stage": "2", "guess": 0},
                     {"what": "measure", "lesson": "repair", "stage": 6, "tried": {"a": []}}):
        answer = panel.answer(question)
        assert answer.get("html") or answer["problem"].endswith(".")
    assert panel.progress({"no": "id"})["active"] is False


def test_a_step_offers_to_train_and_then_to_look(panel, shelf):
    lesson = get_lesson("mistakes")
    before = ask(panel, lesson.name, 1)["html"]
    assert 'data-do="begin"' in before
    assert "It takes about" in before
    assert "Skip this" in before
    assert "go back and train it" in ask(panel, lesson.name, 2)["html"]
    run = shelf.put(lesson.runs["memory"].recipe)
    ids = {"memory": run.id}
    after = ask(panel, lesson.name, 1, ids=ids)["html"]
    assert 'data-do="begin"' not in after
    assert "Go on" in after
    assert "Show me: Look inside" in ask(panel, lesson.name, 2, ids=ids)["html"]
    # A run of another recipe is not the lesson's.
    assert 'data-do="begin"' in ask(panel, "attention", 1, ids={"without": run.id})["html"]


def test_the_reveal_is_told_with_the_runs_own_numbers(panel, shelf):
    lesson = get_lesson("sequences")
    link = lesson.runs["first"]
    run = shelf.put(link.recipe)
    page = ask(panel, lesson.name, 99, ids={"first": run.id})
    experiment = Experiment.from_recipe(link.recipe)
    wanted = [name.split(".")[1] for name in lesson.numbers]
    numbers = run_numbers(wanted, experiment, [], link.text)
    told = lesson.tell({f"first.{name}": value for name, value in numbers.items()})
    assert inline(told.split("\n\n")[0]) in page["html"]
    assert str(numbers["before"]) in page["html"]
    assert "no numbers of yours yet" in ask(panel, "beam", 99)["html"]


def test_no_page_gives_the_bugs_away_before_the_reveal(panel, shelf):
    lesson = get_lesson("repair")
    ids = {name: shelf.put(link.recipe).id for name, link in lesson.runs.items()}
    for number, step in enumerate(lesson.steps, 1):
        page = ask(panel, lesson.name, number, ids=ids)["html"]
        assert not any(f'"{fault}"' in page or f"={fault}" in page for fault in FAULTS)
        if step.link:
            assert not any(fault.title in page for fault in FAULTS.values())
    right = {run: BUGS[fault] for run, fault in patients(lesson).items()}
    noted = panel.answer({"what": "measure", "lesson": lesson.name, "stage": 6, "tried": right})
    assert "Noted" in noted["say"]
    assert not any(char.isdigit() for char in noted["say"])
    end = ask(panel, lesson.name, 99, ids=ids, did={"6": right})["html"]
    assert "You found all four!" in end


def test_a_fault_is_not_named_where_runs_are_compared():
    whole = Recipe("reverse", ModelConfig(attention="dot"))
    for fault in FAULTS:
        broken = Recipe("reverse", ModelConfig(attention="dot", fault=fault))
        words = "" if fault == "none" else "built otherwise"
        assert settings_unlike(broken, whole) == differences(broken, whole) == words


@pytest.mark.parametrize("asked", range(6))
def test_a_run_that_ends_while_its_step_is_drawn_is_either_followed_or_done(panel, shelf, asked):
    class Ending(Run):
        """Is still active when it is asked for the first few times."""

        left = asked

        @property
        def is_active(self) -> bool:
            self.left -= 1
            return self.left >= 0

    lesson = get_lesson("bottleneck")
    run = shelf.put(lesson.runs["tiny"].recipe)
    run.__class__ = Ending
    page = ask(panel, lesson.name, 1, ids={"tiny": run.id})
    assert bool(page["active"]) != ("Go on →" in page["html"])
