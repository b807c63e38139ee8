"""(l) How much a stranger who sends every allowed heavy request slows down 30 learners.

The learners share a network address, press Train and watch, as the page does: first most of them
with a seed of their own, then all with one recipe, which is computed once. The stranger, at another
address, trains two models as large as the server admits, asks one of them
for its n-best sixty times at once, for six exports, presses Train a dozen times for number words
with 40,000 examples, polls the run with the big table, and posts 30 MB of JSON, again and again.
"""

import random
import re
import statistics
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil

from tests.benchmarks.browsing import Page, Visitor, sleep_until
from tests.benchmarks.contest import table
from tests.benchmarks.visitors import App

NUM_LEARNERS = 30
SCHOOL, STRANGER, PASSER_BY = "127.0.0.2", "127.0.0.3", "127.0.0.4"
FIRST = 0.1  # of the time between two polls, before the first point: as live_training.js
LOOK = 0.4  # seconds between two looks at the page
SETTLE = 15.0  # seconds of the learners alone, before the stranger comes
LEARN = {"Attention": "on", "Epochs": 30}
TABLE_ROWS, TOKENS, SYMBOLS = 200, 118, 1900


def table_of_pairs() -> str:
    """Own pairs of 118 tokens over 1,900 symbols."""
    rng = random.Random(1)
    words = [f"w{i}" for i in range(SYMBOLS)]
    lines = [" ".join(words[i : i + TOKENS]) for i in range(0, SYMBOLS, TOKENS)]  # all of them
    lines += [" ".join(rng.choices(words, k=TOKENS)) for _ in range(TABLE_ROWS - len(lines))]
    return "\n".join(f"{line} -> {' '.join(reversed(line.split()))}" for line in lines)


class Learner(threading.Thread):
    """Presses Train and watches the run; a complete run is trained again."""

    def __init__(self, page: Page, number: int, same: bool, until: float) -> None:
        super().__init__(daemon=True)
        self.visitor, self.number, self.same, self.until = (
            Visitor(page, SCHOOL), number, same, until)
        self.gaps: list[tuple[float, float]] = []  # silences after the first event: (when, seconds)
        self.waits: list[tuple[float, float]] = []  # from pressing to the first event
        self.polls: list[float] = []
        self.problems: list[str] = []
        self.complete: dict[int, int] = {}  # seed of a complete run -> points that were seen of it

    def run(self) -> None:
        """Until the end of the measurement."""
        seed = 100
        while time.monotonic() < self.until:
            seed += 1
            pressed = time.monotonic()
            recipe = seed if self.same else 1000 * self.number + seed
            run, problem = self.visitor.press_train(Seed=recipe, **LEARN)
            if problem:
                self.problems.append(problem)
                time.sleep(1)
                continue
            self._watch(run, pressed, recipe)

    def _watch(self, run: str, pressed: float, recipe: int) -> None:
        have, epoch, last, where = 0, -1.0, pressed, ""
        while True:
            asked = time.monotonic()
            answer = self.visitor.points(run, have, epoch)
            now = time.monotonic()
            if answer is None:
                self.problems.append("a poll was not answered")
                return
            self.polls.append(now - asked)
            fresh = len(answer.get("y", ()))
            is_news = fresh > 0 or answer.get("epoch", epoch) != epoch or (
                have > 0 and _where(answer) != where)
            where = _where(answer)
            over = not answer["active"] or now > self.until
            if is_news or over:
                (self.gaps if have else self.waits).append((now, now - last))
                last, have, epoch = now, have + fresh, answer.get("epoch", epoch)
            if over:
                if answer["status"] not in ("done", "running", "waiting"):
                    self.problems.append(f"a run was {answer['status']}: {answer['say']}")
                if answer["status"] == "done":
                    self.complete[recipe] = have
                return
            sleep_until(now + answer["wait"] * (1 if have else FIRST))


