"""Everything that this package uses of Gradio beyond its documented interface.

No other file of `ui` may import from inside Gradio; `tests/test_architecture.py` checks that. Each
entry below states which internal it uses, why, and what to do when a new Gradio moves it. Written
for Gradio 6.31. After an update, run `pytest tests/ui tests/jobs/test_memory.py`.

The scripts and style sheets in `assets/` also rely on the ids and classes of Gradio's elements;
`tests/browser` checks those.
"""

import asyncio
import json
from typing import Any

import gradio as gr
import gradio.http_server
import gradio.mcp
from gradio.blocks import BlocksConfig
from gradio.context import LocalContext
from gradio.processing_utils import save_bytes_to_cache
from gradio.utils import get_upload_folder

# The request that is being handled.
#
# Which: `gradio.context.LocalContext.request`, a context variable.
# Why: a handler receives the request only as an argument of its own. The limits per network address
# apply far below the handlers, where passing it down would burden every signature.
# When it moves: set a context variable of our own in a middleware (see `http.request_limits`).


def current_request() -> Any:
    """The `gr.Request` or Starlette request that is being handled; None outside of a request."""
    return LocalContext.request.get(None)


# Sessions without a description of the page.
#
# Which: `Blocks.default_config`, which Gradio copies for each session, and
# `BlocksConfig.config_for_block`, which describes one component.
# Why: for each session, even of a program that makes one call, Gradio describes the whole page
# again: 15 ms of CPU time and 1 MB. Only `gr.DeepLinkButton` reads these descriptions, and this
# page has links of its own (`ui.sharing`).
# When it moves: remove it. Sessions then cost more, and nothing else changes; lower
# SEQ2SEQ_SESSIONS to limit the memory. `test_memory` measures the size of a session.

NO_DESCRIPTION: dict[str, Any] = {}  # shared: Gradio changes a description only if it has "props"


class _SessionConfig(BlocksConfig):
    """The components and handlers of the page in one session."""

    @staticmethod
    def config_for_block(*_: Any) -> dict:
        """No description."""
        return NO_DESCRIPTION


class _PageConfig(BlocksConfig):
    """The components and handlers of the page itself, which Gradio describes to the browser."""

    def __copy__(self) -> _SessionConfig:
        session = _SessionConfig(self.root_block)
        vars(session).update(vars(super().__copy__()))
        return session


def use_small_sessions(page: gr.Blocks) -> None:
    """Make the sessions of `page` small. Call it after building the page, before serving it."""
    config = _PageConfig(page)
    vars(config).update(vars(page.default_config))
    page.default_config = config


# Limits of a page that is mounted, not launched.
#
# Which: the attributes `Blocks.state_session_capacity` and `Blocks.max_threads`.
# Why: `launch` takes both as parameters, `gr.mount_gradio_app` takes neither.
# When it moves: pass them to `mount_gradio_app` once it accepts them.


def set_limits(page: gr.Blocks, num_sessions: int, num_threads: int) -> None:
    """Limit the sessions that Gradio stores for `page`, and the threads of its handlers."""
    page.state_session_capacity = num_sessions
    page.max_threads = num_threads


# Gradio's records of files.
#
# Which: `Blocks.temp_file_sets`, sets of paths; `save_bytes_to_cache` and `get_upload_folder`.
# Why: `hosting.uploads` deletes old files, and the sets would grow for ever. Endpoints return files
# that Gradio may serve, and it serves only those in its own folder.
# When it moves: without the sets, memory grows by a path for each file; for the folder, read the
# environment variable GRADIO_TEMP_DIR, which `hosting.startup` sets.


def file_records(page: gr.Blocks) -> list[set[str]]:
    """The sets in which Gradio records the paths of uploaded and exported files."""
    return page.temp_file_sets


def save_served_file(blob: bytes, name: str) -> str:
    """Save `blob` where Gradio may serve it, and return its path. OSError if the disk is full."""
    return str(save_bytes_to_cache(blob, name, get_upload_folder()))


# The web server that `launch` starts.
#
# Which: the name `gradio.http_server.Server`, a subclass of `uvicorn.Server`.
# Why: `launch` passes no protocol class to uvicorn, which is what limits connections
# (`http.connections`).
# When it moves: run `uvicorn.Server` on an app made by `gr.mount_gradio_app`, as for the other
# languages (`ui.languages`).

GradioServer: Any = gradio.http_server.Server


def replace_server(server: Any) -> None:
    """Make `launch` start `server`, a subclass of `GradioServer`."""
    gradio.http_server.Server = server  # type: ignore[misc]


# The MCP server for agents.
#
# Which: `gradio.mcp.GradioMCPServer` with two of its methods, the header by which it calls the
# endpoints, and `Blocks.mcp_server_obj`, in which `launch(mcp_server=True)` stores its own.
# Why: see `ToolServer`. Gradio has no parameter for any of it.
# When it moves: `tests/ui/test_mcp.py` finds no tools if `App.create_app` no longer reads the
# attribute. Without an equivalent, `launch(mcp_server=True)` serves the tools, with the faults that
# `ToolServer` corrects.

MCP_HEADER = ("x-gradio-user", "mcp")


class ToolServer(gradio.mcp.GradioMCPServer):
    """Gradio's MCP server, adapted to many agents at once.

    A tool that trains neither blocks a thread of the web server nor outlives its caller. Results
    are JSON.
    """

    async def _execute_tool_without_progress(self, job: Any) -> list[Any]:
        # Gradio's waits for the result in a thread, and goes on when the caller has left.
        try:
            return [await asyncio.wrap_future(job.future)]
        except asyncio.CancelledError:
            job.cancel()
            raise

    def postprocess_output_data(self, data: Any, root_url: str) -> list[Any]:
        """Results as JSON, files as URLs. Gradio's own would write them as Python."""
        plain = [json.dumps(value, ensure_ascii=False)
                 if isinstance(value, dict | list) and not _is_file(value) else value
                 for value in data]
        return super().postprocess_output_data(plain, root_url)


def _is_file(value: Any) -> bool:
    return isinstance(value, dict) and "path" in value and "meta" in value


def attach_tool_server(page: gr.Blocks) -> ToolServer:
    """Make `page.launch(mcp_server=False)` serve a `ToolServer`; the caller runs its lifespan."""
    server = ToolServer(page)
    page.mcp_server_obj, page.mcp_server = server, True
    return server
