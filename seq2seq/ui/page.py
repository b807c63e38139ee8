"""Builds the page: header, class, lessons and four tabs, and the events that connect them.

All tabs show the selected run. Every handler that selects a run returns the updates of
`Page.show_run`, which cover all tabs.
"""

from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from seq2seq.errors import Seq2SeqError
from seq2seq.files.share_link import Link
from seq2seq.i18n import LazyText, _
from seq2seq.jobs.runs import Run
from seq2seq.tasks import get_task
from seq2seq.ui.classroom.view import ClassView
from seq2seq.ui.components import html
from seq2seq.ui.components.asset_files import asset
from seq2seq.ui.components.run_names import task_title
from seq2seq.ui.components.settings import default_recipe
from seq2seq.ui.components.task_menu import FIRST
from seq2seq.ui.lab import Lab
from seq2seq.ui.languages import links
from seq2seq.ui.lessons.buttons import LessonTabs
from seq2seq.ui.lessons.panel import LessonPanel
from seq2seq.ui.session import MAX_TEXT, QUIET, WITH_DATA, make_session, valid_owner
from seq2seq.ui.sharing.goal import goal_component
from seq2seq.ui.sharing.hidden_parts import TABS, hidden, shown_tab
from seq2seq.ui.sharing.iframe import embedded_view
from seq2seq.ui.sharing.panel import (
    SETTINGS_UNUSED,
    Share,
    opening,
    read_link,
    resumes,
    resumes_task,
)
from seq2seq.ui.tabs.inside.tab import InsideTab
from seq2seq.ui.tabs.sequence import SequenceTab
from seq2seq.ui.tabs.side_by_side import AnswersTab
from seq2seq.ui.tabs.train import TrainTab

PATIENCE = 30.0  # seconds to wait for a turn when a model is opened
NO_FILE = LazyText("No file arrived. Choose a .safetensors file again.")

# On a small screen the answer, which changes when a model is opened, is below the button.
BRING_ANSWER_INTO_VIEW = """() => {
  const board = document.querySelector('#tab-sequence .board');
  if (board && board.getBoundingClientRect().bottom > innerHeight) {
    board.scrollIntoView({ block: 'center' });
  }
}"""


def title() -> str:
    """The title of the page."""
    return _("Seq2seq lab")


def masthead() -> str:
    """HTML with the logo, the title and links to the other languages."""
    words = _("Type a sequence, train a model, look inside it.")
    return (f'<div class="masthead"><header class="brand">{asset("logo.svg")}<div>'
            f"<h1>{escape(title())}</h1><p>{escape(words)}</p></div></header>{links()}</div>")


def build_page(lab: Lab, demo: gr.Blocks) -> None:
    """Build the page in `demo`, inside its `with` block."""
    page = Page(lab)
    page.wire(demo)


