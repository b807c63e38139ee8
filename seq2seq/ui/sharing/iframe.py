"""The page inside an iframe of another site: the views of `?embed=…`, and blocked storage.

A script in the head (`assets/js/iframe.js`) replaces blocked storage before Gradio reads it. A
second script stores the view's name in an attribute of the root element before the first paint, and
CSS rules hide everything else.
"""

from typing import Any, NamedTuple

import gradio as gr

from seq2seq.errors import InputError, shorten
from seq2seq.i18n import LazyText, _
from seq2seq.ui.components.asset_files import asset


class View(NamedTuple):
    """A tab or figure that can be embedded alone."""

    words: LazyText
    tab: str
    height: int  # of the iframe, in pixels
    without: tuple[str, ...] = ()  # CSS selectors of what is left out on the tab
    needs_model: bool = False  # it shows the pre-trained model of the link's task


_INSIDE = ("#inside .challenge", "#inside .nothing .forward-inner")
VIEWS = {
    "sequence": View(LazyText("the tab “Sequence”"), "sequence", 900, (".to-train",)),
    "train": View(LazyText("the tab “Train”"), "train", 1000, (".forward",)),
    "answers": View(LazyText("the tab “Side by side”"), "answers", 1000, (".forward",), True),
    "inside": View(LazyText("the tab “Look inside”"), "inside", 1600, _INSIDE, True),
    "curve": View(LazyText("the loss curve"), "train", 640,
                  (".forward", ".live .pair", ".runs-card", ".choices > :not(.buttons)")),
    "attention": View(LazyText("the attention map"), "inside", 760,
                      (*_INSIDE, '#inside .panels.three > :not([data-panel="attention"])',
                       "#inside .attention-lines", "#inside .gates", "#inside .whole",
                  "#inside .what-ifs"), True),
    "lines": View(LazyText("the attention lines"), "inside", 620,
                  (*_INSIDE, "#inside .panels.three", "#inside .gates", "#inside .whole",
                   "#inside .what-ifs"), True),
}
AROUND = (".top", "#lessons", ".share-parts", ".class-line", "footer",
          ".page-tabs > .tab-wrapper")

SCRIPT = """<script>{
  const asked = new URLSearchParams(location.search).get('embed');
  const view = (asked || '').toLowerCase();
  if (VIEWS.includes(view)) document.documentElement.dataset.embed = view;
}</script>"""
RULES = """.no-storage { display: none } html[data-storage=blocked] .no-storage { display: block }
html[data-embed=attention] .panels.three { grid-template-columns: minmax(0, 1fr) }
html[data-embed=curve] .columns { grid-template-columns: minmax(0, 1fr) }
.embedded-note { position: fixed; inset: auto 12px 12px; z-index: 1000; margin: 0 auto;
  max-width: 720px; padding: 10px 14px; font: 14px/1.4 var(--font); color: var(--ink);
  background: var(--card); border: 1px solid var(--edge); border-radius: var(--radius) }
.embedded-note a { color: var(--enc) } .embedded-note code { overflow-wrap: anywhere }
.embedded-note button { border: 0; background: none; color: inherit; font-size: 18px }"""


def head() -> str:
    """The scripts and CSS for the page's head, where they must come first."""
    hidden = [f"html[data-embed] :is({', '.join(AROUND)})"]
    hidden += [f"html[data-embed={name}] :is({', '.join(view.without)})"
               for name, view in VIEWS.items() if view.without]
    script = SCRIPT.replace("VIEWS", str(list(VIEWS)))
    return (f"<script>{asset('js/iframe.js')}</script>{script}"
            f"<style>{RULES} {', '.join(hidden)} {{ display: none !important }}</style>")


def embedded_view(request: gr.Request | None) -> View | None:
    """The view that the page's link asks for, or None; InputError if there is no such view."""
    asked: Any = getattr(request, "query_params", None)
    name = (asked.get("embed") or "").strip() if asked else ""
    if not name:
        return None
    if name.lower() not in VIEWS:
        raise InputError("The link embeds “{name}”, which is not a part of this page. These can be "
                         "embedded: {names}.", name=shorten(name), names=", ".join(VIEWS))
    return VIEWS[name.lower()]


def choices() -> list[list[Any]]:
    """What can be embedded, for the Share box: [name, words, height, needs a trained model]."""
    return [[name, _(view.words), view.height, view.needs_model]
            for name, view in VIEWS.items()]


def no_storage() -> str:
    """A sentence, shown only where the browser blocks storage."""
    return ('<p class="soft no-storage">' + _(
        "This browser blocks storage here, so a reload loses your runs. Save one with “Download "
        "this run”.") + "</p>")
