"""The front door: builds the page and serves it, on GRADIO_SERVER_PORT or 7860.

    python app.py

Worker processes import this file as well, so what is heavy is imported inside `main`.
"""

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seq2seq.jobs import Runs

ASSETS = Path(__file__).parent / "assets"


def main() -> None:
    """Open the lab, until Ctrl-C or SIGTERM."""
    from seq2seq.errors import ConfigError
    from seq2seq.limits import Limits
    from seq2seq.logs import start_logging
    from seq2seq.memory import share_arenas
    from seq2seq.serving import open_runs

    share_arenas()
    start_logging()
    try:
        runs = open_runs(Limits.read())
    except ConfigError as problem:
        sys.exit(str(problem))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    try:
        with runs:
            serve(runs)
    except SystemExit:
        os._exit(0)  # all is kept and ended; to take torch apart would need seconds


def serve(runs: "Runs") -> None:
    """Serve the page that shows `runs`, in every language that there is."""
    import gradio as gr
    import torch

    from seq2seq.language import ENGLISH, spoken
    from seq2seq.ui import hide, languages
    from seq2seq.ui.api import add_api
    from seq2seq.ui.health import health_routes
    from seq2seq.ui.lab import Lab
    from seq2seq.ui.live import plotly_route
    from seq2seq.ui.page import build_page, title
    from seq2seq.ui.page_state import keep_little
    from seq2seq.ui.take import take_home_route
    from seq2seq.ui.theme import make_theme

    # Whom a visitor came by is told by SEQ2SEQ_PROXIES, and not guessed by the web server.
    os.environ.setdefault("FORWARDED_ALLOW_IPS", "")
    # Gradio would keep a list of the last 10,000 calls, and sum it all up after each of them, for
    # a page that is switched off below (enable_monitoring).
    os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "1")
    os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", "1000000000")
    torch.set_num_threads(1)  # several people share few cores; workers use the others
    lab, limits = Lab(runs), runs.limits

    def make() -> gr.Blocks:
        with gr.Blocks(title=title(), analytics_enabled=False, delete_cache=(3600, 3600)) as demo:
            if spoken() == ENGLISH:
                add_api(lab)  # first: the page's own handlers then cannot take its names
            build_page(lab, demo)
        keep_little(demo)
        # For programs: more calls than so many are a flood, and are told so.
        demo.queue(max_size=limits.queue_size, default_concurrency_limit=limits.concurrency,
                   api_open=False)
        demo.state_session_capacity = limits.sessions
        return demo

    def options() -> dict[str, Any]:
        return {
            "theme": make_theme(),
            "css_paths": [ASSETS / name for name in (
                "style.css", "sequences.css", "inside.css", "lessons.css", "share.css",
                "class.css")],
            "head": languages.head() + hide.head(),
            "js": (ASSETS / "page.js").read_text(encoding="utf-8"),
            "footer_links": ["api"] if spoken() == ENGLISH else [],
            "max_file_size": int(limits.upload_mb * 2**20),
            "run_history": False, "enable_monitoring": False, "ssr_mode": False,
            "show_error": False,
        }

    beside = [plotly_route(), take_home_route(lab)]
    others, lifespan = languages.other_pages(make, options, beside)
    make().launch(
        favicon_path=ASSETS / "favicon.png", state_session_capacity=limits.sessions,
        app_kwargs={"routes": [*others, *beside, *health_routes(lab)], "lifespan": lifespan},
        **options())


if __name__ == "__main__":
    main()
