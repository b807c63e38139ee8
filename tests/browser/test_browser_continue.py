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
        page.goto(f"http://127.0.0.1:{port}/?task=reverse&attention=dot&num_epochs=40"
                  "&num_examples=2000&hidden_size=16")
        expect(page.get_by_role("status").filter(has_text="Opened from a link")).to_be_visible()
        page.get_by_role("tab", name="Train").click()
        page.get_by_role("button", name="Train", exact=True).click()
        status = page.locator(".live .status")
        expect(status).to_have_text(re.compile("Epoch [3-9] of 40"), timeout=PATIENCE)

        page.get_by_role("button", name="Stop").click()
        expect(status).to_have_text(re.compile("Stopped during epoch"), timeout=PATIENCE)
        # What is shown is the model of that moment: a part of an epoch is in it.
        expect(page.locator(".live .note")).to_contain_text(re.compile(r"during epoch \d+ of 40"))
        button = page.get_by_role("button", name="Continue", exact=True)
        expect(page.locator("#tab-train button.primary:visible")).to_have_text("Continue")
        button.click()
        expect(status).to_have_text(re.compile(r"Epoch (\d|1\d) of 40"), timeout=PATIENCE)
        expect(button).to_be_hidden()
        points = int(page.locator(".live .chart").get_attribute("data-points"))

        app.kill()
        app.wait(10)
        expect(status).to_have_text(re.compile("Connection lost"), timeout=PATIENCE)
        page.get_by_role("tab", name="Look inside").click()
        asleep = page.locator("p.asleep")
        expect(asleep).to_contain_text("may be asleep or restarting")
        expect(asleep.get_by_role("link", name="Open this page again")).to_be_visible()
        page.get_by_role("tab", name="Train").click()
        app = start_app(port, **again)
        # The page was open all the time: nobody has to reload it.
        expect(asleep).to_be_empty(timeout=PATIENCE)
        expect(status).to_have_text(re.compile(r"Interrupted after epoch \d+: the server was rest"),
                                    timeout=PATIENCE)
        assert int(page.locator(".live .chart").get_attribute("data-points")) >= points / 2
        button.click()
        expect(status).to_have_text(re.compile("Done: 40 epochs"), timeout=2 * PATIENCE)
        expect(button).to_be_hidden()
        page.get_by_role("tab", name="Side by side").click()
        expect(page.locator("table.answers").get_by_role("row").nth(3)).to_be_visible()
    finally:
        context.close()
        app.kill()
        app.wait(10)
