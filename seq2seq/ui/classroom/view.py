"""The class: a line above the tabs that says whose chart one is on, and the chart itself.

`?class=8b` joins the class; `?class=8b&view=class` shows the chart alone, for a projector, and
joins nobody. The line and the chart are one component. Its JavaScript (`assets/js/classroom.js`)
requests the class only while the chart is open, so a class costs the server nothing by itself.
"""

import itertools
from html import escape
from typing import Any

import gradio as gr
from gradio.components import Component

from seq2seq.errors import Seq2SeqError
from seq2seq.figures.classroom import MEASURES
from seq2seq.hosting.classes import class_name
from seq2seq.i18n import _
from seq2seq.ui import languages
from seq2seq.ui.classroom.summary import ClassSummary
from seq2seq.ui.components.asset_files import asset, chart_scripts
from seq2seq.ui.components.plotly_script import PLOTLY_URL
from seq2seq.ui.session import QUIET, Session, valid_owner


class ClassView:
    """The component, and what it does."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.summary = ClassSummary(session.lab)
        self.turns = itertools.count(1)  # so that each value is another one, and is noticed

        def look(question: Any) -> dict[str, Any]:
            # Not async, so Gradio calls it in a thread.
            return self.summary.answer(question)

        self.view = gr.HTML(
            value={}, html_template=template(), elem_id="class", server_functions=[look],
            apply_default_css=False, js_on_load=chart_scripts() + asset("js/classroom.js"),
            head=f'<script src="{PLOTLY_URL}"></script>')

    def wire(self) -> None:
        """Connect the button that leaves the class, and what keeps its members in it."""
        owner, selected = self.session.owner, self.session.selected
        self.view.left(self.leave, owner, self.view, **QUIET)
        # Another run is shown: mostly one that was begun just now. It tells that the class is
        # alive; and after a restart of the server its members come together again in this way.
        selected.change(self.rejoin, [owner, self.view, selected], None, **QUIET)

    def on_load(self, request: gr.Request | None, owner: str) -> dict[Component, Any]:
        """Updates for a visitor who opens the page, and who thereby may join a class."""
        asked = getattr(request, "query_params", None) or {}
        name, classes = asked.get("class"), self.session.lab.classes
        if name is not None and asked.get("view") == "class":
            return self.value(str(name), looks=True)
        try:
            if name is not None:
                classes.join(str(name), owner, address=self.session.lab.address())
        except Seq2SeqError as problem:
            return self.value("", problem=_(problem))
        return self.value(classes.of(owner), owner)

    def value(self, name: str, owner: str = "", looks: bool = False,
              problem: str = "") -> dict[Component, Any]:
        """Updates that say where the visitor is; an empty `name` says nothing."""
        told: dict[str, Any] = {"turn": next(self.turns), "name": name, "looks": looks}
        try:
            if name:
                told["name"] = class_name(name)
            if owner and name:
                mine = [one for one in self.session.lab.classes.learners(name)
                        if one.owner == owner]
                told["learner"] = mine[0].number if mine else None
        except Seq2SeqError as wrong:
            told["name"], problem = "", _(wrong)
        return {self.view: {**told, "problem": problem}}

    def leave(self, owner: Any) -> dict[Component, Any]:
        """The visitor's runs are no longer on the chart."""
        self.session.lab.classes.leave(valid_owner(owner))
        return self.value("")

    def rejoin(self, owner: Any, told: Any, selected: Any) -> None:
        """Enter who is in a class by what the page says, but no longer by what the server knows.

        The run that is trained just now counts then, too.
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
