"""Measurements without a contest: decoding speed, scaling, and the machine's limit."""

import statistics
import time

import torch
from torch.utils.flop_counter import FlopCounterMode

from seq2seq import Experiment, ModelConfig
from seq2seq.decoding.beam import beam_answers
from seq2seq.decoding.greedy import greedy
from seq2seq.evaluation.metrics import token_loss
from seq2seq.models.seq2seq import Seq2Seq, make_generator
from tests.benchmarks.contest import LENGTHS, TASK, examples, median_ms, table, unseen
from tests.benchmarks.ours import DOT, PLAIN, TRANSFORMER
from tests.benchmarks.peers import TorchTransformer, V

NUM_BEAM = 200  # sequences that are searched at once
KINDS = {"GRU": ModelConfig(), "GRU, dot": ModelConfig(attention="dot"),
         "GRU, additive": ModelConfig(attention="additive"),
         "Transformer": ModelConfig(cell="transformer")}
RECIPES = {"GRU 64, dot": DOT, "GRU 256": PLAIN, "Transformer 32": TRANSFORMER}


def writing(short: bool) -> str:
    """(e) Answers a second, and the time for a single one, after a little training."""
    splits, count = examples(1, 2000), 1000
    questions = unseen(splits, count)
    length = LENGTHS[-1]
    generator = torch.Generator().manual_seed(1)
    ids = torch.randint(4, V, (count, length), generator=generator)
    lengths = torch.full((count,), length)
    rows = []
    for name, config in RECIPES.items():
        experiment = Experiment(TASK.name, config)
        for steps in experiment.fit():  # a little training, so that answers come to an end
            if getattr(steps, "step", 0) >= (100 if short else 300):
                break
        model = experiment.model
        per_1000 = median_ms(lambda m=model: greedy(m, ids, lengths, length + 1), 5)
        single = []
        for e in questions[: 30 if short else 200]:
            start = time.process_time()
            experiment.predict(TASK.format(e.source))
            single.append(1000 * (time.process_time() - start))
        beam = median_ms(lambda m=model: beam_answers(
            m, ids[:NUM_BEAM], lengths[:NUM_BEAM], length + 1, 5), 5)
        p95 = statistics.quantiles(single, n=20)[-1]
        rows.append([name, f"{1e6 / per_1000:,.0f}", f"{1000 * NUM_BEAM / beam:,.0f}",
                     f"{statistics.median(single):.2f}", f"{p95:.2f}"])
    peer = TorchTransformer()
    peer.eval()
    per_1000 = median_ms(lambda: peer.answer(ids, lengths, length + 1), 3)
    rows.append(["`nn.Transformer`, 64, no cache", f"{1e6 / per_1000:,.0f}", "–", "–", "–"])
    return table("Writing answers (10 letters; one prediction keeps every step for the page)",
                 ["model", "greedy of 1,000, a CPU second", f"beam 5 of {NUM_BEAM}, a CPU second",
                  "one prediction, p50 ms", "p95 ms"], rows)


def step_work(config: ModelConfig, length: int, rows: int = 64):
    """One step of training on random ids, without the optimiser."""
    model = Seq2Seq(V, V, config, make_generator(1, "weights"))
    generator = torch.Generator().manual_seed(1)
    source = torch.randint(4, V, (rows, length), generator=generator)
    lengths = torch.full((rows,), length)

    def work() -> None:
        model.zero_grad()
        token_loss(model(source, lengths, source), source).backward()

    return work


def growth(short: bool) -> str:
    """(f) Milliseconds a step as sequences get longer and states wider."""
    lengths = (5, 10, 20, 50, 100)
    repeats = 3 if short else 9
    rows = []
    for name, config in KINDS.items():
        times = [median_ms(step_work(config, n), repeats) for n in lengths]
        ratio = (times[-1] / lengths[-1]) / (times[0] / lengths[0])
        rows.append([name, *(f"{t:.1f}" for t in times), f"{ratio:.2f}"])
    by_length = table("Growth with length (ms a step forward and backward, batch 64, hidden 64)",
                      ["model", *map(str, lengths), "per token, 100 against 5"], rows)
    sizes = (32, 64, 128, 256) if short else (32, 64, 128, 256, 512)
    rows = []
    for name, config in KINDS.items():
        wide = [ModelConfig(config.cell, config.attention, size, config.embedding_dim)
                for size in sizes]
        rows.append([name, *(f"{median_ms(step_work(c, 10), repeats):.1f}" for c in wide)])
    return by_length + "\n" + table("Growth with hidden size (ms a step, batch 64, length 10)",
                                    ["model", *map(str, sizes)], rows)


def limit(short: bool) -> str:
    """(g) How much of the machine's matrix products a step uses."""
    a = torch.rand(1024, 1024)
    peak = 2 * 1024**3 / median_ms(lambda: a @ a, 9) / 1e6  # GFLOP a second
    rows = []
    for name, config in RECIPES.items():
        work = step_work(config, 8)
        with FlopCounterMode(display=False) as counter:
            work()
        flops = counter.get_total_flops()
        ms = median_ms(work, 3 if short else 9)
        rate = flops / ms / 1e6
        rows.append([name, f"{flops / 1e6:.0f}", f"{ms:.1f}", f"{rate:.0f}", f"{rate / peak:.0%}"])
    return table(f"The limit: matrix products reach {peak:.0f} GFLOP/s on one thread",
                 ["step (batch 64, length 8)", "MFLOP", "ms", "GFLOP/s", "of the peak"], rows)
