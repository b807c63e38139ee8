"""Shared fixtures: small models of every kind, the running app, and a browser."""

import itertools
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx
import pytest
import torch
from hypothesis import settings

from seq2seq import TASKS, Experiment, ModelConfig, TrainConfig
from seq2seq.jobs.limits import Limits
from seq2seq.jobs.runs import Runs
from seq2seq.models.attention import ATTENTIONS
from seq2seq.models.cells import CELLS
from seq2seq.tasks.tables import parsing

settings.load_profile("ci")  # the same examples every time, however slow the machine
torch.set_num_threads(1)  # for models this small, more threads only wait for each other
ROOT = Path(__file__).parent.parent
# Files that take longest, first: a file that begins last keeps the other processes waiting.
LONGEST = ["test_browser_lessons", "test_browser_restarts", "test_browser_gallery", "test_browser",
           "test_browser_axe", "test_ray_workers", "test_open_pages", "test_speaker_adaptation",
           "test_app_process", "test_workers", "test_cli"]
BROWSERS = ("gw0",)  # the process that runs browser tests before all others
SMALL = TrainConfig(num_epochs=2, num_examples=60, max_length=5, batch_size=16, seed=3)
KINDS = [*itertools.product(CELLS, ATTENTIONS), ("transformer", "dot")]


def small_model(cell: str = "gru", attention: str = "none", **more) -> ModelConfig:
    plain = {"cell": cell, "attention": attention, "hidden_size": 12, "bidirectional": False}
    return ModelConfig(**{**plain, **more})


# Every kind of model with the first task, and every task with two kinds, which take turns: what
# holds for a kind holds for it with every task.
KINDS_AND_TASKS = list(dict.fromkeys([
    *((kind, "reverse") for kind in KINDS),
    *((KINDS[(i + shift) % len(KINDS)], task.name)
      for i, task in enumerate(TASKS) for shift in (0, 7))]))
each_kind_and_task = pytest.mark.parametrize(
    ("model", "task"), [(small_model(*kind), task) for kind, task in KINDS_AND_TASKS],
    ids=["-".join((*kind, task)) for kind, task in KINDS_AND_TASKS])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files come first."""
    ranks = {name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path.stem, len(ranks)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log):
    """With `-n`, each process takes the next file: what a file shares is made once.

    Two browsers at once, with their servers and trainings, need more than two cores. So with
    `-n 2`, one process begins with the browser tests and the other with the rest.
    """
    from xdist.scheduler import LoadFileScheduling

    class BrowsersFirst(LoadFileScheduling):
        def _assign_work_unit(self, node) -> None:
            first = next((file for file in self.workqueue
                          if ("browser" in file) == (node.gateway.id in BROWSERS)), None)
            if first is not None:
                self.workqueue.move_to_end(first, last=False)
            super()._assign_work_unit(node)

    config.option.loadscopereorder = False  # in the order above
    return BrowsersFirst(config, log)


@pytest.fixture(autouse=True)
def import_path() -> Iterator[None]:
    """Restore `sys.path` after a test that runs a program."""
    before = sys.path[:]
    yield
    sys.path[:] = before


@pytest.fixture(autouse=True)
def limits_of_a_table() -> Iterator[None]:
    """Restore the limits that a `Lab` sets for its process."""
    before = parsing.allowed()
    yield
    parsing.allow(before)


@pytest.fixture(params=KINDS, ids=lambda kind: "-".join(kind))
def any_model(request) -> ModelConfig:
    """Every cell with every attention, and the Transformer."""
    return small_model(*request.param)


@pytest.fixture
def small_experiment(any_model) -> Experiment:
    """An untrained experiment of every kind."""
    return Experiment("reverse", any_model, SMALL)


@pytest.fixture(scope="session")
def trained() -> Experiment:
    """A trained model with attention that reverses short sequences."""
    experiment = Experiment("reverse", ModelConfig(attention="additive", hidden_size=48))
    for _ in experiment.fit(TrainConfig(num_epochs=8, num_examples=2000, min_length=2,
                                        max_length=6, seed=1)):
        pass
    return experiment


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def start_app(port: int, stderr: IO[bytes] | None = None, stdout: IO[bytes] | None = None,
              **variables: str) -> subprocess.Popen:
    """The real app in a process, started as the README describes, once it answers."""
    env = {**os.environ, "GRADIO_SERVER_PORT": str(port), "GRADIO_ANALYTICS_ENABLED": "False",
           **variables}
    app = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=env, stderr=stderr,
                           stdout=stdout)
    until = time.monotonic() + 120
    while True:
        try:
            httpx.get(f"http://127.0.0.1:{port}/gradio_api/info", timeout=10)
            return app
        except httpx.HTTPError:
            assert app.poll() is None, "the app ended instead of starting"
            if time.monotonic() > until:
                app.kill()
                raise AssertionError("the app did not start within two minutes") from None
            time.sleep(0.2)


@contextmanager
def running_app(port: int) -> Iterator[str]:
    """The address of the app."""
    app = start_app(port)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        app.terminate()
        app.wait(20)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of one app for all tests."""
    with running_app(free_port()) as url:
        yield url


