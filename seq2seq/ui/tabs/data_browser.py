"""“Training data” on the third tab: what is trained on, what is held out, and a search in both."""

from html import escape
from itertools import islice
from typing import Any

import gradio as gr

from seq2seq.errors import Seq2SeqError
from seq2seq.experiment import Experiment
from seq2seq.i18n import LazyText, _, ngettext
from seq2seq.inspection.data_search import (
    Found,
    Near,
    all_examples,
    nearest_examples,
    search_examples,
)
from seq2seq.jobs.runs import Run
from seq2seq.ui.components import html
from seq2seq.ui.components.run_names import (
    longer_title,
    membership_words,
    source_row,
    target_row,
)
from seq2seq.ui.components.token_tiles import tiles
from seq2seq.ui.session import MAX_TEXT, QUIET, Session

MAX_ROWS = 30
TITLES = {"memorised": LazyText("Trained on"), "new": LazyText("Held out: new"),
          "longer": LazyText("Held out: longer"), "left_out": LazyText("Left out of training")}


class DataBrowser:
    """A closed section with a search box, a menu of sets and the examples found."""

    def __init__(self, session: Session) -> None:
        self.session = session
        choices = [(_("All examples"), ""), *((_(title), key) for key, title in TITLES.items())]
        with gr.Accordion(_("Training data and held-out data"), open=False) as self.panel:
            with gr.Row(elem_classes="data-filter"):
                self.text = gr.Textbox(label=_("Search"), max_length=MAX_TEXT, max_lines=1,
                                       placeholder=_("an input, or a part of one"))
                self.which = gr.Dropdown(choices, value="", label=_("Set"))
            self.content = gr.HTML("", apply_default_css=False)

    def wire(self, selected: gr.Textbox) -> None:
        """`selected` holds the run's id."""
        given = [selected, self.text, self.which]
        self.panel.expand(self.show, given, self.content, **QUIET)
        for part in (self.text, self.which):
            part.input(self.show, given, self.content, trigger_mode="always_last", **QUIET)

    def outputs(self) -> list:
        """The components that `closed` updates."""
        return [self.panel, self.content]

    def closed(self) -> dict[Any, Any]:
        """Updates for another run."""
        return {self.panel: gr.update(open=False), self.content: ""}

    def show(self, selected: str, text: str, which: str) -> str:
        """The examples that contain `text`, or an error message, as HTML."""
        lab, run = self.session.lab, self.session.lab.find(selected)
        if run is None:
            return html.caption(_("This run is no longer available. Train it again."))
        text = text[:MAX_TEXT].strip() if isinstance(text, str) else ""
        try:
            with lab.turn():
                return browse(run, lab.experiment_for(run), text, which if which in TITLES else "")
        except Seq2SeqError as problem:
            return html.problem(_(problem))


def browse(run: Run, experiment: Experiment, text: str, which: str) -> str:
    """Counts, whether `text` is trained on and its nearest training examples, and the matches."""
    splits = experiment.splits
    parts = [html.caption(_counts(experiment))]
    if run.provenance and run.provenance.from_file:
        parts.append(html.caption(_("This model was trained on a longer list, which the lab does "
                                    "not include.")))
    if text:
        parts.append(_about(run, experiment, text))
    rows = list(islice(search_examples(splits, text, which), MAX_ROWS + 1))
    if not rows:
        return "".join([*parts, html.empty(_("No example contains “{text}”.", text=text))])
    more = _("The first {n}; search to find others.", n=MAX_ROWS) if len(rows) > MAX_ROWS else ""
    return "".join([*parts, _table(run, experiment, rows[:MAX_ROWS]),
                    html.caption(more) if more else ""])


def _counts(experiment: Experiment) -> str:
    sets = {key: len(examples) for key, examples in all_examples(experiment.splits).items()}
    words = _("Trained on: {train:,} different inputs. Held out: {new:,} new, {longer:,} longer.",
              train=sets["memorised"], new=sets["new"], longer=sets["longer"])
    if "left_out" in sets:
        words += " " + _("Left out of training ({rules}): {n:,}.", n=sets["left_out"],
                         rules=experiment.recipe.train.leave_out)
    if experiment.recipe.train.fresh and not experiment.task.is_table:
        words += " " + _("Each epoch had its own training examples; those of the last are shown.")
    return words


def _about(run: Run, experiment: Experiment, text: str) -> str:
    """Whether an input is in the training data, and the most similar inputs that are."""
    try:
        tokens = experiment.task.parse(text)
    except Seq2SeqError:
        return ""  # a part of an input
    says = membership_words(run.recipe, experiment.membership(tokens))
    if run.provenance and run.provenance.from_file and not experiment.task.solutions(tokens):
        says = _("It is not known whether this was in the training data: the lab does not include "
                 "the list of training words.")
    near = nearest_examples(experiment.splits, tokens)
    return f'<p class="finding">{escape(says)}</p>' + _nearest(experiment, near)


def _nearest(experiment: Experiment, near: list[Near]) -> str:
    body = "".join(
        f"<tr><td>{tiles(source_row(experiment.task, one.example.source), 'enc')}</td>"
        f"<td>{tiles(target_row(experiment.task, one.example.target))}</td><td>"
        f"{escape(ngettext('{n} edit', '{n} edits', one.distance))}</td></tr>" for one in near)
    return _framed(_("The most similar training examples"),
                   (_("Input"), _("Target"), _("Edit distance")), body)


def _table(run: Run, experiment: Experiment, rows: list[Found]) -> str:
    names = {key: _(title) for key, title in TITLES.items()}
    names["longer"] = _("Held out: {set}", set=_(longer_title(run.recipe)))
    body = "".join(
        f"<tr><td>{tiles(source_row(experiment.task, found.example.source), 'enc')}</td>"
        f"<td>{tiles(target_row(experiment.task, found.example.target))}</td>"
        f"<td>{escape(names[found.set])}</td></tr>" for found in rows)
    return _framed(_("Examples"), (_("Input"), _("Target"), _("Set")), body)


def _framed(title: str, heads: tuple[str, ...], body: str) -> str:
    """A table with a caption, which scrolls horizontally if it is wider than the page."""
    row = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    return (f'<div class="data-rows" tabindex="0" role="group" aria-label="{escape(title)}">'
            f"<table><caption>{escape(title)}</caption><thead><tr>{row}</tr></thead>"
            f"<tbody>{body}</tbody></table></div>")
