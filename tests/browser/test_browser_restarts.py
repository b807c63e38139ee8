"""What a learner loses when the server is killed or stopped.

The real app, with a folder for saved runs, used by a program and by an open page.
(`test_run_folder` tests a full disk, `test_workers` lost workers.)
"""

import os
import re
import signal
from pathlib import Path

import httpx
import psutil
import pytest
from conftest import free_port, start_app
from gradio_client import Client
from playwright.sync_api import Page, expect

from seq2seq import EpochEnd, Experiment, ModelConfig, TrainConfig
from seq2seq.hosting.run_folder import unpack
from seq2seq.hosting.training_job import training_job

pytestmark = pytest.mark.browser
PATIENCE = 60_000  # ms
SETTINGS = {"task": "reverse", "epochs": 15, "num_examples": 1500, "hidden_size": 32,
            "attention": "dot", "dropout": 0.2, "seed": 5}
LINK = "?task=reverse&attention=dot&num_epochs=24&num_examples=2000&hidden_size=16"


@pytest.fixture(scope="module")
def losses() -> list[float]:
    """The losses of `SETTINGS` without an interruption."""
    model = ModelConfig(attention="dot", hidden_size=32, dropout=0.2)
    config = TrainConfig(num_epochs=15, num_examples=1500, seed=5)
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


def stopped_and_continued(page: Page, url: str) -> int:
    """A run that its learner stops and continues, and that trains; how many points it has."""
    page.goto(f"{url}/{LINK}")
    expect(page.get_by_role("status").filter(has_text="Opened from a link")).to_be_visible()
    page.get_by_role("tab", name="Train").click()
    page.get_by_role("button", name="Train", exact=True).click()
    status = page.locator(".live .status")
    expect(status).to_have_text(re.compile("Epoch [2-9] of 24"), timeout=PATIENCE)
    page.get_by_role("button", name="Stop").click()
    expect(status).to_have_text(re.compile("Stopped during epoch"), timeout=PATIENCE)
    # What is shown is the model of that moment: a part of an epoch is in it.
    expect(page.locator(".live .note")).to_contain_text(re.compile(r"during epoch \d+ of 24"))
    button = page.get_by_role("button", name="Continue", exact=True)
    expect(page.locator("#tab-train button.primary:visible")).to_have_text("Continue")
    button.click()
    expect(status).to_have_text(re.compile(r"Epoch (\d|1\d) of 24"), timeout=PATIENCE)
    expect(button).to_be_hidden()
    return int(page.locator(".live .chart").get_attribute("data-points") or 0)


def asleep_while_there_is_no_server(page: Page) -> None:
    expect(page.locator(".live .status")).to_have_text(re.compile("Connection lost"),
                                                       timeout=PATIENCE)
    page.get_by_role("tab", name="Look inside").click()
    asleep = page.locator("p.asleep")
    expect(asleep).to_contain_text("may be asleep or restarting")
    expect(asleep.get_by_role("link", name="Open this page again")).to_be_visible()
    page.get_by_role("tab", name="Train").click()


def continued_on_the_open_page(page: Page, num_points: int) -> None:
    """The page was open during the restart, and need not be reloaded."""
    expect(page.locator("p.asleep")).to_be_empty(timeout=PATIENCE)
    status = page.locator(".live .status")
    expect(status).to_have_text(re.compile(r"Interrupted after epoch \d+: the server was rest"),
                                timeout=PATIENCE)
    points = int(page.locator(".live .chart").get_attribute("data-points") or 0)
    assert points >= num_points / 2
    button = page.get_by_role("button", name="Continue", exact=True)
    button.click()
    expect(status).to_have_text(re.compile("Done: 24 epochs"), timeout=2 * PATIENCE)
    expect(button).to_be_hidden()
    page.get_by_role("tab", name="Side by side").click()
    expect(page.locator("table.answers").get_by_role("row").nth(3)).to_be_visible()


def test_a_killed_server_comes_back_with_its_runs(chromium, tmp_path, losses):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    again = {"SEQ2SEQ_STATE_DIR": str(tmp_path), "SEQ2SEQ_STATE_SECONDS": "0.5"}
    app = start_app(port, **again)
    context = chromium.new_context()
    try:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        client = Client(url, verbose=False)
        done = list(client.submit(**{**SETTINGS, "epochs": 2}, api_name="/train"))[-1]
        asked = client.predict("3 1 4", done["model_id"], api_name="/predict")
        num_points = stopped_and_continued(page, url)
        state = in_training(client, 3, tmp_path, **SETTINGS)
        end(app, signal.SIGKILL, 5)

        for path in tmp_path.glob("*.safetensors"):
            unpack(path)  # whole, every one
        (tmp_path / f"{'x' * 22}.safetensors").write_bytes(b"damaged")
        (tmp_path / f"{'y' * 22}.tmp").write_bytes(b"half written")
        asleep_while_there_is_no_server(page)
        app = start_app(port, **again)
        continued_on_the_open_page(page, num_points)
        client = Client(url, verbose=False)
        assert client.predict("3 1 4", done["model_id"], api_name="/predict") == asked
        found = client.predict(state["model_id"], api_name="/status")
        assert found["status"] == "stopped"
        assert found["note"] == (f"Interrupted after epoch {found['epoch']}: the server was "
                                 "restarted.")
        assert found["epoch"] >= 3
        assert found["losses"] == losses[:found["epoch"]]
        client.predict("3 1 4", state["model_id"], api_name="/predict")
        assert httpx.get(f"{url}/health").json()["workers_ready"] >= 1

        on = in_training(client, found["epoch"] + 1, tmp_path, "/resume",
                         model_id=state["model_id"])
        end(app, signal.SIGTERM, 10)
        assert app.returncode == 0
    finally:
        context.close()
        app.kill()
        app.wait(10)
    # Interrupted twice, with the same losses to the last digit.
    kept = unpack(tmp_path / f"{on['model_id']}.safetensors")
    assert kept.status == "running"
    events = [*kept.events[:kept.num_events], *training_job(kept.recipe, kept.state)]
    assert [e.train_loss for e in events if isinstance(e, EpochEnd)] == losses
