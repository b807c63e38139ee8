"""Tab 2, Train: the settings, the buttons, and the live view of the training."""

from typing import Any

import gradio as gr

from seq2seq.data.splits import make_splits
from seq2seq.errors import BusyError, Seq2SeqError
from seq2seq.i18n import LazyText, _, decimal, ngettext
from seq2seq.jobs.runs import Run
from seq2seq.recipe import Recipe
from seq2seq.time_slices import in_slices
from seq2seq.training.estimate import estimate
from seq2seq.ui.components import html
from seq2seq.ui.components.run_names import short_name, task_title
from seq2seq.ui.components.settings import Settings, default_recipe, untrained_recipe
from seq2seq.ui.components.task_menu import FIRST
from seq2seq.ui.session import QUIET, Session, valid_owner
from seq2seq.ui.sharing.download import TakeHome
from seq2seq.ui.sharing.iframe import no_storage
from seq2seq.ui.tabs.live_training import live_component, live_value
from seq2seq.ui.tabs.next_step import ACTIONS, BEST, CONTINUE, best_epoch
from seq2seq.ui.tabs.runs_table import table_of_runs
from seq2seq.ui.tabs.sequence import SequenceTab
from seq2seq.ui.tabs.stepping import SteppingPanel
from seq2seq.ui.tabs.sweep import SweepPanel
from seq2seq.ui.tabs.twin import TwinPanel

WORDS = {"waiting": LazyText("in training"), "running": LazyText("in training"), "done": "",
         "stopped": LazyText("stopped"), "failed": LazyText("failed")}
COUNTING_SECONDS = 0.4  # at most, to count the examples after each change of a setting


