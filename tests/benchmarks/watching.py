"""(h) The cost of training through the page instead of by `Experiment.fit`.

A worker process trains in slices and sends its events; the server process handles them and answers
the page's two requests per second. Their total CPU time is compared with that of the same recipe
trained in this process.
"""

import json
import statistics
import time

import psutil

from seq2seq import Experiment, ModelConfig, Recipe, TrainConfig
from seq2seq.ui.lab import Lab
from seq2seq.ui.tabs.live_training import poll
from tests.benchmarks.contest import table

ASK_SECONDS = 0.5  # as assets/js/live_training.js


def cpu_seconds() -> float:
    """CPU time of this process and of its workers so far."""
    me = psutil.Process()
    return sum(sum(p.cpu_times()[:2]) for p in (me, *me.children(recursive=True)))


def watched(lab: Lab, recipe: Recipe) -> float:
    """CPU seconds of all processes while `recipe` is trained for a page that polls it."""
    begin = cpu_seconds()
    run = lab.submit("benchmark", recipe)
    num_points, epoch = 0, -1
    while True:
        answer = json.loads(json.dumps(poll(lab, [run.id, num_points, epoch])))
        num_points += len(answer.get("y", ()))
        epoch = answer.get("epoch", epoch)
        if not answer["active"]:
            return cpu_seconds() - begin
        time.sleep(ASK_SECONDS)


def alone(recipe: Recipe) -> float:
    """CPU seconds of the same training without a page."""
    begin = time.process_time()
    for _ in Experiment.from_recipe(recipe).fit(recipe.train):
        pass
    return time.process_time() - begin


def watching(short: bool) -> str:
    """Both in turns, with the same recipes."""
    rows = []
    with Lab().runs as runs:
        lab = Lab(runs)
        for attention in ("none", "dot"):
            recipe = Recipe("reverse", ModelConfig(attention=attention),
                            TrainConfig(num_epochs=1 if short else 5))
            watched(lab, recipe), alone(recipe)  # the first of each imports and fills caches
            pairs = [(watched(lab, recipe), alone(recipe)) for _ in range(2 if short else 5)]
            seen, unseen = (statistics.median(side) for side in zip(*pairs, strict=True))
            ratio = statistics.median(a / b for a, b in pairs)
            rows.append([f"GRU 64, attention {attention}", f"{unseen:.2f}", f"{seen:.2f}",
                         f"{ratio:.3f}"])
    return table("Watching (CPU seconds of a whole run, all processes)",
                 ["", "`Experiment.fit`", "through the page", "ratio, pair by pair"], rows)
