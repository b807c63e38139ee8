"""The lesson panel: returns the pages of a lesson (guess, steps, results) to its JavaScript.

`assets/js/lessons.js` stores the learner's progress while the browser's tab is open: the guess, the
runs of each lesson, and what was tried. Each request contains it, so the server stores nothing and
computes every result from the runs.
"""

from typing import Any

import gradio as gr

from seq2seq.errors import BusyError, InputError, Seq2SeqError
from seq2seq.files import pretrained
from seq2seq.i18n import LazyText, _
from seq2seq.jobs.runs import Run
from seq2seq.lessons import Lesson, Step, get_lesson, lessons
from seq2seq.lessons.measurement import run_numbers
from seq2seq.recipe import Recipe
from seq2seq.ui.components.asset_files import asset
from seq2seq.ui.components.charts import PLOTLY_HEAD, as_json, chart_scripts
from seq2seq.ui.languages import template
from seq2seq.ui.lessons import pages
from seq2seq.ui.lessons.pictures import ForcedToken, LessonRun, picture
from seq2seq.ui.lessons.trials import GONE, Trials, fault_of, part_of
from seq2seq.ui.session import Session

NO_READY = LazyText(
    "This copy of the lab does not include the pre-trained model: continue without it.")
WORK_PER_SECOND = 850_000  # epochs x examples x numbers, on a free core


