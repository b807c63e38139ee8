"""The web server's connections: bounded in number, none may stay half-open.

Gradio gives uvicorn neither a cap nor a time within which a request has to arrive. uvicorn's own
`limit_concurrency` would refuse everybody as soon as a stranger holds enough silent connections.
Here the connection that has been silent for longest makes way for the next visitor.
"""

import asyncio
from typing import Any

import gradio.http_server
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol

from seq2seq.jobs.limits import Limits
from seq2seq.jobs.logs import foreign_logging

SPARE = 256  # descriptors for files, workers' pipes and the like
SLOW_BODY = 6  # times the time for a request, while the body of one arrives
WORTH_A_LOOK = 0.5  # s between two looks for the time that a request takes to arrive


def bound(limits: Limits, num_descriptors: int) -> None:
    """Let the server that Gradio starts hold so many connections, and log as we do."""
    most = min(limits.max_connections, max(8, num_descriptors - SPARE))

    class Protocol(BoundedProtocol):
        most_connections, request_seconds = most, limits.request_seconds

    class Server(_GradioServer):
        def __init__(self, config: Config, *args: Any, **kw: Any) -> None:
            config.http = Protocol
            foreign_logging()  # uvicorn has just set up its own
            super().__init__(config, *args, **kw)

    gradio.http_server.Server = Server  # type: ignore[misc]


_GradioServer: Any = gradio.http_server.Server


class BoundedProtocol(H11Protocol):
    """A connection that ends if no whole request arrives in time, or if others need its place."""

    most_connections = 1000
    request_seconds = 20.0
    since = 0.0  # when it began to wait for a request, by the loop's clock
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, in the place of one that is silent if there are too many."""
        super().connection_made(transport)
        self.since = self.loop.time()
        if len(self.connections) > self.most_connections:
            silent = [c for c in self.connections if isinstance(c, BoundedProtocol) and c.is_silent]
            min(silent, key=lambda c: c.since).give_up()  # if need be, itself
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timer, too."""
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    @property
    def is_silent(self) -> bool:
        """Whether it waits for a request, or for the rest of one."""
        return self.cycle is None or self.cycle.response_complete or self.cycle.more_body

    def give_up(self) -> None:
        """Close it now."""
        self.connections.discard(self)
        self.transport.abort()

    def on_response_complete(self) -> None:
        """The time for the next request begins."""
        self.since = self.loop.time()
        super().on_response_complete()

    def _watch(self) -> None:
        has_begun = self.cycle is not None and not self.cycle.response_complete
        patience = self.request_seconds * (SLOW_BODY if has_begun else 1)
        if self.is_silent and self.loop.time() - self.since > patience:
            self.give_up()
            return
        pause = max(WORTH_A_LOOK, self.request_seconds / 4)
        self._timer = self.loop.call_later(pause, self._watch)
