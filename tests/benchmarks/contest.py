"""The contest: contenders train in turns, slice by slice, on the same examples.

A slice is half a second of CPU time, so other load on the machine affects all contenders alike, and
ratios within a table are reliable. CPU seconds are those of this process with one torch thread. The
time for scoring a contender is not counted.
"""

import random
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol

import torch

from seq2seq.data.splits import Example, Splits, make_splits
from seq2seq.data.vocabulary import EOS
from seq2seq.tasks import get_task

TASK = get_task("reverse-letters")
LENGTHS = range(5, 11)
SLICE = 0.5  # CPU seconds
GOALS = (0.99, 0.999)
NUM_REFEREE = 1000  # unseen sequences by which exact match is judged


class Contender(Protocol):
    """A model that can be trained on `splits`, and that can answer."""

    def learn(self, splits: Splits, seed: int) -> Iterator[int]:
        """Train, yielding the number of target tokens (end tokens included) of every step."""
        ...

    def answer(self, source_ids: torch.Tensor, source_lengths: torch.Tensor,
               max_steps: int) -> list[list[int]]:
        """Greedy answers to N sources, as ids up to and with EOS."""
        ...


@dataclass
class Result:
    """The result of one training."""

    cpu: float = 0.0  # seconds of training
    tokens: int = 0
    rates: list[float] = field(default_factory=list)  # target tokens per CPU second, by slice
    reached: dict[float, float] = field(default_factory=dict)  # goal -> CPU seconds
    best: float = 0.0  # exact match
    judged: float = 0.0  # CPU seconds at which it was last judged


def examples(seed: int, num_examples: int = 20_000) -> Splits:
    """The common training examples: 26 letters to reverse, 5 to 10 long."""
    return make_splits(TASK, replace(TASK.train, seed=seed, num_examples=num_examples,
                                     min_length=LENGTHS[0], max_length=LENGTHS[-1]))


def unseen(splits: Splits, count: int, seed: int = 99) -> list[Example]:
    """Sequences that no training set contains."""
    rng, known = random.Random(seed), {e.source for e in splits.train}
    found: list[Example] = []
    while len(found) < count:
        source = TASK.sample(rng, rng.choice(LENGTHS))
        if source not in known:
            found.append(Example(source, TASK.rule(source)))
    return found


def exact_match(contender: Contender, splits: Splits, questions: list[Example]) -> float:
    """Share of `questions` answered rightly, end token included."""
    right = 0
    for length in LENGTHS:  # equal lengths together, so that no padding is needed
        group = [e for e in questions if len(e.source) == length]
        ids = torch.tensor([splits.source_vocabulary.encode(e.source) for e in group])
        wanted = [[*splits.target_vocabulary.encode(e.target), EOS] for e in group]
        rows = contender.answer(ids, torch.full((len(group),), length), length + 5)
        right += sum(a == b for a, b in zip(rows, wanted, strict=True))
    return right / len(questions)


def race(contenders: dict[str, tuple[Contender, float]], seed: int) -> dict[str, Result]:
    """Train all in turns: name -> (contender, its budget in CPU seconds) -> its result.

    A contender stops when its training ends, when its budget is used up, or when it has reached
    the last goal.
    """
    splits = examples(seed)
    questions = unseen(splits, NUM_REFEREE)
    runs = {name: c.learn(splits, seed) for name, (c, _) in contenders.items()}
    results = {name: Result() for name in contenders}
    while runs:
        for name in list(runs):
            contender, budget = contenders[name]
            result = results[name]
            ended = not _slice(runs[name], result) or result.cpu >= budget
            if ended or result.cpu > 1.05 * result.judged:  # long runs are scored less often
                result.judged = result.cpu
                exact = exact_match(contender, splits, questions)
                result.best = max(result.best, exact)
                for goal in GOALS:
                    if exact >= goal:
                        result.reached.setdefault(goal, result.cpu)
            if ended or len(result.reached) == len(GOALS):
                del runs[name]
    return results


def _slice(run: Iterator[int], result: Result) -> bool:
    start, tokens, alive = time.process_time(), 0, True
    while time.process_time() - start < SLICE:
        step = next(run, None)
        if step is None:
            alive = False
            break
        tokens += step
    spent = time.process_time() - start
    if tokens:
        result.rates.append(tokens / spent)
    result.cpu += spent
    result.tokens += tokens
    return alive


def median_ms(work, repeats: int = 15) -> float:
    """Median CPU milliseconds of `work()`, after one call that warms up."""
    work()
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return 1000 * statistics.median(times)


def table(title: str, head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [f"\n## {title}\n", "| " + " | ".join(head) + " |",
             "|" + "|".join(" --- " for _ in head) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])
