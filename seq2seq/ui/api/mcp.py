"""MCP tools: serves the endpoints to agents, at /gradio_api/mcp/.

Gradio calls all tools through one client that all agents share. So a call without a `model_id` must
not find another agent's model: `endpoints` tests for `is_tool_call`.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import gradio as gr

from seq2seq.ui.gradio_internals import MCP_HEADER, attach_tool_server

Lifespan = Callable[[Any], AbstractAsyncContextManager[None]]


def is_tool_call(request: gr.Request) -> bool:
    """Whether a call came through the MCP server, whose callers have no session of their own."""
    name, value = MCP_HEADER
    return request.headers.get(name) == value


def add_tools(page: gr.Blocks, lifespan: Lifespan) -> Lifespan:
    """Add the MCP server to `page`; returns `lifespan`, extended by the server's.

    Launch the page with `mcp_server=False` and the lifespan that is returned.
    """
    server = attach_tool_server(page)

    @asynccontextmanager
    async def both(app: Any) -> AsyncIterator[None]:
        async with server.lifespan(app), lifespan(app):
            yield

    return both
