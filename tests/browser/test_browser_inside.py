"""The tab "Look inside" in a real Chromium, with a model that is trained through the page."""

import re
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page, expect
from test_browser import choose, primary, tab, wait_for_status

pytestmark = pytest.mark.browser

# Moves the slider as a hand does, and measures until the browser has drawn two frames after it.
LATENCY = """async () => {
  const root = document.querySelector('.inside'), slider = root.querySelector('.steps');
  const frame = () => new Promise(done => requestAnimationFrame(done));
  const rest = () => new Promise(done => setTimeout(done, 50));
  const boxes = [...root.querySelectorAll('.panel, .say, .controls')];
  const places = () => boxes.map(b => {
    const r = b.getBoundingClientRect(); return [r.x, r.y, r.width, r.height].join(' '); });
  const nodes = boxes.map(b => b.querySelector('.main-svg')), before = places(), times = [];
  let jumps = 0;
  for (const k of [...Array(Number(slider.max) + 1).keys()].concat([0, 3, 1, 5])) {
    const start = performance.now();
    slider.value = k;
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    while (root.dataset.step !== String(k)) await frame();
    await frame(); await frame();
    times.push(performance.now() - start);
    if (places().join() !== before.join()) jumps += 1;
    await rest();
  }
  times.sort((a, b) => a - b);
  return { median: times[times.length >> 1], worst: times.at(-1), jumps,
           kept: boxes.every((b, i) => b.querySelector('.main-svg') === nodes[i]) };
}"""


def train(page: Page, attention: bool = True, epochs: int = 3) -> None:
    tab(page, "Train")
    page.get_by_label("number input for Epochs").fill(str(epochs))
    page.get_by_label("number input for Epochs").press("Tab")
    if attention:
        choose(page, "on")
    page.get_by_role("button", name="Train", exact=True).click()
    wait_for_status(page, "done")


def drawn(page: Page) -> None:
    page.wait_for_function("document.querySelector('.inside').dataset.drawn > 0")


def step(page: Page) -> int:
    return int(page.locator(".inside").get_attribute("data-step") or -1)


def at_step(page: Page, number: int) -> None:
    expect(page.locator(".inside")).to_have_attribute("data-step", str(number))


def section(page: Page, title: str):
    """A sub-section, opened by keyboard."""
    found = page.locator("details.ask").filter(has_text=title)
    found.locator("summary").press("Enter")
    expect(found).to_have_attribute("data-answered", re.compile(r"\d+"))
    return found


def cells(found, row: str) -> str:
    line = found.get_by_role("row").filter(has=found.page.get_by_role("rowheader", name=row))
    return " ".join(line.locator(".tile b").all_inner_texts())


def attention_lines(page: Page) -> None:
    """At step 6 of the reversal of 3 1 4 1 5, which writes the second token."""
    box = page.locator(".attention-lines .scroll")
    word = box.get_by_role("button", name="input, token 5: 5")

    def emphasised() -> set[str]:
        return set(box.locator("line.now").evaluate_all(
            "lines => lines.map(line => `${line.dataset.read} ${line.dataset.write}`)"))

    def shown() -> set[str]:
        page.wait_for_function("document.querySelector('.attention-lines').getAnimations("
                               "{ subtree: true }).length === 0")
        return set(box.locator("line").evaluate_all(
            """lines => lines.filter(line => getComputedStyle(line).opacity > 0)
                 .map(line => `${line.dataset.read} ${line.dataset.write}`)"""))

    everything = shown()
    assert emphasised() == {line for line in everything if line.endswith(" 1")}
    expect(box.locator("[aria-current]")).to_have_attribute(
        "aria-label", re.compile("output, token 2: 1. Attention on: 1, position 4"))
    expect(box.locator("g[data-read='3'] .share")).to_have_text(re.compile(r"\d+ %"))
    # Pointed at, an input token shows only its own lines; so does one that is reached by keyboard.
    word.hover()
    expect(box.locator("line.now[data-write='1']:not([data-read='4'])")).to_have_count(0)
    assert shown() == emphasised() == {line for line in everything if line.startswith("4 ")}
    page.mouse.move(0, 0)
    page.locator(".attention-lines .save").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("End")
    expect(word).to_be_focused()
    assert shown() == {line for line in everything if line.startswith("4 ")}
    page.keyboard.press("Enter")
    at_step(page, 4)
    with page.expect_download() as download:
        page.locator(".attention-lines .save").click()
    drawing = ElementTree.parse(download.value.path())
    assert "var(" not in ElementTree.tostring(drawing.getroot(), "unicode")
    assert len(drawing.findall(".//{*}line")) == len(everything)
    page.locator(".inside .steps").focus()
    page.locator(".inside .next").press("Enter")
    page.locator(".inside .next").press("Enter")


