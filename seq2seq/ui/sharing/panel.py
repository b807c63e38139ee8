"""The Share button: creates links with a recipe and the typed sequence, and opens such links.

It offers a link to the selected run, and one to the current settings if they differ. Opening a link
sets all controls; it does not start training.
"""

import secrets
from html import escape
from typing import Any

import gradio as gr
from gradio.components import Component

from seq2seq.errors import InputError, Seq2SeqError
from seq2seq.files.share_link import NAMES, Link, from_query, to_query
from seq2seq.i18n import LazyText, _
from seq2seq.jobs.runs import Run
from seq2seq.recipe import Recipe
from seq2seq.tasks import get_task
from seq2seq.ui.components.asset_files import asset
from seq2seq.ui.components.run_names import different_settings, has_fault, short_name, task_title
from seq2seq.ui.components.settings import Settings, default_recipe
from seq2seq.ui.languages import template
from seq2seq.ui.session import MAX_TEXT, QUIET, Session, valid_owner
from seq2seq.ui.sharing import iframe, teachers
from seq2seq.ui.tabs.sequence import SequenceTab

SCRIPTS = ("js/sharing.js", "js/iframe_snippet.js", "js/teachers.js")
SAME = LazyText("Training this reproduces the sender's losses to the last digit.")
# A link contains the whole recipe, so for a faulty model of the last lesson it names the bug. The
# page therefore shows it only on request (see `run_names.differences`).
SPOILER = LazyText("This model contains a bug for you to find. The link contains the name of the "
                   "bug: look at it after your diagnosis.")
FAULTY = LazyText("The link also specifies a bug. The button “Train” on this page trains without "
                  "that bug, so the losses will differ.")

SETTINGS_UNUSED = LazyText("This view shows the pre-trained model of the task; the other settings "
                           "in the link have no effect. Embed the tab “Train” to train with them.")


class Share:
    """The button and the panel with the links; `opened` describes an opened link."""

    def __init__(self, session: Session, header: str) -> None:
        self.session = session
        with gr.Row(elem_classes="top", equal_height=False):
            gr.HTML(header, apply_default_css=False)
            self.button = gr.Button(_("Share"), size="md", elem_classes="quiet")
        self.panel = gr.HTML(
            value={}, visible="hidden", apply_default_css=False, elem_classes="share-parts",
            html_template=template("html/sharing.html").replace("<!-- teachers -->",
                                                                teachers.template()),
            js_on_load="".join(map(asset, SCRIPTS)))
        self.opened = gr.HTML(visible=False, apply_default_css=False, elem_classes="opened")

    def wire(self, settings: Settings, sequence: SequenceTab, train: gr.Button) -> None:
        """Connect the button; pressing `train` hides the note about an opened link."""

        def links(selected: Any, task: Any, text: Any, pairs: Any, *values: Any) -> Any:
            return gr.update(visible=True, value=self.links(
                selected, str(text)[:MAX_TEXT],
                lambda: settings.recipe(str(task), str(pairs), values)))

        self.button.click(links, [self.session.selected, sequence.task, sequence.text,
                                  sequence.pairs, *settings.inputs], self.panel, **QUIET)
        self.panel.closed(lambda: gr.update(visible="hidden"), None, self.panel, **QUIET)
        train.click(lambda: gr.update(visible=False), None, self.opened, **QUIET)

    def links(self, selected: Any, text: str, make: Any) -> dict[str, Any]:
        """The links to offer: each has a name, and a query or an error message."""
        run = self.session.lab.find(selected)
        offered = []
        if run and not run.provenance:
            link = link_to(_("{run}, as it was trained", run=short_name(run)), run.recipe, text)
            offered.append({**link, "spoiler": _(SPOILER)} if has_fault(run.recipe) else link)
        now = _("The current settings")
        try:
            recipe = make()
            if run is None or run.provenance or recipe != run.recipe:
                offered.append(link_to(now, recipe, text))
        except Seq2SeqError as problem:
            offered.append({"name": now, "problem": _(problem)})
        return {"turn": secrets.token_hex(4), "links": offered, "choices": teachers.choices(),
                "views": iframe.choices()}

    def show(self, sentence: str, note: str = "", problem: bool = False) -> dict[Component, Any]:
        """Updates that show a note or an error about an opened link."""
        role, kind = ("alert", "note wrong") if problem else ("status", "note")
        more = f" <b>{escape(note)}</b>" if note else ""
        words = f'<p class="{kind}" role="{role}">{escape(sentence)}{more}</p>'
        return {self.opened: gr.update(value=words, visible=True)}


def link_to(name: str, recipe: Recipe, text: str) -> dict[str, str]:
    """A link by its name; a text that the task cannot read is left out."""
    try:
        try:
            return {"name": name, "query": to_query(recipe, text)}
        except InputError:
            return {"name": name, "query": to_query(recipe)}
    except InputError as problem:
        return {"name": name, "problem": _(problem)}


def read_link(request: gr.Request | None) -> Link | None:
    """The link that opened the page; None if its URL has none of our parameters.

    Seq2SeqError if the link is invalid.
    """
    asked = getattr(request, "query_params", None)
    if not asked or not any(name in NAMES for name in asked):
        return None
    return from_query(str(asked))


def resumes(link: Link, run: Run | None) -> bool:
    """Whether a visitor who reloads a link's page wants `run`, the newest one, instead."""
    return run is not None and (run.is_active or run.recipe == link.recipe)


def resumes_task(link: Link | None, run: Run) -> bool:
    """Whether `run`, the newest one, is a model that a view of the link's task can show."""
    return bool(run.blobs) and (link is None or run.recipe == link.recipe)


def words_of(link: Link, promises: bool) -> tuple[str, str]:
    """A sentence about what a link has set, and a warning or "".

    `promises`: the link also contains the default settings, so its losses can be reproduced.
    """
    recipe = link.recipe
    unlike = different_settings(recipe, default_recipe(recipe.task, recipe.pairs))
    sentence = _("Opened from a link: “{task}” with {settings}. Press Train.",
                 task=task_title(recipe), settings=unlike or LazyText("its default settings"))
    if has_fault(recipe):
        return sentence, _(FAULTY)
    return (f"{sentence} {_(SAME)}" if promises and not link.note else sentence), _(link.note)


def opening(page: Any, owner: Any, link: Link, promises: bool, *now: Any) -> dict:
    """Updates that apply `link` to all controls, with no run selected.

    `page` holds the tabs (`ui.page.Page`); `now` is the state of the first and the third tab.
    """
    _, _, pairs, which, only_wrong = now
    recipe = link.recipe
    text = link.text or get_task(recipe.task).example
    return {
        page.session.selected: "", page.sequence.pairs: recipe.pairs or pairs,
        **page.sequence.show_task(recipe, None, text), **page.train.settings.show(recipe),
        **page.train.show_run(valid_owner(owner), None),
        **page.answers.show("", recipe.task, text, which, only_wrong),
        **page.share.show(*words_of(link, promises))}
