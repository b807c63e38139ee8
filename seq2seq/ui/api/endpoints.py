"""The endpoints for programs: train, resume, stop, status, predict, save, load and others.

They use the same recipes, runs and checks as the page. Without a `model_id`, an endpoint uses the
newest model of the caller's session. With a `model_id`, it works from any session: the id cannot be
guessed, and everyone who has it may use the model. From Python:

    from gradio_client import Client
    lab = Client("http://127.0.0.1:7860")
    for event in lab.submit(task="reverse", epochs=5, api_name="/train"):
        print(event["losses"])
    print(lab.predict("3 1 4 1 5", api_name="/predict"))
"""

import secrets
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import gradio as gr

from seq2seq.decoding.greedy import Prediction
from seq2seq.errors import CheckpointError, InputError, RunGoneError, Seq2SeqError
from seq2seq.experiment import Experiment
from seq2seq.files.checkpoint import SUFFIX, dump_weights
from seq2seq.jobs.runs import Run
from seq2seq.tasks import TASKS
from seq2seq.training.events import EpochEnd
from seq2seq.ui.api.mcp import is_tool_call
from seq2seq.ui.api.training import make_resume, make_train
from seq2seq.ui.gradio_internals import save_served_file
from seq2seq.ui.lab import Lab
from seq2seq.ui.sharing.download import zip_of
from seq2seq.ui.tabs.side_by_side import as_csv

NO_MODEL = ("This session has no model yet: call train first, or pass the model_id that train "
            "returned.")
F = TypeVar("F", bound=Callable[..., Any])


def with_api_errors(handler: F) -> F:
    """Decorator: raise a `Seq2SeqError` as `gr.Error`, so that the caller receives its message."""
    @wraps(handler)
    def guarded(*args: Any, **kw: Any) -> Any:
        try:
            return handler(*args, **kw)
        except Seq2SeqError as problem:
            raise gr.Error(str(problem), print_exception=False) from None
    return guarded  # type: ignore[return-value]


def add_api(lab: Lab) -> None:
    """Add all endpoints to the page; call it inside its `gr.Blocks`."""

    def find(model_id: Any, request: gr.Request) -> Run:
        if not isinstance(model_id, str):
            raise InputError("The model_id must be text: pass the one that train returned.")
        if model_id:
            return lab.runs.get(model_id)
        run = lab.newest(owner_of(request))
        if run is None:
            raise RunGoneError(NO_MODEL)
        return run

    def answer(text: str, model_id: str, request: gr.Request) -> Prediction:
        run = find(model_id, request)
        with lab.turn():
            prediction = lab.experiment_for(run).predict(text)
        lab.num_predictions += 1
        return prediction

    @with_api_errors
    def predict(request: gr.Request, text: str = "3 1 4 1 5", model_id: str = "") -> dict:
        """Return a model's answer to a sequence, and the correct answer where it is known.

        Parameters:
            text: the input sequence, in the notation of the model's task
            model_id: the id returned by train or load; empty: the newest model of this session
        """
        p = answer(text, model_id, request)
        return {"source": " ".join(p.source), "prediction": " ".join(p.tokens),
                "target": None if p.target is None else " ".join(p.target),
                "is_correct": p.is_correct, "finished": p.finished, "log_prob": p.log_prob}

    @with_api_errors
    def inspect(request: gr.Request, text: str = "3 1 4 1 5", model_id: str = "") -> dict:
        """Return a model's answer, with the likeliest tokens and the attention of each step.

        Parameters:
            text: the input sequence, in the notation of the model's task
            model_id: the id returned by train or load; empty: the newest model of this session
        """
        p = answer(text, model_id, request)
        return {"source": " ".join(p.source), "prediction": " ".join(p.tokens),
                "positions": list(p.positions), "steps": [
                    {"read": step.read, "token": step.token, "log_prob": step.log_prob,
                     "top": [list(one) for one in step.top],
                     "attention": None if step.attention is None else step.attention.tolist()}
                    for step in p.steps]}

    @with_api_errors
    def stop(request: gr.Request, model_id: str = "") -> dict:
        """Stop a training run, and keep its current weights.

        If other visitors share the training, the weights of its last complete epoch are kept.

        Parameters:
            model_id: the id returned by train; empty: the newest model of this session
        """
        run = find(model_id, request)
        lab.runs.stop(run.id)
        return describe(run)

    @with_api_errors
    def status(request: gr.Request, model_id: str = "") -> dict:
        """Return the progress of a training run and its losses so far.

        Parameters:
            model_id: the id returned by train; empty: the newest model of this session
        """
        return describe(find(model_id, request))

    @with_api_errors
    def save(request: gr.Request, model_id: str = "") -> gr.FileData:
        """Return a model as a file: safetensors, with its recipe in the header.

        Parameters:
            model_id: the id returned by train or load; empty: the newest model of this session
        """
        run = find(model_id, request)
        with lab.turn():
            return save_file(lab.experiment_for(run))

    @with_api_errors
    def take_home(request: gr.Request, model_id: str = "", text: str = "") -> gr.FileData:
        """Return a whole run as a zip: model, history, and a program that trains it again.

        Parameters:
            model_id: the id returned by train; empty: the newest model of this session
            text: the input that the program answers at its end; empty: an example of the task
        """
        run = find(model_id, request)
        if not isinstance(text, str):
            raise InputError("The text must be a string: an input sequence of the model's task.")
        if text.strip():
            run.recipe.make_task().parse(text)  # raises InputError; `zip_of` would use an example
        with lab.turn():
            blob = zip_of(run, text)
        return serve(blob, f"seq2seq-{run.recipe.task}.zip")

    @with_api_errors
    def export(request: gr.Request, model_id: str = "", answers: str = "new") -> gr.FileData:
        """Return a model's answers and the correct ones as CSV.

        Parameters:
            model_id: the id returned by train or load; empty: the newest model of this session
            answers: the set of examples: memorised (seen in training), new or longer
        """
        run = find(model_id, request)
        table = as_csv(lab.answers(run, str(answers)), run.recipe.make_task())
        return serve(table.encode("utf-8", "replace"), f"{run.recipe.task}-answers.csv")

    @with_api_errors
    def load(request: gr.Request, checkpoint: gr.FileData) -> dict:
        """Open a model file that save returned, as the newest model of this session.

        Parameters:
            checkpoint: the uploaded file
        """
        return describe(lab.open_file(owner_of(request), uploaded_path(checkpoint)))

    def tasks() -> list[dict]:
        """List the tasks that a model can be trained on."""
        return [{"name": t.name, "title": t.title, "summary": t.summary, "example": t.example}
                for t in TASKS]

    # Fewer than the server's limit of runs, so that visitors of the page can still train.
    max_training_calls = lab.runs.limits.training_calls
    for trains in (make_train(lab, owner_of, describe), make_resume(lab, find, describe)):
        gr.api(trains, api_name=trains.__name__, concurrency_limit=max_training_calls)
    for handler in (predict, inspect, stop, status, save, take_home, export, load, tasks):
        gr.api(handler, api_name=handler.__name__)


