"""The endpoints that train, whose parameters are the settings of `config.py`.

Gradio documents an endpoint by its handler's signature and docstring. Both are generated here from
the fields of `ModelConfig` and `TrainConfig`, so a new setting needs no change in this file.
"""

import asyncio
import inspect
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import fields
from typing import Any

import gradio as gr

from seq2seq.config import ModelConfig, Setting, TrainConfig, settings
from seq2seq.errors import InputError, Seq2SeqError
from seq2seq.jobs.runs import Run
from seq2seq.recipe import Recipe
from seq2seq.tasks import get_task
from seq2seq.training.estimate import estimate
from seq2seq.ui.lab import Lab

POLL_SECONDS = 0.5  # between two checks for new events of a run
PARAMETER_NAMES = {"num_epochs": "epochs"}  # setting -> parameter, where the names differ
CONFIGS = (ModelConfig, TrainConfig)
SUMMARY = "Train a model, and stream its losses."


def make_train(lab: Lab, owner_of: Callable[[gr.Request], str],
               describe: Callable[[Run], dict]) -> Callable[..., AsyncIterator[dict]]:
    """The handler of `train`; `describe` returns the JSON that is streamed for a run."""

    async def train(request: gr.Request, text: str = "", task: str = "reverse",
                    *values: Any) -> AsyncIterator[dict]:
        try:
            if not isinstance(text, str):
                raise InputError("The text must contain pairs, one “source -> target” per line.")
            model, config = read_settings(values)
            name = "pairs" if text.strip() else get_task(task).name
            recipe = Recipe(name, model, config, text)
            # In a thread: reading a large table would block the event loop.
            await asyncio.to_thread(estimate, recipe)
            run = lab.submit(owner_of(request), recipe)
        except Seq2SeqError as problem:
            raise gr.Error(str(problem), print_exception=False) from None
        async with aclosing(follow(lab, run, describe)) as states:
            async for state in states:
                yield state

    written = inspect.signature(train)
    train.__signature__ = written.replace(parameters=[  # type: ignore[attr-defined]
        *(p for p in written.parameters.values() if p.name != "values"), *parameters()])
    train.__annotations__ |= {p.name: p.annotation for p in parameters()}
    train.__doc__ = "\n".join([
        SUMMARY, "", "Parameters:",
        '    text: your own pairs, one "source -> target" per line; empty: use `task`',
        "    task: a task, by the name that the endpoint tasks lists",
        *(f"    {PARAMETER_NAMES.get(name, name)}: {help_line(what)}"
          for config in CONFIGS for name, what in settings(config).items())])
    return train


def make_resume(lab: Lab, find: Callable[[Any, gr.Request], Run],
                describe: Callable[[Run], dict]) -> Callable[..., AsyncIterator[dict]]:
    """The handler of `resume`; `find` returns the run of a model_id, or the caller's newest run."""

    async def resume(request: gr.Request, model_id: str = "") -> AsyncIterator[dict]:
        """Continue a stopped or interrupted training run, and stream its losses.

        Parameters:
            model_id: the id returned by train; empty: the newest model of this session
        """
        try:
            run = await asyncio.to_thread(lab.resume, find(model_id, request))
        except Seq2SeqError as problem:
            raise gr.Error(str(problem), print_exception=False) from None
        async with aclosing(follow(lab, run, describe)) as states:
            async for state in states:
                yield state

    return resume


async def follow(lab: Lab, run: Run, describe: Callable[[Run], dict]) -> AsyncGenerator[dict]:
    """Yield `describe(run)` after each change, until the run ends.

    If the caller disconnects, the run is stopped. gr.Error if the run fails.
    """
    try:
        sent = None
        while True:
            active = run.is_active
            lab.runs.watch(run.id)
            state = (run.status, len(run.events))
            if state != sent:
                sent = state
                yield describe(run)
            if not active:
                break
            await asyncio.sleep(POLL_SECONDS)
    finally:  # also when the caller disconnects: only the caller receives this run's losses
        lab.runs.stop(run.id)
    if run.status == "failed":
        raise gr.Error(run.error, print_exception=False)


def parameters() -> list[inspect.Parameter]:
    """One for each setting, with its default and type; those of `ModelConfig` come first."""
    return [inspect.Parameter(PARAMETER_NAMES.get(f.name, f.name),
                              inspect.Parameter.POSITIONAL_OR_KEYWORD, default=f.default,
                              annotation=f.type)
            for config in CONFIGS for f in fields(config)]


def read_settings(values: tuple[Any, ...]) -> tuple[ModelConfig, TrainConfig]:
    """The configs with these `values`, which are in the order of `parameters`.

    ConfigError if a value is out of its range.
    """
    num_model = len(fields(ModelConfig))
    names = [f.name for config in CONFIGS for f in fields(config)]
    given = list(zip(names, values, strict=True))
    return ModelConfig(**dict(given[:num_model])), TrainConfig(**dict(given[num_model:]))


def help_line(what: Setting) -> str:
    """A setting's help and its allowed values, in one line."""
    allowed = ", ".join(what.choices)
    if what.low is not None:
        allowed = f"{what.low:g} to {what.high:,.10g}".replace(",", "")
    if what.max_characters:
        allowed = f"text of at most {what.max_characters} characters"
    return " ".join(f"{what.help} [{allowed or 'true or false'}]".split())
