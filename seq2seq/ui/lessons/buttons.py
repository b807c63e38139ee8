"""The two lesson buttons that change the tabs: one trains the step's model, one opens a tab."""

import itertools
from typing import Any

import gradio as gr

from seq2seq.errors import InputError, Seq2SeqError
from seq2seq.i18n import _
from seq2seq.jobs.runs import Run
from seq2seq.lessons import Lesson, Step, get_lesson
from seq2seq.ui.components.run_names import short_name
from seq2seq.ui.lessons.panel import LessonPanel
from seq2seq.ui.lessons.trials import GONE, preset_text
from seq2seq.ui.session import WITH_DATA, valid_owner
from seq2seq.ui.tabs.side_by_side import sets_of


class LessonTabs:
    """The handlers of the two buttons.

    The panel receives the outcome as its value; `turn` makes each value different.
    """

    def __init__(self, panel: LessonPanel) -> None:
        self.panel, self.session, self.view = panel, panel.session, panel.view
        self.turns = itertools.count(1)

    def wire(self, page: Any, owner_and_now: list, shown: list) -> None:
        """Connect the two buttons; `page` is the `ui.page.Page` with the tabs."""
        outputs = [self.view, self.session.owner, page.tabs, page.inside.view,
                   page.answers.only_wrong, *shown]

        def begin(owner: Any, selected: Any, task: Any, text: Any, pairs: Any, which: Any,
                  only_wrong: Any, event: gr.EventData) -> dict:
            now = (task, text, pairs, which, only_wrong)
            return self.guarded(event, lambda q: self.begin(page, valid_owner(owner), q, *now))

        def visit(owner: Any, selected: Any, task: Any, text: Any, pairs: Any, which: Any,
                  only_wrong: Any, event: gr.EventData) -> dict:
            now = (task, text, pairs, which, only_wrong)
            return self.guarded(event, lambda q: self.visit(page, valid_owner(owner), q, *now))

        owner, *now = owner_and_now
        self.view.begin(begin, [owner, self.session.selected, *now], outputs, **WITH_DATA)
        self.view.visit(visit, [owner, self.session.selected, *now], outputs, **WITH_DATA)

    def guarded(self, event: gr.EventData, act: Any) -> dict:
        """The updates that `act` returns; a Seq2SeqError becomes a message in the panel."""
        q = {name: getattr(event, name, None) for name in ("lesson", "stage", "ids")}
        try:
            return act(q)
        except Seq2SeqError as problem:
            return {self.view: {"problem": _(problem), "turn": next(self.turns)}}

    def begin(self, page: Any, owner: str, q: dict[str, Any], task: Any, text: Any, pairs: Any,
              *rest: Any) -> dict:
        """Train the model of a step, or reuse an equal run, and show it on all tabs."""
        lesson = get_lesson(str(q.get("lesson")))
        step = self.panel.step_of(lesson, q.get("stage"))
        if step.link is None:
            raise InputError("There is nothing to train in this step.")
        recipe, lab = step.link.recipe, self.session.lab
        if step.ready:
            run = lab.open_pretrained(owner, recipe.task)
        else:
            same = [r for r in lab.runs.of(owner) if r.recipe == recipe and not r.provenance
                    and r.status in ("waiting", "running", "done")]
            run = same[-1] if same else lab.submit(owner, recipe)
        again = "" if run.is_active or step.ready else _(
            "You have already trained this model: {run}.", run=short_name(run))
        # A pre-trained model has no training to watch, so the step's own tab is opened.
        told = {"lesson": lesson.name, "stage": q["stage"], "run": step.run, "id": run.id,
                "say": again, "visit": step.ready, "turn": next(self.turns)}
        tab = step.tab if step.ready else "train"
        return {self.view: told, page.tabs: gr.Tabs(selected=tab),
                **self.show(page, owner, lesson, step, run, pairs, *rest)}

    def visit(self, page: Any, owner: str, q: dict[str, Any], task: Any, text: Any, pairs: Any,
              which: Any, only_wrong: Any) -> dict:
        """Open the tab of a step, with its run on all tabs."""
        lesson = get_lesson(str(q.get("lesson")))
        step = self.panel.step_of(lesson, q.get("stage"))
        asked = self.latest(lesson, q)
        told: dict[str, Any] = {"lesson": lesson.name, "stage": q["stage"], "visit": True,
                                "turn": next(self.turns)}
        updates: dict[Any, Any] = {self.view: told,
                                   page.tabs: gr.Tabs(selected=step.tab or "train")}
        if not asked:
            return updates | self.show_untrained(page, lesson, pairs)
        run = self.panel.run_of(lesson, str(asked), q)
        if run is None:
            raise InputError(GONE)
        text = preset_text(lesson, step)
        told["preset"] = {"run": run.id, "text": text, "values": self.panel.trials.form(
            step, self.session.lab.experiment_for(run), text)} if run.blobs else {}
        return {**updates, page.inside.view: page.inside.show(run.id, run.recipe.task, text),
                **self.show(page, owner, lesson, step, run, pairs, which, only_wrong)}

    def show(self, page: Any, owner: str, lesson: Lesson, step: Step, run: Run, pairs: Any,
             which: Any, only_wrong: Any) -> dict:
        """Updates that show a run on all tabs, with the step's sequence and set of answers."""
        updates: dict[Any, Any] = {self.session.owner: owner}
        which = step.presets.get("set", which)
        if "only-wrong" in step.presets:
            only_wrong = updates[page.answers.only_wrong] = step.presets["only-wrong"] == "yes"
        updates |= page.show_run(owner, run, run.recipe.task, preset_text(lesson, step), pairs,
                                 which, only_wrong)
        if "set" in step.presets:
            updates[page.answers.which] = gr.update(choices=sets_of(run.recipe.make_task()),
                                                    value=which)
        return updates

    def latest(self, lesson: Lesson, q: dict[str, Any]) -> str:
        """The name of a step's run: its own, or the last one trained before it; "" if none."""
        number = int(q["stage"])
        if lesson.steps[number - 1].run:
            return lesson.steps[number - 1].run
        before = [step.run for step in lesson.steps[:number]
                  if self.panel.run_of(lesson, step.run, q)]
        return before[-1] if before else ""

    def show_untrained(self, page: Any, lesson: Lesson, pairs: Any) -> dict:
        """Updates that show the lesson's first recipe, untrained."""
        link = next(iter(lesson.runs.values()))
        recipe = link.recipe
        text = link.text or recipe.make_task().example
        return {self.session.selected: "", page.sequence.pairs: recipe.pairs or pairs,
                **page.sequence.show_task(recipe, None, text),
                **page.train.settings.show(recipe)}
