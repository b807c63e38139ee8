"""A learner's journeys through the page, in a real Chromium."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
LONG = 90_000  # ms; on an idle machine it is never needed


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def choose(page: Page, name: str) -> None:
    """Press a radio button, which is drawn as its label."""
    page.locator("label:visible", has=page.get_by_role("radio", name=name, exact=True)).click()


def primary(page: Page):
    """The one primary button in view."""
    return page.locator("button.primary:visible")


def chart(page: Page):
    return page.locator(".live .chart")


def wait_for_status(page: Page, status: str) -> None:
    page.wait_for_function("s => document.querySelector('.live .chart')?.dataset.status === s",
                           arg=status, timeout=LONG)


def curve(page: Page) -> list[float]:
    return page.evaluate("document.querySelector('.live .chart').data.at(0).y.map(Number)")


def score(page: Page, name: str, within: str = ".live") -> float:
    text = page.locator(f'{within} .score[data-score="{name}"] b').inner_text()
    return float(re.sub(r"[^\d.]", "", text))


def test_pressing_only_the_primary_buttons_trains_a_model_and_shows_its_answers(page):
    expect(primary(page)).to_have_count(1)
    expect(primary(page)).to_have_text("Train a model on this task →")
    primary(page).click()
    expect(primary(page)).to_have_text("Train")
    primary(page).click()
    wait_for_status(page, "done")
    expect(primary(page)).to_have_text("See its answers →")
    assert curve(page)[-1] < curve(page)[0] / 3
    without = score(page, "new")
    primary(page).click()
    table = page.get_by_role("table").filter(visible=True)
    expect(table.get_by_role("columnheader", name="Predicted")).to_be_visible()
    expect(table.get_by_role("row")).to_have_count(11)  # ten and the head
    page.get_by_role("button", name="Show 40 more rows").click()
    expect(table.get_by_role("row")).to_have_count(51)

    # The story's next step: attention, and the score on new sequences jumps.
    tab(page, "Train")
    page.get_by_role("button", name="Turn attention on").click()
    wait_for_status(page, "running")
    wait_for_status(page, "done")
    assert score(page, "new") >= 95
    assert score(page, "new") > without
    page.wait_for_function("document.querySelector('.live .chart').data.length > 2")  # both curves
    expect(page.locator(".runs label")).to_have_count(2)


def test_typing_updates_target_and_prediction_at_once(same_page):
    page = same_page
    box = page.get_by_label("Your sequence")
    expect(box).to_have_value("3 1 4 1 5")
    board = page.locator(".board")
    expect(board).to_contain_text("An untrained model's answer")
    box.fill("9 0 2")
    expect(board).to_contain_text(re.compile(r"9\s*0\s*2"))
    expect(board).to_contain_text(re.compile(r"2\s*0\s*9"))
    for text, sentence in [("9 x 2", "“x” is not in this task"), ("", "box is empty"),
                           ("1 " * 121, "at most 120")]:
        box.fill(text)
        expect(page.get_by_role("alert").filter(has_text=sentence)).to_be_visible()
    box.fill("4 4")
    expect(page.get_by_role("alert").filter(has_text="at most")).to_have_count(0)


def test_a_number_that_is_out_of_range_is_told(same_page):
    """Checks the error message, or the value if the browser has corrected it."""
    page = same_page
    tab(page, "Train")
    epochs = page.get_by_role("spinbutton", name="Epochs")
    for typed, put_right in (("0", "1 pass over"), ("999", "200 passes over")):
        epochs.fill(typed)
        epochs.press("Tab")
        told = page.get_by_text(f"Epochs is {typed}: it must be a whole number from 1 to 200.")
        expect(told.or_(page.get_by_text(put_right))).to_be_visible()


def test_a_running_training_keeps_its_chart_is_found_again_and_stopped(page):
    tab(page, "Train")
    page.get_by_label("number input for Epochs").fill("200")
    page.get_by_label("number input for Epochs").press("Tab")
    page.get_by_role("button", name="Train", exact=True).click()
    more = "n => document.querySelector('.live .chart')?.dataset.points > n"
    page.wait_for_function(more, arg=3, timeout=LONG)
    page.evaluate("""() => { const box = document.querySelector('.live .chart');
                             window.kept = box;
                             Plotly.relayout(box, {'xaxis.range': [0, 0.5]}); }""")
    page.wait_for_function(more, arg=len(curve(page)) + 3, timeout=LONG)
    assert page.evaluate("window.kept === document.querySelector('.live .chart')")
    assert page.evaluate("window.kept.layout.xaxis.range.map(Number)") == [0, 0.5]
    before = curve(page)
    page.reload()
    page.wait_for_function(more, arg=len(before), timeout=LONG)
    assert curve(page)[: len(before)] == before
    expect(page.get_by_role("status").filter(has_text="left")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    wait_for_status(page, "stopped")
    expect(page.get_by_role("status").filter(has_text="Stopped during epoch")).to_be_visible()
    before = curve(page)
    page.reload()
    tab(page, "Train")
    wait_for_status(page, "stopped")
    assert curve(page) == before


def test_own_pairs_are_learned_and_a_bad_line_is_named(page):
    choose(page, "Your own")
    box = page.get_by_label("Your pairs")
    box.fill("one -> 1\nbroken line")
    left_out = page.get_by_text("(line 2); the first is “broken line”")
    expect(left_out.first).to_be_visible()
    box.fill("\n".join(f"{w} -> {w[::-1]}" for w in ("ab", "cd", "ef", "ad", "cb", "fa")))
    page.get_by_label("Your sequence").fill("ab")
    tab(page, "Train")
    page.get_by_role("button", name="Train", exact=True).click()
    wait_for_status(page, "done")
    assert score(page, "memorised") >= 50
    tab(page, "Side by side")
    choose(page, "Seen in training")
    expect(page.get_by_role("row").filter(has_text="✓ correct").first).to_be_visible()


def test_answers_can_be_filtered_downloaded_and_looked_into(page):
    tab(page, "Side by side")
    expect(page.get_by_text("The answers of a trained model appear here")).to_be_visible()
    tab(page, "Train")
    page.get_by_label("number input for Epochs").fill("1")
    page.get_by_label("number input for Epochs").press("Tab")
    page.get_by_role("button", name="Train", exact=True).click()
    wait_for_status(page, "done")
    tab(page, "Side by side")
    page.get_by_label("Only wrong answers").check()
    expect(page.locator("p", has_text="wrong answers among")).to_be_visible()
    rows = page.get_by_role("table").filter(visible=True).get_by_role("row")
    assert not rows.filter(has_text="✓ correct").count()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").click()
    text = download.value.path().read_text()
    assert text.splitlines()[0] == "input,target,predicted,verdict"
    assert len(text.splitlines()) > 50
    page.get_by_role("button", name="Where it fails").click()
    page.get_by_role("button", name=re.compile("^length 10: ")).click()
    expect(page.locator("p", has_text="Answers to sources of length 10: ")).to_be_visible()
    page.get_by_role("button", name=re.compile("^position 2: ")).press("Enter")  # by keyboard
    expect(page.locator("p", has_text="with an error at position 2 of the")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Look inside: ")).first.click()
    expect(page.get_by_role("tab", name="Look inside")).to_have_attribute("aria-selected", "true")
    page.get_by_text("The decoder starts from the context").first.wait_for()


def test_a_narrow_screen_never_scrolls_sideways(same_page):
    page = same_page
    page.set_viewport_size({"width": 390, "height": 844})
    for name in ("Sequence", "Train", "Side by side"):
        tab(page, name)
        page.wait_for_timeout(300)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, f"{name} is {width} pixels wide"


def test_markup_is_drawn_as_text(page):
    choose(page, "Your own")
    evil = "<img/src=x/onerror=window.hit=1>"
    page.get_by_label("Your pairs").fill("\n".join(f"{evil} {i} -> {i} {evil}" for i in range(3)))
    page.get_by_label("Your sequence").fill(f"{evil} 1")
    tab(page, "Train")
    page.get_by_role("button", name="Train", exact=True).click()
    wait_for_status(page, "done")
    tab(page, "Side by side")
    choose(page, "Seen in training")
    expect(page.get_by_role("cell", name=evil).first).to_be_visible()
    assert page.evaluate("window.hit") is None


def test_back_forward_and_reload_keep_to_the_tabs(same_page):
    page = same_page
    def on(name: str) -> None:
        expect(page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")

    tab(page, "Train")
    tab(page, "Look inside")
    on("Look inside")
    page.go_back()
    on("Train")
    page.go_back()
    on("Sequence")
    page.go_forward()
    on("Train")
    page.reload()
    on("Train")
