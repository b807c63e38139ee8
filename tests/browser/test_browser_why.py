"""From the score to a group of errors, to one answer, to its arithmetic, and back."""

import re

import pytest
from conftest import visit
from playwright.sync_api import Locator, Page, expect
from test_browser_inside import cells

pytestmark = pytest.mark.browser
CELL = """box => {
  const { xaxis, yaxis } = box._fullLayout, r = box.getBoundingClientRect();
  return [r.x + xaxis._offset + xaxis.c2p(1), r.y + yaxis._offset + yaxis.c2p(2)]; }"""


@pytest.mark.parametrize(("width", "mouse"), [(1280, True), (390, False)], ids=["mouse", "keys"])
def test_from_the_score_to_the_arithmetic_and_back(chromium, server, width, mouse):
    def press(target: Locator) -> None:
        if mouse:
            target.click()
        else:
            target.press("Enter")

    with visit(chromium, server) as page:
        page.set_viewport_size({"width": width, "height": 900})
        press(page.get_by_role("button", name="Open the pre-trained model"))
        expect(page.get_by_role("button", name="The pre-trained model is open")).to_be_visible()
        press(page.get_by_role("tab", name="Side by side"))
        choose_longer(page, mouse)
        press(page.get_by_role("button", name="Where it fails"))
        press(page.get_by_role("button", name=re.compile("^length ")).last)
        caption = page.locator("p", has_text="Answers to sources of length ")
        expect(caption).to_be_visible()
        row = page.locator("table.answers tbody tr").filter(has_not_text="✓ correct").first
        press(row.get_by_role("button", name=re.compile("^Look inside: ")))

        # What repairs the answer, and the same change in its own section.
        page.wait_for_selector(".inside[data-drawn]")
        expect(page.locator(".inside .who")).to_contain_text("expected")
        why = page.locator("details[data-ask=why]")
        press(why.locator("summary"))
        expect(why.locator(".finding").first).to_contain_text("The first wrong token is number ")
        number = int(re.search(r"number (\d+)", why.locator(".finding").first.inner_text())[1])
        attention = why.locator("li").filter(has_text="Attention")
        expect(attention).to_contain_text(re.compile("Looking|At none"))
        press(why.locator("li").filter(has_text="One token").get_by_role("button", name="Show →"))
        force = page.locator("details[data-ask=force]")
        expect(force.locator(".finding")).to_contain_text("You forced")
        assert force.get_by_label("At output token").input_value() == str(number - 1)
        assert cells(force, "With your token").split()[: number - 1] == cells(
            why, "Correct answer").split()[: number - 1]
        num_read = len(page.locator(".inside .lane .enc li").all())
        expect(page.locator(".inside")).to_have_attribute("data-step", str(num_read + number - 1))

        if mouse:
            files_work_without_a_server(page)
        arithmetic = to_arithmetic(page, mouse)
        levels = arithmetic.locator("[data-level]")
        expect(levels).to_have_count(3)
        expect(arithmetic.locator("[aria-pressed=true]")).to_have_text("2. Softmax")
        expect(arithmetic.locator(".katex-display")).to_be_visible()
        place = arithmetic.get_by_label("at input position").input_value()
        label = arithmetic.locator(f"[name=place] option[value='{place}']").inner_text()
        row = arithmetic.get_by_role("row", name=label)
        weight = float(row.get_by_role("cell").last.inner_text().replace("·10", "e").replace(
            "⁻", "-").translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")))
        step = page.evaluate("Number(document.querySelector('.inside').dataset.step)") - num_read
        drawn_weight = page.evaluate(
            "([t, s]) => document.querySelector('[data-panel=attention] .chart').data[0].z[t][s]",
            [step, int(place)])
        assert abs(weight - drawn_weight) <= 1e-3
        press(levels.nth(0))
        expect(arithmetic).to_contain_text("How well the decoder's state matches")
        expect(arithmetic.locator("code").filter(has_text="query @ keys")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width

        # And back: to the level before, to the picture, to the table.
        back = arithmetic.locator(".to-picture")
        expect(back).to_have_text("← Back to “Softmax”")
        press(back)
        expect(arithmetic.locator("[aria-pressed=true]")).to_have_text("2. Softmax")
        expect(back).to_have_text("← Back to the picture")
        press(back)
        expect(arithmetic).not_to_have_attribute("open", "")
        press(page.get_by_role("tab", name="Side by side"))
        expect(caption).to_be_visible()
        expect(page.locator(".failure-bars [aria-pressed=true]")).to_be_visible()
        page.get_by_label("Only wrong answers").press(" ")  # replaces the group
        expect(caption).to_have_count(0)


def files_work_without_a_server(page: Page) -> None:
    """The whole answer as a page that can be stepped through, and one chart as a page."""
    with page.expect_download() as whole:
        page.get_by_role("button", name="Download all steps").click()
    chart = page.locator("[data-panel=attention] .chart")
    chart.hover()
    with page.expect_download() as one:
        chart.locator("[data-title*='works offline']").click()
    context = page.context.browser.new_context(offline=True)
    offline = context.new_page()
    errors: list[str] = []
    offline.on("pageerror", lambda error: errors.append(str(error)))
    offline.goto(whole.value.path().rename(whole.value.path().with_suffix(".html")).as_uri())
    expect(offline.locator("[data-figure=attention] .main-svg").first).to_be_visible()
    place = offline.locator(".place").inner_text()
    offline.keyboard.press("ArrowRight")
    expect(offline.locator(".place")).not_to_have_text(place)
    offline.goto(one.value.path().rename(one.value.path().with_suffix(".html")).as_uri())
    expect(offline.locator("#chart .heatmaplayer image")).to_be_visible()
    context.close()
    assert errors == []


def choose_longer(page: Page, mouse: bool) -> None:
    """Choose the set, and wait for the table and for two sections, which close."""
    which, answered = page.get_by_role("radio", name="Longer"), []
    page.on("response", lambda response: answered.append(response.url) if re.search(
        r'"data":\[\]|"longer"', response.request.post_data or "") else None)
    if mouse:
        page.locator("label:visible", has=which).click()
    else:
        which.press(" ")
    while len(answered) < 3:
        page.wait_for_timeout(50)
    expect(page.locator("a[download='answers-longer.csv']")).to_be_visible()


def to_arithmetic(page: Page, mouse: bool) -> Locator:
    """The section with the attention weight of the current step, or of a clicked cell."""
    found = page.locator("details.arithmetic")
    if mouse:
        chart = page.locator("[data-panel=attention] .chart")
        chart.scroll_into_view_if_needed()
        page.mouse.click(*chart.evaluate(CELL))
    else:
        found.locator("summary").press("Enter")
        found.get_by_label("Compute").select_option("attention")
        found.get_by_label("at input position").select_option("1")
    expect(found).to_have_attribute("open", "")
    return found
