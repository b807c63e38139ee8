"""The task menu: a choice of task families, the tasks of a family, and examples.

The menu is two radio groups, so arrow keys move within each. The second group always contains all
tasks, and CSS hides those of other families: if the choices changed, Gradio would reject a late
event with a task of the previous family. The descriptions of all tasks get the same space, so that
the layout does not move when another task is chosen.
"""

import json
from html import escape
from typing import Any

import gradio as gr
from gradio.components import Component

from seq2seq.i18n import _
from seq2seq.tasks import TASKS, Task, get_task
from seq2seq.ui.components.asset_files import asset
from seq2seq.ui.components.markdown import inline

FAMILIES: dict[str, tuple[Task, ...]] = {
    family: tuple(task for task in TASKS if task.family == family)
    for family in dict.fromkeys(task.family for task in TASKS)}
FIRST = TASKS[0]
ORDERED = tuple(task for tasks in FAMILIES.values() for task in tasks)
OFFERED_CHARACTERS = 60  # of an example on its button; a click inserts all of it


class TaskMenu:
    """The radio groups, the description of the task, and its examples."""

    def __init__(self) -> None:
        self.family = gr.Radio([(_(name), name) for name in FAMILIES], value=FIRST.family,
                               label=_("What should it learn?"),
                               elem_classes=["chips", "families"])
        self.task = gr.Radio([(_(t.title), t.name) for t in ORDERED], value=FIRST.name,
                             label=_("Task"), elem_classes=["chips", "tasks"])
        self.about = gr.HTML(about(FIRST), apply_default_css=False)

    def build_examples(self) -> None:
        """Build the row of examples; it fires `picked` with the text of a clicked example."""
        self.examples = gr.HTML(examples(FIRST), js_on_load=asset("js/task_menu.js"),
                                apply_default_css=False, elem_classes="offers")

    def outputs(self) -> list[Component]:
        """The components that `show` updates."""
        return [self.family, self.task, self.about, self.examples]

    def show(self, task: Task) -> dict[Component, Any]:
        """Updates that select `task` and its family."""
        return {self.family: task.family, self.task: task.name, self.about: about(task),
                self.examples: examples(task)}


def first_task_of(family: Any) -> Task:
    """The first task of a family; that of the first family if there is no such family."""
    return FAMILIES.get(str(family), (FIRST,))[0]


def task_named(name: Any) -> Task:
    """The task with this name."""
    return get_task(str(name))


def about(task: Task) -> str:
    """HTML with the task in one sentence, why it matters, and what to look for."""
    summary = _(task.summary)
    summary = summary[:1].upper() + summary[1:].rstrip(".") + "."
    stands_for = _("Why it matters: {what}.", what=_(task.stands_for).rstrip("."))
    stands_for = stands_for.replace("?.", "?")
    lines = [f'<p>{escape(summary)} <span class="soft">{escape(stands_for)}</span></p>']
    if task.teaches:
        lines.append(f'<p class="teaches"><b>{escape(_("Look for:"))}</b> '
                     f"{inline(_(task.teaches))}</p>")
    places = [i for i, other in enumerate(ORDERED, 1) if other.family == task.family]
    hide = "display: none !important"
    style = (f".tasks > .wrap > label:nth-of-type(-n+{places[0] - 1}) {{ {hide} }} "
             f".tasks > .wrap > label:nth-of-type(n+{places[-1] + 1}) {{ {hide} }}")
    return f'<style>{style}</style><div class="about">{"".join(lines)}</div>'


def examples(task: Task) -> str:
    """HTML with a button for each example."""
    offered = dict.fromkeys((task.example, *task.more_examples))
    buttons = "".join(
        f'<button type="button" data-text="{escape(json.dumps(text))}" title="{escape(text)}">'
        f"{escape(shown(text))}</button>" for text in offered)
    return (f'<div class="examples" role="group" aria-label="{escape(_("Examples to click"))}">'
            f"<span>{escape(_('Try'))}</span>{buttons}</div>")


def shown(text: str) -> str:
    """An example, cut to the width of a button."""
    return text if len(text) <= OFFERED_CHARACTERS else text[: OFFERED_CHARACTERS - 1] + "…"
