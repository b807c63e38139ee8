"""Comparison with a second run: its answer to the same sequence, and how often each was correct.

Part of the tab “Side by side”. Only runs on the same task can be compared.
"""

from collections.abc import Sequence
from html import escape
from typing import Any

import gradio as gr
from gradio.components import Component

from seq2seq.errors import Seq2SeqError
from seq2seq.evaluation.metrics import Answer
from seq2seq.i18n import _
from seq2seq.jobs.runs import Run
from seq2seq.ui.components import html, token_tiles
from seq2seq.ui.components.run_names import differences, short_name, target_row
from seq2seq.ui.session import QUIET, Session, answer, browser_value

NO_RUN = "nobody"


class SecondRun:
    """The menu of runs to compare with, and the comparison."""

    def __init__(self, session: Session) -> None:
        self.session = session
        # The choice is stored outside of the menu, whose choices depend on the selected run.
        self.chosen = browser_value(NO_RUN, "second-run")
        self.menu = gr.Dropdown([(_("no other run"), NO_RUN)], value=NO_RUN, visible=False,
                                label=_("Compare with another run"), filterable=False,
                                elem_classes="second")
        self.view = gr.HTML(apply_default_css=False)

    def wire(self, task: Component, text: Component) -> None:
        """Connect the menu; `task` and `text` are those of the first tab."""
        def choose(selected: Any, chosen: Any, task: Any, text: Any) -> dict:
            return {self.chosen: chosen, **self.show(selected, task, text, chosen)}

        self.menu.input(choose, [self.session.selected, self.menu, task, text],
                        [self.chosen, *self.outputs()], **QUIET)

    def outputs(self) -> list[Component]:
        """The components that `show` updates."""
        return [self.menu, self.view]

    def show(self, selected: Any, task: Any, text: Any, chosen: Any = NO_RUN) -> dict:
        """Updates that show the runs to compare with, and the comparison with `chosen`."""
        run = self.session.lab.find(selected)
        others = others_of(run, self.session.lab.runs.of(run.owner)) if run else []
        second = self.find(run, chosen)
        choices = [(_("no other run"), NO_RUN),
                   *((label(other, run), other.id) for other in others)]
        asked = run is not None and second is not None and task == run.recipe.task
        return {self.menu: gr.update(choices=choices, value=second.id if second else NO_RUN,
                                     visible=bool(others)),
                self.view: self.answers(run, second, str(text)) if asked else ""}

    def find(self, run: Run | None, chosen: Any) -> Run | None:
        """The run with the id `chosen`, if there is one that can be compared with `run`."""
        others = others_of(run, self.session.lab.runs.of(run.owner)) if run else []
        return next((other for other in others if other.id == chosen), None)

    def answers(self, run: Any, second: Any, text: str) -> str:
        """HTML with the second run's answer, and the number of correct answers of both."""
        lab = self.session.lab
        try:
            seen = answer(lab, second, second.recipe, text)
            told = tally(short_name(run), lab.answers(run, "new"),
                         short_name(second), lab.answers(second, "new"))
        except Seq2SeqError as problem:
            return html.problem(_(problem))
        p, task = seen.prediction, seen.experiment.task
        tiles = token_tiles.marked_tiles(target_row(task, p.tokens), p.target, _("prediction"))
        return (f'<dl class="board"><div><dt>{escape(seen.answered_by)} <small>'
                f"{escape(different(second, run))}</small></dt><dd>{tiles}"
                f"{html.verdict_html(p.target, p.tokens, p.finished)}</dd></div></dl>"
                f"{html.caption(told) if told else ''}")


def others_of(run: Run, runs: Sequence[Run]) -> list[Run]:
    """Those of `runs` that can be compared with `run`, newest first."""
    return [other for other in reversed(runs) if other is not run and other.blobs
            and other.recipe.task == run.recipe.task and other.recipe.pairs == run.recipe.pairs]


def different(other: Run, run: Run) -> str:
    """The changes from `run` to `other`: "hidden size 64→8"."""
    return differences(other.recipe, run.recipe) or _("the same settings")


def label(other: Run, run: Run | None) -> str:
    """The label of a run in the menu."""
    return f"{short_name(other)}: {different(other, run)}" if run else short_name(other)


def tally(first: str, answers: Sequence[Answer], second: str, others: Sequence[Answer]) -> str:
    """How often two runs were correct on examples that both answered; "" if there are none.

    `first` and `second` are their names; the answers are those to their held-out examples.
    """
    right = {a.example.source: a.is_correct for a in answers}
    pairs = [(right[a.example.source], a.is_correct) for a in others if a.example.source in right]
    if not pairs:
        return ""
    both, one, other, none = (pairs.count(pair) for pair in (
        (True, True), (True, False), (False, True), (False, False)))
    return _("Both runs answered the same {n} new examples. Both correct: {both} · only {first}: "
             "{one} · only {second}: {other} · neither: "
             "{none}.", n=len(pairs), both=both, first=first,
             one=one, second=second, other=other, none=none)
