"""The lesson panel without a browser."""

import re
from html import unescape

import gradio as gr
import pytest

from seq2seq import Experiment, Recipe
from seq2seq.config import ModelConfig
from seq2seq.errors import RunGoneError
from seq2seq.files.checkpoint import dump_weights
from seq2seq.jobs.limits import DEFAULT
from seq2seq.jobs.runs import Run
from seq2seq.lessons import get_lesson, lessons
from seq2seq.lessons.measurement import run_numbers
from seq2seq.lessons.program_listing import faulty_line, lines_to_pick, program
from seq2seq.training.notebook_bugs import FAULTS
from seq2seq.ui.components.markdown import inline
from seq2seq.ui.components.run_names import differences, different_settings
from seq2seq.ui.lab import Lab
from seq2seq.ui.lessons.pages import explained, guess, order_of
from seq2seq.ui.lessons.panel import LessonPanel
from seq2seq.ui.session import make_session


class Shelf:
    """A stand-in for `Runs` with ended runs and without workers."""

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
        """An untrained model, since the test needs no particular numbers."""
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
            assert "Guess first" in ask(panel, lesson.name, stage, guess=None)["problem"]
        for wrong in (True, 3, -1, "0", {}):
            assert "Guess first" in ask(panel, lesson.name, 1, guess=wrong)["problem"]


def test_whatever_is_asked_it_answers_with_a_page_or_a_sentence(panel):
    for question in (None, 7, {}, {"what": "page"}, {"lesson": "algebra"},
                     {"what": "measure", "lesson": "mistakes", "stage": 2, "guess": 0},
                     {"what": "measure", "lesson": "mistakes", "stage": "2", "guess": 0},
                     {"what": "measure", "lesson": "repair", "stage": 5, "tried": {"line": []}},
                     {"what": "measure", "lesson": "repair", "stage": 5, "tried": {"line": 4},
                      "did": {"5": {"tries": "many"}}},
                     {"what": "measure", "lesson": "repair", "stage": 9, "tried": {"line": 1}},
                     {"what": "measure", "lesson": "longer", "stage": 3, "tried": {"text": 3}}):
        answer = panel.answer(question)
        assert answer.get("html") or (answer.get("problem") or answer["say"]).endswith((".", "?"))
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
    assert "Next →" in after
    assert "Take me to Look inside" in ask(panel, lesson.name, 2, ids=ids)["html"]
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
    assert "no results yet" in ask(panel, "beam", 99)["html"]


@pytest.mark.parametrize("name", ["bottleneck", "attention"])
def test_the_numbers_of_several_runs_stand_in_one_reveal(panel, shelf, name):
    """Of the lessons that `test_browser_lessons` does not complete by clicks."""
    lesson = get_lesson(name)
    ids, numbers = {}, {}
    for run, link in lesson.runs.items():
        ids[run] = shelf.put(link.recipe).id
        experiment = Experiment.from_recipe(link.recipe)
        wanted = [n.split(".")[1] for n in lesson.numbers if n.startswith(f"{run}.")]
        numbers |= {f"{run}.{n}": value for n, value in run_numbers(
            wanted, experiment, [], link.text or experiment.task.example).items()}
    page = ask(panel, name, 99, ids=ids)["html"]
    told = lesson.tell(numbers).split("\n\n")
    assert len(told) > 1
    assert all(inline(part) in page for part in told)


def test_no_page_gives_the_bugs_away_before_the_reveal(panel, shelf):
    lesson = get_lesson("repair")
    ids = {name: shelf.put(link.recipe).id for name, link in lesson.runs.items()}
    for number, step in enumerate(lesson.steps, 1):
        page = ask(panel, lesson.name, number, ids=ids)["html"]
        assert not any(f'"{fault}"' in page or f"={fault}" in page for fault in FAULTS)
        if step.link:
            assert not any(fault.title in page for fault in FAULTS.values())


def pick(panel, stage, line, did=None):
    return panel.answer({"what": "measure", "lesson": "repair", "stage": stage,
                         "tried": {"line": line}, "did": {str(stage): did or {}}})


