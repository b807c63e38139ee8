"""The live part of the Train tab: loss curve, sample answers, scores, and the note after a run.

Python gives the component a run to follow. Its JavaScript (`assets/js/live_training.js`) then polls
`points` for new data and extends the chart. So the chart is not redrawn, a response has about a
hundred bytes, and a reloaded page gets the whole history.
"""

import secrets
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import gradio as gr

from seq2seq.errors import BusyError, RunGoneError
from seq2seq.figures.loss import Curve, loss_curves
from seq2seq.i18n import LazyText, _
from seq2seq.jobs.runs import Run
from seq2seq.training.loop import sample_answers
from seq2seq.ui.components import html
from seq2seq.ui.components.asset_files import asset
from seq2seq.ui.components.charts import PLOTLY_HEAD, as_json, chart_scripts
from seq2seq.ui.components.run_history import rows, score_texts
from seq2seq.ui.components.run_names import longer_title
from seq2seq.ui.lab import Lab
from seq2seq.ui.languages import template
from seq2seq.ui.tabs import player
from seq2seq.ui.tabs.next_step import before_training, next_step

THIS_SERVER = secrets.token_urlsafe(6)
ELSEWHERE = LazyText("This model is pre-trained, so there is no curve to draw. Its scores are "
                     "below; train one yourself to watch it learn.")
GONE = LazyText("This run is no longer available (the server was restarted). Train it again with "
                "the same settings.")


def live_component(lab: Lab) -> gr.HTML:
    """The component, with values from `live_value`; it fires `finished` and `again`."""

    async def points(question: Any) -> dict[str, Any]:
        # On the event loop, without a queue or a thread: it takes microseconds.
        return {**poll(lab, question), "wait": lab.poll_pace.polled()}

    def frames(question: Any) -> dict[str, Any]:
        return player.frames(lab, question)  # not async: it takes milliseconds

    return gr.HTML(
        value=live_value(lab, None, []),
        html_template=template("html/live_training.html").replace("<!-- scores -->",
                                                                  html.score_cards({})),
        head=PLOTLY_HEAD,
        js_on_load=chart_scripts() + asset("js/live_training.js") + asset("js/player.js"),
        server_functions=[points, frames], apply_default_css=False, elem_id="live")


def live_value(lab: Lab, run: Run | None, others: list[Run], fresh: bool = False) -> dict[str, Any]:
    """The value that makes the component follow `run`, with the curves of earlier runs.

    `fresh`: the run has just been started, so the page may scroll to its chart.
    """
    empty = {"source": "…", "cells": [["", "missing", ""]] * 5, "verdict": ""}
    value = {"run": "", "fresh": fresh, "say": _("No model has been trained yet."),
             "rows": [empty] * 3, "scores": score_texts({}), "titles": html.score_words(
                 html.SCORES["longer"][0] if run is None else longer_title(run.recipe))}
    if run is None:
        return {**value, "figure": as_json(loss_curves()), "story": asdict(before_training())}
    # A continued run has a new job id, which makes the page follow it again. After a restart, job
    # ids start at 1 again, so the server is part of the value.
    value |= {"run": run.id, "job": f"{THIS_SERVER}/{run.job_id}", "story": None,
              "say": _("Starting…")}
    earlier = lab.histories.overlays(run, others)
    if not run.events and not run.is_active:  # it was trained elsewhere: there is nothing to poll
        value |= {"figure": as_json(loss_curves(note=_(ELSEWHERE))),
                  "scores": score_texts(lab.histories.of(run).scores)}
        with suppress(BusyError), lab.turn():  # if the server is busy, the rows stay empty
            experiment = lab.experiment_for(run)
            value |= {"rows": rows(sample_answers(experiment.model, experiment.splits),
                                   experiment.task), "held_out": bool(experiment.splits.new)}
        return value
    curve = Curve(num_epochs=run.recipe.train.num_epochs)
    return {**value, "figure": as_json(loss_curves(curve, earlier))}


def poll(lab: Lab, question: Any) -> dict[str, Any]:
    """What is new in a run since the page's last request.

    `question` is [run id, number of points that the page has, last epoch that it has]. A page
    without data sends 0 and -1, and gets the whole history.
    """
    try:
        run_id, num_points, epoch = question
        num_points, epoch = max(0, int(num_points)), float(epoch)
        run = lab.runs.get(str(run_id))
        lab.runs.watch(run.id)
    except (TypeError, ValueError, OverflowError) as problem:
        gone = isinstance(problem, RunGoneError)
        return {"active": False, "status": "gone" if gone else "unknown", "say": _(GONE)}
    # The status is read first: if the run has ended, all its points are then available.
    status, active = run.status, run.is_active
    if run.is_stopping:  # its final scores are still to come
        status, active = "running", True
    history = lab.histories.of(run)
    answer: dict[str, Any] = {"active": active, "status": status, "say": history.sentence()}
    curve = history.curve
    if new := curve.y[num_points:]:
        answer |= {"x": curve.x[num_points:], "y": new}
    if history.epoch != epoch:
        held = zip(curve.held_x, curve.held_y, strict=False)
        answer |= {
            "epoch": history.epoch, "held": [(x, y) for x, y in held if x > epoch],
            "rows": rows(history.samples, run.recipe.make_task()),
            "scores": score_texts(history.scores)}
        if epoch < 0 and history.started:
            answer["held_out"] = history.started.held_out
    if not active:
        story = next_step(run, lab.histories, lab.runs.of(run.owner))
        answer["story"] = asdict(story) if story else None
    return answer
