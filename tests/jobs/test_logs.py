"""The log: one JSON object per line, without typed text."""

import io
import json
import logging
import sys
import threading
import time
import traceback

import pytest

from seq2seq.jobs.logs import FOREIGN_LINES, MINUTE, start_logging


@pytest.fixture
def log(monkeypatch):
    """The lines logged inside the block; the configuration is restored afterwards."""
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


def test_another_package_writes_few_lines_a_minute_and_says_how_many_were_left_out(log):
    """1,100 half-open connections once made 337 MB of log in 70 seconds."""
    other = logging.getLogger("asyncio")
    for number in range(500):
        other.error("socket.accept() out of system resource %s", number)
    assert len(log.getvalue().splitlines()) == FOREIGN_LINES
    later = logging.makeLogRecord({"name": "asyncio", "levelno": logging.ERROR, "msg": "later",
                                   "levelname": "ERROR", "created": time.time() + 2 * MINUTE})
    other.handle(later)
    last = json.loads(log.getvalue().splitlines()[-1])
    assert (last["event"], last["untold"]) == ("later", 500 - FOREIGN_LINES)
