"""The benchmark: `python -m tests.benchmarks [--short]`, from the repository's root.

It prints Markdown tables. All times are CPU seconds of one thread, and in each table the contenders
took turns in the same run. On an idle machine it takes about ten minutes, with `--short` (one seed,
small budgets) less than two.
"""

import argparse
import statistics
import warnings

import torch

from tests.benchmarks import (
    classroom,
    first_point,
    imports,
    machines,
    neighbours,
    ours,
    peers,
    speed,
    strangers,
    visitors,
    watchers,
    watching,
)
from tests.benchmarks.contest import GOALS, Result, race, table


def contenders(short: bool) -> dict:
    """Name -> (contender, CPU seconds it may use)."""
    most = 4 if short else 45
    return {
        "GRU 64, dot attention": (ours.Ours(ours.DOT, ours.DOT_TRAIN), 30),
        "Transformer 32": (ours.Ours(ours.TRANSFORMER, ours.TRANSFORMER_TRAIN), 30),
        "GRU 256, no attention": (ours.Ours(ours.PLAIN, ours.PLAIN_TRAIN), 4 if short else 90),
        "the notebook's way, repaired": (peers.NotebookWay(), 2 if short else 10),
        "PyTorch tutorial's way, 128": (peers.TutorialWay(), most),
        "`nn.Transformer` as it comes, 64": (peers.TorchTransformer(), most),
        "`nn.Transformer`, our recipe, 64": (peers.TorchTransformer(our_way=True), most),
    }


def training(short: bool, seeds: list[int]) -> str:
    """(a) to (d): tokens a second, and CPU seconds to 99 % and 99.9 % of unseen sequences."""
    runs: dict[str, list[Result]] = {}
    for seed in seeds:
        torch.manual_seed(seed)  # for the peers, who use torch's own generator
        for name, result in race(contenders(short), seed).items():
            runs.setdefault(name, []).append(result)
    rates = {name: statistics.median(r for result in results for r in result.rates)
             for name, results in runs.items()}
    first = rates[next(iter(rates))]
    rows = []
    for name, results in runs.items():
        cells = [name, f"{rates[name]:,.0f}", f"{first / rates[name]:.1f}×"]
        for goal in GOALS:
            times = [r.reached.get(goal) for r in results]
            known = sorted(t for t in times if t is not None)
            text = f"{statistics.median(known):.1f}" if len(known) * 2 > len(times) else "–"
            cells.append(f"{text} ({len(known)} of {len(times)})")
        cells.append(f"{statistics.median(r.best for r in results):.1%}")
        cells.append(f"{max(r.cpu for r in results):.0f}")
        rows.append(cells)
    return table(f"Training: reverse, 26 letters, 5–10 long; {len(seeds)} seed(s)",
                 ["", "target tokens a CPU s", "GRU 64, dot, is faster by", "CPU s to 99 % (seeds)",
                  "to 99.9 %", "best exact match", "CPU s used at most"], rows)


def main() -> None:
    """Run everything, or the parts that are named."""
    parts = {"training": None, "writing": speed.writing, "growth": speed.growth,
             "limit": speed.limit, "watching": watching.watching,
             "visitors": visitors.visitors, "machines": machines.machines,
             "neighbours": neighbours.neighbours, "strangers": strangers.strangers,
             "imports": imports.imports, "classroom": classroom.classroom,
             "first-point": first_point.first_point, "watchers": watchers.watchers}
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"some of {', '.join(parts)} (default: all)")
    parser.add_argument("--short", action="store_true", help="one seed, small budgets")
    parser.add_argument("--seeds", type=int, default=3, help="how many seeds to train with")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(parts):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", module="torch.nn.modules.transformer")
    torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))], fused=True)  # imports a lot, once
    seeds = [101] if options.short else list(range(101, 101 + options.seeds))
    print(f"torch {torch.__version__}, one thread, CPU seconds")
    for name in options.parts or parts:
        work = parts[name]
        text = training(options.short, seeds) if work is None else work(options.short)
        print(text, flush=True)


if __name__ == "__main__":
    main()
