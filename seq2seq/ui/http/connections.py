"""Limits of the web server's connections: their number, and the time for sending a request.

Gradio configures neither in uvicorn. uvicorn's own `limit_concurrency` would let a single client
lock out all others by holding silent connections. Here, a new connection beyond the limit closes
the one that has been silent longest.
"""

import asyncio
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol

from seq2seq.jobs.limits import Limits
from seq2seq.jobs.logs import foreign_logging
from seq2seq.ui.gradio_internals import GradioServer, replace_server

SPARE_DESCRIPTORS = 256  # for files and the pipes of workers
BODY_FACTOR = 6  # request_seconds times this for each chunk of a request's body
MIN_CHECK_SECONDS = 0.5  # between two checks of a connection


def limit_connections(limits: Limits, num_descriptors: int) -> None:
    """Apply the limits to the server that Gradio will start, and use our logging for it."""
    most = min(limits.max_connections, max(8, num_descriptors - SPARE_DESCRIPTORS))

    class Protocol(LimitedProtocol):
        max_connections, request_seconds = most, limits.request_seconds

    class Server(GradioServer):
        def __init__(self, config: Config, *args: Any, **kw: Any) -> None:
            config.http = Protocol
            foreign_logging()  # replaces the logging that uvicorn has just set up
            super().__init__(config, *args, **kw)

    replace_server(Server)


class LimitedProtocol(H11Protocol):
    """A connection that is closed if no request arrives in time or a newer one needs its place."""

    max_connections = 1000
    request_seconds = 20.0
    since = 0.0  # when it began to wait for a request, by the event loop's clock
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept a connection; beyond the limit, close the one that has been silent longest."""
        super().connection_made(transport)
        self.since = self.loop.time()
        if len(self.connections) > self.max_connections:
            silent = [c for c in self.connections if isinstance(c, LimitedProtocol) and c.is_silent]
            min(silent, key=lambda c: c.since).abort()  # possibly this one
        self._check()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the timer as well."""
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    @property
    def is_silent(self) -> bool:
        """Whether it waits for a request or for the rest of one."""
        return self.cycle is None or self.cycle.response_complete or self.cycle.more_body

    def abort(self) -> None:
        """Close the connection without sending what is buffered."""
        self.connections.discard(self)
        self.transport.abort()

    def on_response_complete(self) -> None:
        """Start the time limit of the next request."""
        self.since = self.loop.time()
        super().on_response_complete()

    def _check(self) -> None:
        has_begun = self.cycle is not None and not self.cycle.response_complete
        limit = self.request_seconds * (BODY_FACTOR if has_begun else 1)
        if self.is_silent and self.loop.time() - self.since > limit:
            self.abort()
            return
        pause = max(MIN_CHECK_SECONDS, self.request_seconds / 4)
        self._timer = self.loop.call_later(pause, self._check)
