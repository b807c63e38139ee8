"""What the server writes to its log: one JSON object a line, and nothing that anybody has typed.

    {"time": "2026-03-07T10:11:12.345Z", "level": "info", "event": "run ended", "run": "kJ3x_a", …}

A run's id would open it, so that only its beginning is written. Of an error, its kind and the lines
it came from: its message may quote what somebody has typed.
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
FOREIGN_LINES = 20  # a minute, of each logger of another package

PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

log = logging.getLogger(__name__)
num_logged = Counter[str]()  # lines so far, by level


class JsonLines(logging.Formatter):
    """One record as one line of JSON; what was given as `extra` stands beside the event."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line = {"time": f"{moment}.{int(record.msecs):03d}Z", "level": record.levelname.lower(),
                "event": record.getMessage(), "from": record.name,
                **{key: value for key, value in vars(record).items() if key not in PLAIN}}
        if record.exc_info and isinstance(record.exc_info[1], Exception):
            line["fault"] = where(record.exc_info[1])
        num_logged[line["level"]] += 1
        return json.dumps(line, ensure_ascii=False, default=str)


class Foreign(logging.Filter):
    """What other packages log: a few lines a minute of each, without what these may quote."""

    def __init__(self) -> None:
        super().__init__()
        self._since: dict[str, float] = {}
        self._count = Counter[str]()
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this record is written. Its arguments and further lines never are."""
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
    """Let everything that is logged in this process go to `stream`, line by line.

    So do the errors that Gradio prints, of a call with too few inputs it would print the others,
    and those that nobody has caught.
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
    traceback.print_exc = _tell
    sys.excepthook = lambda kind, error, _: _uncaught(error)
    threading.excepthook = lambda args: _uncaught(args.exc_value)


def foreign_logging() -> None:
    """Let loggers that have set up their own output go the common way."""
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers[:] = []
        logger.propagate = True
    logging.getLogger("uvicorn").setLevel(logging.WARNING)


def _uncaught(error: BaseException | None) -> None:
    if isinstance(error, Exception):
        log.error("an error that nobody has caught", exc_info=error)


def _tell(*_: Any, **__: Any) -> None:
    """Stands for `traceback.print_exc` in everything that runs here."""
    log.exception("a call failed")
