"""Waits for what another process or an event loop does."""

import asyncio
import os
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from seq2seq.jobs.runs import Run, Runs

PATIENCE = 60.0  # seconds; only failing tests wait so long


def wait_until(condition: Callable[[], Any], what: str = "", seconds: float = PATIENCE) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"waited in vain: {what}"
        time.sleep(0.01)


def run_async(coroutine: Coroutine) -> Any:
    """The result of a coroutine.

    `asyncio.run` refuses to work in a thread with an event loop, and Playwright leaves one in a
    process that has driven a browser.
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def ended(run: Run) -> Run:
    wait_until(lambda: not run.is_active, f"the run is still {run.status}")
    return run


def begun(*runs: Run) -> None:
    for run in runs:
        wait_until(lambda run=run: run.events, f"the run is {run.status}, without an event")


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def limit(monkeypatch: pytest.MonkeyPatch, runs: Runs, **limits: float) -> None:
    monkeypatch.setattr(runs, "limits", replace(runs.limits, **limits))
