"""Saved runs: atomic writes, limits, and validation of the files."""

import errno
import json
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from conftest import small_model
from safetensors import safe_open
from safetensors.torch import save
from waiting import ended, limit, wait_until

from seq2seq import Recipe, TrainConfig
from seq2seq.errors import ConfigError
from seq2seq.hosting.run_folder import RunFolder, checksum
from seq2seq.hosting.training_job import training_job
from seq2seq.jobs.limits import Limits
from seq2seq.jobs.persistence import SavedRun
from seq2seq.jobs.run import UNSAVED, Run, restored
from seq2seq.jobs.runs import Runs
from seq2seq.training.events import Snapshot

RECIPE = Recipe("reverse", small_model("gru", "dot"),
                TrainConfig(num_epochs=2, num_examples=60, max_length=5, batch_size=16))


@pytest.fixture(scope="module")
def kept() -> SavedRun:
    """A real run after its first epoch."""
    events = []
    for event in training_job(RECIPE):
        if isinstance(event, Snapshot) and event.epoch == 1:
            break
        if event is not None and not isinstance(event, Snapshot):
            events.append(event)
    return SavedRun("a" * 22, "owner", RECIPE, "Run 1", "running", "", "", 1.5, tuple(events), 1,
                    event.weights, event.state, len(events), 2.5)


def limits(path: Path, **more: float) -> Limits:
    return Limits(state_dir=str(path), **more)


def reopened(folder: RunFolder, **more: float) -> RunFolder:
    """As another process would find it."""
    folder._lock.close()
    return RunFolder(replace(folder.limits, **more))


def named(kept: SavedRun, number: int) -> SavedRun:
    return replace(kept, id=f"{number:022}")


def test_a_run_is_read_back_as_it_was(tmp_path, kept):
    folder = RunFolder(limits(tmp_path / "new" / "runs"))
    assert folder.read() == []
    folder.write(kept)
    [back] = reopened(folder).read()
    assert back == kept  # losses to the last digit, weights and state to the last byte
    rest = [e for e in training_job(back.recipe, back.state) if e and not isinstance(e, Snapshot)]
    whole = [e for e in training_job(RECIPE) if e and not isinstance(e, Snapshot)]
    assert [*back.events, *rest] == whole


def test_nobody_else_may_read_a_run(tmp_path, kept):
    folder = RunFolder(limits(tmp_path / "runs"))
    folder.write(kept)
    [path] = folder.path.glob("*.safetensors")
    assert path.stat().st_mode & 0o077 == 0
    assert folder.path.stat().st_mode & 0o077 == 0


def test_a_run_that_was_interrupted_says_so(kept):
    run = restored(kept, 2**20)
    assert (run.status, list(run.blobs)) == ("stopped", [1])
    assert run.words == "Interrupted after epoch 1: the server was restarted."
    run._is_unsaved = True
    assert run.words == f"{run.note} {UNSAVED}"
    assert list(run.words.values.values()) == [run.note, UNSAVED]  # each is said by itself
    done = restored(replace(kept, status="done"), 2**20)
    assert (done.status, done.words) == ("done", "")


def test_what_is_kept_of_a_training_ends_with_its_weights():
    """The end of an epoch is reported before its weights."""
    run = Run("r" * 22, "ada", RECIPE, "Run 1", "running")
    run.add_events(("began", "epoch 1", Snapshot(1, b"one", b"state"), "epoch 2"))
    assert (run.to_saved().epoch, run.to_saved().events) == (1, ("began", "epoch 1"))
    run.add_events((Snapshot(2, b"two"), "half of 3"))
    assert (run.to_saved().epoch, run.to_saved().events) == (2, ("began", "epoch 1", "epoch 2"))
    again = restored(run.to_saved(), 2**20)
    # It continues from its state.
    again._num_repeated = len(again.events) - again.checkpoint.num_events
    again.status = "running"
    again.add_events(("epoch 2",))
    assert again.to_saved().events == ("began", "epoch 1", "epoch 2")
    again.add_events((Snapshot(2, b"two"), "epoch 3", Snapshot(3, b"three")))
    assert (again.to_saved().epoch, again.to_saved().events[-1]) == (3, "epoch 3")
    run.status = "stopped"  # where it stands in an epoch is not kept: all is of its last whole one
    assert (run.to_saved().epoch, run.to_saved().events[-1]) == (2, "epoch 2")