class Page:
    """The tabs and their connections."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.session = make_session(lab)
        self.share = Share(self.session, masthead())
        self.class_view = ClassView(self.session)
        self.lessons = LessonPanel(self.session)
        goal_component(lab)
        with gr.Tabs(selected="sequence", overflow_behavior="wrap",
                     elem_classes="page-tabs") as self.tabs:
            with gr.Tab(_("Sequence"), id="sequence", elem_id="tab-sequence") as self.first:
                self.sequence = SequenceTab(self.session)
            with gr.Tab(_("Train"), id="train", elem_id="tab-train") as self.second:
                self.train = TrainTab(self.session)
            with gr.Tab(_("Side by side"), id="answers", elem_id="tab-answers") as self.third:
                self.answers = AnswersTab(self.session)
            with gr.Tab(_("Look inside"), id="inside", elem_id="tab-inside") as self.fourth:
                self.inside = InsideTab(self.session)

    def wire(self, demo: gr.Blocks) -> None:
        """Connect all events."""
        sequence, train, answers = self.sequence, self.train, self.answers
        selected, owner = self.session.selected, self.session.owner
        sequence.wire(train.settings, self.first)
        train.wire(sequence, self.second)
        answers.wire(selected)
        answers.second.wire(sequence.task, sequence.text)
        self.inside.wire(self.fourth, self.tabs, sequence, train)
        self.share.wire(train.settings, sequence, train.train)
        compared = [selected, sequence.task, sequence.text, answers.which, answers.only_wrong,
                    answers.second.chosen]

        # Buttons that open another tab, and tabs that update when they are opened.
        to_train = {"fn": lambda: gr.Tabs(selected="train"), "outputs": self.tabs}
        sequence.forward.click(**to_train, **QUIET)
        answers.back.click(**to_train, **QUIET)
        train.forward.click(
            lambda *asked: {self.tabs: gr.Tabs(selected="answers"), **answers.show(*asked)},
            compared, [self.tabs, *answers.outputs], **QUIET)
        answers.forward.click(
            lambda *asked: {self.tabs: gr.Tabs(selected="inside"),
                            self.inside.view: self.inside.show(*asked)},
            [selected, sequence.task, sequence.text], [self.tabs, self.inside.view], **QUIET)
        answers.table.opened(self.look_inside, [selected], [self.tabs, sequence.text,
                                                            self.inside.view], **WITH_DATA)
        # The visitor may choose another set before the answer arrives, which then is out of date.
        self.third.select(
            answers.show_again, [answers.group, *compared], answers.outputs, **QUIET,
        ).then(answers.table_now, [answers.group, selected, answers.which, answers.only_wrong],
               answers.table, **QUIET)

        # A run has ended: its entry in the list, the primary button and the answers follow.
        train.live.finished(self.finished, [owner, *compared],
                            [*train.outputs, *answers.outputs], **QUIET)
        # Another run is chosen, or the visitor comes back: all tabs show it.
        shown = [selected, sequence.pairs, *sequence.all_outputs, *train.settings.outputs(),
                 *train.outputs, *answers.outputs]
        now = [sequence.task, sequence.text, sequence.pairs, answers.which, answers.only_wrong]
        self.class_view.wire(self, now, shown)
        train.runs.input(self.choose, [owner, train.runs, *now], shown, **QUIET)
        train.file.upload(self.open_file, [owner, train.file, *now],
                          [owner, train.file_problem, *shown], **QUIET)
        sequence.pretrained.button.click(
            self.open_pretrained, [owner, *now], [owner, *shown], **QUIET,
        ).then(None, js=BRING_ANSWER_INTO_VIEW, **QUIET)
        LessonTabs(self.lessons).wire(self, [owner, *now], shown)
        demo.load(self.on_load, [owner, *now],
                  [owner, self.tabs, self.share.opened, self.class_view.view,
                   self.train.sweep.view, *shown], **QUIET)

    def look_inside(self, selected: Any, event: gr.EventData) -> dict:
        """Updates that show a source of the table of answers on the last tab."""
        text = str(getattr(event, "text", ""))[:MAX_TEXT]
        run = self.lab.find(selected)
        if run is None or not text:
            return {self.tabs: gr.skip()}
        return {self.tabs: gr.Tabs(selected="inside"), self.sequence.text: text,
                self.inside.view: self.inside.show(selected, run.recipe.task, text)}

    def finished(self, owner: Any, selected: Any, *asked: Any) -> dict:
        """Updates after a run has ended."""
        run = self.lab.find(selected)
        return {**self.train.show_run(valid_owner(owner), run, follow_it=False),
                **self.answers.show(selected, *asked)}

    def choose(self, owner: Any, run_id: Any, *now: Any) -> Any:
        """Show another run on all tabs; `now` are the current values of the first and third tab."""
        run = self.lab.find(run_id)
        if run is None:
            gr.Warning(_("This run is no longer available. Train it again with the same "
                         "settings."))
            return gr.skip()
        return self.show_run(valid_owner(owner), run, *now)

    def open_pretrained(self, owner: Any, task: Any, *now: Any) -> dict:
        """Open the pre-trained model of the chosen task as a run, and show it on all tabs."""
        owner = valid_owner(owner)
        try:
            with self.lab.turn(PATIENCE):  # one turn for all computations of this event
                run = self.lab.open_pretrained(owner, str(task))
                return {self.session.owner: owner, **self.show_run(owner, run, task, *now)}
        except Seq2SeqError as problem:
            return {self.sequence.problem: html.problem(_(problem))}

    def open_file(self, owner: Any, path: Any, *now: Any) -> dict:
        """Open a model from the visitor's file as a run, and show it on all tabs."""
        owner = valid_owner(owner)
        try:
            with self.lab.turn(PATIENCE):
                run = self.lab.open_file(owner, Path(path))
        except (Seq2SeqError, TypeError) as problem:
            words = _(problem) if isinstance(problem, Seq2SeqError) else _(NO_FILE)
            return {self.train.file_problem: html.problem(words)}
        opened = _("{name} is open: {task}.", name=_(run.name), task=task_title(run.recipe))
        return {self.session.owner: owner, self.train.file_problem: html.problem("", opened),
                **self.show_run(owner, run, *now)}

    def on_load(self, request: gr.Request, owner: Any, *now: Any) -> dict:
        """Updates for a visitor who opens the page: the link's settings, or else the newest run.

        A run that is still training is shown with its whole history.
        """
        owner, tab = valid_owner(owner), "sequence"
        updates: dict[Any, Any] = {self.session.owner: owner,
                                   **self.class_view.on_load(request, owner)}
        parts, wrong = hidden(request)
        view = link = None
        try:
            view = embedded_view(request)
            link = read_link(request)
        except Seq2SeqError as problem:
            wrong = _(problem)
        if sweep := self.lab.sweeps.of(owner):  # the page was reloaded
            updates |= self.train.sweep.value(sweep)
        run = self.lab.newest(owner)
        if view and view.needs_model and not (run and resumes_task(link, run)):
            updates |= self.show_pretrained(owner, link, *now)
        elif link and not resumes(link, run):
            promises = "defaults" in request.query_params
            updates |= opening(self, owner, link, promises, *now)
            tab = "train"
        elif run:
            if link and link.text and link.recipe.task == run.recipe.task:
                now = (run.recipe.task, link.text, *now[2:])
            updates |= self.show_run(owner, run, *now)
            tab = "train" if run.is_active or link else tab
        if wrong:
            updates |= self.share.show(wrong, problem=True)
        if view:
            tab = view.tab
        elif (asked := request.query_params.get("tab")) in TABS:
            tab = asked  # the page was reloaded there
        if (tab := shown_tab(tab, parts)) != "sequence":
            updates[self.tabs] = gr.Tabs(selected=tab)
        return updates

    def show_pretrained(self, owner: str, link: Link | None, *now: Any) -> dict:
        """Updates that show the pre-trained model of a link's task, or why there is none."""
        task = link.recipe.task if link else FIRST.name
        try:
            run = self.lab.open_pretrained(owner, task)
        except Seq2SeqError as problem:
            return self.share.show(_(problem), problem=True)
        text = link.text if link and link.text else get_task(task).example
        updates = self.show_run(owner, run, task, text, *now[2:])
        if link and link.recipe != default_recipe(task):
            updates |= self.share.show(_(SETTINGS_UNUSED), problem=True)
        return updates

    def show_run(self, owner: str, run: Run, task: Any, text: Any, pairs: Any, which: Any,
                 only_wrong: Any) -> dict:
        """Updates that show `run` on all tabs; a typed text of the same task is kept."""
        sequence, recipe = self.sequence, run.recipe
        new = get_task(recipe.task)
        text = text if recipe.task == task else new.example
        # A pre-trained model was trained for hours, so its settings are not offered for training.
        settings = default_recipe(recipe.task) if run.provenance else recipe
        return {
            self.session.selected: run.id, sequence.pairs: recipe.pairs or pairs,
            **sequence.show_task(recipe, run, text),
            **self.train.settings.show(settings), **self.train.show_run(owner, run),
            **self.answers.show(run.id, recipe.task, text, which, only_wrong)}
