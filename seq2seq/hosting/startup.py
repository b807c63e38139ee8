"""Opens the uploads folder and the `Runs` of a server: on this machine or on Ray, saved or not."""

import os
from dataclasses import replace

from seq2seq.config import ModelConfig, TrainConfig
from seq2seq.errors import ConfigError
from seq2seq.hosting.training_job import training_job
from seq2seq.hosting.uploads import Uploads
from seq2seq.jobs.limits import DEFAULT, Limits
from seq2seq.jobs.runs import Runs
from seq2seq.recipe import Recipe

# Each worker trains this once when it starts, since torch's first step takes seconds.
WARM_UP = Recipe("reverse", ModelConfig(hidden_size=8, attention="dot"),
                 TrainConfig(num_epochs=1, num_examples=64))


def open_uploads(limits: Limits = DEFAULT) -> Uploads:
    """Create the folder for uploaded and exported files, and make Gradio use it.

    ConfigError if the folder GRADIO_TEMP_DIR cannot be used.
    """
    try:
        uploads = Uploads(limits, os.environ.get("GRADIO_TEMP_DIR"))
    except OSError as problem:
        raise ConfigError("GRADIO_TEMP_DIR is {path}: this folder cannot be used ({why}). Choose "
                          "one that can be written to.", path=os.environ.get("GRADIO_TEMP_DIR", ""),
                          why=problem.strerror) from None
    os.environ["GRADIO_TEMP_DIR"] = str(uploads.path)
    return uploads


def may_share(recipe: Recipe) -> bool:
    """Whether visitors may share the training of a recipe: not if it contains their own pairs."""
    return not recipe.pairs


def open_runs(limits: Limits = DEFAULT) -> Runs:
    """The runs of a server with these limits. ConfigError if its folder or cluster is unusable."""
    store = None
    if limits.state_path is not None:
        from seq2seq.hosting.run_folder import RunFolder  # needs a system that can lock files
        store = RunFolder(limits)
    if not limits.ray_address:
        return Runs(training_job, limits=limits, warm_up=WARM_UP, store=store, shares=may_share)
    from seq2seq.jobs.ray_workers import connect
    cluster = connect(limits.ray_address)
    limits = replace(limits, num_workers=limits.num_workers or cluster.num_cpus)
    return Runs(training_job, limits=limits, warm_up=WARM_UP, store=store, shares=may_share,
                make_worker=cluster.make_worker)