def owner_of(request: gr.Request) -> str:
    """The owner of the runs that a call starts, and may use without a `model_id`.

    That is the caller's Gradio session. Agents share one session, so each of their calls has an
    owner of its own.
    """
    if is_tool_call(request):
        return f"agent {secrets.token_urlsafe(16)}"
    return f"api {request.session_hash}"


def describe(run: Run) -> dict:
    """A run as JSON: its status, and its losses in nats per token, one per finished epoch."""
    epochs = [e for e in run.events if isinstance(e, EpochEnd)]
    last = run.scored or (epochs[-1] if epochs else None)
    return {"model_id": run.id, "status": run.status, "error": run.error, "note": run.words,
            "epoch": last.epoch if last else 0,
            "num_epochs": run.recipe.train.num_epochs,
            "losses": [e.train_loss for e in epochs],
            "held_out_losses": [e.held_out_loss for e in epochs],
            "scores": last.scores if last else {}}


def save_file(experiment: Experiment) -> gr.FileData:
    """The model as a file that Gradio may serve. CheckpointError if the disk is full."""
    recipe = experiment.recipe
    name = f"{recipe.task}-{recipe.model.cell}-{recipe.model.hidden_size}{SUFFIX}"
    return serve(dump_weights(experiment.model, recipe), name)


def serve(blob: bytes, name: str) -> gr.FileData:
    """Save a file that Gradio serves until `hosting.uploads` deletes it.

    CheckpointError if the disk is full.
    """
    try:
        path = save_served_file(blob, name)
    except OSError as problem:
        raise CheckpointError(f"The file could not be saved ({problem.strerror}). Try again "
                              "later, or ask the server's operator to free disk space.") from None
    return gr.FileData(path=path, orig_name=name)


def uploaded_path(file: Any) -> Path:
    """The path of an uploaded file. Gradio has checked that it is in the folder of uploads."""
    is_file = isinstance(file, dict) and isinstance(file.get("meta"), dict)
    if not is_file or file["meta"].get("_type") != "gradio.FileData" or not file.get("path"):
        raise CheckpointError("No file was given: upload a .safetensors file that save returned, "
                              "and pass the value that the upload returned.")
    return Path(file["path"])
