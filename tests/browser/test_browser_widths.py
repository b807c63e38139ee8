"""Charts follow their containers, and no element overlaps another, at three widths."""

import pytest
from playwright.sync_api import Page, expect
from test_browser import tab

pytestmark = pytest.mark.browser

# The drawn width, which Plotly writes into the SVG, not the width of the container.
FAULTS = """() => {
  const faults = [];
  const charts = [...document.querySelectorAll('.chart')].filter(c => c.offsetParent && c.data);
  const drawn = charts.map(c => c.querySelector('.main-svg').getBoundingClientRect());
  charts.forEach((chart, i) => {
    const name = chart.closest('[data-panel]')?.dataset.panel || chart.closest('section').className;
    if (Math.abs(drawn[i].width - chart.clientWidth) > 1) {
      faults.push(`${name}: ${drawn[i].width} px in ${chart.clientWidth}`);
    }
    const card = chart.closest('.card').getBoundingClientRect();
    if (drawn[i].right > card.right + 1) faults.push(`${name} sticks out of its card`);
    const labels = [...chart.querySelectorAll('.textpoint text, .xtick text, .ytick text')]
      .filter(text => text.textContent.trim())
      .map(text => [text.textContent, text.getBoundingClientRect()]);
    labels.forEach(([word, a], k) => labels.slice(k + 1).forEach(([other, b]) => {
      const over = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const deep = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (over > 1 && deep > 4) faults.push(`${name}: ${word} lies on ${other}`);
    }));
  });
  drawn.forEach((a, i) => drawn.slice(i + 1).forEach(b => {
    const apart = a.right <= b.left + 1 || b.right <= a.left + 1
      || a.bottom <= b.top + 1 || b.bottom <= a.top + 1;
    if (!apart) faults.push(`a chart lies on another: ${a.left}, ${a.top}; ${b.left}, ${b.top}`);
  }));
  for (const part of document.querySelectorAll('.score, .note, .say, .legend')) {
    if (part.offsetParent && part.scrollWidth > part.clientWidth + 1) {
      faults.push(`${part.className} is ${part.scrollWidth} px wide in ${part.clientWidth}`);
    }
  }
  const page = document.documentElement;
  if (page.scrollWidth > innerWidth) faults.push(`the page is ${page.scrollWidth} px wide`);
  return faults;
}"""


def settled(page: Page) -> list[str]:
    """The errors after the charts have followed their containers."""
    faults = page.evaluate(FAULTS)
    for _ in range(40):
        if not faults:
            break
        page.wait_for_timeout(100)
        faults = page.evaluate(FAULTS)
    return faults


def look_inside(page: Page) -> None:
    tab(page, "Look inside")
    page.wait_for_function("document.querySelector('.inside').dataset.drawn > 0")


def settled_everywhere(page: Page) -> list[str]:
    """The errors at three widths of the window."""
    found = []
    for width in (390, 1024, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        found += [f"{width}: {fault}" for fault in settled(page)]
    return found


@pytest.fixture(scope="module")
def opened(module_page) -> Page:
    """The page with the pre-trained model."""
    module_page.get_by_role("button", name="Open the pre-trained model").click()
    expect(module_page.locator(".board").first).to_contain_text("The pre-trained model's answer")
    return module_page


def test_charts_follow_their_container(opened):
    page = opened
    look_inside(page)
    assert settled_everywhere(page) == []
    page.locator(".lessons .entry").click()  # the panel takes its room beside or above
    assert settled_everywhere(page) == []
    tab(page, "Train")
    assert settled_everywhere(page) == []
    page.locator(".more > button").click()
    assert settled_everywhere(page) == []
    # Another model is drawn while its tab is hidden, and seen before the drawing has ended.
    tab(page, "Sequence")
    page.get_by_label("Your sequence").fill("1 2 3 4 5 6 7 8 9")
    expect(page.locator(".board ol.enc > li").filter(visible=True)).to_have_count(9)
    page.evaluate("document.getElementById('tab-inside-button').click()")
    page.evaluate("document.getElementById('tab-sequence-button').click()")
    page.locator(".lesson-panel .quietly").last.click()
    page.set_viewport_size({"width": 390, "height": 900})
    look_inside(page)
    assert settled_everywhere(page) == []


def test_a_chart_that_is_drawn_while_its_tab_is_hidden_gets_its_width_when_it_is_shown(opened):
    page = opened
    page.set_viewport_size({"width": 1280, "height": 900})
    look_inside(page)
    # Drawing takes as long as it takes: here it begins in a hidden tab, and ends in a shown one.
    page.evaluate("""() => {
      const react = Plotly.react;
      window.released = new Promise(done => { window.release = done; });
      Plotly.react = async (...given) => {
        const made = react(...given);
        await released;
        return made;
      };
    }""")
    page.locator(".inside input.text").fill("1 2 3 4 5 6 7 8")
    page.wait_for_timeout(400)  # the page waits for a rest of the keys
    tab(page, "Sequence")
    page.wait_for_timeout(400)
    tab(page, "Look inside")
    page.evaluate("release()")
    page.wait_for_timeout(300)
    assert settled(page) == []
