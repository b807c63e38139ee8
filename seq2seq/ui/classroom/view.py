"""The class's component: a line above the tabs that names the class, and its chart and table.

`?class=8b` joins the class; `?class=8b&view=class` shows the chart alone, for a projector, and
joins nobody. The line and the chart are one component. Its JavaScript (`assets/js/classroom.js`)
requests the chart only while it is open. A learner's page asks every few seconds for news, such as
a second vote (`assets/js/class_activity.js`), which takes the server less than a millisecond.
"""

import itertools
from dataclasses import replace
from html import escape
from typing import Any

import gradio as gr
from gradio.components import Component

from seq2seq.errors import Seq2SeqError
from seq2seq.figures.classroom import MEASURES
from seq2seq.hosting.class_activity import Activity
from seq2seq.hosting.classes import class_name
from seq2seq.i18n import _
from seq2seq.recipe import Recipe
from seq2seq.ui import languages
from seq2seq.ui.classroom.activity import ClassActivity
from seq2seq.ui.classroom.qr_code import qr_code
from seq2seq.ui.classroom.summary import ClassSummary
from seq2seq.ui.components import html
from seq2seq.ui.components.asset_files import asset
from seq2seq.ui.components.charts import PLOTLY_HEAD, chart_scripts
from seq2seq.ui.session import QUIET, Session, valid_owner


