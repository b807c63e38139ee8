"""A complete HTML document that needs no network, with the colours of the lab's page."""

import re
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

from seq2seq.i18n import current_language

ASSETS = Path(__file__).parents[2] / "assets"


@dataclass(frozen=True, repr=False)
class HtmlPage:
    """An HTML document. A notebook shows it in a frame; `save` writes it to a file."""

    html: str
    height: int = 640  # of the frame in a notebook, in pixels

    def save(self, path: str | Path) -> Path:
        """Write the document to `path` and return it."""
        path = Path(path)
        path.write_text(self.html, encoding="utf-8")
        return path

    def _repr_html_(self) -> str:
        return (f'<iframe srcdoc="{escape(self.html)}" style="width:100%; height:{self.height}px; '
                'border:0"></iframe>')

    def __repr__(self) -> str:
        return f"HtmlPage({len(self.html):,} characters)"


def document(title: str, body: str, script: str = "", height: int = 640) -> HtmlPage:
    """A document with this body; `script` runs after it. `title` is text, `body` is HTML."""
    return HtmlPage(
        f'<!doctype html><html lang="{current_language()}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_style()}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{body}</main>"
        f"<script>{script}</script></body></html>", height)


def asset(name: str) -> str:
    """The text of a file in `assets/reports`."""
    return (ASSETS / "reports" / name).read_text(encoding="utf-8")


@cache
def _style() -> str:
    """The colours of the page in both themes, its rules for groups of errors, and `reports.css`."""
    page, groups = ((ASSETS / "css" / name).read_text(encoding="utf-8")
                    for name in ("style.css", "failures.css"))
    light, dark = (re.search(rf"{re.escape(name)} \{{(.*?)\}}", page, re.DOTALL)
                   for name in (":root", ".dark"))
    assert light
    assert dark
    return (f":root {{{light[1]}}} @media (prefers-color-scheme: dark) {{:root {{{dark[1]}}}}} "
            f"{groups} {asset('reports.css')}")
