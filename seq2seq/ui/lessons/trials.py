"""Checks what a learner tried in a step of a lesson, and computes the result."""

from typing import Any

from seq2seq.errors import InputError
from seq2seq.experiment import Experiment
from seq2seq.i18n import LazyText, _, ngettext
from seq2seq.jobs.runs import Run
from seq2seq.lessons import Lesson, Step, checks
from seq2seq.lessons.measurement import measure
from seq2seq.lessons.program_listing import faulty_line, lines_to_pick
from seq2seq.ui.session import MAX_TEXT, Session

GONE = LazyText(
    "That model is no longer available. Train it again: the same settings give the same model.")
MOST_KEPT = 200  # cached results, each of which takes about a second to compute


class Trials:
    """Checks what was tried, typed or picked; caches slow results."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.known: dict[tuple, dict[str, Any]] = {}

    def judge(self, lesson: Lesson, step: Step, run: Run | None, tried: dict[str, Any],
              before: dict[str, Any]) -> dict[str, Any]:
        """A sentence, and what the page stores (`did`). InputError if the step asks for more.

        `before` is what the page has stored for the same step.
        """
        if step.wait == "picked":
            return self.picked(lesson, step, tried, before)
        text = str(tried.get("text", ""))[:MAX_TEXT]
        if step.wait == "typed":
            recipe = run.recipe if run else next(iter(lesson.runs.values())).recipe
            checks.check_text(step.expects, text, recipe.make_task().parse(text),
                              preset_text(lesson, step))
            return {"say": _("Done: compare its answer with what you expected."),
                    "did": {"text": text}}
        values = part_of(tried, "values")
        found = self.found(lesson, step, run, {"text": text, "values": values})
        tries = checks.collected(step.expects, values, part_of(before, "tries"))
        rest = checks.left(step.expects, tries)
        return {"say": _(rest) if rest else sentence(found),
                "did": {"text": text, "values": values, "tries": tries}}

    def found(self, lesson: Lesson, step: Step, run: Run | None,
              did: dict[str, Any]) -> dict[str, Any]:
        """The results of one step, computed from what was done there."""
        if step.wait == "picked":
            return {step.measures[0].name: _whole(did.get("tries"))} if step.measures else {}
        if run is None or not run.blobs:
            raise InputError(GONE)
        experiment = self.session.lab.experiment_for(run)
        text, values = str(did.get("text", ""))[:MAX_TEXT], part_of(did, "values")
        checks.check_text(step.expects, text, experiment.task.parse(text),
                          preset_text(lesson, step))
        checks.check_values(step.expects, values, self.form(step, experiment, text))
        if not step.measures:
            return {}
        if step.control != "beam":
            return measure(step, experiment, text, values)
        key = (run.id, max(run.blobs), step.title)
        if key not in self.known:
            if len(self.known) >= MOST_KEPT:
                self.known.clear()
            self.known[key] = measure(step, experiment, text, {})
        return self.known[key]

    @staticmethod
    def form(step: Step, experiment: Experiment, text: str) -> dict[str, str]:
        """The values to set in the form of the step's control."""
        fields = [name for name in step.presets if name in checks.FIELDS]
        return checks.form_values(step.presets, experiment.predict(text)) if fields else {}

    @staticmethod
    def picked(lesson: Lesson, step: Step, tried: dict[str, Any],
               before: dict[str, Any]) -> dict[str, Any]:
        """Whether the picked line is the faulty one; counts the attempts."""
        fault = fault_of(lesson, step)
        line = _whole(tried.get("line"))
        if line not in lines_to_pick(fault):
            raise InputError("Choose one of the lines.")
        if before.get("line") == faulty_line(fault):
            return {"say": _(FOUND), "did": before}
        did = {"line": line, "tries": _whole(before.get("tries")) + 1}
        if line == faulty_line(fault):
            return {"say": _(FOUND), "did": did}
        return {"say": _("Line {n} is the same in the correct program. Look at the symptoms again: "
                         "what would a bug in this line change?", n=line), "did": did}

    @staticmethod
    def done(lesson: Lesson, step: Step, did: dict[str, Any]) -> bool:
        """Whether the step is complete."""
        if step.wait == "picked":
            return did.get("line") == faulty_line(fault_of(lesson, step))
        if step.wait == "typed":
            return bool(did.get("text"))
        return bool(did) and checks.left(step.expects, part_of(did, "tries")) is None


FOUND = LazyText("That is the faulty line.")


def fault_of(lesson: Lesson, step: Step) -> str:
    """The bug in the model of a step."""
    return lesson.runs[step.run].recipe.model.fault


def preset_text(lesson: Lesson, step: Step) -> str:
    """The sequence of a step: its own, or that of its run."""
    link = lesson.runs.get(step.run) or next(iter(lesson.runs.values()))
    return step.presets.get("text") or link.text or link.recipe.make_task().example


def sentence(found: dict[str, Any]) -> str:
    """What a trial found, in words."""
    if "greedy_right" in found:
        return _("Done. Try other widths and other sequences, then continue.")
    if "found_width" in found or not found:
        return _("Done. Continue when you are ready.")
    count = next(iter(found.values()))
    return ngettext("Result: {n} token changed.", "Result: {n} tokens changed.", count)


def part_of(where: Any, name: str) -> dict[str, Any]:
    """The dict of that name in what a page has sent; empty if there is none."""
    part = where.get(name) if isinstance(where, dict) else None
    return part if isinstance(part, dict) else {}


def _whole(value: Any) -> int:
    return value if type(value) is int and 0 <= value < 10_000 else 0
