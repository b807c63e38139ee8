"""A class: the link, the chart of all runs, hidden parts of the page, the teacher's links."""

from contextlib import contextmanager
from urllib.parse import parse_qs, urlparse

import pytest
from conftest import visit
from playwright.sync_api import Page, expect
from test_browser import LONG, curve, tab, wait_for_status
from test_browser_axe import complaints

from seq2seq.ui.sharing.hidden_parts import PARTS

pytestmark = pytest.mark.browser
LONG_RUN = "task=reverse&num_epochs=40&num_examples=600&max_length=4"
GOAL = "goal=new>=0.2,parameters<=60000"
RUN = "task=reverse&num_epochs=2&num_examples=300&max_length=4"
# Notes, at every frame from the first on, which of the elements in `window.watched` can be seen.
WATCH = """selectors => {
  window.flashed = new Set();
  const look = () => {
    for (const name of selectors) {
      for (const node of document.querySelectorAll(name)) {
        if (node.getClientRects().length) window.flashed.add(name);
      }
    }
    requestAnimationFrame(look);
  };
  look();
}"""


@contextmanager
def learner(chromium, server, query: str):
    """A learner who has opened a link, and the page's requests about the class."""
    with visit(chromium, server, query) as page:
        page.asked = []
        page.on("request", lambda r: page.asked.append(r.post_data) if "component_server" in r.url
                and '"look"' in (r.post_data or "") else None)
        yield page


def train(page: Page) -> None:
    page.get_by_role("button", name="Train", exact=True).click()
    wait_for_status(page, "done")


def rows(page: Page):
    return page.locator(".class-table tbody tr")


def curves(page: Page) -> list[list[float]]:
    return page.evaluate("""() => document.querySelector('.class-board .chart').data
        .filter(trace => trace.mode !== 'text').map(trace => [...trace.y])""")


def test_two_learners_train_and_the_leader_sees_both(chromium, server):
    name = "class=Room-8b"
    with visit(chromium, server, f"?{name}&view=class", ready="h1") as leader, \
            learner(chromium, server, f"?{name}&{RUN}") as one:
        expect(one.get_by_text("You are in the class “room-8b” as learner 1")
               ).to_be_visible(timeout=LONG)
        with learner(chromium, server, f"?{name}&{RUN}&hidden_size=8") as two:
            expect(two.get_by_text("You are in the class “room-8b” as learner 2")
                   ).to_be_visible(timeout=LONG)
            a_lesson_together(server, leader, one, two)


def a_lesson_together(server: str, leader: Page, one: Page, two: Page) -> None:
    expect(leader.get_by_role("heading", name="The class “room-8b”")).to_be_visible()
    expect(leader.get_by_text(f"{server}/?class=room-8b")).to_be_visible()
    expect(leader.get_by_role("tab")).to_have_count(0)  # neither seen nor reached by a key
    expect(leader.get_by_text("2 learners, nobody has trained")).to_be_visible(timeout=LONG)
    leader.evaluate("window.kept = document.querySelector('.class-board .chart')")

    train(two)
    train(one)
    expect(rows(leader)).to_have_count(2, timeout=LONG)
    expect(leader.get_by_text("2 learners, 2 have trained, nobody is training")
           ).to_be_visible(timeout=LONG)
    expect(leader.get_by_role("row", name="Learner 2")).to_contain_text("Run 1: hidden size 8")
    assert [len(y) for y in curves(leader)] == [2, 2]
    leader.locator(".class-measures label", has_text="Held-out loss").click()
    leader.wait_for_function(
        "Math.max(...document.querySelector('.class-board .chart').data[0].y) > 1")
    assert leader.evaluate("window.kept === document.querySelector('.class-board .chart')")
    assert one.asked == two.asked == [], "only who has the chart open asks for it"

    # A learner looks as well, and leaves.
    one.get_by_role("button", name="See the whole class").click()
    expect(rows(one)).to_have_count(2, timeout=LONG)
    assert one.asked
    one.get_by_role("button", name="Close", exact=True).filter(visible=True).click()
    expect(one.get_by_role("button", name="See the whole class")).to_be_focused()
    asked = len(one.asked)
    one.get_by_role("button", name="Leave the class").click()
    expect(one.get_by_text("You are in the class")).to_have_count(0)
    assert "class=" not in one.url
    expect(rows(leader)).to_have_count(1, timeout=LONG)
    assert len(one.asked) == asked, "closed means that nothing is asked any more"

    # The selectors of all parts that a link can hide match elements.
    for name in ("Sequence", "Side by side", "Look inside", "Train"):
        tab(two, name)
    for name, part in PARTS.items():
        for where in part.where:
            expect(two.locator(where), f"{name}: {where}").not_to_have_count(0)


