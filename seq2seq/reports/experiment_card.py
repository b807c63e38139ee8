"""What a notebook shows of an experiment: task, settings, size and the newest scores."""

from collections.abc import Mapping
from html import escape

from seq2seq.config import settings
from seq2seq.i18n import LazyText, _, decimal
from seq2seq.recipe import Recipe, word
from seq2seq.tasks import Task

SETS = {"memorised": LazyText("Seen in training"), "new": LazyText("New"),
        "longer": LazyText("Longer"), "left_out": LazyText("Left out of training")}


def experiment_card(recipe: Recipe, task: Task, num_parameters: int, num_epochs: int,
                    scores: Mapping[str, float | None]) -> str:
    """HTML without scripts; `scores` are those of the last epoch, {} before training."""
    facts = [(_("Task"), f"{_(task.title)} ({task.name})"),
             (_("Parameters"), decimal(num_parameters, ",")),
             (_("Epochs trained"), str(num_epochs)),
             *((_(SETS[key]), "–" if share is None else decimal(100 * share, ".1f") + " %")
               for key, share in scores.items())]
    chosen = [(_(what.label), _(str(word(getattr(part, field)))))
              for part in (recipe.model, recipe.train)
              for field, what in settings(part).items()]
    return (f'<div class="seq2seq-experiment"><b>{escape(_("Experiment"))}</b>{_table(facts)}'
            f"<details><summary>{escape(_('All settings'))}</summary>{_table(chosen)}</details>"
            "</div>")


def _table(rows: list[tuple[str, str]]) -> str:
    return "<table>" + "".join(
        f'<tr><th style="text-align:left">{escape(one)}</th>'
        f'<td style="text-align:left">{escape(two)}</td></tr>' for one, two in rows) + "</table>"
