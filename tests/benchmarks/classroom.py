"""(m) A class presses Train at the same moment: how long until the last learner is done?

Each learner is a page that polls its run every half second, as `assets/js/live_training.js` does.
All learners with one recipe share one training; with three recipes there are three. The times are
wall-clock seconds, so the machine must be otherwise idle; the CPU seconds of all processes do not
depend on that.
"""

import statistics
import time
from dataclasses import replace

from seq2seq import ModelConfig, Recipe, TrainConfig
from seq2seq.ui.lab import Lab
from seq2seq.ui.tabs.live_training import poll
from tests.benchmarks.contest import table
from tests.benchmarks.watching import ASK_SECONDS, cpu_seconds

LEARNERS = 30
BASE = Recipe("reverse", ModelConfig(attention="dot", hidden_size=32), TrainConfig(num_epochs=5))


def lesson(lab: Lab, recipes: list[Recipe]) -> tuple[list[float], list[float], float]:
    """Seconds to the first point and to the end of each learner's run, and CPU seconds in all."""
    begin, used = time.monotonic(), cpu_seconds()
    runs = {lab.submit(f"learner {i}", recipe): [0, -1] for i, recipe in enumerate(recipes)}
    first: list[float] = []
    done: list[float] = []
    while runs:
        time.sleep(0.05 if len(first) < len(recipes) else ASK_SECONDS)
        for run, have in list(runs.items()):
            answer = poll(lab, [run.id, *have])
            if answer.get("y") and not have[0]:
                first.append(time.monotonic() - begin)
            have[:] = [have[0] + len(answer.get("y", ())), answer.get("epoch", have[1])]
            if not answer["active"]:
                done.append(time.monotonic() - begin)
                del runs[run]
    return first, done, cpu_seconds() - used


def classroom(short: bool) -> str:
    """One learner alone, thirty with one recipe, thirty with three."""
    rows, seed = [], 1000
    base = replace(BASE, train=replace(BASE.train, num_epochs=1)) if short else BASE
    with Lab().runs as runs:
        lab = Lab(runs)

        def measured(count: int, variants: int) -> tuple[float, ...]:
            nonlocal seed
            seeds = [seed + i % variants for i in range(count)]
            seed += variants  # a recipe that was trained before would be replayed
            first, done, used = lesson(
                lab, [replace(base, train=replace(base.train, seed=one)) for one in seeds])
            return used, max(first), statistics.median(done), max(done)

        measured(2, 2)  # imports, in both workers
        alone = measured(1, 1)
        for name, count, variants in (
                ("one learner alone", 1, 1), (f"{LEARNERS} learners, one recipe", LEARNERS, 1),
                (f"{LEARNERS} learners, three recipes", LEARNERS, 3)):
            found = alone if count == 1 else measured(count, variants)
            rows.append([name, *(f"{seconds:.1f}" for seconds in found),
                         f"{found[-1] / alone[-1]:.1f}"])
    heads = ["", "CPU s", "last first point", "median done", "last done", "last / alone"]
    return table(f"A class of {LEARNERS}: seconds until the learners are done", heads, rows)