def test_the_whole_tab_with_a_model_trained_on_the_page(page):
    # Before there is a model, the tab says what to do and leads there.
    tab(page, "Look inside")
    expect(primary(page)).to_have_text("Train a model first →")
    primary(page).click()
    expect(page.get_by_role("tab", name="Train")).to_have_attribute("aria-selected", "true")
    train(page)
    tab(page, "Side by side")
    expect(primary(page)).to_have_text("Why did it write that? →")
    primary(page).click()
    drawn(page)
    say, place = page.locator(".inside .say"), page.locator(".inside .place")

    # Step by step: it opens at the first token written, and the map is an anti-diagonal.
    at_step(page, 5)
    expect(place).to_have_text("writing token 1 of 6")
    expect(say).to_contain_text("It attends most to “5”, input position 5")
    expect(say).to_contain_text("It writes “5”")
    attention = page.locator('[data-panel="attention"] .chart')
    expect(attention).to_have_attribute("aria-label", re.compile(r"5 at 5 \(position 5\)"))
    measured = page.evaluate(LATENCY)
    assert measured["median"] <= 300, measured
    assert measured["jumps"] == 0, measured
    assert measured["kept"], "a chart was made anew"

    # By keyboard: the slider's own keys, and arrow keys anywhere in the card.
    slider = page.locator(".inside .steps")
    slider.press("Home")
    expect(place).to_have_text("reading token 1 of 5")
    expect(say).to_contain_text("The encoder reads “3”")
    page.locator(".inside .next").press("Enter")
    at_step(page, 1)
    page.locator(".inside .next").press("ArrowRight")
    at_step(page, 2)
    slider.press("End")
    expect(say).to_contain_text("That ends the answer.")
    expect(page.locator(".inside .next")).to_be_disabled()

    # Play goes on by itself and can be paused.
    button = page.get_by_role("button", name="Play")
    button.press("Enter")
    page.wait_for_function("document.querySelector('.inside').dataset.step > 2")
    page.wait_for_function("document.querySelectorAll('.inside .arcs path').length > 0")
    expect(page.locator(".inside.playing")).to_have_count(1)
    page.get_by_role("button", name="Pause").press("Enter")
    expect(page.locator(".inside .arcs, .inside.playing")).to_have_count(0)
    held = step(page)
    page.wait_for_timeout(1200)
    assert step(page) == held

    # Clicks: a tile, a cell of the map; a bar, whose token can be forced.
    page.locator(".inside .lane").get_by_role("button", name="output, token 2: 1").click()
    at_step(page, 6)
    attention_lines(page)
    at_step(page, 6)
    where = attention.evaluate("""box => {
      const { xaxis, yaxis } = box._fullLayout, r = box.getBoundingClientRect();
      return [r.x + xaxis._offset + xaxis.c2p(1), r.y + yaxis._offset + yaxis.c2p(3)]; }""")
    page.mouse.click(*where)
    at_step(page, 8)
    arithmetic = page.locator("details.arithmetic")
    expect(arithmetic).to_have_attribute("open", "")
    expect(arithmetic.locator("[aria-pressed=true]")).to_have_text("2. Softmax")
    expect(arithmetic.get_by_role("row", name="2: 1")).to_be_visible()
    expect(arithmetic.locator(".katex-display")).to_be_visible()
    bars = page.locator('[data-panel="next"] .chart')
    token = bars.evaluate("box => box.data[0].customdata[1]")
    bar = bars.evaluate("""box => {
      const { xaxis, yaxis } = box._fullLayout, r = box.getBoundingClientRect();
      return [r.x + xaxis._offset + xaxis.c2p(.7), r.y + yaxis._offset + yaxis.c2p(1)]; }""")
    page.mouse.click(*bar)
    if token:
        expect(arithmetic.locator("[aria-pressed=true]")).to_have_text("3. Probability")
        arithmetic.get_by_role("button", name="Force this token →").click()
    force = page.locator('details[data-ask="force"]')
    if token:  # the second likeliest may be one that no answer holds
        expect(force).to_have_attribute("open", "")
        expect(force.get_by_label("write")).to_have_value(token)

    # Force a token: its own choice changes nothing, another one does.
    if not token:
        section(page, "Force an output token")
    force.get_by_label("At output token").select_option("0")
    force.get_by_label("write").select_option("5")
    expect(force.locator(".finding")).to_contain_text("nothing changes")
    force.get_by_label("write").select_option("9")
    expect(force.locator(".finding")).to_contain_text("You forced “9”")
    assert cells(force, "With your token").startswith("9")

    # Change a token: replaced, inserted, deleted.
    change = section(page, "Change an input token")
    change.get_by_label("input token").select_option("1")
    change.get_by_label("New token").select_option("8")
    expect(change.get_by_role("row").nth(1).locator(".tile.other b")).to_have_text("8")
    change.locator("select[name=how]").select_option("delete")
    expect(change.locator(".tile.none")).not_to_have_count(0)
    assert change.locator(".chart").evaluate("box => box.data.length") == 2

    # Redirected attention, and no input.
    redirect = section(page, "Redirect attention")
    redirect.get_by_label("For output token").select_option("0")
    redirect.get_by_label("attend only to input").select_option("0")
    expect(redirect.locator(".finding")).to_contain_text("strongest at position 5")
    assert cells(redirect, "Attention redirected") != "5 1 4 1 3 end"
    assert cells(section(page, "Remove the input"), "With the input") == "5 1 4 1 3 end"

    # Beam search, by keyboard.
    beam = section(page, "Beam search")
    expect(beam.locator(".ranking tbody tr")).to_have_count(3)
    beam.get_by_label("Beam width").press("Home")
    expect(beam.locator(".finding")).to_contain_text("Width 1 is greedy")
    beam.get_by_label("Beam width").press("End")
    expect(beam.locator(".ranking tbody tr")).to_have_count(8)
    beam.get_by_label("Length normalisation").press("Space")
    expect(beam).to_contain_text("divided by ((5 + length) / 6)")
    expect(beam.locator(".ranking tbody tr").first).to_contain_text("= greedy")

    # Sampling: the same seed draws the same answers, the button takes the next one.
    sampling = section(page, "Sampling")
    rows = sampling.locator(".ranking tbody tr")
    expect(rows).to_have_count(8)
    sampling.get_by_label("Temperature").press("End")
    expect(sampling.locator("output")).to_have_text("3.0")
    expect(rows.filter(has_text="wrong").first).to_be_visible()
    once = rows.all_inner_texts()
    sampling.get_by_role("button", name="Draw again").click()
    expect(sampling.get_by_label("Seed")).to_have_value("2")
    expect(rows).not_to_have_text(once, use_inner_text=True)
    sampling.get_by_label("Seed").fill("1")
    expect(rows).to_have_text(once, use_inner_text=True)
    sampling.get_by_label("Seed").fill("-1")
    expect(sampling.get_by_role("alert")).to_contain_text("choose one from 0")

    # Teacher forcing, the epochs, the neighbours of the step, the gates, the code.
    assert cells(section(page, "Teacher forcing"), "On its own") == "5 1 4 1 3 end"
    epochs = section(page, "Replay the training")
    expect(epochs).to_contain_text("After epoch 3: ✓ correct.")
    epochs.get_by_role("slider").press("Home")
    expect(epochs).to_contain_text("Before any training")
    untrained = cells(epochs, "Answer")
    # The map keeps its rows, a few more than the last answer needs.
    assert len(untrained.split()) > 9
    assert epochs.locator(".chart").evaluate("box => box.data[0].z.length") == 6 + 3
    nearest = section(page, "Most similar decoder steps")
    expect(nearest.locator("tbody tr")).to_have_count(5)
    slider.press("End")
    expect(nearest).to_contain_text("Next token: “end”")
    section(page, "Gates")
    expect(section(page, "Show me the code").locator("code")).to_contain_text("class Encoder")

    # Another sequence: a bad one becomes a sentence, a good one is on the first tab, too.
    box = page.get_by_label("Sequence", exact=True)
    box.fill("3 x")
    expect(page.get_by_role("alert").filter(has_text="“x” is not in this task")).to_be_visible()
    box.fill("2 7 1")
    expect(place).to_contain_text("of 4")
    expect(page.locator(".inside .lane .enc button")).to_have_text(["2", "7", "1"])
    expect(page.get_by_role("alert").filter(has_text="is not in this task")).to_have_count(0)
    expect(beam.locator(".ranking tbody tr").first).to_contain_text("= greedy")
    # And on: to the lessons.
    expect(primary(page)).to_have_text("Try a challenge →")
    primary(page).click()
    lessons = page.locator(".lesson-panel")
    expect(lessons.get_by_role("button", name="The bottleneck")).to_be_visible()
    expect(lessons.locator("h2")).to_be_focused()
    tab(page, "Sequence")
    expect(page.get_by_label("Your sequence")).to_have_value("2 7 1")


def test_without_attention_the_tab_explains_and_leads_on_and_fits_a_phone(page):
    page.set_viewport_size({"width": 390, "height": 844})
    train(page, attention=False, epochs=1)
    tab(page, "Look inside")
    drawn(page)
    expect(page.locator(".squeezed").get_by_text("compressed into one vector")).to_be_visible()
    expect(page.locator(".attention-lines")).to_be_hidden()
    for details in page.locator("details.ask").all():
        if details.is_visible():
            details.locator("summary").click()
            expect(details).to_have_attribute("data-answered", re.compile(r"\d+"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    before = page.locator('[data-panel="states"] .chart').evaluate("box => box.layout.shapes[0].x0")
    page.locator(".inside .next").click()
    page.wait_for_function("x => document.querySelector('[data-panel=states] .chart')"
                           ".layout.shapes[0].x0 === x + 1", arg=before)
    page.get_by_role("button", name="Train one with attention →").first.click()
    expect(page.get_by_role("tab", name="Train")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("group", name="Attention", exact=True)
           .get_by_role("radio", name="on", exact=True)).to_be_checked()
