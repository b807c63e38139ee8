"""Tab 4, Look inside: how the selected model computes its answer to one sequence.

The tab is one component. Python gives it a run and a sequence. Its JavaScript
(`assets/js/inside.js`) requests everything about the answer at once (`panels.look`), so the slider,
Play and clicks work in the browser alone. Each section sends its own requests.
"""

import threading
from contextlib import suppress
from html import escape
from typing import Any

import gradio as gr

from seq2seq.errors import Seq2SeqError
from seq2seq.figures.inside import PANELS, Panel
from seq2seq.i18n import _
from seq2seq.ui import languages
from seq2seq.ui.components.asset_files import asset
from seq2seq.ui.components.charts import PLOTLY_HEAD, chart_scripts
from seq2seq.ui.components.markdown import inline
from seq2seq.ui.session import MAX_TEXT, QUIET, WITH_DATA, Session
from seq2seq.ui.tabs.inside import panels, pieces
from seq2seq.ui.tabs.inside.arithmetic import compute
from seq2seq.ui.tabs.inside.formulas import token
from seq2seq.ui.tabs.inside.sections import GROUPS, SECTIONS, forms
from seq2seq.ui.tabs.sequence import SequenceTab
from seq2seq.ui.tabs.train import TrainTab

LIBRARY = "/* Plotly */"  # of a downloaded answer; the page's script puts in Plotly's JavaScript
# One function, in this order.
SCRIPTS = ("inside", "inside_motion", "inside_lines", "inside_arithmetic", "inside_sections")


class InsideTab:
    """The component of the tab and its handlers."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.answers = {what_if.name: what_if.answer for what_if in SECTIONS}

        def ask(question: Any) -> dict[str, Any]:
            return self.ask(question)  # not async, so Gradio calls it in a thread

        self.view = gr.HTML(
            value={}, html_template=template(), elem_id="inside", server_functions=[ask],
            apply_default_css=False,
            js_on_load=chart_scripts() + "".join(asset(f"js/{name}.js") for name in SCRIPTS),
            head=PLOTLY_HEAD)
        # The page's script moves it into the view.
        self.computation = gr.Markdown("", elem_id="arithmetic", latex_delimiters=[
            {"left": "$$", "right": "$$", "display": True}])
        # scikit-learn takes a second to import, which must not delay the first visitor.
        threading.Thread(target=_warm_up, daemon=True).start()

    def wire(self, tab: gr.Tab, tabs: gr.Tabs, sequence: SequenceTab, train: TrainTab) -> None:
        """Connect the events; text typed on this tab also appears on the first tab."""
        selected = self.session.selected
        tab.select(self.show, [selected, sequence.task, sequence.text], self.view, **QUIET)

        def typed(selected: Any, task: Any, event: gr.EventData) -> Any:
            run, text = self.session.lab.find(selected), getattr(event, "text", None)
            if run is None or run.recipe.task != task or not isinstance(text, str):
                return gr.skip()
            return text[:MAX_TEXT]

        def go(event: gr.EventData) -> dict:
            updates: dict[Any, Any] = {tabs: gr.Tabs(selected="train")}
            if getattr(event, "attention", False) is True:
                updates[attention] = "on"
            return updates

        attention: Any = train.settings.parts["attention"]

        self.view.compute(self.compute, self.view, self.computation, trigger_mode="always_last",
                          **QUIET)
        self.view.typed(typed, [selected, sequence.task], sequence.text, **WITH_DATA)
        self.view.go(go, None, [tabs, attention], **WITH_DATA)

    def show(self, selected: Any, task: Any, text: Any) -> dict[str, Any]:
        """The value that makes the component show a run on a sequence.

        The sequence is that of the first tab if it belongs to the run's task; otherwise it is the
        task's example.
        """
        run = self.session.lab.find(selected)
        if run is None or not run.blobs:
            return {"run": "", "text": ""}
        known = run.recipe.make_task()
        if run.recipe.task == task and isinstance(text, str):
            with suppress(Seq2SeqError):
                known.parse(text[:MAX_TEXT])
                return {"run": run.id, "text": text[:MAX_TEXT]}
        return {"run": run.id, "text": known.example}

    def compute(self, value: Any) -> str:
        """The computation of one number as Markdown; an error becomes a sentence.

        `value` is the component's, in which the page has put the question as "computation".
        """
        question = value.get("computation") if isinstance(value, dict) else None
        question = question if isinstance(question, dict) else {}
        try:
            with self.session.lab.turn():
                return compute(panels.read_question(self.session.lab, question))
        except Seq2SeqError as problem:
            return token(_(problem))

    def ask(self, question: Any) -> dict[str, Any]:
        """The answer to a request of the page; errors become {"problem": message}."""
        question = question if isinstance(question, dict) else {}
        what = str(question.get("what"))
        try:
            with self.session.lab.turn():
                query = panels.read_question(self.session.lab, question)
                if what == "look":
                    return {**panels.look(query), "forms": forms(query)}
                if what == "gates":
                    return panels.gates(query)
                if what == "file":
                    return {"html": query.experiment.show(query.text, LIBRARY).html,
                            "library": LIBRARY}
                if what == "lines":
                    return panels.lines(query)
                answer = self.answers.get(what)
                return answer(query) if answer else {"problem": _("This panel does not exist. "
                                                                  "Reload the page.")}
        except Seq2SeqError as problem:
            return {"problem": _(problem)}


def template() -> str:
    """The component's HTML, with all panels and sections."""
    def panels(place: str) -> str:
        return "".join(_place(panel) for panel in PANELS if panel.place == place)

    sections = "".join(
        f'<section class="group"><h2>{escape(_(title))}</h2>' + "".join(
            pieces.section(w.name, _(w.title), _(w.question), pieces.body(w.height))
            for w in group) + "</section>" for title, group in GROUPS)
    return (languages.template("html/inside.html").replace("<!-- step panels -->", panels("step"))
            .replace("<!-- run panels -->", panels("run"))
            .replace("<!-- gates -->", pieces.body(130))
            .replace("<!-- sections -->", sections))


def _place(panel: Panel) -> str:
    return pieces.panel(panel.name, _(panel.title), _(panel.caption), panel.height,
                             _below_map() if panel.needs_attention else "", panel.wide)


def _below_map() -> str:
    """HTML below the attention map: a description, and a text for models without attention."""
    none = _("This model has no attention. All information about your input is compressed into "
             "**one vector**, the context vector: the decoder never looks back at the input. With "
             "attention, a map here would show where the decoder looks for each token that it "
             "writes.")
    button = escape(_("Train one with attention →"))
    return (f'<p class="walk"></p><div class="squeezed" hidden><p>{inline(none)}</p><button '
            f'type="button" class="plain" data-train="attention">{button}</button></div>')


def _warm_up() -> None:
    """Import the packages that the figures need."""
    import sklearn.decomposition
    import sklearn.neighbors  # noqa: F401
