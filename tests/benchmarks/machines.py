"""(i) Eight runs at once: two worker processes of this machine against two nodes of a cluster.

Both nodes are on this machine as well, so that only the communication differs.
"""

import os
import time

from seq2seq import ModelConfig, Recipe, TrainConfig
from seq2seq.hosting.startup import open_runs
from seq2seq.jobs.limits import Limits
from seq2seq.jobs.runs import Runs
from seq2seq.jobs.worker import NICENESS
from tests.benchmarks.contest import table

NUM_RUNS = 8
NODE = {"num_cpus": 1, "object_store_memory": 100 * 2**20}


def seconds_for(runs: Runs, recipe: Recipe) -> tuple[float, float]:
    """Seconds until all of eight runs have ended, and until all have reported their first event."""
    began, first = time.perf_counter(), 0.0
    active = [runs.submit(f"learner {i}", recipe) for i in range(NUM_RUNS)]
    while any(run.is_active for run in active):
        for run in active:
            runs.watch(run.id)
        if not first and all(run.events for run in active):
            first = time.perf_counter() - began
        time.sleep(0.01)
    assert all(run.status == "done" for run in active)
    return time.perf_counter() - began, first


def machines(short: bool) -> str:
    """Both in turns, with the same recipe; the median of each."""
    # Ray's workers have a lower priority than ours by default; here both have the same.
    os.environ["RAY_worker_niceness"] = str(NICENESS)  # noqa: SIM112
    import ray
    from ray.cluster_utils import Cluster
    recipe = Recipe("reverse", ModelConfig(attention="dot"),
                    TrainConfig(num_epochs=1 if short else 2, num_examples=2_000))
    steps = NUM_RUNS * recipe.train.num_epochs * -(-2_000 // recipe.train.batch_size)
    nodes = Cluster(initialize_head=True, head_node_args={**NODE, "include_dashboard": False})
    nodes.add_node(**NODE)
    here, there = Limits(run_seconds=0), Limits(run_seconds=0, ray_address=nodes.address)
    found: dict[str, list[tuple[float, float]]] = {}
    try:
        with open_runs(here) as local, open_runs(there) as far:
            both = {"two processes": local, "two Ray nodes": far}
            while any(runs.num_ready_workers < 2 for runs in both.values()):
                time.sleep(0.1)
            for _ in range(2 if short else 4):
                for name, runs in both.items():
                    found.setdefault(name, []).append(seconds_for(runs, recipe))
    finally:
        ray.shutdown()
        nodes.shutdown()
    rows = []
    for name, times in found.items():
        whole, first = sorted(times)[len(times) // 2]
        rows.append([name, f"{whole:.1f}", f"{steps / whole:,.0f}", f"{first:.2f}"])
    return table("Eight runs at once (seconds by the clock)",
                 ["", "until all have ended", "steps a second", "until each had begun"], rows)
