"""The button “Download this run”: the route that serves a run as a zip (`files.take_home_zip`).

Each request builds the zip in a thread, in memory; the server stores no file. The URL contains the
run's id, which cannot be guessed.
"""

import asyncio
import secrets
from typing import Any
from urllib.parse import urlencode

import gradio as gr
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from seq2seq.errors import BusyError, InputError, RunGoneError, Seq2SeqError
from seq2seq.files.take_home_zip import make_zip
from seq2seq.i18n import LazyText, _
from seq2seq.jobs.runs import Run
from seq2seq.training.events import EpochEnd
from seq2seq.ui.components.asset_files import asset
from seq2seq.ui.components.run_names import has_fault
from seq2seq.ui.http.client_address import address_of
from seq2seq.ui.lab import Lab
from seq2seq.ui.session import MAX_TEXT, QUIET, Session

ADDRESS = "take-home"
NO_HISTORY = LazyText("This model was not trained here, so there is no training to repeat. Train a "
                      "model yourself, and download that run.")
SPOILER = LazyText("This file names the model's bug: open it after your diagnosis.")
CHOOSE = LazyText("No run is selected: train a model, or choose one of your runs.")


def zip_of(run: Run, text: str = "") -> bytes:
    """The zip of a run up to its newest whole epoch; `text` is the input of its program.

    InputError if there is no whole epoch, or if the model was trained elsewhere.
    """
    if run.provenance or not (run.events or run.job_id or run.is_active):
        raise InputError(NO_HISTORY)
    blobs, events = run.blobs, []
    newest = run.whole_epoch
    for event in list(run.events):
        if isinstance(event, EpochEnd) and event.epoch > newest:
            break  # its weights have not arrived yet
        events.append(event)
    return make_zip(run.recipe, blobs[newest] if newest else b"", events, text[:MAX_TEXT])


def take_home_route(lab: Lab) -> Route:
    """The route `take-home?run=ID&text=3+1+4`. Errors are JSON: {"problem": message}."""
    def packed(run: Run, text: str, address: str) -> bytes:
        with lab.turns.hold(address):
            return zip_of(run, text)

    async def answer(request: Request) -> Response:
        asked = request.query_params
        quiet = {"Cache-Control": "no-store"}
        try:
            run = lab.runs.get(asked.get("run", ""))
            blob = await asyncio.to_thread(packed, run, asked.get("text", ""),
                                           address_of(request, lab.runs.limits.proxies))
        except BusyError as problem:
            return JSONResponse({"problem": _(problem)}, 503, quiet)
        except Seq2SeqError as problem:
            code = 404 if isinstance(problem, RunGoneError) else 409
            return JSONResponse({"problem": _(problem)}, code, quiet)
        name = f'attachment; filename="seq2seq-{run.recipe.task}.zip"'
        return Response(blob, headers={**quiet, "Content-Disposition": name},
                        media_type="application/zip")

    return Route(f"/{ADDRESS}", answer)


class TakeHome:
    """The button, and a status line below it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.button = gr.Button(_("Download this run (zip)"), size="md",
                                elem_classes=["quiet", "take-home"])
        self.view = gr.HTML(
            value={}, html_template='<p class="hint said" role="status"></p>',
            js_on_load=asset("js/download.js"), apply_default_css=False)

    def wire(self, text: gr.Textbox) -> None:
        """Connect the button; `text` is the sequence of the first tab."""
        self.button.click(self.ask, [self.session.selected, text], self.view, **QUIET)

    def ask(self, selected: Any, text: Any) -> dict[str, Any]:
        """The URL for the page's script. `turn` makes the value of each press different."""
        run = self.session.lab.find(selected)
        turn = secrets.token_hex(4)
        if run is None:
            return {"turn": turn, "problem": _(CHOOSE)}
        words = urlencode({"run": run.id, "text": str(text)[:MAX_TEXT]}, errors="replace")
        return {"turn": turn, "address": f"{ADDRESS}?{words}",
                "name": f"seq2seq-{run.recipe.task}.zip",
                "note": _(SPOILER) if has_fault(run.recipe) else ""}
