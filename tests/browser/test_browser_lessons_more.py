"""The lessons in Chromium: a wrong URL, hidden bugs, a slow connection."""

import re

import pytest
from playwright.sync_api import Page, expect
from test_browser_lessons import LONG, is_on, open_lesson, panel, patience, press, title

from seq2seq.lessons import get_lesson
from seq2seq.lessons.measurement import patients
from seq2seq.training.notebook_bugs import FAULTS
from seq2seq.ui.lessons.pages import TAB_TITLES

pytestmark = pytest.mark.browser
__all__ = ["patience"]  # a fixture that is always used


def test_an_unknown_lesson_leads_to_the_menu_where_nothing_is_told(empty_page, server):
    page = empty_page
    page.goto(f"{server}?lesson=algebra")
    title(page, "Lessons")
    expect(panel(page).get_by_role("alert")).to_contain_text("There is no lesson “algebra”.")
    panel(page).get_by_role("button", name=re.compile("The bottleneck")).click()
    title(page, "The bottleneck")
    expect(panel(page).get_by_role("button", name="This is my guess")).to_be_disabled()
    assert not panel(page).locator(".told, .act").count()


ALL_THAT_IS_SAID = """() => document.body.innerText + [...document.querySelectorAll(
  'input, textarea, select, [aria-label], [title]')].map(e => [e.value, e.textContent,
  e.getAttribute('aria-label'), e.title].join(' ')).join(' ')"""


def stage(page: Page) -> int:
    """The number of the step that is shown."""
    return int(page.locator(".lessons").get_attribute("data-stage") or 0)


def test_no_tab_names_the_bug_of_a_patient(empty_page, server):
    """The bug in a link is named only on request."""
    page = empty_page
    lesson = get_lesson("repair")
    open_lesson(page, server, lesson)
    title(page, lesson.steps[0].title)
    while lesson.steps[(number := stage(page)) - 1].run != "c":
        press(page, "next")
        title(page, lesson.steps[number].title)
    press(page, "begin")
    expect(panel(page).get_by_role("button", name="Next →")).to_be_visible(timeout=LONG)
    bug = FAULTS[patients(lesson)["c"]]
    tells = [bug.name, bug.title, bug.model.__name__, "fault="]
    page.get_by_role("button", name="Share").click()
    share = page.get_by_role("region", name="Links to share")
    show = share.get_by_role("button", name="Show link")
    expect(show).to_be_visible()
    for tab in TAB_TITLES.values():
        page.get_by_role("tab", name=tab).click()
        if tab == "Look inside":
            page.locator(".inside .panel .chart.js-plotly-plot").first.wait_for()
            page.locator("details.ask[data-ask=code] summary").click()
            page.locator("details.ask[data-ask=code] select").select_option("Encoder and decoder "
                                                                            "together")
            expect(page.locator("pre.code")).to_contain_text("a bug for you to find")
        page.wait_for_timeout(500)
        said = page.evaluate(ALL_THAT_IS_SAID)
        assert [tell for tell in tells if tell.lower() in said.lower()] == [], tab
    show.click()
    links = [field.input_value() for field in share.get_by_role("textbox").all()]
    assert any(f"fault={bug.name}" in link for link in links)


def test_no_press_goes_through_the_queue_whose_closing_stream_could_lose_it(empty_page, server):
    """Seen on a busy machine: a run had just ended, and “Show me” did nothing."""
    page = empty_page
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    open_lesson(page, server, get_lesson("sequences"))
    for tab in ("Side by side", "Look inside", "Train"):
        page.get_by_role("tab", name=tab).click()
    press(page, "visit")
    is_on(page, "sequence")
    assert any("run/predict" in url for url in asked)
    assert not [url for url in asked if "queue/join" in url]


SLOW_TO_ANSWER = """
const fetched = window.fetch;
window.fetch = async (...asked) => {
  const answer = await fetched(...asked);
  if (String(asked[0].url || asked[0]).includes('run/predict')) {
    await new Promise(go_on => setTimeout(go_on, 2000));
  }
  return answer;
};
"""


def test_who_presses_before_the_last_answer_came_is_heard_afterwards(empty_page, server):
    page = empty_page
    page.add_init_script(SLOW_TO_ANSWER)
    lesson = get_lesson("sequences")
    open_lesson(page, server, lesson)
    title(page, lesson.steps[0].title)
    press(page, "visit")
    press(page, "next")
    title(page, lesson.steps[1].title)
    press(page, "begin")
    is_on(page, "train")
    expect(panel(page).get_by_role("button", name="Next →")).to_be_visible(timeout=LONG)


def test_a_page_that_a_busy_server_refused_is_requested_again(empty_page, server):
    page, refused = empty_page, []

    def refuse(route):
        asked = route.request.post_data or ""
        if len(refused) < 2 and '"what":"page"' in asked:
            refused.append(asked)
            route.fulfill(json={"problem": "This server is busy.", "passes": True})
        else:
            route.continue_()
    lesson = get_lesson("sequences")
    open_lesson(page, server, lesson)
    press(page, "next")
    title(page, lesson.steps[1].title)
    page.route(re.compile("component_server"), refuse)
    press(page, "begin")
    expect(panel(page).get_by_role("button", name="Next →")).to_be_visible(timeout=LONG)
    assert len(refused) == 2
