"""The page in another language: every text, on all tabs and in a lesson."""

import re

import pytest
from conftest import visit
from playwright.sync_api import Page, expect
from test_browser import wait_for_status

from seq2seq.i18n import _, use_language
from seq2seq.translatable_texts import catalogue

pytestmark = pytest.mark.browser
# A run of seconds, with attention, so that nothing on the last tab is left out.
LINK = "?task=reverse&attention=dot&num_epochs=1&num_examples=300&max_length=4"
READ = """() => [...document.querySelectorAll('body *')].flatMap(e => {
  const own = [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.textContent);
  const svg = e.namespaceURI.endsWith('svg');
  return svg || e.closest('script, style, pre, option, .languages') ? own.slice(0, svg ? 1 : 0)
    : [...own, e.getAttribute('aria-label'), e.title, e.placeholder];
}).filter(text => typeof text === 'string' && text.trim())"""


@pytest.fixture(scope="module")
def english() -> tuple[set[str], list[re.Pattern]]:
    """The English texts whose German translation differs: plain ones, and those with variables."""
    texts = [text for message in catalogue()
             for text in ([message.id] if isinstance(message.id, str) else message.id) if text]
    with use_language("de"):
        other = [text for text in texts if _(text) != text and len(text) > 3]
    plain = {text for text in other if "{" not in text}
    # A text of a few words and many gaps would be found everywhere.
    gaps = [re.compile(".+?".join(map(re.escape, re.split(r"\{[^}]*\}", text)))) for text in other
            if "{" in text and len(re.sub(r"\{[^}]*\}|\W", "", text)) > 12]
    return plain, gaps


def left_in_english(page: Page, english: tuple[set[str], list[re.Pattern]]) -> set[str]:
    """All English texts of the code that are on the page, visible or not."""
    plain, gaps = english
    read = {" ".join(text.split()) for text in page.evaluate(READ)}
    return {text for text in read
            if text in plain or any(gap.fullmatch(text) for gap in gaps)}


def test_the_page_speaks_german_on_every_tab(chromium, server, english):
    with use_language("de"):
        names = {text: _(text) for text in (
            "Train", "Share", "Sequence", "Side by side", "Look inside", "Lessons", "More settings",
            "“{token}” is not in this task's vocabulary. {allowed}")}
    with visit(chromium, server, f"/de/{LINK}") as page:
        assert page.evaluate("document.documentElement.lang") == "de"
        found = left_in_english(page, english)
        page.get_by_role("button", name=names["Share"]).click()
        page.locator(".share .links button").first.wait_for()
        page.get_by_role("button", name=names["More settings"]).click()
        page.get_by_role("button", name=names["Train"], exact=True).click()
        wait_for_status(page, "done")
        found |= left_in_english(page, english)
        for name in ("Side by side", "Look inside"):
            page.get_by_role("tab", name=names[name]).click()
            page.wait_for_timeout(1500)
            found |= left_in_english(page, english)
        page.locator(".inside .panel .chart.js-plotly-plot").first.wait_for()
        page.evaluate("document.querySelectorAll('.inside details').forEach(d => d.open = true)")
        page.wait_for_function("""() => [...document.querySelectorAll('.inside details.ask')]
            .every(d => d.dataset.answered)""")
        found |= left_in_english(page, english)

        page.get_by_role("tab", name=names["Sequence"]).click()
        page.locator(".sequence-box textarea").fill("3 x 1")
        wrong = page.locator(".tight .problem")
        expect(wrong).to_contain_text("„x“")
        found |= left_in_english(page, english)
    assert found == set()


def test_lessons_and_class_speak_german(chromium, server, english):
    with visit(chromium, server, "/de/?lesson=bottleneck&class=deutsch") as page:
        panel = page.locator(".lesson-panel")
        panel.get_by_role("heading").first.wait_for()
        found = left_in_english(page, english)
        panel.locator("input[type=radio]").nth(2).check(force=True)
        panel.get_by_role("button").filter(visible=True).last.click()
        page.wait_for_timeout(1000)
        found |= left_in_english(page, english)
        panel.locator("[data-do=lesson]").first.click()
        page.wait_for_timeout(500)
        found |= left_in_english(page, english)
    assert found == set()


def test_a_link_leads_to_the_same_in_the_other_language(chromium, server):
    with visit(chromium, server, "/?lesson=attention") as page:
        page.get_by_role("link", name="Deutsch").click()
        page.wait_for_url("**/de/?lesson=attention")
        page.locator(".lesson-panel").get_by_role("heading").first.wait_for()
        with use_language("de"):
            expect(page.locator(".lesson-panel")).to_contain_text(_("Attention"))
        page.get_by_role("link", name="English").click()
        page.wait_for_url(re.compile(r":\d+/\?lesson=attention$"))
