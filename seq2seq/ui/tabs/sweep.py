"""The sweep at the end of the Train tab: two settings, a few values of each, a grid of results.

Each cell of the grid has the loss curves of its model, its score on new examples as a number and as
a colour, and a link to its recipe. While the grid is shown, its JavaScript (`assets/js/sweep.js`)
asks for it once a second, which also starts the next training.
"""

import itertools
from collections.abc import Sequence
from html import escape
from typing import Any

import gradio as gr
from gradio.components import Component

from seq2seq.errors import InputError, Seq2SeqError
from seq2seq.figures.small_curves import loss_panel
from seq2seq.files.share_link import write_setting
from seq2seq.hosting.sweep_grid import MAX_CELLS, SETTINGS, Axis, read_axis
from seq2seq.hosting.sweeps import Cell, Sweep
from seq2seq.i18n import LazyText, _, decimal
from seq2seq.recipe import Recipe, word
from seq2seq.ui.components import html
from seq2seq.ui.components.asset_files import asset
from seq2seq.ui.components.html import percent
from seq2seq.ui.components.run_names import recipe_query, short_name, task_title
from seq2seq.ui.components.settings import Settings
from seq2seq.ui.session import QUIET, Session, valid_owner
from seq2seq.ui.tabs.sequence import SequenceTab

FIRST = ("hidden_size", "8, 32, 64"), ("attention", "none, dot")
STATES = {"waiting": LazyText("waits"), "training": LazyText("in training"),
          "failed": LazyText("failed"), "done": ""}
HEAT = 40  # percent of the colour at a score of 100 %: text and lines on it stay readable


class SweepPanel:
    """The components and their handlers."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.turns = itertools.count(1)  # makes each value different

        def grid(question: Any) -> dict[str, Any]:
            return self.answer(question)  # not async: a cell may start, which takes milliseconds

        choices = [(_(what.label), name) for name, what in SETTINGS.items()]
        self.axes: list[Component] = []
        with gr.Accordion(_("Sweep: compare settings in a grid"), open=False,
                          elem_classes=["card", "sweep-card"]):
            gr.HTML(html.caption(_(
                "Choose one or two settings, and up to {most} combinations of their values. The "
                "models are trained one after the other with the settings above; the sweep counts "
                "as one run, and stops when this page is closed.", most=MAX_CELLS)),
                apply_default_css=False)
            with gr.Row(elem_classes="sweep-settings"):
                for i, (name, values) in enumerate(FIRST):
                    with gr.Column(min_width=0):
                        label = _("First setting") if i == 0 else _("Second setting")
                        self.axes.append(gr.Dropdown(
                            choices if i == 0 else [(_("none"), ""), *choices], value=name,
                            label=label))
                        self.axes.append(gr.Textbox(
                            values, label=_("Its values, separated by commas"), max_length=200))
            with gr.Row(elem_classes="buttons"):
                self.start = gr.Button(_("Start the sweep"), variant="primary")
                self.stop = gr.Button(_("Stop the sweep"), elem_classes="quiet")
            self.problem = gr.HTML(html.problem(""), apply_default_css=False)
            self.view = gr.HTML(value={}, html_template='<div class="sweep" hidden></div>',
                                server_functions=[grid], apply_default_css=False,
                                elem_id="sweep", js_on_load=asset("js/sweep.js"))

    def wire(self, settings: Settings, sequence: SequenceTab) -> None:
        """Connect the buttons."""
        owner, known = self.session.owner, [sequence.task, sequence.pairs, *settings.inputs]

        def start(owner: Any, one: Any, first: Any, two: Any, second: Any, task: Any, pairs: Any,
                  *values: Any) -> dict[Any, Any]:
            try:
                axes = [read_axis(str(one), str(first))]
                if two:
                    axes.append(read_axis(str(two), str(second)))
                return self.begin(valid_owner(owner), settings.recipe(task, pairs, values), axes)
            except Seq2SeqError as problem:
                return {self.problem: html.problem(_(problem))}

        def stop(owner: Any) -> None:
            self.session.lab.sweeps.stop(valid_owner(owner))

        self.start.click(start, [owner, *self.axes, *known], [self.problem, self.view], **QUIET)
        self.stop.click(stop, owner, None, **QUIET)
        self.view.resumed(self.resume, owner, self.view, **QUIET)

    def begin(self, owner: str, recipe: Any, axes: Any) -> dict[Any, Any]:
        """Start a sweep. Seq2SeqError if a recipe is not allowed, or a run of `owner` is active."""
        lab = self.session.lab
        with lab.starting:
            if active := next((run for run in lab.runs.of(owner) if run.is_active), None):
                raise InputError("{run} is still training. Stop it to start a sweep.",
                                 run=short_name(active))
            sweep = lab.sweeps.start(owner, recipe, axes)
        return {self.problem: html.problem(""), **self.value(sweep)}

    def resume(self, owner: Any) -> dict[Any, Any]:
        """Continue the visitor's sweep."""
        lab = self.session.lab
        sweep = lab.sweeps.of(valid_owner(owner))
        if sweep is not None and not any(run.is_active for run in lab.runs.of(sweep.owner)):
            lab.sweeps.resume(sweep)
        return self.value(sweep)

    def value(self, sweep: Sweep | None) -> dict[Any, Any]:
        """The update that makes the page follow a sweep."""
        return {self.view: {"id": sweep.id if sweep else "", "turn": next(self.turns)}}

    def answer(self, question: Any) -> dict[str, Any]:
        """The grid of a sweep, for its id; it starts the next cell if there is room."""
        sweep = self.session.lab.sweeps.find(question)
        if sweep is None:
            words = _("This sweep is no longer available: the server was restarted. Start it "
                      "again; what was trained since is not trained twice.")
            return {"html": html.caption(words), "active": False}
        self.session.lab.sweeps.advance(sweep)
        return {"html": grid_html(sweep), "active": sweep.is_active}


