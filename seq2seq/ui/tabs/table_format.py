"""Below the box with own pairs: how they are split into tokens, and what was read."""

from collections.abc import Callable
from html import escape
from typing import Any

import gradio as gr

from seq2seq.errors import InputError
from seq2seq.i18n import _, decimal
from seq2seq.tasks import PairsTask
from seq2seq.tasks.tables.facts import histogram, sides, vocabulary_sizes
from seq2seq.tasks.tables.lines import split_lines
from seq2seq.tasks.tables.report import report
from seq2seq.tasks.tables.settings import FORMS, read_settings, with_settings
from seq2seq.tasks.tables.tokenisation import SUBWORDS
from seq2seq.ui.components.run_names import source_row, target_row
from seq2seq.ui.components.token_tiles import tiles
from seq2seq.ui.session import QUIET

NUM_PREVIEWED = 5  # pairs that are shown as tokens
# Name in `TableSettings` -> label and choices; a choice is written into the table's first lines.
CONTROLS: dict[str, Callable[[], tuple[str, list[tuple[str, Any]]]]] = {
    "source_tokens": lambda: (_("Source tokens"), _tokenisations()),
    "target_tokens": lambda: (_("Target tokens"), _tokenisations()),
    "vocabulary_size": lambda: (_("Subwords"), [(_("automatic"), 0), *(
        (_("at most {n}", n=n), n) for n in (100, 200, 500, 1000, 2000))]),
    "lower_case": lambda: (_("Letters"), [(_("unchanged"), False), (_("lower case"), True)]),
    "normalise": lambda: (_("Unicode normal form"), [
        (_("unchanged") if form == "none" else form, form) for form in FORMS]),
    "min_count": lambda: (_("Minimum count"), [(_("every token"), 1), *(
        (_("tokens that occur {n} times or more", n=n), n) for n in (2, 3, 5, 10))])}


def _tokenisations() -> list[tuple[str, Any]]:
    return [(_("automatic"), ""), (_("characters"), "characters"),
            (_("words and punctuation"), "words"), (_("split at spaces"), "spaces"),
            (_("subwords"), SUBWORDS)]


class TableFormat:
    """The controls, and the report on the pairs."""

    def __init__(self) -> None:
        with gr.Row(elem_classes="table-format"):
            self.controls: dict[str, gr.Dropdown] = {}
            for name, make in CONTROLS.items():
                label, choices = make()
                self.controls[name] = gr.Dropdown(
                    choices, value=choices[0][1], label=label, min_width=120, filterable=False,
                    visible=name != "vocabulary_size")
        self.read = gr.HTML(apply_default_css=False)

    def wire(self, pairs: gr.Textbox) -> None:
        """Each control rewrites the first lines of `pairs`."""
        for name, control in self.controls.items():
            control.input(lambda value, text, name=name: changed(text, name, value),
                          [control, pairs], pairs, trigger_mode="always_last", **QUIET)

    def outputs(self) -> list:
        """The components that `show` updates."""
        return [*self.controls.values(), self.read]

    def show(self, task: Any) -> dict[Any, Any]:
        """Updates for a task; none if the task has no table."""
        if not isinstance(task, PairsTask):
            return {}
        settings = task.settings
        return {self.read: preview(task), **{
            control: _value(name, getattr(settings, name),
                            name != "vocabulary_size" or SUBWORDS in task.tokenisations)
            for name, control in self.controls.items()}}


def _value(name: str, value: Any, visible: bool) -> Any:
    # The text may contain a value that is not among the choices, such as a minimum count of 7.
    choices = CONTROLS[name]()[1]
    if value not in [choice for _label, choice in choices]:
        choices.append((str(value), value))
    return gr.update(choices=choices, value=value, visible=visible)


def changed(text: Any, name: str, value: Any) -> Any:
    """The table with one setting changed in its first lines."""
    choices = CONTROLS[name]()[1]
    if not isinstance(text, str) or value not in [choice for _label, choice in choices]:
        return gr.skip()
    try:
        if value == getattr(read_settings(split_lines(text))[0], name):
            return gr.skip()
        return with_settings(text, **{name: value})
    except InputError:  # the problem is shown below the box
        return gr.skip()


def preview(task: PairsTask) -> str:
    """The report, and the first pairs as tokens."""
    told = "".join(f"<li>{escape(_(sentence))}</li>" for sentence in report(task))
    rows = "".join(f"<tr><td>{tiles(source_row(task, e.source), 'enc', _('source'))}</td>"
                   f"<td>{tiles(target_row(task, e.target), 'plain', _('target'))}</td></tr>"
                   for e in task.examples[:NUM_PREVIEWED])
    heads = "".join(f'<th scope="col">{escape(head)}</th>' for head in (_("Source"), _("Target")))
    return (f'<details class="table-report"><summary>{escape(_("How your pairs are read"))}'
            f'</summary><ul>{told}</ul>{facts(task)}<table><caption class="unseen">'
            f"{escape(_('The first pairs as tokens'))}</caption><thead><tr>{heads}</tr></thead>"
            f"<tbody>{rows}</tbody></table></details>")



def facts(task: PairsTask) -> str:
    """For each side a histogram of the lengths, and the vocabulary by minimum count."""
    found = ""
    for name, rows in zip((_("Source"), _("Target")), sides(task), strict=True):
        ranges = histogram(rows)
        most = max(part.num for part in ranges)
        bars = "".join(
            f'<li><span>{low if low == high else f"{low}–{high}"}</span>'
            f'<i style="width:{100 * num / most:.0f}%"></i><span>{decimal(num, ",")}</span></li>'
            for low, high, num in ranges)
        sizes = vocabulary_sizes(rows)
        counts = "".join(f'<th scope="col">{least}</th>' for least in sizes)
        types = "".join(f"<td>{decimal(num, ',')}</td>" for num in sizes.values())
        found += (f"<section><h4>{escape(name)}</h4><p>{escape(_('Sequences by length in tokens'))}"
                  f'</p><ol>{bars}</ol><table><tr><th scope="row">{escape(_("Minimum count"))}</th>'
                  f'{counts}</tr><tr><th scope="row">{escape(_("Different tokens"))}</th>{types}'
                  "</tr></table></section>")
    return f'<div class="table-facts">{found}</div>'