class TrainTab:
    """The components of the tab and their handlers."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.settings = Settings(default_recipe(FIRST.name))
        with gr.Row(elem_classes="columns", equal_height=False):
            with gr.Column(elem_classes="side", min_width=0):
                with gr.Column(elem_classes=["card", "choices"]):
                    self.settings.build_main()
                    with gr.Column(elem_classes="buttons"):
                        self.onward = gr.Button(_("Continue"), variant="primary",
                                                visible=False, elem_classes="onward")
                        self.train = gr.Button(_("Train"), variant="primary")
                        self.stop = gr.Button(_("Stop"), interactive=False,
                                              elem_classes="quiet")
                        self.problem = gr.HTML(html.problem(""), apply_default_css=False)
                    self.settings.build_more()
                with gr.Column(elem_classes=["card", "runs-card"], visible=False) as self.runs_card:
                    self.runs = gr.Radio([], label=_("Your runs"), elem_classes="runs",
                                         info=_("The selected run appears in every tab."))
                    self.take = TakeHome(session)
                    gr.HTML(no_storage(), apply_default_css=False)
                with gr.Column(elem_classes=["card", "open-file"]):
                    self.file = gr.UploadButton(
                        _("Open a model from a file"), size="md", file_types=[".safetensors"],
                        elem_classes="quiet")
                    self.file_problem = gr.HTML(html.problem("", _(
                        "A .safetensors file saved by this page: from a downloaded run, or from "
                        "the API. You can also drop it anywhere on the page.")),
                        apply_default_css=False)
            with gr.Column(elem_classes="main", min_width=0):
                self.live = live_component(session.lab)
                self.compared = gr.HTML(visible=False, apply_default_css=False)
                self.twin = TwinPanel(session)
                self.sweep = SweepPanel(session)
                self.stepping = SteppingPanel(session)
                with gr.Row(elem_classes="forward"):
                    self.forward = gr.Button(_("See its answers →"), elem_classes="to-answers")
        self.settings.facts.value = self.facts(self.settings.first)
        self.settings.describe = self.facts

    def wire(self, sequence: SequenceTab, tab: gr.Tab) -> None:
        """Connect the controls; `sequence` has the task and the pairs, `tab` is this tab."""
        settings, owner, selected = self.settings, self.session.owner, self.session.selected
        asked = [owner, sequence.task, sequence.pairs, *settings.inputs]
        shown = [self.problem, settings.facts, selected, *self.outputs]

        def train(owner: str, task: str, pairs: str, *values: Any) -> Any:
            return self.start(owner, lambda: settings.recipe(task, pairs, values))

        def again(owner: str, selected: str, event: gr.EventData) -> Any:
            run, change = self.session.lab.find(selected), ACTIONS.get(str(event.action))
            if str(event.action) == CONTINUE:
                return resume(owner, selected)
            if str(event.action) == BEST and run is not None:
                return self.open_best(owner, run)
            if run is None or change is None:
                return gr.skip()
            recipe = change(run.recipe)
            return {**self.start(owner, lambda: recipe), **settings.show(recipe)}

        def resume(owner: str, selected: str) -> Any:
            run = self.session.lab.find(selected)
            return self.resume(owner, run) if run and run.owner == owner else gr.skip()

        def stop(owner: str, selected: str) -> Any:
            run = self.session.lab.find(selected)
            if run and run.owner == owner:  # `selected` comes from the page and may be any run
                self.session.lab.runs.stop(run.id)
            return gr.Button(interactive=False)

        def facts(task: str, pairs: str, *values: Any) -> dict:
            return {settings.facts: read(task, pairs, *values), self.problem: html.problem("")}

        def read(task: str, pairs: str, *values: Any) -> str:
            try:
                recipe = settings.recipe(task, pairs, values)
                self.session.lab.prepare(recipe)  # the visitor may press Train next
                return self.facts(recipe)
            except Seq2SeqError as problem:
                return html.problem(_(problem))

        self.train.click(train, asked, shown, **QUIET)
        self.live.again(again, [owner, selected],
                        [self.problem, selected, *self.outputs, *settings.outputs()], **QUIET)
        self.onward.click(resume, [owner, selected], shown, **QUIET)
        self.stop.click(stop, [owner, selected], self.stop, **QUIET)
        self.take.wire(sequence.text)
        self.sweep.wire(settings, sequence)
        self.twin.wire(self.start, settings.show, [*shown, *settings.inputs])
        self.stepping.wire(settings, sequence)
        # "input", not "change": choosing a task sets a dozen controls, and each change would
        # request the facts for a mixture of old and new values. Without preprocessing, since Gradio
        # rejects a number out of range without a message, and the config has one.
        gr.on([part.input for part in settings.inputs] + [tab.select],  # type: ignore
              facts, [sequence.task, sequence.pairs, *settings.inputs],
              [settings.facts, self.problem],
              trigger_mode="always_last", preprocess=False, **QUIET)

    @property
    def outputs(self) -> list:
        """The components that `show_run` updates."""
        return [self.live, self.compared, self.runs, self.runs_card, self.onward, self.train,
                self.stop, self.forward, self.twin.panel]

    def start(self, owner: str, make: Any) -> dict:
        """Train the recipe that `make` returns, and show the run or an error message."""
        lab = self.session.lab
        owner = valid_owner(owner)
        try:
            recipe = make()
            estimate(recipe)  # raises an error before a worker is involved
            lab.check_left_out(recipe)
            with lab.starting:
                if active_run := self.active_run(owner):
                    return self.show_active_run(owner, active_run)
                run = lab.submit(owner, recipe)
        except Seq2SeqError as problem:  # `facts` may show the same message: show it once
            return {self.problem: html.problem(_(problem)), self.settings.facts: ""}
        return {self.problem: html.problem(""), self.session.selected: run.id,
                **self.show_run(owner, run, fresh=True)}

    def active_run(self, owner: str) -> Run | None:
        """The active run of `owner`, which another browser tab may have started."""
        return next((r for r in self.session.lab.runs.of(owner) if r.is_active), None)

    def show_active_run(self, owner: str, active_run: Run) -> dict:
        """Updates that show the visitor's active run, with a message that it still trains."""
        words = _("{run} is still training, and is shown here. Stop it to train another.",
                  run=short_name(active_run))
        return {self.problem: html.problem("", words), self.session.selected: active_run.id,
                **self.show_run(owner, active_run, fresh=True)}

    def resume(self, owner: str, run: Run) -> dict:
        """Continue a stopped run, and show it."""
        lab = self.session.lab
        try:
            with lab.starting:
                if (active_run := self.active_run(run.owner)) and active_run is not run:
                    return self.show_active_run(valid_owner(owner), active_run)
                lab.resume(run)
        except Seq2SeqError as problem:
            return {self.problem: html.problem(_(problem))}
        return {self.problem: html.problem(""),
                **self.show_run(valid_owner(owner), run, fresh=True)}

    def open_best(self, owner: str, run: Run) -> dict:
        """Show the model of a run's best epoch, as a run of its own."""
        lab, owner = self.session.lab, valid_owner(owner)
        epoch = best_epoch(run, lab.histories.of(run))
        if epoch is None:
            return {self.problem: html.problem(_("The weights of earlier epochs are no longer "
                                                 "kept: train again."))}
        opened = lab.open_epoch(owner, run, epoch)
        return {self.problem: html.problem(""), self.session.selected: opened.id,
                **self.show_run(owner, opened, fresh=True)}

    def show_run(self, owner: str, run: Run | None, follow_it: bool = True,
                 fresh: bool = False) -> dict:
        """Updates that show `run` on this tab, among the other runs of `owner`.

        `fresh`: it has just been started. Without `follow_it` the live part does not change.
        """
        runs = self.session.lab.runs.of(owner)
        own = [r for r in runs if not r.provenance]
        active = run is not None and run.is_active
        ended = bool(run and not active and (
            run.provenance or self.session.lab.histories.of(run).epoch > 0))
        history = self.session.lab.histories.of(run) if run else None
        unfinished = bool(run and history and run.owner == owner and run.can_continue
                          and history.epoch < run.recipe.train.num_epochs)
        updates: dict[Any, Any] = {
            self.onward: gr.update(visible=unfinished),
            self.runs: gr.update(choices=[(self.label(r), r.id) for r in reversed(runs)],
                                 value=run.id if run else None),
            self.runs_card: gr.update(visible=bool(runs)),
            self.compared: gr.update(
                value=table_of_runs(runs, self.session.lab.histories, run), visible=len(runs) > 1),
            self.train: gr.update(value=_("Training…") if active
                                  else _("Train again") if own else _("Train"),
                                  interactive=not active,
                                  variant="secondary" if ended or unfinished else "primary"),
            self.stop: gr.update(interactive=active),
            self.forward: gr.update(
                variant="primary" if ended and not unfinished else "secondary"),
        }
        updates |= self.twin.update(run)
        if follow_it:
            updates[self.live] = live_value(self.session.lab, run, runs, fresh)
        return updates

    def label(self, run: Run) -> str:
        """The label of a run in the list: name, task, status, score."""
        new = self.session.lab.histories.of(run).scores.get("new")
        known = new is not None and not run.is_active
        result = _("{share} on new examples", share=html.percent(new)) if known else ""
        words = " · ".join(filter(None, (_(run.name), task_title(run.recipe),
                                         _(WORDS[run.status]), result)))
        return words.replace(" %", "\u00a0%")  # no line break before it

    def facts(self, recipe: Recipe) -> str:
        """HTML with the numbers of passes, examples and parameters."""
        found, epochs = estimate(recipe), recipe.train.num_epochs
        lab = self.session.lab
        try:
            with lab.turn():
                splits = lab.turns.run_in_parts(in_slices(lambda: make_splits(
                    recipe.make_task(), untrained_recipe(recipe).train)), COUNTING_SECONDS)
            count = decimal(len(splits.train), ",")
        except BusyError:  # the exact count needs all examples
            count = _("up to {count}", count=decimal(recipe.train.num_examples, ","))
        passes = ngettext("{n} pass over {count} examples", "{n} passes over {count} examples",
                          epochs, count=count)
        if recipe.train.fresh and not recipe.make_task().is_table:
            passes = _("{n} × {count} fresh examples", n=epochs, count=count)
        numbers = _("{count} parameters",
                    count=decimal(found.num_parameters, ","))
        return html.caption(f"{passes} · {numbers}")
