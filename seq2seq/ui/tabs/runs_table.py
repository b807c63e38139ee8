"""A table of the visitor's runs: what was changed for each, and its scores."""

from collections.abc import Sequence
from html import escape

from seq2seq.i18n import LazyText, _, decimal
from seq2seq.jobs.runs import Run
from seq2seq.ui.components.html import percent
from seq2seq.ui.components.run_history import Histories
from seq2seq.ui.components.run_names import differences, short_name, stopped_words, task_title

COLUMNS = (LazyText("Run"), LazyText("What changed"), LazyText("Held-out loss"),
           LazyText("Seen in training"), LazyText("New"), LazyText("Longer"))
STATES = {"waiting": LazyText("in the queue"), "running": LazyText("in training"),
          "failed": LazyText("failed")}


def table_of_runs(runs: Sequence[Run], histories: Histories, selected: Run | None = None) -> str:
    """The table of `runs`, oldest first; "" for fewer than two runs.

    Changes are relative to the previous run on the same task: "hidden size 64→8".
    """
    if len(runs) < 2:
        return ""
    rows = "".join(_row(run, changes(run, runs[:i]), histories, run is selected)
                   for i, run in enumerate(runs))
    heads = "".join(f'<th scope="col">{escape(_(name))}</th>' for name in COLUMNS)
    title = escape(_("Your runs compared"))
    return (f'<section class="card" aria-label="{title}"><h2>{title} <small>'
            f"{escape(_('how many answers are correct'))}</small></h2>"
            f'<table class="compared"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
            "</section>")


def changes(run: Run, before: Sequence[Run]) -> str:
    """The changes from the newest run `before` it on the same task."""
    if run.provenance:
        return _("{task}, pre-trained", task=task_title(run.recipe))
    if run.is_opened and run.events:
        return _("an earlier epoch of a run")
    same = [old for old in before if old.recipe.task == run.recipe.task and not old.provenance]
    if not same:
        return _("{task}, first run", task=task_title(run.recipe))
    return differences(run.recipe, same[-1].recipe) or _("nothing: the same settings again")


def _row(run: Run, changed: str, histories: Histories, is_selected: bool) -> str:
    history = histories.of(run)
    last, scores = history.latest, history.scores
    loss = "–" if last is None or last.held_out_loss is None else decimal(last.held_out_loss, ".3f")
    state = _(STATES.get(run.status, ""))
    if run.status == "stopped" and last and last.epoch < run.recipe.train.num_epochs:
        state = stopped_words(last.epoch)
    note = f' <span class="soft">({escape(state)})</span>' if state else ""
    cells = "".join(f"<td>{text}</td>" for text in (
        loss, *(percent(scores.get(name)) for name in ("memorised", "new", "longer"))))
    now = ' class="now" aria-current="true"' if is_selected else ""
    return (f'<tr{now}><th scope="row">{escape(short_name(run))}</th>'
            f"<td>{escape(changed)}{note}</td>{cells}</tr>")
