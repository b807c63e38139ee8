"""The endpoints as tools for agents: Gradio's own MCP server, at /gradio_api/mcp/.

Gradio calls each tool through one client that all callers share. Three things follow, and are
mended here: a call without a `model_id` must not find a stranger's model (`is_tool_call`), a
training that is waited for must not hold a thread of the web server, and it ends when its caller
hangs up. Answers are JSON.
"""

import asyncio
import json
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


def serve_tools() -> None:
    """Let `launch(mcp_server=True)` make a `ToolServer`: Gradio has no parameter for the class."""
    gradio.mcp.GradioMCPServer = ToolServer  # type: ignore[misc]
