"""Middleware for serving the page below a prefix, such as example.org/lab/ (GRADIO_ROOT_PATH=/lab).

A proxy may strip the prefix from the path of a request, or keep it. ASGI expects the full path:
without the prefix, a mounted page (/de/) takes its own name for part of the prefix.

A proxy that strips the prefix also hides the difference between /lab and /lab/. A browser resolves
relative URLs differently for the two, and at /lab it would request the page's files from the wrong
folder. So a script in the page redirects /lab to /lab/.
"""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BASE = b'<base href="./" />'  # in Gradio's template, before the page's files
TO_THE_SLASH = b"""<script>
  if (!location.pathname.endsWith('/'))
    location.replace(location.pathname + '/' + location.search + location.hash);
</script>"""


class Prefix:
    """ASGI middleware that restores the prefix of a path if the proxy has stripped it.

    `pages` are the names of the pages mounted below the prefix, such as "de".
    """

    def __init__(self, app: ASGIApp, pages: Collection[str] = ()) -> None:
        self.app, self.pages = app, frozenset(pages)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request; one for a page without its final slash is redirected to the slash."""
        root = scope.get("root_path", "").rstrip("/")
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        path, public = scope["path"], urlsplit(root).path  # the root may be a whole URL
        rest = path[len(public):] if path.startswith(f"{public}/") else path
        if (root and path == public) or rest[1:] in self.pages:
            # Starlette's own redirect would contain the host and scheme that the proxy used.
            there = path if path == public else public + rest
            query = scope.get("query_string", b"").decode("latin-1")
            answer = RedirectResponse(f"{there}/{'?' * bool(query)}{query}", 307)
            await answer(scope, receive, send)
            return
        if not root:
            await self.app(scope, receive, send)
            return
        if scope["type"] == "http" and rest.endswith("/"):
            send = _with_slash(send)
        await self.app({**scope, "path": root + rest}, receive, send)


def _with_slash(send: Send) -> Send:
    """Insert the script that redirects to the slash into HTML pages; send the rest unchanged."""
    start: Message | None = None

    async def passed_on(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            kind = MutableHeaders(scope=message).get("content-type", "")
            if kind.startswith("text/html"):
                start = message  # held back: the content length may change
                return
        elif message["type"] == "http.response.body" and start is not None:
            body = message.get("body", b"")
            if not message.get("more_body"):
                body = body.replace(BASE, BASE + TO_THE_SLASH, 1)
                MutableHeaders(scope=start)["content-length"] = str(len(body))
            await send(start)
            start, message = None, {**message, "body": body}
        await send(message)

    return passed_on
