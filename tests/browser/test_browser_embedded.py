"""The page inside another site's iframe, in a browser that blocks third-party storage."""

import functools
import http.server
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Frame, Page, expect

pytestmark = pytest.mark.browser
SMALL = "task=reverse&attention=dot&hidden_size=16&num_epochs=2&num_examples=500&seed=8"
BLOCKED = {"profile": {"cookie_controls_mode": 1, "block_third_party_cookies": True}}


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder without logging requests."""

    def log_message(self, *_) -> None:
        pass


@contextmanager
def other_site(folder: Path) -> Iterator[str]:
    """The address of a server of its own; a browser takes `localhost` for another site."""
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield f"http://localhost:{served.server_port}"
        served.shutdown()


@pytest.fixture(scope="module")
def blocking(chromium, tmp_path_factory) -> Iterator[tuple[BrowserContext, Path, str]]:
    """A browser that blocks third-party storage; a folder, and the address where it is served."""
    profile, site = tmp_path_factory.mktemp("profile"), tmp_path_factory.mktemp("site")
    (profile / "Default").mkdir()
    (profile / "Default" / "Preferences").write_text(json.dumps(BLOCKED))
    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-component-update", "--disable-background-networking", "--disable-sync"]
    with other_site(site) as address:
        context = chromium.browser_type.launch_persistent_context(
            profile, executable_path=chromium_path(), args=flags, headless=True,
            viewport={"width": 1200, "height": 1000})
        context.set_default_timeout(30_000)
        yield context, site, address
        context.close()


@pytest.fixture
def embedded(blocking, server) -> Iterator[Callable[..., tuple[Page, Frame]]]:
    """Opens the lab with a query inside a page of another site; `more` are its attributes."""
    context, site, address = blocking
    errors: list[str] = []
    pages: list[Page] = []

    def open_page(query: str = "", more: str = "") -> tuple[Page, Frame]:
        (site / "course.html").write_text(
            f'<h1>A course page</h1><iframe {more} src="{server}/{query}" '
            'width="1100" height="900"></iframe>')
        page = context.new_page()
        pages.append(page)
        page.on("pageerror", lambda problem: errors.append(str(problem)))
        page.goto(f"{address}/course.html")
        frame = page.frames[1]
        frame.wait_for_selector("[role=tabpanel]:visible")
        return page, frame

    yield open_page
    for page in pages:
        page.close()
    assert errors == []


def chromium_path() -> str:
    return str(shutil.which("chromium") or shutil.which("chromium-browser"))


def test_everything_works_without_storage(embedded):
    _, frame = embedded("?" + SMALL)
    with pytest.raises(Exception, match="Access is denied"):  # it is really blocked
        frame.evaluate("window.localStorage")
    frame.get_by_role("button", name="Train", exact=True).click()
    frame.wait_for_selector('.live .chart[data-status="done"]')
    expect(frame.get_by_text("This browser blocks storage here")).to_be_visible()
    frame.get_by_role("button", name="Share").click()
    frame.get_by_role("button", name="Copy link").click()
    expect(frame.locator(".share > [role=status]")).not_to_be_empty()
    frame.get_by_text("Embed in a course page or a slide").click()
    frame.get_by_label("What to show").select_option("curve")
    snippet = frame.get_by_label("HTML to paste").input_value()
    assert "?embed=curve&amp;task=reverse" in snippet
    assert "clipboard-write" in snippet


def test_a_class_and_a_lesson_open_without_storage(embedded):
    _, frame = embedded("?class=embedded-1&lesson=sequences")
    expect(frame.get_by_text("embedded-1").first).to_be_visible()
    expect(frame.locator(".lesson-panel")).to_be_visible()


def test_what_the_embedding_page_forbids_is_said(embedded):
    sandbox = 'sandbox="allow-scripts allow-same-origin allow-forms"'
    _, frame = embedded("?task=reverse", sandbox)
    frame.evaluate("""() => {
      const link = Object.assign(document.createElement('a'), { id: 'outside', textContent: 'out',
        href: 'http://127.0.0.1/outside', target: '_blank' });
      document.querySelector('.gradio-container').prepend(link);
    }""")
    frame.locator("#outside").click()
    note = frame.locator(".embedded-note")
    expect(note).to_contain_text("does not allow new windows")
    expect(note).to_contain_text("http://127.0.0.1/outside")


@pytest.mark.parametrize(("name", "shown", "hidden"), [
    ("curve", ".live .chart", ".live .pair"),
    ("train", "#tab-train .live", ".page-tabs > .tab-wrapper"),
    ("answers", "#tab-answers table", "#tab-answers .forward"),
    ("attention", '#inside [data-panel="attention"]', "#inside .what-ifs"),
    ("lines", "#inside .attention-lines line", "#inside .panels.three"),
])
def test_one_part_alone(embedded, name, shown, hidden):
    _, frame = embedded(f"?embed={name}&task=reverse-letters")
    expect(frame.get_by_role("alert").filter(has_text="link")).to_have_count(0)
    expect(frame.locator(shown).first).to_be_visible()
    for selector in (hidden, ".masthead", "#lessons", "footer"):
        expect(frame.locator(selector).first).to_be_hidden()


def test_an_unknown_part_is_a_sentence(empty_page, server):
    page = empty_page
    page.goto(server + "?embed=chart")
    expect(page.get_by_role("alert").filter(has_text="The link embeds “chart”")).to_contain_text(
        "sequence, train, answers, inside, curve, attention")
