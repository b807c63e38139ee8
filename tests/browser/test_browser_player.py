"""The player of an ended run: scrubbing, and playing to the end."""

import pytest
from conftest import visit
from playwright.sync_api import expect
from test_browser import LONG, curve, wait_for_status

pytestmark = pytest.mark.browser
RUN = "?task=reverse&num_epochs=4&num_examples=200&max_length=4"


def test_a_training_is_scrubbed_and_played(chromium, server):
    with visit(chromium, server, RUN) as page:
        player = page.locator(".player")
        expect(player).to_be_hidden()
        page.get_by_role("button", name="Train", exact=True).click()
        wait_for_status(page, "done")
        whole, score = curve(page), page.locator(".score b").first.text_content()
        scrubber = player.get_by_label("Epoch of the recording")
        scrubber.press("Home")
        expect(player.get_by_text("before training")).to_be_visible(timeout=LONG)
        assert curve(page) == []
        expect(page.locator(".score b").first).to_have_text("–")
        scrubber.press("ArrowRight")
        expect(player.get_by_text("after epoch 1")).to_be_visible()
        assert 0 < len(curve(page)) < len(whole)
        player.get_by_label("Speed").select_option("4×")
        player.get_by_role("button", name="Play").click()
        expect(player.get_by_text("after epoch 4")).to_be_visible()
        expect(player.get_by_role("button", name="Play")).to_be_visible()
        assert curve(page) == whole
        expect(page.locator(".score b").first).to_have_text(score)