class ClassView:
    """The component and its handlers."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.activity = ClassActivity(session.lab)
        self.summary = ClassSummary(session.lab, self.activity)
        self.turns = itertools.count(1)  # makes each value different

        def look(question: Any) -> dict[str, Any]:
            # Not async, so Gradio calls it in a thread.
            return self.summary.answer(question)

        def lead(question: Any) -> dict[str, Any]:
            answer = self.activity.lead(question)
            self.summary.clear()  # the leader sees the effect at once
            return answer

        async def qr(question: Any) -> str:
            return qr_code(question)

        async def vote(question: Any) -> dict[str, Any]:
            return self.activity.vote(question)

        async def pulse(question: Any) -> dict[str, Any]:
            return self.activity.pulse(question)

        self.view = gr.HTML(
            value={}, html_template=template(), elem_id="class",
            server_functions=[look, lead, qr, vote, pulse],
            apply_default_css=False, head=PLOTLY_HEAD, js_on_load=chart_scripts()
            + asset("js/class_activity.js") + asset("js/classroom.js"))

    def wire(self, page: Any, now: list, shown: list) -> None:
        """Connect the buttons, and rejoin when another run is selected.

        `page` holds the tabs (`ui.page.Page`), `now` and `shown` what its `show_run` reads and
        updates.
        """
        owner, selected = self.session.owner, self.session.selected
        self.view.left(self.leave, owner, self.view, **QUIET)
        # A selected run is usually a new one. Rejoining counts as a visit to the class, and after a
        # restart of the server it restores the class.
        settings, train, sequence = page.train.settings, page.train, page.sequence

        def seeded(owner: Any, task: Any, pairs: Any, *values: Any) -> Any:
            seed = self.own_seed(valid_owner(owner))
            if seed is None:
                return gr.skip()
            try:
                recipe = settings.recipe(task, pairs, values)
            except Seq2SeqError as problem:
                return {page.tabs: gr.Tabs(selected="train"),
                        train.problem: html.problem(_(problem))}
            recipe = replace(recipe, train=replace(recipe.train, seed=seed))
            return {page.tabs: gr.Tabs(selected="train"), **settings.show(recipe),
                    **train.start(owner, lambda: recipe)}

        def dealt(owner: Any, *now: Any) -> Any:
            recipe = self.own_cell(valid_owner(owner))
            if recipe is None:
                return gr.skip()
            updates = train.start(owner, lambda: recipe)
            run = self.session.lab.find(updates.get(selected))
            return {page.tabs: gr.Tabs(selected="train"),
                    **(page.show_run(valid_owner(owner), run, *now) if run else {}), **updates}

        self.view.dealt(dealt, [owner, *now], [page.tabs, train.problem, *shown], **QUIET)
        self.view.seeded(
            seeded, [owner, sequence.task, sequence.pairs, *settings.inputs],
            [page.tabs, train.problem, selected, *settings.outputs(), *train.outputs], **QUIET)
        self.view.gone(self.come_back, [owner, self.view], self.view, **QUIET)
        selected.change(self.rejoin, [owner, self.view, selected], None, **QUIET)

    def on_load(self, request: gr.Request | None, owner: str) -> dict[Component, Any]:
        """Updates for a visitor who opens the page; joins the class that the link names."""
        asked = getattr(request, "query_params", None) or {}
        name, classes = asked.get("class"), self.session.lab.classes
        if name is not None and asked.get("view") == "class":
            return self.value(str(name), owner, looks=True)
        try:
            if name is not None:
                classes.join(str(name), owner, address=self.session.lab.address())
        except Seq2SeqError as problem:
            return self.value("", problem=_(problem))
        return self.value(classes.of(owner), owner)

    def value(self, name: str, owner: str = "", looks: bool = False,
              problem: str = "") -> dict[Component, Any]:
        """Updates that show the visitor's class; an empty `name` hides the line."""
        told: dict[str, Any] = {"turn": next(self.turns), "name": name, "looks": looks}
        classes = self.session.lab.classes
        try:
            if name:
                told["name"] = class_name(name)
            if name and looks:
                told["leads"] = classes.lead(name, owner, self.session.lab.address())
            elif name and owner:
                mine = next((one for one in classes.learners(name) if one.owner == owner), None)
                told |= {"learner": mine and mine.number, "key": mine and mine.key}
        except Seq2SeqError as wrong:
            told["name"], problem = "", _(wrong)
        return {self.view: {**told, "problem": problem}}

    def leave(self, owner: Any) -> dict[Component, Any]:
        """Leave the class: its chart no longer shows the visitor's runs."""
        self.session.lab.classes.leave(valid_owner(owner))
        return self.value("")

    def own_seed(self, owner: str) -> int | None:
        """The seed that the class asks `owner` to use; None if it does not."""
        activity, number = self._place_of(owner)
        return activity.seed_of(number) if number else None

    def own_cell(self, owner: str) -> Recipe | None:
        """The recipe of the cell that `owner` has in the sweep of the class, or None."""
        activity, number = self._place_of(owner)
        sweep = activity.sweep
        return sweep.cells[sweep.cell_of(number)] if sweep and number else None

    def _place_of(self, owner: str) -> tuple[Activity, int]:
        # The activity of the learner's class, and the learner's number; 0: in no class.
        classes = self.session.lab.classes
        name = classes.of(owner)
        mine = next((one for one in classes.learners(name) if one.owner == owner),
                    None) if name else None
        return (classes.activity(name), mine.number) if mine else (Activity(), 0)

    def come_back(self, owner: Any, told: Any) -> dict[Component, Any]:
        """Join the class that the page shows again, after the server has lost it."""
        name = (told if isinstance(told, dict) else {}).get("name")
        owner = valid_owner(owner)
        if not isinstance(name, str) or not name:
            return self.value("")
        try:
            self.session.lab.classes.join(name, owner, address=self.session.lab.address())
        except Seq2SeqError as problem:
            return self.value("", problem=_(problem))
        return self.value(name, owner)

    def rejoin(self, owner: Any, told: Any, selected: Any) -> None:
        """Join the class that the page shows, in case the server has lost it.

        The selected run then counts as well.
        """
        told = told if isinstance(told, dict) else {}
        name, run = told.get("name"), self.session.lab.find(selected)
        if not name or told.get("looks") or run is None or run.owner != owner:
            return
        try:
            self.session.lab.classes.join(name, run.owner, run.created, run.address)
        except Seq2SeqError:
            return  # it is full, or the name was made up: the run goes on without it


def template() -> str:
    """The component's HTML, with a choice between the measures."""
    choices = "".join(
        f'<label><input type="radio" name="class-measure" value="{name}"'
        f'{" checked" if i == 0 else ""}> {escape(_(words))}</label>'
        for i, (name, words) in enumerate(MEASURES.items()))
    return languages.template("html/classroom.html").replace("<!-- measures -->", choices)
