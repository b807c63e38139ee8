"""Answers that come late, and pages that outlive their server: what is shown is what holds now."""

import signal

import pytest
from conftest import free_port, start_app, visit
from playwright.sync_api import expect
from test_browser import tab, wait_for_status

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
    page.wait_for_timeout(0)
    ready = page.get_by_role("button", name="Open the ready-trained model")
    while not held:
        page.wait_for_timeout(50)
    ready.click()
    expect(page.get_by_role("button", name="The ready-trained model is open")).to_be_visible()
    board = page.locator(".board").first
    expect(board).to_contain_text("The ready-trained model says")
    route, response = held[0]
    with page.expect_response("**/gradio_api/run/**"):
        route.fulfill(response=response)
    expect(board).to_contain_text("An untrained model says")  # for a moment
    expect(board).to_contain_text("The ready-trained model says")


def test_open_pages_go_on_with_their_run_after_a_restart(chromium, tmp_path):
    port = free_port()
    variables = {"SEQ2SEQ_STATE_DIR": str(tmp_path), "SEQ2SEQ_STATE_SECONDS": "0.5"}
    app = start_app(port, **variables)
    try:
        with visit(chromium, f"http://127.0.0.1:{port}") as page:
            tab(page, "Train")
            page.get_by_label("number input for Epochs").fill("300")
            page.get_by_label("number input for Epochs").press("Tab")
            page.get_by_role("button", name="Train", exact=True).click()
            wait_for_status(page, "running")
            page.wait_for_timeout(3000)  # a few snapshots are kept
            app.send_signal(signal.SIGKILL)
            app.wait(20)
            app = start_app(port, **variables)
            page.get_by_role("button", name="Continue →").click()
            wait_for_status(page, "running")
            page.get_by_role("button", name="Stop").click()
            wait_for_status(page, "stopped")
            tab(page, "Side by side")
            expect(page.locator("table.answers").get_by_role("row").nth(3)).to_be_visible()
    finally:
        app.kill()
        app.wait(20)