class LessonPanel:
    """The component and its server functions."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.trials = Trials(session)

        def lesson(question: Any) -> dict[str, Any]:
            return self.answer(question)  # not async: Gradio calls it in a thread of its own

        async def progress(question: Any) -> dict[str, Any]:
            return self.progress(question)

        self.view = gr.HTML(
            value={}, html_template=template("html/lessons.html"), elem_id="lessons",
            server_functions=[lesson, progress], apply_default_css=False,
            js_on_load=chart_scripts() + asset("js/lesson_steps.js") + asset("js/lessons.js"),
            head=PLOTLY_HEAD)

    def answer(self, question: Any) -> dict[str, Any]:
        """A page of a lesson or the result of a trial; {"problem": message} if there is none.

        With "passes", the page may ask again: the server is busy.
        """
        q = question if isinstance(question, dict) else {}
        try:
            what = q.get("what")
            if what == "menu":
                return {"html": pages.menu(lessons())}
            lesson = get_lesson(str(q.get("lesson")))
            with self.session.lab.turn():
                return self.measured(lesson, q) if what == "measure" else self.page(lesson, q)
        except Seq2SeqError as problem:
            return {"problem": _(problem), "passes": isinstance(problem, BusyError)}

    def page(self, lesson: Lesson, q: dict[str, Any]) -> dict[str, Any]:
        """The learner's current page: 0 is the guess, 1 to n are the steps, n + 1 the results."""
        stage = q.get("stage")
        stage = stage if isinstance(stage, int) and stage > 0 else 0
        if stage == 0:
            return {"html": pages.guess(lesson, q.get("visit")), "stage": 0,
                    "title": _(lesson.title)}
        self.guessed(lesson, q)  # the steps require a guess
        if stage > len(lesson.steps):
            return {**self.reveal(lesson, q), "stage": len(lesson.steps) + 1}
        return {**self.step(lesson, stage, q), "stage": stage}

    @staticmethod
    def guessed(lesson: Lesson, q: dict[str, Any]) -> int:
        """Which choice was guessed. InputError if none was."""
        guess = q.get("guess")
        if type(guess) is not int or not 0 <= guess < len(lesson.choices):
            raise InputError("Guess first: choose one of the three answers.")
        return guess

    def step(self, lesson: Lesson, number: int, q: dict[str, Any]) -> dict[str, Any]:
        """The page of a step, and what the JavaScript needs to know about it."""
        step = lesson.steps[number - 1]
        run = self.run_of(lesson, step.run, q)
        tried = part_of(part_of(q, "did"), str(number))
        # Read once: the run may end at any moment, and the page must see a consistent state.
        active = bool(run and run.is_active)
        trained = bool(run and not active and run.blobs)
        there = trained or not step.run  # the step's run is trained, or it needs none
        seen = there and number in _list(q, "seen")
        if step.wait in ("tried", "typed", "picked"):
            done = there and self.trials.done(lesson, step, tried)
        else:
            done = {"trained": trained, "told": True, "seen": seen}[step.wait]
        task = step.link.recipe.task if step.link else ""
        missing = step.ready and pretrained.ready(task) is None
        train = status = act = ""
        if missing:
            status, done = _(NO_READY), True
        elif step.link and not (active or trained):
            train = _("Open the pre-trained model") if step.ready else _("Train")
            status = "" if step.ready else _("It takes about {seconds} s.",
                                             seconds=self.estimate(step.link.recipe))
        elif run and step.link:
            status = self.progress(run.id)["say"]
        elif step.run and not run:
            status = _("The model for this step is missing: go back and train it.")
        elif done and step.wait == "tried":
            status = _("Done: the last page of the lesson uses your result. You can also try "
                       "another value.")
        elif done and step.wait in ("typed", "picked"):
            status = _("Done.")
        visit = bool(step.tab and not missing and there)
        act = pages.buttons(step, train, visit, go=not done)
        program = ""
        if step.wait == "picked" and there:
            program = pages.listing(fault_of(lesson, step), tried.get("line") or 0)
        return {"html": pages.step(lesson, number, act, status, done, program), "tab": step.tab,
                "control": step.control, "wait": step.wait, "run": step.run,
                "active": run.id if run and active and step.link else ""}

    def measured(self, lesson: Lesson, q: dict[str, Any]) -> dict[str, Any]:
        """The result of a trial in a step: a sentence, and what the page stores of it."""
        step = self.step_of(lesson, q.get("stage"))
        if step.wait not in ("tried", "typed", "picked"):
            raise InputError("There is nothing to measure in this step: continue with the next "
                             "one.")
        return self.trials.judge(lesson, step, self.run_of(lesson, step.run, q),
                                 part_of(q, "tried"), part_of(part_of(q, "did"), str(q["stage"])))

    def reveal(self, lesson: Lesson, q: dict[str, Any]) -> dict[str, Any]:
        """The last page, with all available results."""
        runs: dict[str, LessonRun] = {}
        numbers: dict[str, Any] = {}
        tried: list[ForcedToken] = []
        for name, link in lesson.runs.items():
            run = self.run_of(lesson, name, q)
            if run is None or not run.blobs:
                continue
            experiment = self.session.lab.experiment_for(run)
            history = self.session.lab.histories.of(run)
            runs[name] = LessonRun(link.text, experiment, history.curve)
            wanted = [n.split(".")[1] for n in lesson.numbers if n.startswith(f"{name}.")]
            numbers |= {f"{name}.{metric}": value for metric, value in run_numbers(
                wanted, experiment, run.events, link.text or experiment.task.example,
                history.scores).items()}
        found = 0
        for number, step in enumerate(lesson.steps, 1):
            did, run = part_of(part_of(q, "did"), str(number)), self.run_of(lesson, step.run, q)
            if not did or not self.trials.done(lesson, step, did):
                continue
            try:
                numbers |= self.trials.found(lesson, step, run, did)
            except InputError:  # its run was deleted, or the step was skipped
                continue
            found += step.wait == "picked"
            if step.control == "force":
                values = part_of(did, "values")
                tried.append(ForcedToken(step.run, str(did["text"]), int(values["step"]),
                                         str(values["token"])))
        if "found" in lesson.measures and runs:
            numbers["found"] = found
        drawn = picture(lesson, runs, numbers, tried)
        place = '<div class="chart" role="img"></div>' if drawn.figure else drawn.html
        following = next((one for one in lessons() if one.number == lesson.number + 1), None)
        told = lesson.tell(numbers, _) if numbers else ""
        frame = f'<div class="picture">{place}</div>' if place else ""
        guessed = pages.explained(lesson, self.guessed(lesson, q), numbers)
        page = pages.reveal(lesson, told, frame, guessed, following)
        return {"html": page, "figure": as_json(drawn.figure) if drawn.figure else None}

    def progress(self, question: Any) -> dict[str, Any]:
        """The progress of a run in a sentence, and whether it is active."""
        run = self.session.lab.find(question)
        if run is None:
            return {"active": False, "say": _(GONE)}
        self.session.lab.runs.watch(run.id)
        active = run.is_active  # read first: if the run has ended, all its events are available
        words = self.session.lab.histories.of(run).sentence()
        if run.status == "waiting" and run.position:
            words = _("{state} · about {seconds} s.", state=words,
                      seconds=self.estimate(run.recipe))
        return {"active": active, "say": words}

    def estimate(self, recipe: Recipe) -> int:
        """The estimated duration of a training under the current load: a multiple of 5 seconds."""
        train = recipe.train
        work = train.num_epochs * train.num_examples * (recipe.model.hidden_size + 64)
        lab = self.session.lab.runs
        seconds = (1 + work / WORK_PER_SECOND) * max(1.0, (lab.num_active + 1) / lab.num_workers)
        return max(5, 5 * round(seconds / 5))

    def run_of(self, lesson: Lesson, name: str, q: dict[str, Any]) -> Run | None:
        """The learner's run of that name if it has the lesson's recipe, else None."""
        run, link = self.session.lab.find(part_of(q, "ids").get(name)), lesson.runs.get(name)
        if run is None or link is None:
            return None
        ready = run.provenance is not None and run.recipe.task == link.recipe.task
        return run if ready or run.recipe == link.recipe else None

    @staticmethod
    def step_of(lesson: Lesson, stage: Any) -> Step:
        """The step with that number, counted from 1. InputError if there is none."""
        if isinstance(stage, bool) or not isinstance(stage, int) \
                or not 1 <= stage <= len(lesson.steps):
            raise InputError("This lesson has no such step.")
        return lesson.steps[stage - 1]


def _list(where: dict[str, Any], name: str) -> list:
    part = where.get(name)
    return part if isinstance(part, list) else []
