"""The endpoints as tools for agents: Gradio's own MCP server, at /gradio_api/mcp/.

Gradio calls each tool through one client that all callers share. Three things follow, and are
mended here: a call without a `model_id` must not find a stranger's model (`is_tool_call`), a
training that is waited for must not hold a thread of the web server, and it ends when its caller
hangs up. Answers are JSON.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import gradio as gr
import gradio.mcp

MARK = ("x-gradio-user", "mcp")  # the header by which Gradio's MCP server calls an endpoint


def is_tool_call(request: gr.Request) -> bool:
    """Whether a call came through the MCP server, whose callers have no session of their own."""
    name, value = MARK
    return request.headers.get(name) == value


class ToolServer(gradio.mcp.GradioMCPServer):
    """Gradio's MCP server, made fit for many callers."""

    async def _execute_tool_without_progress(self, job: Any) -> list[Any]:
        try:
            return [await asyncio.wrap_future(job.future)]
        except asyncio.CancelledError:
            job.cancel()
            raise

    def postprocess_output_data(self, data: Any, root_url: str) -> list[Any]:
        """Text as JSON, and files by their address."""
        plain = [json.dumps(value, ensure_ascii=False)
                 if isinstance(value, dict | list) and not _is_file(value) else value
                 for value in data]
        return super().postprocess_output_data(plain, root_url)


def _is_file(value: Any) -> bool:
    return isinstance(value, dict) and "path" in value and "meta" in value


Lifespan = Callable[[Any], AbstractAsyncContextManager[None]]


def add_tools(page: gr.Blocks, lifespan: Lifespan) -> Lifespan:
    """Let `page.launch(mcp_server=False)` serve a `ToolServer`, in the lifespan that is returned.

    `launch(mcp_server=True)` would make one of Gradio's own class and put it into this attribute.
    If a later Gradio does not read it (`App.create_app`), the tests in `test_mcp` find no tools.
    """
    server = ToolServer(page)
    page.mcp_server_obj, page.mcp_server = server, True

    @asynccontextmanager
    async def both(app: Any) -> AsyncIterator[None]:
        async with server.lifespan(app), lifespan(app):
            yield

    return both
