"""Accessibility: axe finds no violations on any tab, in the light and the dark theme."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import visit
from playwright.sync_api import Page, expect
from test_browser import choose, tab, wait_for_status

pytestmark = pytest.mark.browser
# A run of seconds, with attention, so that nothing on the last tab is left out.
LINK = "?task=reverse&attention=dot&num_epochs=1&num_examples=300&max_length=4"


def complaints(page: Page, where: str, schemes: tuple[str, ...] = ("light", "dark")) -> list[str]:
    """The violations that axe finds in what is visible.

    The rules about colours run again in the dark theme; the others do not depend on it.
    """
    found = []
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        expect(page.locator("body.dark")).to_have_count(int(scheme == "dark"))
        page.wait_for_timeout(500)
        options = {"resultTypes": ["violations"]}  # of all that passes, it need not tell
        if scheme == "dark":
            options["runOnly"] = ["color-contrast", "link-in-text-block"]
        # A chart is one image with a name: what is inside is not read out.
        context = {"exclude": [[".js-plotly-plot .main-svg"]]}
        found += [f"{where}, {scheme}: {rule['id']} ({rule['help']}): {node['target']} "
                  f"{node['html'][:200]}"
                  for rule in Axe().run(page, context, options).response["violations"]
                  for node in rule["nodes"]]
    page.emulate_media(color_scheme="light")
    return found


def test_axe_finds_nothing(chromium, server):
    with visit(chromium, server, LINK) as page:
        page.get_by_role("button", name="More settings").click()
        page.get_by_role("button", name="Share").click()
        page.get_by_role("button", name="Copy link").wait_for()
        found = complaints(page, "a link opened", ("light",))
        for count, name in enumerate(["Train", "Train again"], 1):
            page.get_by_role("button", name=name, exact=True).click()
            expect(page.locator(".runs label")).to_have_count(count)
            page.wait_for_timeout(500)
            wait_for_status(page, "done")
            choose(page, "8")
        expect(page.get_by_role("region", name="Your runs compared")).to_be_visible()
        page.get_by_role("button", name="Download this run").focus()
        found += complaints(page, "Train")

        tab(page, "Side by side")
        page.get_by_label("Compare with another run").click()
        page.get_by_role("option").filter(visible=True).nth(1).click()
        page.get_by_text("Both runs answered").wait_for()
        page.locator("details.n-best summary").click()
        page.locator("table.n-best-rows").wait_for()
        for title in ("Where it fails", "Training data and held-out data"):
            page.get_by_role("button", name=title).click()
        page.locator(".failure-groups").wait_for()
        page.locator(".data-rows").first.wait_for()
        found += complaints(page, "Side by side")

        tab(page, "Look inside")
        page.locator(".inside .panel .chart.js-plotly-plot").first.wait_for()
        page.evaluate("document.querySelectorAll('.inside details').forEach(d => d.open = true)")
        page.wait_for_function("""() => [...document.querySelectorAll('.inside details.ask')]
            .every(d => d.dataset.answered)""")
        found += complaints(page, "Look inside")

        tab(page, "Sequence")
        found += complaints(page, "Sequence")
    assert found == []


def test_nothing_moves_where_the_system_asks_for_less(chromium, server):
    with visit(chromium, server) as page:
        page.emulate_media(reduced_motion="reduce")
        moving = page.evaluate("""() => [...document.querySelectorAll('*')].filter(e => {
            const style = getComputedStyle(e);
            return parseFloat(style.transitionDuration) || style.animationName !== 'none';
        }).map(e => e.outerHTML.slice(0, 80))""")
        assert moving == []


def test_axe_finds_nothing_in_a_lesson_and_with_sounds_and_own_pairs(chromium, server):
    with visit(chromium, server, "?lesson=bottleneck") as page:
        panel = page.locator(".lesson-panel")
        panel.get_by_role("heading").first.wait_for()
        found = complaints(page, "the guess")
        panel.locator("[data-do=lesson]").first.click()
        panel.get_by_role("heading", name="Lessons").or_(panel.get_by_role("list")).first.wait_for()
        found += complaints(page, "the menu")
        panel.locator("[data-do=close]").click()
        for family in ("Speech", "Your own"):
            choose(page, family)
            page.wait_for_timeout(1000)
            found += complaints(page, f"Sequence, {family}", ("light",))
    assert found == []
