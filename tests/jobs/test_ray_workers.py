"""Training on a Ray cluster of two nodes, which the test starts."""

import logging
import os
import pickle
import sys
from collections.abc import Iterator

import pytest
from waiting import begun, ended, wait_until

from seq2seq import ModelConfig, Recipe, TrainConfig
from seq2seq.errors import ConfigError
from seq2seq.hosting.startup import WARM_UP
from seq2seq.hosting.training_job import training_job
from seq2seq.jobs import ray_workers
from seq2seq.jobs.limits import Limits
from seq2seq.jobs.ray_workers import Actor, Cluster, ClusterWorker, connect
from seq2seq.jobs.runs import Runs
from seq2seq.jobs.scheduler import JobLimits
from seq2seq.training.events import Snapshot

ray = pytest.importorskip("ray")
pytestmark = pytest.mark.filterwarnings("default")  # Ray's own are not ours
RECIPE = Recipe("reverse", ModelConfig(hidden_size=32, attention="dot", dropout=0.2),
                TrainConfig(num_epochs=8, num_examples=600, seed=5))
SMALL = {"num_cpus": 1, "object_store_memory": 80 * 2**20}


@pytest.fixture(scope="module")
def nodes() -> Iterator:
    from ray.cluster_utils import Cluster as Nodes
    nodes = Nodes(initialize_head=True, head_node_args={**SMALL, "include_dashboard": False})
    yield nodes
    ray.shutdown()
    nodes.shutdown()


@pytest.fixture(scope="module")
def second(nodes):
    """The node that is lost in the end."""
    return nodes.add_node(**SMALL)


@pytest.fixture(scope="module")
def cluster(nodes, second) -> Cluster:
    return connect(nodes.address)


@pytest.fixture(scope="module")
def runs(cluster) -> Iterator[Runs]:
    # No run may be stopped because no page shows it, however slow the machine is.
    limits = Limits(num_workers=cluster.num_cpus, run_seconds=0, idle_seconds=86_400)
    with Runs(training_job, limits=limits, warm_up=WARM_UP,
              make_worker=cluster.make_worker) as runs:
        wait_until(lambda: runs.num_ready_workers == 2, "the actors did not begin", 120)
        yield runs


@pytest.fixture(scope="module")
def local() -> list:
    """The events of the same training in this process."""
    return [e for e in training_job(RECIPE) if e is not None and not isinstance(e, Snapshot)]


def test_an_actor_for_each_cpu_and_losses_as_at_home(cluster, runs, local):
    assert (cluster.num_cpus, runs.num_workers) == (2, 2)
    both = [runs.submit(f"learner {i}", RECIPE) for i in range(2)]
    assert both[0]._worker is not both[1]._worker
    for run in both:
        assert ended(run).status == "done"
        assert run.events == local
        assert list(run.blobs) == list(range(9))


def test_a_run_on_the_cluster_is_stopped_and_continued(runs, local):
    run = runs.submit("ada", RECIPE)
    wait_until(lambda: len(run.blobs) > 2)
    runs.stop(run.id)
    assert run.status == "stopped"
    runs.resume(run.id)
    assert ended(run).status == "done"
    assert run.events == local


def test_three_runs_share_two_actors(runs):
    long = Recipe(RECIPE.task, RECIPE.model, TrainConfig(num_epochs=200, num_examples=1000))
    three = [runs.submit(f"learner {i}", long) for i in range(3)]
    begun(*three)
    pair = [run for run in three if sum(o._worker is run._worker for o in three) == 2]
    assert len(pair) == 2
    wait_until(lambda: all(len(run.events) > 15 for run in pair))
    before = [len(run.events) for run in pair]
    wait_until(lambda: len(pair[0].events) - before[0] >= 15)
    counts = [len(run.events) - b for run, b in zip(pair, before, strict=True)]
    assert min(counts) >= 0.5 * max(counts), counts
    for run in three:
        runs.stop(run.id)


def test_a_node_that_dies_costs_its_runs_a_new_begin_and_the_others_nothing(
    nodes, second, runs, local
):
    both = [runs.submit(f"learner {i}", RECIPE) for i in range(2)]
    wait_until(lambda: all(len(run.blobs) > 2 for run in both))
    nodes.remove_node(second, allow_graceful=False)
    for run in both:
        assert ended(run).status == "done"
        assert run.events == local  # none twice, none missing, to the last digit
    assert sorted(run.words for run in both) == ["", ClusterWorker.lost_words]
    assert runs.counts["lost workers"] == 1
    wait_until(lambda: runs.num_ready_workers == 1)
    for number in range(2):  # the actor that waits for a machine gets nothing to do
        run = ended(runs.submit(f"learner {number}", WARM_UP))
        assert run.status == "done"
    nodes.add_node(**SMALL)  # a machine joins, and takes its place
    wait_until(lambda: runs.num_ready_workers == 2, "the new node was not used", 60)


def test_an_actor_survives_what_a_job_does_to_it():
    """The actor itself, without a cluster around it."""
    from jobs_for_tests import start
    actor = Actor(start, None, JobLimits(0.05, 0))
    actor.send("unsendable", pickle.dumps((("cannot_be_sent", None),)))
    actor.send("crashing", pickle.dumps((("crashes", "a secret"),)))
    actor.send("counting", pickle.dumps((("count", 3),)))
    told: dict[str, list] = {}
    while len([r for reports in told.values() for r in reports if r.status != "running"]) < 3:
        for report in map(pickle.loads, actor.receive()):
            told.setdefault(report.job_id, []).append(report)
    assert "" in told  # "I am ready"
    assert [told[job][-1].status for job in ("unsendable", "crashing", "counting")] == [
        "failed", "failed", "done"]
    assert [event for report in told["counting"] for event in report.events] == [1, 2, 3]


def test_ray_is_told_not_to_end_a_process_that_has_lost_its_head(monkeypatch):
    """Ray would end the process after a minute without its head node."""
    name, seen = "RAY_gcs_rpc_server_reconnect_timeout_s", []
    monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(ray_workers, "_check_reachable", lambda address: None)
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "init", lambda *_, **__: seen.append(int(os.environ[name])))
    monkeypatch.setattr(ray, "cluster_resources", lambda: {"CPU": 1})
    connect("nowhere:1")
    assert seen == [ray_workers.RECONNECT_SECONDS]
    assert ray_workers.RECONNECT_SECONDS > 24 * 3600


def test_no_cluster_is_a_sentence(monkeypatch):
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    logging.getLogger("ray").setLevel(logging.CRITICAL)
    with pytest.raises(ConfigError, match=r"^SEQ2SEQ_RAY_ADDRESS is nowhere:1: no cluster answ"):
        connect("nowhere:1")


def test_no_ray_is_a_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ConfigError, match="install the package ray"):
        connect("auto")
