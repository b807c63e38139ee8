"""The live part of the Train tab: loss curve, three rows, three scores and the story, in one piece.

Python gives the component a run to follow; its JavaScript (`assets/live.js`) then asks `points`
for what is new, and extends what is there. So the chart stays one and the same node, an answer
has about a hundred bytes, and a page that was reloaded finds the whole history.
"""

import json
import secrets
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import gradio as gr
import plotly
from starlette.responses import FileResponse
from starlette.routing import Route

from seq2seq.errors import BusyError, RunGoneError
from seq2seq.figures_loss import Curve, loss_curves
from seq2seq.jobs import Run
from seq2seq.language import Text, say
from seq2seq.training import sample_rows
from seq2seq.ui import html
from seq2seq.ui.assets import asset, chart_scripts
from seq2seq.ui.history import rows, score_texts
from seq2seq.ui.lab import Lab
from seq2seq.ui.languages import template
from seq2seq.ui.names import longer_title
from seq2seq.ui.story import first, tell

PLOTLY_JS = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
PLOTLY_URL = f"plotly-{plotly.__version__}.min.js"
THIS_SERVER = secrets.token_urlsafe(6)
ELSEWHERE = Text("This model is pre-trained, so there is no curve to draw. Its scores are below; "
                 "train one yourself to watch it learn.")
GONE = Text("This run is no longer available (the server was restarted). Train it again with the "
            "same settings.")


def plotly_route() -> Route:
    """Where the page finds Plotly's own JavaScript: the file in the installed Python package.

    Gradio could serve it too, but by its path, which is nobody's business.
    """
    headers = {"Cache-Control": "public, max-age=86400"}
    return Route(f"/{PLOTLY_URL}", lambda _: FileResponse(PLOTLY_JS, headers=headers))


def live_component(lab: Lab) -> gr.HTML:
    """The component. Its value is made by `follow`; it fires `finished` and `again`."""

    async def points(question: Any) -> dict[str, Any]:
        # On the event loop, without queue and threads: reading is a matter of microseconds.
        return news(lab, question)

    return gr.HTML(
        value=follow(lab, None, []),
        html_template=template("live.html").replace("<!-- scores -->", html.score_cards({})),
        head=f'<script src="{PLOTLY_URL}"></script>',
        js_on_load=chart_scripts() + asset("live.js"),
        server_functions=[points], apply_default_css=False, elem_id="live")


def follow(lab: Lab, run: Run | None, others: list[Run], fresh: bool = False) -> dict[str, Any]:
    """The value that makes the component follow `run`, with the curves of earlier runs below.

    `fresh`: the run was started just now, so the page may bring its chart into view.
    """
    empty = {"source": "…", "cells": [["", "missing", ""]] * 5, "verdict": ""}
    value = {"run": "", "fresh": fresh, "say": say("No model has been trained yet."),
             "rows": [empty] * 3, "scores": score_texts({}), "titles": html.score_words(
                 html.SCORES["longer"][0] if run is None else longer_title(run.recipe))}
    if run is None:
        return {**value, "figure": as_json(loss_curves()), "story": asdict(first())}
    # A run that is continued is another job, so that the page follows it once more. Jobs are
    # counted from one again after a restart.
    value |= {"run": run.id, "job": f"{THIS_SERVER}/{run.job_id}", "story": None,
              "say": say("Starting…")}
    earlier = lab.histories.overlays(run, others)
    if not run.events and not run.is_active:  # it was trained elsewhere: all there is, at once
        value |= {"figure": as_json(loss_curves(note=say(ELSEWHERE))),
                  "scores": score_texts(lab.histories.of(run).scores)}
        with suppress(BusyError), lab.turn():  # then the rows stay empty
            experiment = lab.experiment_for(run)
            value |= {"rows": rows(sample_rows(experiment.model, experiment.splits),
                                   experiment.task), "held_out": bool(experiment.splits.new)}
        return value
    curve = Curve(num_epochs=run.recipe.train.num_epochs)
    return {**value, "figure": as_json(loss_curves(curve, earlier))}


def as_json(figure: Any) -> dict[str, Any]:
    """A figure as the page takes it."""
    return json.loads(figure.to_json())


def news(lab: Lab, question: Any) -> dict[str, Any]:
    """What has happened to a run since the page last heard of it.

    `question` is [run id, number of points that the page has, last epoch that it has]; a page
    that has nothing sends 0 and -1 and gets the whole history.
    """
    try:
        run_id, num_points, epoch = question
        num_points, epoch = max(0, int(num_points)), float(epoch)
        run = lab.runs.get(str(run_id))
        lab.runs.watch(run.id)
    except (TypeError, ValueError, OverflowError) as problem:
        gone = isinstance(problem, RunGoneError)
        return {"active": False, "status": "gone" if gone else "unknown", "say": say(GONE)}
    # The status first: a run that has ended is known to have all its points.
    status, active = run.status, run.is_active
    if run.is_stopping:  # where it stands is on its way: wait for that
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
        story = tell(run, lab.histories, lab.runs.of(run.owner))
        answer["story"] = asdict(story) if story else None
    return answer
