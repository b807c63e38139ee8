"""The pages in all languages: English at /, German at /de/, and so on.

The same code builds each page while its language is the current one; all pages share the same runs.
A context variable holds the language of a request, also in the threads that handle it.
"""

import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cache
from html import escape
from typing import Any

import gradio as gr
from fastapi import FastAPI
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from seq2seq.i18n import ENGLISH, _, all_of, current_language, languages, use_language
from seq2seq.translatable_texts import IN_TEMPLATE, in_scripts
from seq2seq.ui.components.asset_files import asset

SCRIPT = """<script>
  document.documentElement.lang = LANGUAGE;
  window.say = (text, values = {}) => Object.entries(values).reduce(
    (said, [name, value]) => said.replaceAll(`{${name}}`, () => value), TEXTS[text] ?? text);
</script>"""


def head() -> str:
    """HTML for the page's head: its language, and `say("…{n}…", {n: 3})` for its scripts."""
    texts = json.dumps(all_of(current_language(), _script_texts()), ensure_ascii=False)
    texts = texts.replace("<", "\\u003c")  # so that no text can end the script
    language = json.dumps(current_language())
    return SCRIPT.replace("LANGUAGE", language).replace("TEXTS[", f"({texts})[")


@cache
def _script_texts() -> frozenset[str]:
    return frozenset(text for _, text in in_scripts() if isinstance(text, str))


def template(name: str) -> str:
    """A template of `assets/`, with the texts between [[ and ]] in the current language."""
    return IN_TEMPLATE.sub(lambda found: escape(_(" ".join(found[1].split())), quote=True),
                           asset(name))


def links() -> str:
    """HTML links to the page in other languages; they keep the query of the page's URL."""
    here = current_language()
    up = "" if here == ENGLISH else "../"
    items = "".join(
        f'<a href="{up}{"" if code == ENGLISH else f"{code}/"}" lang="{code}" hreflang="{code}" '
        f'onclick="this.search = location.search">{escape(name)}</a>'
        for code, name in languages().items() if code != here)
    return f'<nav class="languages" aria-label="{escape(_("Languages"))}">{items}</nav>'


def other_pages(make: Callable[[], gr.Blocks], options: Callable[[], dict[str, Any]],
                routes: list[Any]) -> tuple[list[Mount], Any]:
    """The pages in all languages but English, and the ASGI lifespan that they need.

    `make` builds a page and `options` returns its launch options, both in the current language.
    Each page also gets `routes`, which its scripts request relative to its own URL.
    """
    mounts, lifespans = [], []
    for code in languages():
        if code == ENGLISH:
            continue
        with use_language(code):
            root = os.environ.get("GRADIO_ROOT_PATH", "").rstrip("/")
            alone = gr.mount_gradio_app(FastAPI(), make(), f"/{code}", mcp_server=False,
                                        root_path=f"{root}/{code}" if root else None,
                                        app_kwargs={"routes": routes}, **options())
        page = next(r for r in alone.routes if isinstance(r, Mount) and r.path == f"/{code}")
        mounts.append(Mount(f"/{code}", app=_in_language(page.app, code)))
        lifespans.append((code, alone))

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for code, alone in lifespans:
                with use_language(code):
                    await stack.enter_async_context(alone.router.lifespan_context(alone))
            yield

    return mounts, lifespan


def _in_language(app: ASGIApp, code: str) -> ASGIApp:
    """`app`, with `code` as the current language of each request."""
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        with use_language(code):
            await app(scope, receive, send)

    return answer
