"""The page below a URL prefix, behind a proxy that strips the prefix or keeps it."""

import re

import gradio as gr
import pytest
from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from seq2seq.ui.http.url_prefix import Prefix
from seq2seq.ui.languages import other_pages

PROXIED = {"X-Forwarded-Host": "example.org", "X-Forwarded-Proto": "https"}


def make_page() -> gr.Blocks:
    with gr.Blocks(analytics_enabled=False) as page:
        gr.Markdown("text")
    return page


@pytest.fixture(params=["/lab", "https://example.org/lab"])
def app(request, monkeypatch) -> FastAPI:
    """The pages in other languages, and one route of the first page, as the server mounts them."""
    monkeypatch.setenv("GRADIO_ROOT_PATH", request.param)
    beside = [Route("/beside", lambda _: PlainTextResponse("here"))]
    others, _ = other_pages(make_page, dict, beside)
    found = FastAPI(routes=[*others, *beside], middleware=[Middleware(Prefix, pages={"de"})])
    found.root_path = request.param  # as Gradio sets it
    return found


@pytest.mark.parametrize("sent", ["", "/lab"], ids=["removed", "left there"])
def test_the_page_in_another_language_is_found(app: FastAPI, sent: str) -> None:
    client = TestClient(app, root_path="")
    page = client.get(f"{sent}/de/", headers=PROXIED)
    assert page.status_code == 200
    assert re.search(r'"root":\s*"https://example\.org/lab/de"', page.text)
    # Before its files are asked for, which stand beside the address with its slash.
    head = page.text[: page.text.index("/assets/")]
    assert "location.replace(location.pathname + '/'" in head
    assert int(page.headers["content-length"]) == len(page.content)
    for path in ("/beside", "/de/beside"):
        assert client.get(sent + path, headers=PROXIED).text == "here"
    assert client.get(f"{sent}/nowhere", headers=PROXIED).status_code == 404
    assert client.get("/labyrinth", headers=PROXIED).status_code == 404


@pytest.mark.parametrize(("asked", "there"), [
    ("/lab?task=sort", "/lab/?task=sort"), ("/lab/de", "/lab/de/"), ("/de?a=1", "/lab/de/?a=1")])
def test_without_its_slash_the_address_leads_to_the_page(app: FastAPI, asked, there) -> None:
    # A path alone: host and scheme are those of the proxy's visitor, which we may not know.
    answer = TestClient(app, root_path="").get(asked, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, there)


def test_without_a_prefix_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRADIO_ROOT_PATH", raising=False)
    others, _ = other_pages(make_page, dict, [])
    client = TestClient(FastAPI(routes=others, middleware=[Middleware(Prefix, pages={"de"})]))
    answer = client.get("/de", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "/de/")
    page = client.get("/de/").text
    assert '"root":"http://testserver/de"' in page.replace(": ", ":")
    assert "location.replace(location.pathname + '/'" not in page
