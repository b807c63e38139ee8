"""Middleware that limits every request before Gradio reads it: size, number, headers.

- A body over the limit is answered with 413; Gradio sees a disconnected client. The bytes are
  counted as they arrive, so a missing or false Content-Length does not matter.
- A request over the limit of open requests per address is answered with 429.
- A request that would make this server fetch a URL for the client is answered with 404.
- Headers that only a proxy may set are removed, unless SEQ2SEQ_PROXIES is above 0.
"""

import json
import logging
import re
from collections import Counter
from collections.abc import Callable

from python_multipart.multipart import parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from seq2seq.i18n import LazyText, _
from seq2seq.jobs.limits import Limits
from seq2seq.ui.http.client_address import address_of

FORM_BYTES = 64 * 2**10  # allowed for names, types and boundaries in a form with files
FETCHES = re.compile(r"/(file=\s*(https?|ftp):|proxy=)", re.IGNORECASE)
PROXY_HEADERS = frozenset({b"x-forwarded-host", b"x-forwarded-proto", b"x-forwarded-port",
                           b"x-forwarded-prefix", b"x-forwarded-server", b"forwarded"})
REMOVED_HEADERS = frozenset({b"x-gradio-server"})  # set by Gradio's node server, not used here

TOO_LARGE = LazyText("This request is larger than {most:g} MB, the limit of this server.")
TOO_MANY = LazyText("This request has more than {most} files, the limit of this server.")

TOO_OFTEN = LazyText("Your network address has {most} open requests on this server, which is the "
                     "limit for one address. Close other pages of the lab, or try again in a "
                     "moment.")

log = logging.getLogger(__name__)


class Refused(Exception):
    """The request has already been answered with 413."""


class RequestLimits:
    """ASGI middleware around the whole application. `on_upload` is called after each upload."""

    def __init__(self, app: ASGIApp, limits: Limits,
                 on_upload: Callable[[], None] = lambda: None) -> None:
        self.app, self.limits, self.on_upload = app, limits, on_upload
        self.has_warned = False
        self.num_open: Counter[str] = Counter()  # open requests, by address
        self.most_open = max(1, min(limits.max_requests_per_address,
                                    limits.max_connections * 2 // 3))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request to the application, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if FETCHES.search(scope["path"]):
            await _answer(send, 404, "Not found")
            return
        address = address_of(Request(scope), self.limits.proxies)
        if self.num_open[address] >= self.most_open:
            await _answer(send, 429, _(TOO_OFTEN, most=self.most_open))
            return
        self.num_open[address] += 1
        try:
            await self._pass_on(scope, receive, send)
        finally:
            self.num_open[address] -= 1
            if not self.num_open[address]:
                del self.num_open[address]

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = _Body(scope, receive, send, self.limits)
        try:
            await self.app({**scope, "headers": self._trusted_headers(scope)},
                           body.receive, body.send)
        except (Refused, ClientDisconnect):
            if not body.is_refused:
                raise
        if body.boundary:
            await run_in_threadpool(self.on_upload)

    def _trusted_headers(self, scope: Scope) -> list[tuple[bytes, bytes]]:
        headers = scope["headers"]
        if self.limits.proxies:
            return [pair for pair in headers if pair[0] not in REMOVED_HEADERS]
        if not self.has_warned and any(name == b"x-forwarded-for" for name, _ in headers):
            self.has_warned = True
            log.warning("a request came through a proxy, but SEQ2SEQ_PROXIES is 0: visitors behind "
                        "it count as one, and links use http. Set it to the number of proxies.")
        return [pair for pair in headers if pair[0] not in REMOVED_HEADERS | PROXY_HEADERS]


class _Body:
    """Counts the bytes and the parts of one request's body."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, limits: Limits) -> None:
        self._receive, self._send, self._limits = receive, send, limits
        headers = dict(scope["headers"])
        kind, options = parse_options_header(headers.get(b"content-type", b""))
        is_form = kind.lower() == b"multipart/form-data"
        self.boundary = b"--" + options.get(b"boundary", b"") if is_form else b""
        megabytes = limits.upload_mb if is_form else limits.request_mb
        self._most = int(megabytes * 2**20) + (FORM_BYTES if is_form else 0)
        self._too_large = _(TOO_LARGE, most=megabytes)
        self._num_bytes = self._num_parts = 0
        self._tail = b""  # of the last chunk: a boundary may span two chunks
        self._has_answer = self.is_refused = False
        length = headers.get(b"content-length", b"")
        self._is_too_long = len(length) > 18 or (
            length.isdigit() and int(length) > self._most)

    async def receive(self) -> Message:
        """The next message; `http.disconnect` after the request was refused."""
        if self.is_refused:
            return {"type": "http.disconnect"}
        if self._is_too_long:
            return await self._refuse(self._too_large)
        message = await self._receive()
        if message["type"] == "http.request":
            chunk = message.get("body", b"")
            self._num_bytes += len(chunk)
            if self._num_bytes > self._most:
                return await self._refuse(self._too_large)
            if self.boundary:
                seen = self._tail + chunk
                self._num_parts += seen.count(self.boundary)
                cut = seen.rfind(self.boundary)
                rest = seen if cut < 0 else seen[cut + len(self.boundary):]
                self._tail = rest[len(rest) - min(len(rest), len(self.boundary) - 1):]
                if self._num_parts > self._limits.upload_files + 1:  # plus the closing boundary
                    return await self._refuse(_(TOO_MANY, most=self._limits.upload_files))
        return message

    async def send(self, message: Message) -> None:
        """Send a message of the application's answer, unless the request was refused."""
        if self.is_refused:
            return
        self._has_answer = True
        await self._send(message)

    async def _refuse(self, sentence: str) -> Message:
        self.is_refused = True
        if not self._has_answer:
            await _answer(self._send, 413, sentence)
        return {"type": "http.disconnect"}


async def _answer(send: Send, code: int, sentence: str) -> None:
    body = json.dumps({"detail": sentence}, ensure_ascii=False).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": code, "headers": headers})
    await send({"type": "http.response.body", "body": body})

