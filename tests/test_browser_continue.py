"""A learner whose training is interrupted: by themselves, and by the server's end."""

import re

import pytest
from conftest import free_port, start_app
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
PATIENCE = 60_000  # ms


def test_what_was_interrupted_is_continued(chromium, tmp_path):
    port = free_port()
    again = {"SEQ2SEQ_STATE_DIR": str(tmp_path), "SEQ2SEQ_STATE_SECONDS": "0.5"}
    app = start_app(port, **again)
    context = chromium.new_context()
    try:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(f"http://127.0.0.1:{port}/?task=reverse&attention=dot&num_epochs=60"
                  "&num_examples=2000&hidden_size=16")
        expect(page.get_by_role("status").filter(has_text="Opened from a link")).to_be_visible()
        page.get_by_role("tab", name="Train").click()
        page.get_by_role("button", name="Train", exact=True).click()
        status = page.locator(".live .status")
        expect(status).to_have_text(re.compile("Epoch [3-9] of 60"), timeout=PATIENCE)

        page.get_by_role("button", name="Stop").click()
        expect(status).to_have_text(re.compile("Stopped in epoch"), timeout=PATIENCE)
        page.get_by_role("button", name="Continue →").click()
        expect(status).to_have_text(re.compile(r"Epoch (\d|1\d) of 60"), timeout=PATIENCE)
        points = int(page.locator(".live .chart").get_attribute("data-points"))

        app.kill()
        app.wait(10)
        expect(status).to_have_text(re.compile("Connection lost"), timeout=PATIENCE)
        app = start_app(port, **again)
        page.reload()  # as whoever comes back to a page that has gone dead
        expect(status).to_have_text(re.compile(r"Interrupted after epoch \d+: the server was rest"),
                                    timeout=PATIENCE)
        assert int(page.locator(".live .chart").get_attribute("data-points")) >= points / 2
        page.get_by_role("button", name="Continue →").click()
        expect(status).to_have_text(re.compile("Done: 60 epochs"), timeout=2 * PATIENCE)
        expect(page.get_by_role("button", name="Continue →")).to_be_hidden()
    finally:
        context.close()
        app.kill()
        app.wait(10)