def damage(blob: bytes) -> dict[str, bytes]:
    """The same file, damaged in many ways."""
    size = int.from_bytes(blob[:8], "little")
    header = json.loads(blob[8:8 + size])
    facts = json.loads(header["__metadata__"]["run"])
    events = json.loads(header["__metadata__"]["events"])

    def with_texts(**texts: str) -> bytes:
        new = {**header, "__metadata__": {**header["__metadata__"], **texts}}
        packed = json.dumps(new).encode()
        return len(packed).to_bytes(8, "little") + packed + blob[8 + size:]

    return {
        "empty": b"", "cut": blob[: len(blob) // 2], "cut in its header": blob[:200],
        "noise": os.urandom(5000), "huge header": b"\xff" * 8 + blob[8:],
        "no tensors of ours": save({"x": torch.zeros(3)}, header["__metadata__"]),
        "no header": save({"model/x": torch.zeros(3)}),
        "another id": with_texts(run=json.dumps({**facts, "id": "b" * 22})),
        "a path as its id": with_texts(run=json.dumps({**facts, "id": "../../x"})),
        "no number": with_texts(run=json.dumps({**facts, "epoch": "1"})),
        "more events than there are": with_texts(run=json.dumps({**facts, "num_events": 10**6})),
        "a list": with_texts(run="[]"), "deep": with_texts(events="[" * 100_000),
        "another event": with_texts(events=json.dumps([{"event": "Path", "epoch": 1}])),
        "an event without parts": with_texts(events=json.dumps([{"event": "StepEnd"}])),
        "a loss that is none": with_texts(events=json.dumps([{**events[1], "loss": "1"}])),
        "an event that is none": with_texts(events="[3]"),
        "another recipe": with_texts(recipe='{"format": "seq2seq-recipe-1"}'),
        "a task that is not": with_texts(recipe=RECIPE.to_json().replace("reverse", "rm -rf")),
        "weights that are no numbers": save(
            {"model/x": torch.full((3,), torch.nan)}, header["__metadata__"]),
    }


def test_damaged_files_are_left_out_and_nothing_else(tmp_path, kept, caplog):
    folder = RunFolder(limits(tmp_path))
    folder.write(kept)
    blob = next(tmp_path.glob("*.safetensors")).read_bytes()
    for number, (what, damaged) in enumerate(damage(blob).items()):
        (tmp_path / f"{number:022}.safetensors").write_bytes(damaged)
        caplog.clear()
        assert folder.read() == [kept], what
        assert "is damaged and was left out" in caplog.text, what
        (tmp_path / f"{number:022}.safetensors").unlink()


def test_weights_that_do_not_fit_their_recipe_are_a_sentence(tmp_path, kept):
    """Such runs are read, since only the model can check the weights; using them is an error."""
    from seq2seq.errors import CheckpointError
    from seq2seq.experiment import Experiment
    experiment = Experiment.from_recipe(replace(RECIPE, model=small_model("lstm", hidden_size=8)))
    with pytest.raises(CheckpointError, match="Press Train to run the recipe again"):
        experiment.with_weights(kept.weights)
    for state in (kept.state[:100], save({"model/x": torch.zeros(1)}), save({"x": torch.ones(1)})):
        with pytest.raises(CheckpointError, match="Press Train to run the recipe again"):
            list(training_job(RECIPE, state))
    with pytest.raises(CheckpointError, match="Press Train to run the recipe again"):
        list(training_job(experiment.recipe, kept.state))


def test_what_is_too_much_or_too_old_goes(tmp_path, kept):
    folder = RunFolder(limits(tmp_path, state_runs=3))
    for number in range(5):
        folder.write(named(kept, number))
        os.utime(folder._path(f"{number:022}"), (0, time.time() - 100 + number))
    assert [run.id for run in folder.read()] == [f"{n:022}" for n in (2, 3, 4)]
    size = next(tmp_path.glob("*.safetensors")).stat().st_size
    folder = reopened(folder, state_mb=max(1, 2.5 * size / 2**20), state_runs=100)
    assert [run.id for run in folder.read()] == [f"{n:022}" for n in (2, 3, 4)]
    folder.refresh(f"{2:022}")
    folder = reopened(folder, keep_seconds=50)
    assert [run.id for run in folder.read()] == [f"{2:022}"]  # the others were not asked for
    folder.remove(f"{2:022}")
    assert list(tmp_path.glob("*.safetensors")) == []


def test_bytes_are_bounded(tmp_path, kept):
    folder = RunFolder(limits(tmp_path, state_mb=1))
    large = replace(kept, weights=save({"x": torch.zeros(110_000)}), state=b"", num_events=0)
    for number in range(5):
        folder.write(named(large, number))
        os.utime(folder._path(f"{number:022}"), (0, time.time() - 100 + number))
        assert sum(p.stat().st_size for p in tmp_path.iterdir()) <= 2**20
    assert [run.id for run in folder.read()] == [f"{n:022}" for n in (3, 4)]
    with pytest.raises(OSError, match="larger than all"):
        folder.write(replace(large, weights=save({"x": torch.zeros(300_000)})))


def test_a_full_disk_leaves_the_old_file_whole(tmp_path, kept, monkeypatch):
    folder = RunFolder(limits(tmp_path))
    folder.write(kept)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        folder.write(replace(kept, name="Run 2"))
    assert [run.name for run in folder.read()] == ["Run 1"]
    assert [p.name for p in tmp_path.iterdir() if p.suffix == ".tmp"] == []


def test_what_a_kill_left_half_written_is_cleared(tmp_path):
    (tmp_path / f"{'a' * 22}.tmp").write_bytes(b"half")
    RunFolder(limits(tmp_path))
    assert list(tmp_path.glob("*.tmp")) == []


def test_two_servers_do_not_share_a_folder(tmp_path):
    first = RunFolder(limits(tmp_path))
    with pytest.raises(ConfigError, match="another server uses this folder"):
        RunFolder(limits(tmp_path))
    first._lock.close()
    RunFolder(limits(tmp_path))


class Shelf:
    """A store in memory that can be full."""

    def __init__(self) -> None:
        self.kept: dict[str, SavedRun] = {}
        self.is_full = False
        self.num_writes = 0

    def write(self, kept: SavedRun) -> None:
        self.num_writes += 1
        if self.is_full:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.kept[kept.id] = kept

    def remove(self, run_id: str) -> None:
        self.kept.pop(run_id, None)

    def refresh(self, run_id: str) -> None:
        pass

    def read(self) -> list[SavedRun]:
        return list(self.kept.values())


def test_runs_outlive_their_server_and_go_on(monkeypatch):
    from jobs_for_tests import start
    shelf = Shelf()
    few = Limits(num_workers=1, state_seconds=0)
    with Runs(start, limits=few, store=shelf) as runs:
        done = ended(runs.submit("ada", ("saving", (2, 0))))
        left = runs.submit("bob", ("saving", (20, 0.05)))
        waiting = runs.submit("cyd", ("sleepy", 0.01))  # has no end that it could come to meanwhile
        wait_until(lambda: len(left.blobs) >= 3)
    wait_until(lambda: len(shelf.kept) == 3)
    with Runs(start, limits=few, store=shelf) as runs:
        again = runs.get(done.id)
        assert (again.status, again.events, again.owner) == ("done", done.events, "ada")
        assert dict(again.blobs) == {2: b"weights 2"}
        assert not again.can_continue
        again = runs.get(left.id)
        epoch = max(again.blobs)
        assert again.status == "stopped"
        assert again.words == f"Interrupted after epoch {epoch}: the server was restarted."
        runs.resume(left.id)
        assert ended(again).status == "done"
        words = ["began", *(w for e in range(1, 21) for w in (f"half of {e}", f"epoch {e}"))]
        assert again.events == words
        assert again.words == ""
        assert runs.get(waiting.id).can_continue  # from its start
        limit(monkeypatch, runs, keep_seconds=0)
        wait_until(lambda: not shelf.kept, "what is forgotten is not kept either")


def test_a_full_disk_delays_nobody_and_is_told(monkeypatch):
    from jobs_for_tests import start
    monkeypatch.setattr("seq2seq.jobs.persistence.RETRY_SECONDS", 0.2)
    shelf = Shelf()
    shelf.is_full = True
    with Runs(start, limits=Limits(num_workers=1, state_seconds=0), store=shelf) as runs:
        run = ended(runs.submit("ada", ("saving", (5, 0.01))))
        assert run.status == "done"
        wait_until(lambda: run.words == UNSAVED)
        assert runs.counts["unkept"] >= 1
        shelf.is_full = False
        wait_until(lambda: run.words == "", "it was not tried once more")
        assert shelf.kept[run.id].events == tuple(run.events)


def test_a_run_that_trains_is_not_written_too_often():
    from jobs_for_tests import start
    shelf = Shelf()
    with Runs(start, limits=Limits(num_workers=1, state_seconds=0.5), store=shelf) as runs:
        run = ended(runs.submit("ada", ("saving", (100, 0.01))))
        wait_until(lambda: shelf.kept[run.id].status == "done")
        assert 3 <= shelf.num_writes <= 3 + (time.time() - run.created) / 0.5


def rewritten(path: Path, change) -> None:
    """The file with another header, and a checksum that fits."""
    with safe_open(path, "pt") as file:
        header = {name: file.metadata()[name] for name in ("format", "recipe", "run", "events")}
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    change(header, tensors)
    path.write_bytes(save(tensors, {**header, "checksum": checksum(header, tensors)}))


def huge_number(header, _):
    facts = json.loads(header["run"])
    header["run"] = json.dumps({**facts, "created": 10**400})


def no_beginning(header, _):
    header["events"] = json.dumps(json.loads(header["events"])[1:])


@pytest.mark.parametrize("change", [huge_number, no_beginning])
def test_a_file_of_a_stranger_with_a_fitting_checksum_does_no_harm(tmp_path, kept, change):
    folder = RunFolder(limits(tmp_path))
    folder.write(kept)
    [path] = tmp_path.glob("*.safetensors")
    rewritten(path, lambda *_: None)
    assert len(folder.read()) == 1
    rewritten(path, change)
    assert folder.read() == []


def test_a_flipped_byte_is_noticed_wherever_it_is(tmp_path, kept):
    folder = RunFolder(limits(tmp_path))
    folder.write(kept)
    [path] = tmp_path.glob("*.safetensors")
    whole = path.read_bytes()
    for place in range(len(whole) // 2, len(whole), len(whole) // 16):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert folder.read() == [], place


def test_time_without_a_server_does_not_make_runs_older(tmp_path, kept):
    folder = RunFolder(limits(tmp_path))
    for number, age in ((1, 5000.0), (2, 1000.0)):
        folder.write(named(kept, number))
        written = time.time() - age
        os.utime(tmp_path / f"{number:022}.safetensors", (written, written))
    for path in tmp_path.iterdir():  # it was off for a day
        facts = path.stat()
        os.utime(path, (facts.st_mtime - 86_400,) * 2)
    again = reopened(folder)
    assert [run.id for run in again.read()] == [f"{2:022}"]  # an hour is what a run stays
    assert [run.id for run in reopened(again).read()] == [f"{2:022}"]
    [path] = tmp_path.glob("*.safetensors")
    assert 900 < time.time() - path.stat().st_mtime < 1500  # its age goes on
