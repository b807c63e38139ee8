"""(i) How much memory remains in use after 500 sessions and 200 runs, a day of visitors in minutes.

The real app is started as the README describes, but deletes ended runs after seconds instead of an
hour. Its memory is measured after a first wave of visitors, which fills imports, caches and
allocators, and again when all runs of the day have been deleted. Pages are opened, answers
requested and models trained through the endpoints for programs, which use the same lab and the same
sessions as the page's own events.
"""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil

from tests.benchmarks.contest import table

ROOT = Path(__file__).parents[2]
KEEP_SECONDS = 15
AT_ONCE = 6  # visitors
TASKS = ("reverse", "sort", "dates", "scan", "stories", "spoken-digits", "weather", "addition")


class App:
    """The app in a process of its own, on a free port; `variables` are for its environment."""

    def __init__(self, **variables: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env={
            **os.environ, "GRADIO_SERVER_PORT": str(self.port), "GRADIO_ANALYTICS_ENABLED": "False",
            **variables}, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)  # it logs a line for every run
        self.web = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=300)
        self.wait()
        info = self.web.get("/gradio_api/info").json()["named_endpoints"]
        self.parameters = {name: {p["parameter_name"]: p.get("parameter_default")
                                  for p in endpoint["parameters"]}
                           for name, endpoint in info.items()}

    def wait(self) -> None:
        """Wait until it answers; starting takes seconds."""
        for _ in range(600):
            try:
                self.web.get("/gradio_api/app_id")
                return
            except httpx.HTTPError:
                time.sleep(0.2)
        raise RuntimeError("the app did not start")

    def call(self, session: str, name: str, **given: object) -> str:
        """The events that an endpoint streams."""
        data = list({**self.parameters[f"/{name}"], **given}.values())
        event = self.web.post(f"/gradio_api/call/{name}",
                              json={"data": data, "session_hash": session}).json()["event_id"]
        return self.web.get(f"/gradio_api/call/{name}/{event}").text

    def visit(self, number: int, trains: bool) -> None:
        """Open the page and request an answer; optionally train first."""
        session, task = secrets.token_hex(6), TASKS[number % len(TASKS)]
        self.web.get(f"/?task={task}")
        if trains:
            told = self.call(session, "train", task=task, epochs=1, num_examples=200,
                             hidden_size=32, max_length=4, seed=number)
            lines = [json.loads(line[6:]) for line in told.splitlines()
                     if line.startswith("data: ")]
            assert lines[-1][0]["status"] == "done", told[-300:]
            self.call(session, "predict", text="")  # a refusal is an answer, too
            self.call(session, "export")
        self.call(session, "tasks")
        self.call(session, "status")

    def wave(self, num_sessions: int, num_runs: int) -> None:
        """Simulate visitors, with runs spread evenly over them."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for done in [pool.submit(self.visit, i, i * num_runs // num_sessions
                                     != (i + 1) * num_runs // num_sessions)
                         for i in range(num_sessions)]:
                done.result()

    def memory(self) -> tuple[float, float]:
        """Resident MB of the server and of its workers, after the runs were deleted."""
        time.sleep(KEEP_SECONDS + 5)
        server = psutil.Process(self.process.pid)
        workers = sum(p.memory_info().rss for p in server.children(recursive=True))
        return server.memory_info().rss / 1e6, workers / 1e6


def visitors(short: bool) -> str:
    """The table."""
    num_sessions, num_runs = (50, 20) if short else (500, 200)
    app = App(SEQ2SEQ_KEEP_SECONDS=str(KEEP_SECONDS))
    try:
        rest = app.memory()
        app.wave(100, 40)  # each of two workers meets every task
        begin = app.memory()
        app.wave(num_sessions, num_runs)
        end = app.memory()
    finally:
        app.process.terminate()
    rows = [[name, f"{r:,.0f}", f"{a:,.0f}", f"{b:,.0f}", f"{b / a - 1:+.1%}"]
            for name, r, a, b in zip(("server", "workers", "all"),
                                     *((*m, sum(m)) for m in (rest, begin, end)), strict=True)]
    return table(f"Memory after {num_sessions} more sessions and {num_runs} runs (MB resident)",
                 ["", "at rest", "before", "after", "change"], rows)
