"""Everything that a component with charts needs: Plotly's JavaScript, our scripts, figures as JSON.

gr.HTML(head=PLOTLY_HEAD, js_on_load=chart_scripts() + asset("js/inside.js"), …)
"""

import json
from pathlib import Path
from typing import Any

import plotly
from starlette.responses import FileResponse
from starlette.routing import Route

from seq2seq.ui.components.asset_files import asset

PLOTLY_JS = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
PLOTLY_URL = f"plotly-{plotly.__version__}.min.js"
PLOTLY_HEAD = f'<script src="{PLOTLY_URL}"></script>'


def plotly_route() -> Route:
    """The route of Plotly's JavaScript, a file in the installed Python package.

    Gradio could serve it as well, but only under its path on the server's disk.
    """
    headers = {"Cache-Control": "public, max-age=86400"}
    return Route(f"/{PLOTLY_URL}", lambda _: FileResponse(PLOTLY_JS, headers=headers))


def chart_scripts() -> str:
    """The JavaScript that a component's own script needs in front of it to draw charts."""
    return asset("js/chart_labels.js") + asset("js/chart.js")


def as_json(figure: Any) -> dict[str, Any]:
    """A Plotly figure as the JSON object that the JavaScript draws."""
    return json.loads(figure.to_json())
