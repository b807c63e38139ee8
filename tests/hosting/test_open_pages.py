"""Five pages are open while the server is killed; each continues its run."""

import json
import signal
from dataclasses import replace
from pathlib import Path

from benchmarks.browsing import Page, Visitor
from conftest import free_port, start_app
from waiting import wait_until

from seq2seq import EpochEnd, Experiment
from seq2seq.hosting.run_folder import unpack
from seq2seq.ui.components.settings import default_recipe

ASKED = {"Epochs": 20, "Training examples": 300, "Hidden size": 8}


def losses_of(visitor: Visitor, run: str) -> list[float]:
    [told] = [line for line in visitor.call("status", [run]) if line.startswith("data: ")]
    return json.loads(told.removeprefix("data: "))[0]["losses"]


def uninterrupted(seed: int) -> list[float]:
    recipe = default_recipe("reverse")
    config = replace(recipe.train, num_epochs=20, num_examples=300, seed=seed)
    experiment = Experiment("reverse", replace(recipe.model, hidden_size=8))
    return [e.train_loss for e in experiment.fit(config) if isinstance(e, EpochEnd)]


def test_each_of_five_open_pages_goes_on_without_a_reload(tmp_path: Path) -> None:
    port = free_port()
    again = {"SEQ2SEQ_STATE_DIR": str(tmp_path), "SEQ2SEQ_STATE_SECONDS": "0.1"}
    app = start_app(port, **again)
    try:
        page = Page(port)  # what the browsers have read, once
        runs = {}
        for seed in range(5):
            visitor = Visitor(page, "127.0.0.1")
            run, problem = visitor.press_train(Seed=seed, **ASKED)
            assert problem == ""
            runs[run] = visitor, seed
        wait_until(lambda: all(kept.exists() and unpack(kept).epoch >= 1 for kept in (
            tmp_path / f"{run}.safetensors" for run in runs)))
        app.send_signal(signal.SIGKILL)
        app.wait(10)
        app = start_app(port, **again)
        for run, (visitor, _) in runs.items():
            assert visitor.points(run)["status"] == "stopped"
            assert len(losses_of(visitor, run)) < 20
            assert visitor.press_continue(run)
        for run, (visitor, seed) in runs.items():
            wait_until(lambda: not visitor.points(run)["active"])  # noqa: B023 - called at once
            losses = losses_of(visitor, run)
            assert len(losses) == 20
            if seed == 0:
                assert losses == uninterrupted(seed)
    finally:
        app.kill()
        app.wait(10)
