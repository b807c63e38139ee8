"""The page in every language: English at /, German at /de/, and so on.

Each is a page of its own, built from the same code while its language is spoken, with the same
runs behind it. Whatever is answered to one of its requests is answered in its language: the
request's own context carries it, into threads as well.
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
    """For the head of a page: its language, and `say("…{n}…", {n: 3})` for its scripts."""
    texts = json.dumps(all_of(current_language(), _script_texts()), ensure_ascii=False)
    texts = texts.replace("<", "\\u003c")  # nothing in it ends the script
    language = json.dumps(current_language())
    return SCRIPT.replace("LANGUAGE", language).replace("TEXTS[", f"({texts})[")


@cache
def _script_texts() -> frozenset[str]:
    return frozenset(text for _, text in in_scripts() if isinstance(text, str))


def template(name: str) -> str:
    """A template of `assets/`, all that stands in it between [[ and ]] in the page's language."""
    return IN_TEMPLATE.sub(lambda found: escape(_(" ".join(found[1].split())), quote=True),
                           asset(name))


def links() -> str:
    """Where the page is in other languages; what the address asks for goes along."""
    here = current_language()
    up = "" if here == ENGLISH else "../"
    items = "".join(
        f'<a href="{up}{"" if code == ENGLISH else f"{code}/"}" lang="{code}" hreflang="{code}" '
        f'onclick="this.search = location.search">{escape(name)}</a>'
        for code, name in languages().items() if code != here)
    return f'<nav class="languages" aria-label="{escape(_("Languages"))}">{items}</nav>'


def other_pages(make: Callable[[], gr.Blocks], options: Callable[[], dict[str, Any]],
                routes: list[Any]) -> tuple[list[Mount], Any]:
    """The pages in all languages but English, and the lifespan that they need.

    `make` builds a page and `options` says how it is served, both in the language that is spoken;
    `routes` are for scripts of the page, which ask beside its own address.
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
    """`app`, answering each request while a language is spoken."""
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        with use_language(code):
            await app(scope, receive, send)

    return answer