@pytest.fixture(scope="session")
def chromium() -> Iterator:
    """The system's Chromium, headless. Without one, browser tests explain how to install it."""
    from playwright.sync_api import expect, sync_playwright
    expect.set_options(timeout=20_000)  # ms: a page beside other work may take its time to answer
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        how = "no Chromium found: install the system's package, e.g. apt-get install chromium"
        (pytest.fail if os.environ.get("REQUIRE_BROWSER") else pytest.skip)(how)
    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
             "--disable-component-update", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@contextmanager
def visit(chromium, server: str, query: str = "", ready: str = "[role=tab]") -> Iterator:
    """The app in a fresh browser profile. Script errors and requests to other sites fail the test.

    `ready` is the selector of an element that appears when the page is ready.
    """
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(30_000)
    elsewhere, errors = [], []
    page.on("request", lambda r: None if r.url.startswith((server, "data:", "blob:"))
            else elsewhere.append(r.url))
    page.on("pageerror", lambda e: errors.append(str(e)))
    page.goto(server + query)
    page.wait_for_selector(ready)
    yield page
    context.close()
    assert elsewhere == []
    assert errors == []


@pytest.fixture
def page(chromium, server) -> Iterator:
    """The app as a new visitor sees it."""
    with visit(chromium, server) as page:
        yield page


@pytest.fixture(scope="module")
def module_page(chromium, server) -> Iterator:
    """A page for all tests of a file: see `same_page`."""
    with visit(chromium, server) as page:
        yield page


@pytest.fixture
def same_page(module_page):
    """The page on its first tab, as the test before has left it.

    For tests that set all that they look at: to load a page takes five seconds of computing.
    """
    module_page.set_viewport_size({"width": 1280, "height": 900})
    module_page.get_by_role("tab").first.click()
    return module_page


@pytest.fixture
def empty_page(chromium) -> Iterator:
    """A page in a fresh browser profile, for tests that open an address of their own."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page, errors = context.new_page(), []
    page.set_default_timeout(30_000)
    page.on("pageerror", lambda e: errors.append(str(e)))
    yield page
    context.close()
    assert errors == []


# Workers that run the small jobs of `jobs_for_tests`. That module is imported inside the fixtures,
# since the benchmarks import this file without it on `sys.path`.


@pytest.fixture(scope="session")
def notes(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of a file in which the workers' warm-up leaves a note."""
    return str(tmp_path_factory.mktemp("warm-up") / "notes")


@pytest.fixture(scope="session")
def two_workers(notes: str) -> Iterator[Runs]:
    from jobs_for_tests import start
    with Runs(start, limits=Limits(max_active=6), warm_up=("note", notes)) as runs:
        yield runs


@pytest.fixture(scope="session")
def one_worker() -> Iterator[Runs]:
    from jobs_for_tests import start
    warm_up = ("fails", "This warm-up fails, which does no harm.")
    with Runs(start, limits=Limits(num_workers=1, slice_seconds=0.02), warm_up=warm_up) as runs:
        yield runs


def emptied(runs: Runs) -> Runs:
    """The same runs without those of earlier tests, since starting workers takes seconds."""
    for run in list(runs._runs.values()):
        runs.stop(run.id)
    runs._runs.clear()
    return runs


@pytest.fixture
def lab(two_workers: Runs) -> Runs:
    """Two workers, six runs at most."""
    return emptied(two_workers)


@pytest.fixture
def one(one_worker: Runs) -> Runs:
    """One worker with short slices."""
    return emptied(one_worker)
