"""Serves the page in all languages: builds the pages, wires limits and routes, launches Gradio."""

import os
import sys
from typing import Any

import gradio as gr
import torch
from starlette.middleware import Middleware

from seq2seq.hosting.sockets import raise_descriptors
from seq2seq.hosting.uploads import Uploads
from seq2seq.i18n import ENGLISH, current_language
from seq2seq.i18n import languages as all_languages
from seq2seq.jobs.limits import Limits
from seq2seq.jobs.runs import Runs
from seq2seq.ui import languages
from seq2seq.ui.api.endpoints import add_api
from seq2seq.ui.api.mcp import add_tools
from seq2seq.ui.components.asset_files import ASSETS, asset
from seq2seq.ui.components.charts import plotly_route
from seq2seq.ui.components.theme import make_theme
from seq2seq.ui.gradio_internals import file_records, set_limits, use_small_sessions
from seq2seq.ui.http.connections import limit_connections
from seq2seq.ui.http.health import health_routes
from seq2seq.ui.http.request_limits import RequestLimits
from seq2seq.ui.http.url_prefix import Prefix
from seq2seq.ui.lab import Lab
from seq2seq.ui.page import build_page, title
from seq2seq.ui.sharing import hidden_parts, iframe
from seq2seq.ui.sharing.download import take_home_route

# How long a thread that computes an answer may hold the GIL while the event loop waits for it.
SWITCH_SECONDS = 0.0005
THREADS = 100  # for handlers; a call that waits for its turn (`answer_turns`) holds one
STYLES = ("css/style.css", "css/sequences.css", "css/failures.css", "css/inside.css",
          "css/lessons.css", "css/sharing.css", "css/classroom.css")


def serve(runs: Runs, uploads: Uploads | None = None, port: int | None = None) -> None:
    """Serve the page with these `runs`, until Ctrl-C or SIGTERM.

    `uploads` cleans the folder of Gradio's files; `port` must be free.
    """
    # SEQ2SEQ_PROXIES says which proxies to trust. uvicorn must not trust others.
    os.environ.setdefault("FORWARDED_ALLOW_IPS", "")
    # Gradio would store the last 10,000 calls and summarise them after each call, for a dashboard
    # that is switched off below (enable_monitoring).
    os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "1")
    os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", "1000000000")

    def build() -> gr.Blocks:
        page = make_page(lab)
        if uploads is not None:
            uploads.known += file_records(page)
        return page

    torch.set_num_threads(1)  # the other cores belong to the workers
    sys.setswitchinterval(SWITCH_SECONDS)
    lab, limits = Lab(runs), runs.limits
    page_routes = [plotly_route(), take_home_route(lab)]  # fetched by the page's scripts
    others, lifespan = languages.other_pages(build, lambda: launch_options(limits), page_routes)
    limit_connections(limits, raise_descriptors())
    page = build()
    lifespan = add_tools(page, lifespan)
    page.launch(
        max_threads=THREADS, favicon_path=ASSETS / "favicon.png", mcp_server=False,
        state_session_capacity=limits.sessions, server_port=port,
        app_kwargs={"routes": [*others, *page_routes, *health_routes(lab)], "lifespan": lifespan,
                    "middleware": [Middleware(Prefix, pages=set(all_languages()) - {ENGLISH}),
                                   Middleware(RequestLimits, limits=limits, on_upload=(
                                       uploads.clean if uploads else lambda: None))]},
        **launch_options(limits))


def make_page(lab: Lab) -> gr.Blocks:
    """The page in the current language. The English one also has the endpoints for programs."""
    limits = lab.runs.limits
    with gr.Blocks(title=title(), analytics_enabled=False) as demo:
        if current_language() == ENGLISH:
            add_api(lab)  # first, so that no handler of the page takes the name of an endpoint
        build_page(lab, demo)
    use_small_sessions(demo)
    # Only calls of programs wait in the queue; Gradio refuses those beyond `max_size`.
    demo.queue(max_size=limits.queue_size, default_concurrency_limit=limits.concurrency,
               api_open=False)
    set_limits(demo, limits.sessions, THREADS)
    return demo


def launch_options(limits: Limits) -> dict[str, Any]:
    """The arguments that `launch` and `mount_gradio_app` share, in the current language."""
    return {
        "theme": make_theme(),
        "css_paths": [ASSETS / name for name in STYLES],
        "head": iframe.head() + languages.head() + hidden_parts.head(),
        "js": asset("js/page.js"),
        "footer_links": ["api"] if current_language() == ENGLISH else [],
        "max_file_size": int(limits.upload_mb * 2**20),
        "run_history": False, "enable_monitoring": False, "ssr_mode": False, "show_error": False,
    }
