"""The page shows the newest model, despite a late response and after opening a file."""

import base64
import re

import pytest
from playwright.sync_api import Page, expect
from test_browser import choose, score, tab, wait_for_status

from seq2seq.files import pretrained

pytestmark = pytest.mark.browser


def test_a_late_answer_does_not_replace_that_of_the_model_opened_since(page):
    held = []

    def hold(route):
        if not held and "4 5 6 7" in (route.request.post_data or ""):
            held.append((route, route.fetch()))  # it is answered, and the answer is on its way
        else:
            route.continue_()
    page.route("**/gradio_api/run/**", hold)
    page.get_by_label("Your sequence").fill("4 5 6 7")
    ready = page.get_by_role("button", name="Open the pre-trained model")
    while not held:
        page.wait_for_timeout(50)
    ready.click()
    expect(page.get_by_role("button", name="The pre-trained model is open")).to_be_visible()
    board = page.locator(".board").first
    expect(board).to_contain_text("The pre-trained model's answer")
    route, response = held[0]
    with page.expect_response("**/gradio_api/run/**"):
        route.fulfill(response=response)
    expect(board).to_contain_text("An untrained model's answer")  # for a moment
    expect(board).to_contain_text("The pre-trained model's answer")


def answered(page: Page, requests: list) -> None:
    """Wait until all requests of handlers are answered, and no answer causes another one."""
    while True:
        num_requests = len(requests)
        page.wait_for_timeout(500)
        if len(requests) == num_requests and all(r.response() for r in requests):
            return


@pytest.fixture(scope="module")
def opened(module_page) -> Page:
    """The page with the pre-trained model."""
    module_page.get_by_role("button", name="Open the pre-trained model").click()
    expect(module_page.get_by_role("button", name="The pre-trained model is open")).to_be_visible()
    return module_page


def test_a_late_table_does_not_replace_that_of_the_set_chosen_since(opened):
    page, requests, held = opened, [], []
    page.on("request", lambda r: requests.append(r) if "/gradio_api/run/" in r.url else None)
    tab(page, "Side by side")
    expect(page.locator("a[download='answers-new.csv']")).to_be_visible()
    tab(page, "Train")
    answered(page, requests)

    def hold(route):
        if not held:
            held.append((route, route.fetch()))
        else:
            route.continue_()
    page.route("**/gradio_api/run/**", hold)
    tab(page, "Side by side")
    while not held:
        page.wait_for_timeout(50)
    page.locator("label:visible", has=page.get_by_role("radio", name="Longer")).click()
    expect(page.locator("a[download='answers-longer.csv']")).to_be_visible()
    route, response = held[0]
    with page.expect_response(lambda later: "answers-longer" in later.text()):
        route.fulfill(response=response)  # with the new examples; then the page asks once more
    expect(page.locator("a[download='answers-longer.csv']")).to_be_visible()
    page.unroute_all()


def test_a_late_computation_does_not_replace_that_of_the_level_chosen_since(opened):
    page = opened
    tab(page, "Look inside")
    page.wait_for_selector(".inside[data-drawn]")
    arithmetic = page.locator("details.arithmetic")
    arithmetic.locator("summary").click()
    expect(arithmetic.locator(".katex-display")).to_be_visible()
    held, levels = [], []

    def hold(route):
        levels.extend(re.findall(r'"level":(\d)', route.request.post_data or ""))
        if not held:
            held.append((route, route.fetch()))
        else:
            route.continue_()
    page.route("**/gradio_api/run/**", hold)
    arithmetic.get_by_role("button", name="1. ").click()
    while not held:
        page.wait_for_timeout(50)
    arithmetic.get_by_role("button", name="3. ").click()
    expect(arithmetic.locator("[aria-pressed=true]")).to_contain_text("3. ")
    route, response = held[0]
    route.fulfill(response=response)
    expect(arithmetic.locator("#arithmetic")).to_contain_text("The context vector is the sum of")
    # No older question is asked again. (A change of the layout asks the newest one again.)
    older = [level for level in levels if level != "2"]
    assert len(set(older)) == len(older), levels
    page.unroute_all()


def test_a_model_from_a_file_is_opened_by_dropping_it_and_a_strangers_file_is_not(page):
    tab(page, "Train")
    box = page.locator(".open-file")
    box.locator("input[type=file]").set_input_files(
        [{"name": "x.safetensors", "mimeType": "", "buffer": b"no weights"}])
    expect(box.get_by_role("alert")).to_contain_text("not a model")
    # Dropped on the chart, far from the button.
    blob = (pretrained.MODELS / "copy.safetensors").read_bytes()
    page.evaluate("""data => {
      const bytes = Uint8Array.from(atob(data), sign => sign.charCodeAt(0));
      const carried = new DataTransfer();
      carried.items.add(new File([bytes], 'mine.safetensors'));
      document.querySelector('.live .chart').dispatchEvent(new DragEvent(
        'drop', { dataTransfer: carried, bubbles: true, cancelable: true }));
    }""", base64.b64encode(blob).decode())
    expect(box).to_contain_text("is open")
    expect(page.locator(".runs label")).to_contain_text("Copy digits")
    expect(page.locator('.live .score[data-score="new"] b')).to_have_text(re.compile(r"\d %"))
    tab(page, "Side by side")
    expect(page.locator("table.answers").get_by_role("row").nth(3)).to_be_visible()


def test_pasted_pairs_replace_the_example_and_get_settings(page):
    choose(page, "Your own")
    box = page.get_by_label("Your pairs")
    text = "".join(f"{a}{b}{c} V;PST\t{a}{b}{c}ed\n" for a in "bdk" for b in "aeiou" for c in "lmn")
    paste = """(box, text) => {
      box.select();
      const carried = new DataTransfer();
      carried.setData('text', text);
      box.dispatchEvent(new ClipboardEvent('paste', { clipboardData: carried, bubbles: true }));
      document.execCommand('insertText', false, text); // as the browser does
    }"""
    box.evaluate(paste, text)
    expect(page.get_by_text("Settings filled in for these pairs: dropout 0.3")).to_be_visible()
    expect(box).to_have_value(re.compile("#source-tokens: characters"))
    expect(page.get_by_label("Your sequence")).to_have_value("bal V;PST")


def test_a_dropped_table_becomes_a_model_in_three_clicks(page):
    choose(page, "Your own")
    expect(page.get_by_label("Your pairs")).to_be_visible()
    text = "".join(f"{a}{b}{c} V;PST\t{a}{b}{c}ed\n" for a in "bdk" for b in "aeiou" for c in "lmn")
    page.evaluate("""text => {
      const carried = new DataTransfer();
      carried.items.add(new File([text], 'mine.tsv'));
      document.querySelector('.pairs-box').dispatchEvent(new DragEvent(
        'drop', { dataTransfer: carried, bubbles: true, cancelable: true }));
    }""", text)
    expect(page.get_by_text("Settings filled in for these pairs: dropout 0.3")).to_be_visible()
    expect(page.get_by_label("Your pairs")).to_have_value(re.compile("#source-tokens: characters"))
    expect(page.get_by_label("Your sequence")).to_have_value("bal V;PST")
    page.get_by_role("button", name="Train a model on this task").click()
    page.get_by_role("button", name="Train", exact=True).click()
    wait_for_status(page, "done")
    assert score(page, "memorised") >= 50
