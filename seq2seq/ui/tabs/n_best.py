"""“N-best answers”: the five best answers of a beam search, computed only while the panel is open.

The JavaScript of the open panel (`assets/js/n_best.js`) requests `n_best_answers` whenever the run
or the sequence changes.
"""

import math
from html import escape
from typing import Any

import gradio as gr

from seq2seq.errors import InputError, Seq2SeqError
from seq2seq.figures.style import percent_text
from seq2seq.i18n import _
from seq2seq.jobs.runs import Run
from seq2seq.ui.components.asset_files import asset
from seq2seq.ui.components.run_names import target_row
from seq2seq.ui.components.token_tiles import tiles
from seq2seq.ui.lab import Lab
from seq2seq.ui.session import MAX_TEXT

WIDTH = 5


def template() -> str:
    """The closed, empty panel."""
    title = escape(_("N-best answers"))
    gloss = escape(_("the five most probable answers, and the probability the model assigns to "
                     "them (beam search)"))
    return (f'<details class="n-best"><summary><b>{title}</b> <small>{gloss}</small></summary>'
            '<div class="found" aria-live="polite"></div></details>')


def n_best_component(lab: Lab) -> gr.HTML:
    """The component, with values from `n_best_value`."""

    def n_best(question: Any) -> dict[str, Any]:
        return n_best_answers(lab, question)  # not async, so Gradio calls it in a thread

    return gr.HTML(value={}, html_template=template(), js_on_load=asset("js/n_best.js"),
                   server_functions=[n_best], apply_default_css=False, elem_id="n-best")


def n_best_value(run: Run, text: Any) -> dict[str, Any]:
    """The value for a run and a text.

    The panel is opened by default if the text has no unique correct answer.
    """
    text = text[:MAX_TEXT] if isinstance(text, str) else ""
    task = run.recipe.make_task()
    try:
        several = len(task.solutions(task.parse(text))) != 1
    except Seq2SeqError:
        several = False
    return {"run": run.id, "epoch": max(run.blobs, default=0), "text": text, "open": several}


def n_best_answers(lab: Lab, question: Any) -> dict[str, Any]:
    """The five best answers as {"html": …}, or {"problem": message}."""
    question = question if isinstance(question, dict) else {}
    text = question.get("text")
    try:
        run = lab.find(question.get("run"))
        if run is None or not isinstance(text, str):
            raise InputError("This run is no longer available. Train it again.")
        with lab.turn():
            experiment = lab.experiment_for(run)
            task, found = experiment.task, experiment.beam(text[:MAX_TEXT], WIDTH)
        right = task.solutions(task.parse(text[:MAX_TEXT]))
    except Seq2SeqError as problem:
        return {"problem": _(problem)}
    shares = [math.exp(h.log_prob) for h in found.best]
    rows = "".join(
        f'<tr><th scope="row">{i}</th><td class="answer"><div>{tiles(target_row(task, h.tokens))}'
        f'{"" if h.finished else " …"}{_mark(h.tokens in right and h.finished)}</div></td>'
        f'<td class="share"><i style="width:{100 * share:.1f}%"></i><span>{percent_text(share)}'
        "</span></td></tr>"
        for i, (h, share) in enumerate(zip(found.best, shares, strict=True), 1))
    rest = _("All other answers together: {share}.", share=percent_text(max(0.0, 1 - sum(shares))))
    heads = "".join(f'<th scope="col">{escape(head)}</th>'
                    for head in (_("Rank"), _("Answer"), _("Probability")))
    return {"html": f'<table class="n-best-rows"><thead class="unseen"><tr>{heads}</tr></thead>'
                    f'<tbody>{rows}</tbody></table><p class="soft">{escape(rest)}</p>'}


def _mark(right: bool) -> str:
    return f'<span class="verdict right">{escape(_("✓ correct"))}</span>' if right else ""
