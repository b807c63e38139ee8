"""The server's log: one JSON object per line, without typed text.

    {"time": "2026-03-07T10:11:12.345Z", "level": "info", "event": "run ended", "run": "kJ3x_a", …}

A run's id gives access to the run, so only its first characters are logged. An error is logged as
its type and traceback, without its message, which may quote typed text.
"""

import json
import logging
import sys
import threading
import time
import traceback
from collections import Counter
from typing import Any, TextIO

from seq2seq.jobs.scheduler import where

MINUTE = 60.0
FOREIGN_LINES = 20  # per minute and logger of another package

PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

log = logging.getLogger(__name__)
num_logged = Counter[str]()  # lines so far, by level


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON; the keys of `extra` are added to it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without a newline."""
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line = {"time": f"{seconds}.{int(record.msecs):03d}Z", "level": record.levelname.lower(),
                "event": record.getMessage(), "from": record.name,
                **{key: value for key, value in vars(record).items() if key not in PLAIN}}
        if record.exc_info and isinstance(record.exc_info[1], Exception):
            line["fault"] = where(record.exc_info[1])
        num_logged[line["level"]] += 1
        return json.dumps(line, ensure_ascii=False, default=str)


class Foreign(logging.Filter):
    """Limits the lines of other packages per minute, and removes what may quote typed text."""

    def __init__(self) -> None:
        super().__init__()
        self._since: dict[str, float] = {}
        self._count = Counter[str]()
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to log this record, which is reduced to its first line without arguments."""
        with self._lock:
            if record.created - self._since.get(record.name, 0.0) > MINUTE:
                untold = self._count[record.name] - FOREIGN_LINES
                self._since[record.name], self._count[record.name] = record.created, 0
                if untold > 0:
                    record.untold = untold
            self._count[record.name] += 1
            if self._count[record.name] > FOREIGN_LINES:
                return False
        lines = str(record.msg).splitlines() or [""]
        record.msg, record.args = lines[0][:200], ()
        return True


def start_logging(stream: TextIO = sys.stderr) -> None:
    """Write all log records of this process to `stream`, and uncaught errors as well.

    It also replaces `traceback.print_exc`, by which Gradio prints errors: for a call with too few
    inputs it would print the inputs.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    ours = logging.getLogger("seq2seq")
    ours.handlers[:] = [handler]
    ours.setLevel(logging.INFO)
    ours.propagate = False
    other = logging.StreamHandler(stream)
    other.setFormatter(JsonLines())
    other.addFilter(Foreign())
    root = logging.getLogger()
    root.handlers[:] = [h for h in root.handlers if not isinstance(h.formatter, JsonLines)]
    root.addHandler(other)
    foreign_logging()
    logging.captureWarnings(True)
    traceback.print_exc = _log_exception
    sys.excepthook = lambda kind, error, _: _uncaught(error)
    threading.excepthook = lambda args: _uncaught(args.exc_value)


def foreign_logging() -> None:
    """Remove the handlers of uvicorn's loggers, so that the root logger writes their records."""
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers[:] = []
        logger.propagate = True
    logging.getLogger("uvicorn").setLevel(logging.WARNING)


def _uncaught(error: BaseException | None) -> None:
    if isinstance(error, Exception):
        log.error("uncaught error", exc_info=error)


def _log_exception(*_: Any, **__: Any) -> None:
    """Replaces `traceback.print_exc` in this process."""
    log.exception("a call failed")
