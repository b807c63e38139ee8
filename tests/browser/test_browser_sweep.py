"""A sweep in the page: the grid fills, and its cells open as recipes."""

import pytest
from conftest import visit
from playwright.sync_api import expect
from test_browser import LONG
from test_browser_axe import complaints

pytestmark = pytest.mark.browser
RUN = "?task=reverse&num_epochs=2&num_examples=200&max_length=4"


def test_the_grid_fills_and_a_mistake_gets_a_sentence(chromium, server):
    with visit(chromium, server, RUN) as page:
        page.get_by_text("Sweep: compare settings in a grid").click()
        values = page.get_by_label("Its values, separated by commas")
        values.first.fill("8, many")
        page.get_by_role("button", name="Start the sweep").click()
        expect(page.locator(".sweep-card").get_by_role("alert")).to_contain_text(
            "Hidden size is “many”")
        values.first.fill("8, 16")
        page.get_by_role("button", name="Start the sweep").click()
        expect(page.get_by_text("4 of 4 models are trained.")).to_be_visible(timeout=LONG)
        expect(page.locator(".sweep td.done")).to_have_count(4)
        expect(page.locator(".sweep td.done polyline")).to_have_count(8)
        assert complaints(page, "the sweep") == []
        link = page.locator(".sweep td a").nth(1).get_attribute("href")
        assert "hidden_size=8" in link
        assert "attention=dot" in link
        page.reload()
        page.get_by_text("Sweep: compare settings in a grid").click()
        expect(page.get_by_text("4 of 4 models are trained.")).to_be_visible(timeout=LONG)


def test_the_first_epoch_is_stepped_and_played(chromium, server):
    with visit(chromium, server, f"{RUN}&batch_size=64") as page:
        page.get_by_text("Step one batch: the first epoch").click()
        panel = page.locator(".stepping")
        for number in (1, 2):
            panel.get_by_role("button", name="Step").click()
            expect(panel.get_by_text(f"Step {number} of 4: a batch of")).to_be_visible(timeout=LONG)
        expect(panel.locator("svg polyline")).to_have_count(3)
        assert complaints(page, "stepping") == []
        panel.get_by_role("button", name="Play").click()
        expect(panel.get_by_text("Step 4 of 4: a batch of")).to_be_visible(timeout=LONG)
        expect(panel.get_by_role("button", name="Step")).to_be_disabled()
        panel.get_by_role("button", name="Start again").click()
        panel.get_by_role("button", name="Step").click()
        expect(panel.get_by_text("Step 1 of 4: a batch of")).to_be_visible(timeout=LONG)
