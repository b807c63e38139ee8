"""The log: one JSON object a line, and nothing that anybody has typed."""

import io
import json
import logging
import sys
import threading
import time
import traceback

import httpx
import pytest
from conftest import free_port, start_app

from seq2seq.jobs.logs import start_logging


@pytest.fixture
def log(monkeypatch):
    """What is written from now on; afterwards all is as it was."""
    ours, root = logging.getLogger("seq2seq"), logging.getLogger()
    before = ours.handlers[:], ours.level, ours.propagate
    others = root.handlers[:]
    for owner, name in ((sys, "excepthook"), (threading, "excepthook"), (traceback, "print_exc")):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    stream = io.StringIO()
    start_logging(stream)
    yield stream
    ours.handlers[:], ours.level, ours.propagate = before
    root.handlers[:] = others
    logging.captureWarnings(False)


def test_an_error_is_a_line_without_its_message(log):
    typed = "typed by" + " somebody"  # not in the line that is quoted
    try:
        raise ValueError(typed)
    except ValueError:
        traceback.print_exc()  # as libraries do
    [line] = map(json.loads, log.getvalue().splitlines())
    assert line["level"] == "error"
    assert "ValueError" in line["fault"]
    assert "test_logs" in line["fault"]
    assert "typed by" not in log.getvalue()


def test_a_call_that_gradio_refuses_leaves_nothing_typed_in_the_log(tmp_path):
    port = free_port()
    said = tmp_path / "log"
    with said.open("wb") as stream:
        app = start_app(port, stderr=stream)
        try:
            url = f"http://127.0.0.1:{port}/gradio_api/call/train"
            event = httpx.post(url, json={"data": ["typed by somebody"]}).json()["event_id"]
            assert "error" in httpx.get(f"{url}/{event}", timeout=60).text
            until = time.monotonic() + 20
            while b"a call failed" not in said.read_bytes() and time.monotonic() < until:
                time.sleep(0.1)
        finally:
            app.terminate()
            app.wait(20)
    text = said.read_text(encoding="utf-8")
    assert "a call failed" in text
    assert "typed by" not in text
    assert all(isinstance(json.loads(line), dict) for line in text.splitlines())