def test_a_class_votes_shares_a_training_compares_seeds_and_reaches_a_goal(chromium, server):
    name = f"?class=voters&{GOAL}"
    lesson = f"{name}&{LONG_RUN}&lesson=bottleneck"
    with visit(chromium, server, f"{name}&view=class", ready="h1") as leader, \
            visit(chromium, server, lesson) as one, visit(chromium, server, lesson) as two:
        leader.get_by_role("button", name="QR code of the class").click(timeout=LONG)
        expect(leader.locator(".class-code.large svg path")).to_have_count(1)
        leader.keyboard.press("Escape")
        votes_are_shown_on_the_leaders_click(leader, one, two)
        who_stops_and_continues_disturbs_nobody(one, two)
        expect(one.locator(".goal")).to_contain_text("Goal reached by Run 1")
        expect(leader.locator(".class-table .reached-goal")).to_have_count(2, timeout=LONG)
        link = rows(leader).first.get_by_role("link", name="Run 1")
        assert "task=reverse" in link.get_attribute("href")

        leader.get_by_role("button", name="Everyone another seed").click()
        for learner in (one, two):
            learner.get_by_role("button", name="Train with seed 100").click(timeout=LONG)
        for learner in (one, two):  # the status before was “done”, too: of the first run
            expect(learner.locator(".runs label", has_text="Run 2")).to_contain_text(
                "on new examples", timeout=LONG)
        assert curve(one) != curve(two)
        expect(leader.locator(".class-status")).to_contain_text("seeds of the same settings",
                                                                timeout=LONG)


def test_each_learner_trains_a_cell_and_the_projector_fills(chromium, server):
    query = f"?class=grid&{RUN}&sweep=hidden_size:8,16"
    with visit(chromium, server, f"{query}&view=class", ready="h1") as leader, \
            visit(chromium, server, query) as one, visit(chromium, server, query) as two:
        leader.get_by_role("button", name="Everyone a cell of the sweep").click(timeout=LONG)
        expect(leader.locator(".class-sweep td.waiting")).to_have_count(2)
        for learner in (one, two):
            learner.get_by_role("button", name="Train this cell").click(timeout=LONG)
            wait_for_status(learner, "done")
        expect(leader.locator(".class-sweep td.done")).to_have_count(2, timeout=LONG)
        expect(leader.get_by_text("2 of 2 models are trained.")).to_be_visible()
        expect(rows(leader)).to_have_count(2)
        assert not complaints(leader, "the class")
        expect(leader.get_by_text("sweep=hidden_size:8,16", exact=False)).to_be_visible()
        expect(one.get_by_role("button", name="Train this cell")).to_have_count(0)
        sizes = {page.locator(".runs label").first.inner_text() for page in (one, two)}
        assert len(sizes) == 2


def votes_are_shown_on_the_leaders_click(leader: Page, one: Page, two: Page) -> None:
    for learner, choice in ((one, "All three, if"), (two, "Only the one with 128")):
        learner.get_by_text(choice).click(timeout=LONG)
        learner.get_by_role("button", name="This is my guess").click()
        expect(learner.get_by_text("Your vote counts, without your name.")).to_be_visible()
    expect(leader.get_by_text("2 of 2 learners have voted.")).to_be_visible(timeout=LONG)
    expect(leader.locator(".ballot .votes")).to_have_count(0)
    leader.get_by_role("button", name="Show the votes").click()
    expect(leader.locator(".ballot .round-1")).to_have_text(
        ["vote 1: 50 % (1)", "vote 1: 0 % (0)", "vote 1: 50 % (1)"])
    leader.get_by_role("button", name="Vote again").click()
    one.get_by_text("Only the one with 128").click()
    one.get_by_role("button", name="Vote again").click(timeout=LONG)
    expect(leader.get_by_text("1 of 2 learners have voted again.")).to_be_visible(timeout=LONG)
    leader.get_by_role("button", name="Show the votes").click()
    expect(leader.locator(".ballot .round-2").last).to_have_text("vote 2: 100 % (1)")


