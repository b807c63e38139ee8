"""(m) Three hundred open pages watch thirty different recipes train.

Ten pages share a recipe, which is computed once. Each page polls as a browser does. Another visitor
opens the page again and again. A page has lost points if it has seen fewer of a complete run than
another page.
"""

import statistics
import time
from collections import defaultdict

import psutil

from tests.benchmarks.browsing import Page, Visitor, sleep_until
from tests.benchmarks.contest import table
from tests.benchmarks.strangers import LOOK, PASSER_BY, SETTLE, Learner, p95
from tests.benchmarks.visitors import App

NUM_PAGES, NUM_RECIPES = 300, 30


def measured(seconds: float, num_pages: int) -> list[str]:
    """A row of the table."""
    # All pages come from one address here; `SEQ2SEQ_MAX_ACTIVE` counts trainings, not pages.
    app = App(SEQ2SEQ_MAX_ACTIVE_PER_ADDRESS="0", SEQ2SEQ_MAX_ACTIVE=str(num_pages))
    try:
        page, began = Page(app.port), time.monotonic() + SETTLE
        pages = [Learner(page, i % NUM_RECIPES, False, began + seconds) for i in range(num_pages)]
        for one in pages:
            one.start()
            time.sleep(0.02)
        sleep_until(began)
        server, passer_by, looks = psutil.Process(app.process.pid), Visitor(page, PASSER_BY), []
        used = sum(server.cpu_times()[:2])
        while time.monotonic() < began + seconds:
            asked = time.monotonic()
            code, _ = passer_by.ask("/")
            looks.append(time.monotonic() - asked if code == 200 else 120.0)
            time.sleep(LOOK)
        used = sum(server.cpu_times()[:2]) - used
        for one in pages:
            one.join(60)
    finally:
        app.process.kill()
    seen: dict[int, set[int]] = defaultdict(set)
    for one in pages:
        for recipe, num_points in one.complete.items():
            seen[recipe].add(num_points)
    looks.sort()
    polls = sorted(poll for one in pages for poll in one.polls)
    gaps = [max((gap for when, gap in one.gaps if when > began), default=0.0) for one in pages]
    return [str(num_pages), f"{statistics.median(looks):.2f}", f"{p95(looks):.2f}",
            f"{len(polls) / (SETTLE + seconds):.0f}", f"{p95(polls):.2f}", f"{max(gaps):.1f}",
            f"{len(seen)}", str(sum(len(found) > 1 for found in seen.values())),
            str(sum(len(one.problems) for one in pages)), f"{used / seconds:.0%}"]


def watchers(short: bool) -> str:
    """The table, for three numbers of pages."""
    seconds = 20.0 if short else 60.0
    rows = [measured(seconds, num) for num in ((60,) if short else (60, 150, NUM_PAGES))]
    return table(
        f"Pages that watch {NUM_RECIPES} recipes ({seconds:.0f} s each; seconds)",
        ["pages", "page p50", "p95", "polls a second", "poll p95", "longest silence",
         "complete runs", "of them with a lost point", "problems", "CPU of the server"], rows)
