"""What the server writes to its log: one JSON object a line, and nothing that anybody has typed.

    {"time": "2026-03-07T10:11:12.345Z", "level": "info", "event": "run ended", "run": "kJ3x_a", …}

A run's id would open it, so that only its beginning is written. Of an error, its kind and the lines
it came from: its message may quote what somebody has typed.
"""

import json
import logging
import sys
import time
import traceback
from collections import Counter
from typing import Any, TextIO

from seq2seq.line import where

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


def start_logging(stream: TextIO = sys.stderr) -> None:
    """Let everything that this package has to say go to `stream`, line by line.

    So do the errors that Gradio prints: of a call with too few inputs it would print the others.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    ours = logging.getLogger("seq2seq")
    ours.handlers[:] = [handler]
    ours.setLevel(logging.INFO)
    ours.propagate = False
    traceback.print_exc = _tell


def _tell(*_: Any, **__: Any) -> None:
    """Stands for `traceback.print_exc` in everything that runs here."""
    log.exception("a call failed")