def test_the_faulty_line_is_picked_and_tries_are_counted(panel, shelf):
    lesson = get_lesson("repair")
    ids = {name: shelf.put(link.recipe).id for name, link in lesson.runs.items()}
    done = {}
    for stage, step in enumerate(lesson.steps, 1):
        if step.wait != "picked":
            continue
        fault = lesson.runs[step.run].recipe.model.fault
        page = ask(panel, lesson.name, stage, ids=ids)["html"]
        assert page.count("data-pick") == len(lines_to_pick(fault))
        assert "Skip this" in page
        assert program(fault)[faulty_line(fault) - 1].strip() in unescape(page)
        wrong = next(n for n in lines_to_pick(fault) if n != faulty_line(fault))
        first = pick(panel, stage, wrong)
        assert f"Line {wrong} is the same in the correct program" in first["say"]
        assert "Skip this" in ask(panel, lesson.name, stage, ids=ids,
                                  did={str(stage): first["did"]})["html"]
        second = pick(panel, stage, faulty_line(fault), first["did"])
        assert second["say"] == "That is the faulty line."
        assert second["did"] == {"line": faulty_line(fault), "tries": 2}
        assert pick(panel, stage, wrong, second["did"])["did"] == second["did"]
        done[str(stage)] = second["did"]
        assert "Next →" in ask(panel, lesson.name, stage, ids=ids, did=done)["html"]
    assert "Choose one of the lines" in pick(panel, 5, 3)["problem"]  # it is empty
    end = ask(panel, lesson.name, 99, ids=ids, did=done)["html"]
    assert "You found all four faulty lines." in end
    assert "on attempt 2" in end
    assert "Loss: faulty → repaired" in end
    some = ask(panel, lesson.name, 99, ids=ids, did={"5": done["5"]})["html"]
    assert "You found 1 of the four" in some


def test_merely_opening_the_control_is_not_what_lesson_5_asks(panel, shelf):
    """Seen: the panel was opened, at whatever token, and the step was done."""
    lesson = get_lesson("mistakes")
    run = shelf.put(lesson.runs["memory"].recipe)
    text = lesson.runs["memory"].text
    free = panel.session.lab.experiment_for(run).predict(text)
    own = free.steps[2].token

    def measured(step, token):
        return panel.answer({"what": "measure", "lesson": "mistakes", "stage": 2,
                             "ids": {"memory": run.id},
                             "tried": {"text": text, "values": {"step": step, "token": token}}})

    other = next(d for d in "0123456789" if d != own)
    assert "Nothing has changed yet" in measured("2", own)["problem"]
    assert "output token 3" in measured("1", other)["problem"]
    found = measured("2", other)
    assert found["say"].startswith("Result: ")
    assert found["did"]["values"] == {"step": "2", "token": other}
    page = ask(panel, "mistakes", 2, ids={"memory": run.id}, did={"2": found["did"]})
    assert "Next →" in page["html"]
    # Without its model it is not done, whatever the browser says.
    assert "Skip this" in ask(panel, "mistakes", 2, did={"2": found["did"]})["html"]


def test_an_empty_tab_is_not_seen(panel):
    for lesson in lessons():
        for stage, step in enumerate(lesson.steps, 1):
            if step.run:
                page = ask(panel, lesson.name, stage, seen=[stage], did={str(stage): {"text": "1"}})
                assert "Next →" not in page["html"], step.title


def test_the_guess_is_explained_with_the_results_and_never_before(panel, shelf):
    lesson = get_lesson("sequences")
    ids = {name: shelf.put(link.recipe).id for name, link in lesson.runs.items()}
    replies = [inline(choice.reply)[-40:] for choice in lesson.choices]
    for stage in range(len(lesson.steps) + 1):
        page = ask(panel, lesson.name, stage, ids=ids)["html"]
        assert not any(reply in page for reply in replies)
    assert not any(reply in ask(panel, lesson.name, 99)["html"] for reply in replies)
    assert "Do the steps of this lesson first" in ask(panel, lesson.name, 99)["html"]
    end = ask(panel, lesson.name, 99, ids=ids)["html"]
    assert all(reply in end for reply in replies)
    assert end.index('class="told"') < end.index(replies[0])
    assert "your guess" in end


def test_the_choices_are_shuffled_by_the_visit():
    for lesson in lessons():
        orders = {tuple(order_of(lesson, visit)) for visit in range(60)}
        right = next(i for i, choice in enumerate(lesson.choices) if choice.right)
        assert {order.index(right) for order in orders} == {0, 1, 2}
        page = guess(lesson, 7)
        shown = [int(n) for n in re.findall(r'name="guess" value="(\d)"', page)]
        assert shown == order_of(lesson, 7)
        assert guess(lesson, 7) == page


def test_a_guess_that_the_numbers_do_not_bear_out_is_not_called_right():
    lesson = get_lesson("learned")
    held = explained(lesson, 0, {"five.new": 0.0})
    assert "correct" in held
    assert "results differ" not in held
    otherwise = explained(lesson, 2, {"five.new": 0.5})
    assert "results differ" in otherwise
    assert 'class="right' not in otherwise


def test_a_fault_is_not_named_where_runs_are_compared():
    whole = Recipe("reverse", ModelConfig(attention="dot"))
    for fault in FAULTS:
        broken = Recipe("reverse", ModelConfig(attention="dot", fault=fault))
        words = "" if fault == "none" else "modified model"
        assert different_settings(broken, whole) == differences(broken, whole) == words


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
    assert bool(page["active"]) != ("Next →" in page["html"])
