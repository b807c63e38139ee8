"""Plotly's own JavaScript, and figures as it takes them."""

import json
from pathlib import Path
from typing import Any

import plotly
from starlette.responses import FileResponse
from starlette.routing import Route

PLOTLY_JS = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
PLOTLY_URL = f"plotly-{plotly.__version__}.min.js"


def plotly_route() -> Route:
    """Where the page finds Plotly's own JavaScript: the file in the installed Python package.

    Gradio could serve it too, but by its path, which is nobody's business.
    """
    headers = {"Cache-Control": "public, max-age=86400"}
    return Route(f"/{PLOTLY_URL}", lambda _: FileResponse(PLOTLY_JS, headers=headers))


def as_json(figure: Any) -> dict[str, Any]:
    """A figure as the page takes it."""
    return json.loads(figure.to_json())
