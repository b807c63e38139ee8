"""The front door: builds the page and serves it, on GRADIO_SERVER_PORT or 7860.

    python app.py

Worker processes import this file as well, so what is heavy is imported inside `main`.
"""

from pathlib import Path

ASSETS = Path(__file__).parent / "assets"


def main() -> None:
    """Open the lab."""
    import gradio as gr
    import torch

    from seq2seq.ui.api import add_api
    from seq2seq.ui.hide import head
    from seq2seq.ui.lab import Lab
    from seq2seq.ui.live import plotly_route
    from seq2seq.ui.page import TITLE, build_page
    from seq2seq.ui.take import take_home_route
    from seq2seq.ui.theme import make_theme

    torch.set_num_threads(1)  # several people share few cores; workers use the others
    lab = Lab()
    with gr.Blocks(title=TITLE, analytics_enabled=False, delete_cache=(3600, 3600)) as demo:
        add_api(lab)  # first: the page's own handlers then cannot take its names
        build_page(lab, demo)
    # Events wait for milliseconds; more than so many are a flood, and are told so.
    demo.queue(max_size=48, default_concurrency_limit=8, api_open=False)
    demo.launch(
        theme=make_theme(),
        css_paths=[ASSETS / name for name in (
            "style.css", "inside.css", "lessons.css", "share.css", "class.css")],
        head=head(),
        js=(ASSETS / "page.js").read_text(encoding="utf-8"),
        favicon_path=ASSETS / "favicon.png",
        footer_links=["api"],
        max_file_size="4mb",
        state_session_capacity=500,
        run_history=False,
        enable_monitoring=False,
        ssr_mode=False,
        show_error=False,
        app_kwargs={"routes": [plotly_route(), take_home_route(lab)]},
    )


if __name__ == "__main__":
    main()