def who_stops_and_continues_disturbs_nobody(one: Page, two: Page) -> None:
    for learner in (one, two):
        learner.locator(".lesson-panel [data-do=close]").click()
        learner.get_by_role("button", name="Train", exact=True).click()
    expect(two.locator(".live .status")).to_contain_text("1 other visitor is training the same")
    one.get_by_role("button", name="Stop").click()
    wait_for_status(one, "stopped")
    stopped = curve(one)
    one.get_by_role("button", name="Continue", exact=True).click()
    for learner in (one, two):
        wait_for_status(learner, "done")
        expect(learner.locator(".live .status")).to_contain_text("Done: 40 epochs")
    assert 0 < len(stopped) < len(curve(two))
    assert curve(one) == curve(two)


def test_hidden_parts_never_flash_up_and_no_key_reaches_them(chromium, server):
    gone = ["#tab-sequence-button", "#tab-sequence", "#tab-inside-button", "#lessons .entry",
            ".top > button", ".choices .more"]
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.add_init_script(f"({WATCH})({gone})")
    page.goto(f"{server}?class=a+b&hide=sequence,Inside,lessons,share,settings,take,curtain")
    problems = page.get_by_role("alert")
    expect(problems.filter(has_text="hides “curtain”")).to_be_visible(timeout=LONG)
    expect(problems.filter(has_text="“a b”: its name must have 1 to 40")).to_be_visible()
    expect(page.get_by_role("tab")).to_have_text(["Train", "Side by side"])
    expect(page.get_by_role("tab", name="Train")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#tab-train")).to_be_visible()
    reached = set()
    page.get_by_role("tab", name="Train").focus()
    for _ in range(30):
        reached.add(page.evaluate("document.activeElement.textContent.trim().slice(0, 30)"))
        page.keyboard.press("Tab")
    assert {"Train", "Side by side"} <= reached
    assert not reached & {"Sequence", "Look inside", "Share", "More settings"}
    assert page.evaluate("[...window.flashed]") == []
    context.close()


def test_a_teacher_puts_a_link_together_and_it_works(chromium, server, page):
    page.get_by_role("button", name="Share").click()
    panel = page.get_by_role("region", name="Links to share")
    panel.get_by_label("Class name").fill("room 8b")
    expect(panel.get_by_role("alert")).to_contain_text("no spaces")
    panel.get_by_label("Class name").fill("tuesday")
    expect(panel.get_by_role("alert")).to_have_count(0)
    panel.get_by_label("Start with").select_option(label="lesson 3: The bottleneck")
    panel.get_by_text("Hide parts of the page").click()
    panel.get_by_label("“More settings”").check()
    panel.get_by_text("For teachers:").click()
    expect(panel.get_by_role("link", name="4 Attention").first).to_have_attribute(
        "href", "?lesson=attention&class=tuesday&hide=settings")
    link = panel.get_by_label("For the learners").input_value()
    assert parse_qs(urlparse(link).query) == {
        "lesson": ["bottleneck"], "class": ["tuesday"], "hide": ["settings"]}
    projector = parse_qs(urlparse(panel.get_by_label("For the projector").input_value()).query)
    assert projector == {**parse_qs(urlparse(link).query), "view": ["class"]}
    with visit(chromium, server, "?" + urlparse(link).query) as learner:
        expect(learner.get_by_text("You are in the class “tuesday”")).to_be_visible()
        expect(learner.locator(".lesson-panel").get_by_role("heading", name="The bottleneck")
               ).to_be_visible(timeout=LONG)
        expect(learner.get_by_role("button", name="More settings")).to_have_count(0)


def test_axe_finds_nothing_in_a_class_light_and_dark(chromium, server):
    found = []
    with visit(chromium, server, f"?class=axe&{RUN}&{GOAL}&lesson=1") as page:
        train(page)
        page.get_by_role("button", name="See the whole class").click()
        expect(rows(page)).to_have_count(1, timeout=LONG)
        page.get_by_role("button", name="Share").click()
        page.get_by_label("Class name").fill("tuesday")
        page.get_by_text("Hide parts of the page").click()
        page.get_by_text("For teachers:").click()
        found += complaints(page, "a learner")
        page.goto(f"{server}?class=axe&view=class&{GOAL}")
        expect(rows(page)).to_have_count(1, timeout=LONG)
        found += complaints(page, "the projector")
    assert found == []
