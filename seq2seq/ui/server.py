"""From a server's runs to the page that is served, in every language that there is."""

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
from seq2seq.ui.components.plotly_script import plotly_route
from seq2seq.ui.components.theme import make_theme
from seq2seq.ui.gradio_internals import keep_little
from seq2seq.ui.http.connections import bound
from seq2seq.ui.http.health import health_routes
from seq2seq.ui.http.request_limits import gate
from seq2seq.ui.http.url_prefix import Prefix
from seq2seq.ui.lab import Lab
from seq2seq.ui.page import build_page, title
from seq2seq.ui.sharing import hidden_parts, iframe
from seq2seq.ui.sharing.download import take_home_route

# A thread that computes an answer keeps the interpreter for so long when the event loop needs it.
SWITCH_SECONDS = 0.0005
THREADS = 100  # of a page's events; a call that waits for its turn (`answer_turns`) takes one
STYLES = ("css/style.css", "css/sequences.css", "css/inside.css", "css/lessons.css",
          "css/sharing.css", "css/classroom.css")


def serve(runs: Runs, uploads: Uploads | None = None, port: int | None = None) -> None:
    """Serve the page that shows `runs`, until Ctrl-C or SIGTERM.

    Gradio keeps its files where `uploads` cleans; `port` is known to be free.
    """
    # Whom a visitor came by is told by SEQ2SEQ_PROXIES, and not guessed by the web server.
    os.environ.setdefault("FORWARDED_ALLOW_IPS", "")
    # Gradio would keep a list of the last 10,000 calls, and sum it all up after each of them, for
    # a page that is switched off below (enable_monitoring).
    os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "1")
    os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", "1000000000")

    def remembered(page: gr.Blocks) -> gr.Blocks:
        if uploads is not None:
            uploads.known += page.temp_file_sets
        return page

    torch.set_num_threads(1)  # several people share few cores; workers use the others
    sys.setswitchinterval(SWITCH_SECONDS)
    lab, limits = Lab(runs), runs.limits
    beside = [plotly_route(), take_home_route(lab)]  # what the page's scripts ask for
    others, lifespan = languages.other_pages(
        lambda: remembered(make_page(lab)), lambda: launch_options(limits), beside)
    bound(limits, raise_descriptors())
    page = remembered(make_page(lab))
    lifespan = add_tools(page, lifespan)
    page.launch(
        max_threads=THREADS, favicon_path=ASSETS / "favicon.png", mcp_server=False,
        state_session_capacity=limits.sessions, server_port=port,
        app_kwargs={"routes": [*others, *beside, *health_routes(lab)], "lifespan": lifespan,
                    "middleware": [Middleware(Prefix, pages=set(all_languages()) - {ENGLISH}),
                                   gate(limits, uploads.clean if uploads else lambda: None)]},
        **launch_options(limits))


def make_page(lab: Lab) -> gr.Blocks:
    """The page in the language that is spoken; programs find their endpoints on the English one."""
    limits = lab.runs.limits
    with gr.Blocks(title=title(), analytics_enabled=False) as demo:
        if current_language() == ENGLISH:
            add_api(lab)  # first: the page's own handlers then cannot take its names
        build_page(lab, demo)
    keep_little(demo)
    # For programs: more calls than so many are a flood, and are told so.
    demo.queue(max_size=limits.queue_size, default_concurrency_limit=limits.concurrency,
               api_open=False)
    demo.state_session_capacity = limits.sessions
    demo.max_threads = THREADS
    return demo


def launch_options(limits: Limits) -> dict[str, Any]:
    """How a page is served, whether it is launched or mounted."""
    return {
        "theme": make_theme(),
        "css_paths": [ASSETS / name for name in STYLES],
        "head": iframe.head() + languages.head() + hidden_parts.head(),
        "js": asset("js/page.js"),
        "footer_links": ["api"] if current_language() == ENGLISH else [],
        "max_file_size": int(limits.upload_mb * 2**20),
        "run_history": False, "enable_monitoring": False, "ssr_mode": False, "show_error": False,
    }