class Stranger:
    """Sends all heavy requests at once; `told` counts the responses."""

    def __init__(self, page: Page, parameters: dict[str, dict], until: float) -> None:
        self.page, self.parameters, self.until = page, parameters, until
        self.told: Counter[str] = Counter()
        self.runs: list[str] = []

    def begin(self) -> None:
        """Start everything."""
        jobs: list[Callable[[], None]] = [self.train_large, self.train_large, self.press]
        jobs += [self.ask] * 60 + [self.export] * 6 + [self.poll] * 2 + [self.pour] * 2
        for job in jobs:
            threading.Thread(target=job, daemon=True).start()

    def _until_the_end(self, work: Callable[[], Any], pause: float = 0.0) -> None:
        while time.monotonic() < self.until:
            work()
            time.sleep(pause)

    def visitor(self) -> Visitor:
        """A page of its own."""
        return Visitor(self.page, STRANGER)

    def train_large(self) -> None:
        """Start the largest run that the server admits, with the limits that refusals name."""
        me, size = self.visitor(), {"hidden_size": 512, "num_layers": 3, "batch_size": 512}
        while time.monotonic() < self.until:
            problem = "no answer"
            for line in me.call("train", self._values(text=table_of_pairs(), attention="dot",
                                                      epochs=100, **size)):
                if found := re.search(r'"model_id": "([^"]+)', line):
                    if not problem:
                        continue
                    problem = ""
                    self.told[f"large: begun ({size['hidden_size']} × {size['num_layers']}, "
                              f"batches of {size['batch_size']})"] += 1
                    self.runs.append(found[1])
                elif "error" in line:
                    problem = line
            if not problem:
                continue
            self.told[f"large: {_short(problem)}"] += 1
            if named := re.search(r"batch size of at most (\d+)", problem):
                size["batch_size"] = int(named[1])
            elif "Lower the hidden size" in problem and size["num_layers"] > 1:
                size["num_layers"] -= 1
            elif "Lower the hidden size" in problem:
                size |= {"hidden_size": size["hidden_size"] // 2, "num_layers": 3}
            else:
                time.sleep(1)

    def _values(self, **given: Any) -> list[Any]:
        return list({**self.parameters["/train"], **given}.values())

    def _run(self) -> str:
        while not self.runs and time.monotonic() < self.until:
            time.sleep(0.1)
        return self.runs[0] if self.runs else ""

    def ask(self) -> None:
        """One of sixty that ask for the n-best."""
        me, run = self.visitor(), self._run()
        text = " ".join(f"w{i}" for i in range(TOKENS))

        def once() -> None:
            answer = me.n_best(run, text)
            if answer is None:
                self.told["n-best: no answer"] += 1
            else:
                self.told["n-best: " + ("answered" if "html" in answer
                                        else _short(answer["problem"]))] += 1
                if "html" not in answer:
                    time.sleep(1)
        self._until_the_end(once)

    def export(self) -> None:
        """One of six exports."""
        me, run = self.visitor(), self._run()

        def once() -> None:
            found = " ".join(me.call("export", [run, "new"]))
            self.told["export: " + ("answered" if "event: complete" in found else
                                    _short(found) if found else "refused")] += 1
        self._until_the_end(once, 1.0)

    def press(self) -> None:
        """A dozen presses of Train, each on a page of its own."""
        def one(_: int) -> None:
            run, problem = self.visitor().press_train(**{
                "Task": "numbers-en-fr", "Training examples": 40_000, "Batch size": 512,
                "Seed": random.randrange(10**6)})
            self.told["number words: " + ("begun" if run else _short(problem))] += 1

        def dozen() -> None:
            with ThreadPoolExecutor(12) as pool:
                list(pool.map(one, range(12)))
        self._until_the_end(dozen, 5.0)

    def poll(self) -> None:
        """The run with the big table, from its beginning, without a pause."""
        me, run = self.visitor(), self._run()

        def once() -> None:
            self.told["live: " + ("answered" if me.points(run) else "no answer")] += 1
        self._until_the_end(once)

    def pour(self) -> None:
        """30 MB of JSON."""
        me = self.visitor()

        def once() -> None:
            self.told[f"30 MB: {me.pour('/gradio_api/run/predict', 30)}"] += 1
        self._until_the_end(once)


def _where(answer: dict[str, Any]) -> str:
    # "Epoch 3 of 30, step 57 of 188 · held-out loss …": only the beginning is sure to be news.
    return answer["say"].split("·")[0]


def _short(words: str) -> str:
    words = re.sub(r"\d[\d.,]*", "n", re.sub(r"<[^>]*>", "", words))
    return words.strip().replace("\n", " ")[:60]


class Memory(threading.Thread):
    """The largest resident memory of the server and of each of its workers, in MB."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.server, self.peaks = psutil.Process(pid), Counter()
        self.is_over = threading.Event()

    def run(self) -> None:
        """Measure ten times a second."""
        while not self.is_over.wait(0.1):
            for process in (self.server, *self.server.children(recursive=True)):
                try:
                    size = process.memory_info().rss / 1e6
                except psutil.Error:
                    continue
                self.peaks[process.pid] = max(self.peaks[process.pid], size)

    def cpu_seconds(self) -> tuple[float, float, float]:
        """CPU time so far of the server, of its workers, and of this benchmark."""
        def of(processes: list[psutil.Process]) -> float:
            return sum(sum(p.cpu_times()[:2]) for p in processes)
        return of([self.server]), of(self.server.children()), of([psutil.Process()])

    def told(self) -> tuple[float, float]:
        """Peak of the server, and of the largest worker."""
        self.is_over.set()
        workers = [size for pid, size in self.peaks.items() if pid != self.server.pid]
        return self.peaks[self.server.pid], max(workers, default=0.0)


def measured(seconds: float, with_stranger: bool, same: bool) -> tuple[list[str], Counter]:
    """A row of the table, and the responses to the stranger."""
    app = App()
    try:
        page, began = Page(app.port), time.monotonic() + SETTLE
        until = began + seconds
        memory, passer_by, looks = Memory(app.process.pid), Visitor(page, PASSER_BY), []
        memory.start()
        learners = [Learner(page, i, same, until) for i in range(NUM_LEARNERS)]
        for learner in learners:
            learner.start()
            time.sleep(0.05)
        sleep_until(began)
        at_first = memory.cpu_seconds()
        stranger = Stranger(page, app.parameters, until)
        if with_stranger:
            stranger.begin()
        while time.monotonic() < until:
            asked = time.monotonic()
            code, _ = passer_by.ask("/")
            looks.append(time.monotonic() - asked if code == 200 else 120.0)
            time.sleep(LOOK)
        for learner in learners:
            learner.join(60)
        server, worker = memory.told()
        used = [a - b for a, b in zip(memory.cpu_seconds(), at_first, strict=True)]
    finally:
        app.process.terminate()
        try:
            app.process.wait(20)
        except subprocess.TimeoutExpired:
            app.process.kill()
    gaps = [max((g for when, g in one.gaps if when > began), default=0.0) for one in learners]
    waits = [max((g for when, g in one.waits), default=0.0) for one in learners]
    both = [max(pair) for pair in zip(gaps, waits, strict=True)]
    polls = sorted(p for one in learners for p in one.polls)
    problems = Counter(_short(p) for one in learners for p in one.problems)
    for words, number in problems.items():
        stranger.told[f"LEARNERS: {words}"] += number
    looks.sort()
    return [f"{statistics.median(looks):.2f}", f"{p95(looks):.2f}", f"{looks[-1]:.2f}",
            f"{p95(polls):.2f}", f"{statistics.median(gaps):.1f}", f"{max(gaps):.1f}",
            f"{max(both):.1f}", f"{server:,.0f}", f"{worker:,.0f}",
            " / ".join(f"{part / seconds:.0%}" for part in used)], stranger.told


def p95(values: list[float]) -> float:
    """The 95th percentile of sorted values."""
    return values[int(0.95 * (len(values) - 1))] if values else float("nan")


def strangers(short: bool) -> str:
    """The table, and the responses to the stranger."""
    seconds = 30.0 if short else 60.0
    cases = {"learners alone": (False, False), "and a stranger": (True, False),
             "one recipe, and a stranger": (True, True)}
    rows, lines = [], []
    for name, (with_stranger, same) in cases.items():
        row, told = measured(seconds, with_stranger, same)
        rows.append([name, *row])
        lines += [f"* {name}: {words}: {number}" for words, number in sorted(told.items())]
    return table(
        f"{NUM_LEARNERS} learners and a stranger ({seconds:.0f} s each; seconds and MB)",
        ["", "page p50", "p95", "longest", "poll p95", "silence p50", "longest",
         "waiting counted", "server", "worker", "CPU: server / workers / this benchmark"],
        rows) + "\n" + "\n".join(lines) + "\n"
