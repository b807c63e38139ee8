"""(n) The time from the click on Train to the first point of the loss curve, in a browser.

The app runs in a process, Chromium shows its Train tab. Each click trains the first task with
another seed, since a recipe that was trained before is replayed. The time is measured in the page:
from the click to the first frame after the curve has a point.
"""

import shutil
import statistics

from tests.benchmarks.contest import table
from tests.benchmarks.visitors import App

CLICK = """() => new Promise(done => {
  const button = [...document.querySelectorAll('#tab-train button')]
    .find(one => one.offsetParent && /^Train( again)?$/.test(one.textContent.trim()));
  const begin = performance.now();
  new MutationObserver((changes, observer) => {
    if (!(document.querySelector('.live .chart').dataset.points > 0)) return;
    observer.disconnect();
    requestAnimationFrame(() => done(performance.now() - begin));
  }).observe(document.body, { subtree: true, attributeFilter: ['data-points'] });
  button.click();
})"""
LOOK_SECONDS = 1.5  # between the choice of a setting and the click


def first_point(short: bool) -> str:
    """Milliseconds to the first point: median, 95th percentile, most."""
    from playwright.sync_api import sync_playwright
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    app, times = App(), []
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-quic"])
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(f"http://127.0.0.1:{app.port}/?task=reverse&num_epochs=1&num_examples=2000")
            page.locator(".live .chart").wait_for(state="attached")
            page.wait_for_timeout(3000)
            page.get_by_role("button", name="More settings").click()
            for seed in range(6 if short else 31):
                box = page.locator("#tab-train").get_by_label("Seed").first
                box.fill(str(7000 + seed))
                box.press("Tab")
                page.wait_for_timeout(1000 * LOOK_SECONDS)
                times.append(page.evaluate(CLICK))
                page.locator(".live .chart[data-status=done]").wait_for(state="attached")
            browser.close()
    finally:
        app.process.kill()
        app.process.wait()
    times = sorted(times[1:])  # the first click also loads what is drawn later
    return table(f"From the click on Train to the first point, {len(times)} clicks, ms",
                 ["median", "95th percentile", "most"],
                 [[f"{statistics.median(times):.0f}", f"{times[int(0.95 * len(times))]:.0f}",
                   f"{times[-1]:.0f}"]])
