"""What a learner loses when the server is killed, ended, or left alone: as little as was promised.

The real app, with a folder in which runs outlive it. (A full disk is in `test_store`, lost workers
in `test_jobs_workers`.)
"""

import gc
import json
import os
import signal
import time
import weakref
from pathlib import Path

import httpx
import psutil
import pytest
from conftest import free_port, start_app
from gradio_client import Client
from gradio_client.exceptions import AppError
from jobs_for_tests import start
from waiting import begun, limit, wait_until

from seq2seq import EpochEnd, Experiment, ModelConfig, TrainConfig
from seq2seq.hosting.run_folder import unpack
from seq2seq.jobs.limits import Limits
from seq2seq.jobs.runs import Runs

SETTINGS = {"task": "reverse", "epochs": 30, "num_examples": 1500, "hidden_size": 32,
            "attention": "dot", "dropout": 0.2, "seed": 5}


@pytest.fixture(scope="module")
def losses() -> list[float]:
    """What the same training says when nothing happens to it."""
    model = ModelConfig(attention="dot", hidden_size=32, dropout=0.2)
    config = TrainConfig(num_epochs=30, num_examples=1500, seed=5)
    return [e.train_loss for e in Experiment("reverse", model).fit(config)
            if isinstance(e, EpochEnd)]


def in_training(client: Client, num_ended: int, folder: Path, api_name="/train", **asked) -> dict:
    """The last state that was told when so many epochs had ended, and one was on the disk."""
    job = client.submit(**asked, api_name=api_name)
    for state in job:
        kept = folder / f"{state['model_id']}.safetensors"
        if len(state["losses"]) >= num_ended and kept.exists() and unpack(kept).epoch >= num_ended:
            assert state["status"] == "running", "it ended too soon to be interrupted"
            return state
    raise AssertionError("the training ended")


def end(app, how: signal.Signals, seconds: float) -> None:
    """The app and all its workers are gone within so many seconds."""
    workers = psutil.Process(app.pid).children(recursive=True)
    assert len(workers) >= 2
    os.kill(app.pid, how)
    app.wait(seconds)
    _, alive = psutil.wait_procs(workers, timeout=5)
    assert alive == []


def test_a_killed_server_comes_back_with_its_runs(tmp_path, losses):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    again = {"SEQ2SEQ_STATE_DIR": str(tmp_path), "SEQ2SEQ_STATE_SECONDS": "0.5"}
    app = start_app(port, **again)
    try:
        client = Client(url, verbose=False)
        done = list(client.submit(**{**SETTINGS, "epochs": 2}, api_name="/train"))[-1]
        asked = client.predict("3 1 4", done["model_id"], api_name="/predict")
        state = in_training(client, 3, tmp_path, **SETTINGS)
        end(app, signal.SIGKILL, 5)

        for path in tmp_path.glob("*.safetensors"):
            unpack(path)  # whole, every one
        (tmp_path / f"{'x' * 22}.safetensors").write_bytes(b"damaged")
        (tmp_path / f"{'y' * 22}.tmp").write_bytes(b"half written")
        app = start_app(port, **again)
        client = Client(url, verbose=False)
        assert client.predict("3 1 4", done["model_id"], api_name="/predict") == asked
        found = client.predict(state["model_id"], api_name="/status")
        assert found["status"] == "stopped"
        assert found["note"] == (f"Interrupted after epoch {found['epoch']}: the server was "
                                 "restarted.")
        assert found["epoch"] >= 3
        assert found["losses"] == losses[:found["epoch"]]
        client.predict("3 1 4", state["model_id"], api_name="/predict")

        on = in_training(client, found["epoch"] + 1, tmp_path, "/resume",
                         model_id=state["model_id"])
        end(app, signal.SIGTERM, 10)
        assert app.returncode == 0
        kept = unpack(tmp_path / f"{on['model_id']}.safetensors")
        assert kept.status == "running"

        app = start_app(port, **again)
        client = Client(url, verbose=False)
        last = list(client.submit(on["model_id"], api_name="/resume"))[-1]
        assert (last["status"], last["note"]) == ("done", "")
        assert last["losses"] == losses  # interrupted twice, and the same to the last digit
        health = httpx.get(f"{url}/health")
        assert health.status_code == 200
        assert health.json()["workers_ready"] >= 1
    finally:
        app.kill()
        app.wait(10)


def test_the_log_holds_nothing_that_was_typed(tmp_path, capfd):
    port = free_port()
    app = start_app(port, SEQ2SEQ_STATE_DIR=str(tmp_path))
    try:
        client = Client(f"http://127.0.0.1:{port}", verbose=False)
        *_, last = client.submit(text="my secret -> terces ym\na b -> b a", epochs=2,
                                 api_name="/train")
        client.predict("my secret", last["model_id"], api_name="/predict")
        with pytest.raises(AppError):  # and one that is too long to be read
            client.predict("secret " * 300, last["model_id"], api_name="/predict")
        numbers = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    finally:
        app.terminate()
        app.wait(20)
    for name, value in (("runs_started_total", 1), ('runs_ended_total{status="done"}', 1),
                        ("runs_active", 0), ("workers", 2), ("workers_lost_total", 0)):
        assert f"seq2seq_{name} {value}.0\n" in numbers
    assert "process_resident_memory_bytes" in numbers
    out, err = capfd.readouterr()
    lines = [json.loads(line) for line in err.splitlines() if line.startswith("{")]
    assert {"run started", "run ended"} <= {line["event"] for line in lines}
    assert last["model_id"][:6] in err
    assert last["model_id"] not in out + err  # who knows it may use the model
    assert "secret" not in out + err + numbers


def test_abandoned_runs_end_and_their_memory_is_freed(monkeypatch):
    with Runs(start, limits=Limits(num_workers=1)) as runs:
        left = [runs.submit(f"learner {i}", ("epochs", (10, 1_000_000))) for i in range(5)]
        left.append(runs.submit("learner 5", ("busy", None)))
        begun(*left)
        assert runs.census()["bytes"] > 10_000_000
        limit(monkeypatch, runs, idle_seconds=0.5, keep_seconds=0.5)
        still = weakref.WeakSet(left)
        left.clear()
        wait_until(lambda: not runs._runs)
        until = time.monotonic() + 5
        while still and time.monotonic() < until:
            gc.collect()
            time.sleep(0.05)
        assert len(still) == 0
        assert runs.census()["bytes"] == 0
