"""Starts the web app, on GRADIO_SERVER_PORT or 7860.

    python app.py

Worker processes import this file as well, so `main` contains the slow imports.
"""

import os
import signal
import sys


def main() -> None:
    """Serve the lab until Ctrl-C or SIGTERM."""
    from seq2seq.errors import ConfigError
    from seq2seq.hosting.sockets import free_port
    from seq2seq.hosting.startup import open_runs, open_uploads
    from seq2seq.jobs.limits import Limits
    from seq2seq.jobs.logs import start_logging
    from seq2seq.jobs.memory import limit_arenas

    limit_arenas()
    start_logging()
    try:
        limits = Limits.read()
        port = free_port(os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"),
                         os.environ.get("GRADIO_SERVER_PORT", "7860"))
        uploads = open_uploads(limits)
        runs = open_runs(limits)
    except ConfigError as problem:
        sys.exit(str(problem))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    try:
        with runs:
            from seq2seq.ui.server import serve  # takes seconds, while the workers begin
            serve(runs, uploads, port)
    except SystemExit:
        uploads.close()
        os._exit(0)  # everything is saved; a regular exit of torch takes seconds
    finally:
        uploads.close()


if __name__ == "__main__":
    main()
