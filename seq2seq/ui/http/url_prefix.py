"""The page below an address of its own, such as example.org/lab/ (GRADIO_ROOT_PATH=/lab).

A proxy may remove /lab from the path of a request, or leave it there. ASGI wants it there: without
it, a page that is mounted below another (/de/) takes its own name for a part of the page's address.

A proxy that removes it also makes /lab and /lab/ the same to us, but to a browser they are not:
beside /lab it looks for the page's files in the wrong folder. So the page itself goes to /lab/.
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
    """ASGI middleware that makes a path begin with the root path, whatever the proxy sends.

    Each of `pages` (such as "de") is a page of its own below that path.
    """

    def __init__(self, app: ASGIApp, pages: Collection[str] = ()) -> None:
        self.app, self.pages = app, frozenset(pages)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; one for a page without its slash is sent to the address with it."""
        root = scope.get("root_path", "").rstrip("/")
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        path, public = scope["path"], urlsplit(root).path  # the root may be a whole URL
        rest = path[len(public):] if path.startswith(f"{public}/") else path
        if (root and path == public) or rest[1:] in self.pages:
            # Starlette's own redirect names the host and scheme by which the proxy has called us.
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
    """Sends a page such that it goes to its address with a slash; anything else as it is."""
    start: Message | None = None

    async def passed_on(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            kind = MutableHeaders(scope=message).get("content-type", "")
            if kind.startswith("text/html"):
                start = message  # its length is another one, perhaps
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