def grid_html(sweep: Sweep) -> str:
    """The table of a sweep: rows are values of the first setting, columns of the second."""
    rows = sweep.axes[0].values
    columns = sweep.axes[1].values if len(sweep.axes) > 1 else (None,)
    losses = [loss for cell in sweep.cells for end in cell.epochs
              for loss in (end.train_loss, end.held_out_loss) if loss is not None]
    highest = max(losses, default=1.0)
    base = sweep.cells[0].recipe
    head = ""
    if len(sweep.axes) > 1:
        head = "".join(f'<th scope="col">{_heading(sweep, 1, value)}</th>' for value in columns)
        head = f"<thead><tr><td></td>{head}</tr></thead>"
    body = ""
    for i, value in enumerate(rows):
        cells = sweep.cells[i * len(columns):(i + 1) * len(columns)]
        body += (f'<tr><th scope="row">{_heading(sweep, 0, value)}</th>'
                 f'{"".join(_cell(cell, highest) for cell in cells)}</tr>')
    legend = _("Blue: training loss; orange: held-out loss, both from 0 to {highest}. The number "
               "and the colour of a cell: correct answers on new examples.",
               highest=decimal(highest, ".2f"))
    again = ""
    if sweep.is_stopped and any(cell.status == "waiting" for cell in sweep.cells):
        again = f'<button type="button" class="plain">{escape(_("Continue the sweep"))}</button>'
    return (f'<p class="status" role="status">{escape(sentence(sweep))} {again}</p>'
            f'<div class="sweep-scroll"><table aria-label="{escape(task_title(base))}">{head}'
            f"<tbody>{body}</tbody></table></div>{html.caption(legend)}")


def sentence(sweep: Sweep) -> str:
    """How far a sweep is."""
    done = sum(cell.status in ("done", "failed") for cell in sweep.cells)
    words = _("{n} of {total} models are trained.", n=done, total=len(sweep.cells))
    if sweep.is_stopped and done < len(sweep.cells):
        words += " " + _("The sweep is stopped.")
    return f"{words} {_(sweep.note)}".strip()


def _heading(sweep: Sweep, axis: int, value: Any) -> str:
    return escape(_words(sweep.axes[axis].setting, value))


def _words(setting: str, value: Any) -> str:
    shown = word(value) if isinstance(value, str | bool) else write_setting(value)
    return _("{setting} {value}", setting=SETTINGS[setting].inline, value=shown)


def cell_words(axes: Sequence[Axis], recipe: Recipe) -> str:
    """The settings of a cell, for example "hidden size 8, attention off"."""
    return ", ".join(_words(name, getattr(
        recipe.model if hasattr(recipe.model, name) else recipe.train, name))
        for name, _values in axes)


def _cell(cell: Cell, highest: float) -> str:
    last = cell.epochs[-1] if cell.epochs else None
    score = last.scores.get("new") if last else None
    train = [(end.epoch, end.train_loss) for end in cell.epochs]
    held = [(end.epoch, end.held_out_loss) for end in cell.epochs if end.held_out_loss is not None]
    label = _("no epoch has ended yet")
    if last:
        label = _("training loss from {first} to {last}", first=decimal(train[0][1], ".2f"),
                  last=decimal(train[-1][1], ".2f"))
    panel = loss_panel(train, held, cell.recipe.train.num_epochs, highest, label)
    number = f"<b>{escape(percent(score))}</b>"
    if query := recipe_query(cell.recipe):
        title = escape(_("Open this recipe"))
        number = f'<a href="{escape(query)}" target="_blank" title="{title}">{number}</a>'
    state = escape(_(STATES[cell.status]))
    return (f'<td class="{cell.status}" style="--heat:{HEAT * (score or 0):.0f}%">{panel}'
            f"<span>{number} <small>{state}</small></span></td>")
