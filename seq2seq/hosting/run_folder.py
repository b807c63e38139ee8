"""Saves runs in a folder, one safetensors file each, so that they survive a restart.

The header contains the recipe, the run's name and its events as JSON; the tensors are the newest
weights and the training state. Files are written atomically, limited in number and total size, and
validated when they are read. No pickle.
"""

import fcntl
import hashlib
import json
import logging
import os
import re
import time
from contextlib import suppress
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load, save
from torch import Tensor

from seq2seq.errors import ConfigError, Seq2SeqError
from seq2seq.files.checkpoint import MAX_BYTES, SUFFIX
from seq2seq.jobs.limits import PREFIX, Limits
from seq2seq.jobs.persistence import SavedRun
from seq2seq.recipe import Recipe
from seq2seq.training.events import (
    Started,
    check_count,
    check_number,
    check_text,
    event_from_json,
    event_to_json,
)

FORMAT = "seq2seq-run-1"
UNFINISHED = ".tmp"
PARTS = ("model", "state")
LOCK = ".in-use"
SERVED = ".served"  # its modification time is when the server last wrote to this folder

log = logging.getLogger(__name__)


class RunFolder:
    """The `persistence.Store` in the folder named by the limits. ConfigError if it is unusable."""

    def __init__(self, limits: Limits) -> None:
        assert limits.state_path is not None
        self.limits, self.path = limits, limits.state_path
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = open(self.path / LOCK, "w")  # noqa: SIM115 - held until exit
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError("{name} is {path}: another server uses this folder. Give each server "
                              "its own.", name=f"{PREFIX}STATE_DIR", path=self.path) from None
        except OSError as problem:
            raise ConfigError("{name} is {path}: this folder cannot be used ({why}). Choose one "
                              "that can be written to.", name=f"{PREFIX}STATE_DIR", path=self.path,
                              why=problem.strerror) from None
        # File times follow the monotonic clock, since the system's clock may be set meanwhile.
        self._began = time.time() - time.monotonic()
        for left in self.path.glob(f"*{UNFINISHED}"):
            left.unlink(missing_ok=True)

    def write(self, saved: SavedRun) -> None:
        """Write a run atomically. OSError if there is no space."""
        blob = pack(saved)
        if len(blob) > self.limits.state_mb * 2**20:
            raise OSError(28, "larger than all that may be kept")
        path = self._path(saved.id)
        self._make_room(len(blob), besides=path)
        part = path.with_suffix(UNFINISHED)
        try:
            with open(part, "wb", opener=_private) as file:
                file.write(blob)
                file.flush()
                os.fsync(file.fileno())
            os.utime(part, (self._now(),) * 2)
            os.replace(part, path)
        except OSError:
            part.unlink(missing_ok=True)
            raise
        folder = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(folder)  # or a power cut could undo the renaming
        finally:
            os.close(folder)
        self._serve()

    def remove(self, run_id: str) -> None:
        """Delete a run's file."""
        self._path(run_id).unlink(missing_ok=True)

    def refresh(self, run_id: str) -> None:
        """Restart the age of a run's file."""
        with suppress(OSError):  # it is not saved
            os.utime(self._path(run_id), (self._now(),) * 2)
            self._serve()

    def read(self) -> list[SavedRun]:
        """All saved runs, the oldest first; those older than `keep_seconds` are deleted.

        Time during which no server was running does not count.
        """
        found, files = [], self._files()
        ended = max((written for _, _, written in files), default=0.0)
        with suppress(OSError):
            ended = (self.path / SERVED).stat().st_mtime
        for path, _, written in files:
            age = max(0.0, ended - written)
            if age > self.limits.keep_seconds:
                path.unlink(missing_ok=True)
                continue
            with suppress(OSError):
                os.utime(path, (self._now() - age,) * 2)
            try:
                found.append(unpack(path))
            except (Seq2SeqError, SafetensorError, OSError, ValueError, TypeError, KeyError,
                    AttributeError, RecursionError, MemoryError, OverflowError) as problem:
                log.warning("a saved run is damaged and was left out (%s)", type(problem).__name__,
                            extra={"file": path.name[:6]})
        with suppress(OSError):
            self._serve()
        return found

    def _now(self) -> float:
        return self._began + time.monotonic()

    def _serve(self) -> None:
        (self.path / SERVED).touch(mode=0o600)
        os.utime(self.path / SERVED, (self._now(),) * 2)

    def _path(self, run_id: str) -> Path:
        assert re.fullmatch(r"[\w-]+", run_id)
        return self.path / f"{run_id}{SUFFIX}"

    def _files(self) -> list[tuple[Path, int, float]]:
        # Path, bytes and time of writing of each saved run, oldest first.
        found = []
        for path in self.path.glob(f"*{SUFFIX}"):
            if path.is_file() and not path.is_symlink():
                facts = path.stat()
                found.append((path, facts.st_size, facts.st_mtime))
        return sorted(found, key=lambda file: file[2])

    def _make_room(self, size: int, besides: Path) -> None:
        files = [file for file in self._files() if file[0] != besides]
        total = sum(file[1] for file in files)
        while files and (len(files) >= self.limits.state_runs
                         or total + size > self.limits.state_mb * 2**20):
            path, freed, _ = files.pop(0)
            path.unlink(missing_ok=True)
            total -= freed


def _private(path: str, flags: int) -> int:
    # Readable by this user only: a run's id, which is the file's name, gives access to the run.
    return os.open(path, flags, mode=0o600)


def pack(saved: SavedRun) -> bytes:
    """The bytes of a run's safetensors file."""
    tensors = {f"{part}/{name}": tensor
               for part, blob in zip(PARTS, (saved.weights, saved.state), strict=True) if blob
               for name, tensor in load(blob).items()}
    facts = {name: getattr(saved, name) for name in
             ("id", "owner", "name", "status", "error", "note", "created", "epoch", "num_events",
              "cpu_seconds", "is_opened")}
    events = [event_to_json(event) for event in saved.events]
    header = {"format": FORMAT, "recipe": saved.recipe.to_json(), "run": json.dumps(facts),
              "events": json.dumps(events)}
    return save(tensors, {**header, "checksum": checksum(header, tensors)})


def checksum(header: dict[str, str], tensors: dict[str, Tensor]) -> str:
    """SHA-256 of a file's header and tensors, to detect damaged files."""
    digest = hashlib.sha256()
    for name in ("format", "recipe", "run", "events"):
        digest.update(f"{name}:{len(header[name])}:{header[name]}".encode(errors="replace"))
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name}:{tensor.dtype}:{tuple(tensor.shape)}".encode())
        digest.update(tensor.contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def unpack(path: Path) -> SavedRun:
    """The run in a file. A damaged file raises one of the errors that `RunFolder.read` catches."""
    if path.stat().st_size > 4 * MAX_BYTES:
        raise ValueError("too large")
    parts: dict[str, dict[str, Tensor]] = {part: {} for part in PARTS}
    with safe_open(path, "pt") as file:
        header = file.metadata() or {}
        if header["format"] != FORMAT:
            raise ValueError("another format")
        for name in file.keys():  # noqa: SIM118
            part, _, rest = name.partition("/")
            parts[part][rest] = file.get_tensor(name)
    tensors = {f"{part}/{name}": t for part, found in parts.items() for name, t in found.items()}
    if header["checksum"] != checksum(header, tensors):
        raise ValueError("not as it was written")
    for tensor in parts["model"].values():
        if tensor.dtype != torch.float32 or not bool(tensor.isfinite().all()):
            raise ValueError("no weights")
    facts = json.loads(header["run"])
    texts = {name: check_text(facts[name])
             for name in ("id", "owner", "name", "status", "error", "note")}
    events = tuple(map(event_from_json, json.loads(header["events"])))
    num_events = check_count(facts["num_events"])
    if (events or parts["model"]) and not (events and isinstance(events[0], Started)):
        raise ValueError("without a beginning")
    if texts["id"] != path.stem or not re.fullmatch(r"[\w-]{22}", path.stem) \
            or num_events > len(events):
        raise ValueError("not what it says")
    return SavedRun(**texts, recipe=Recipe.from_json(header["recipe"]),
                created=check_number(facts["created"]), events=events,
                epoch=check_count(facts["epoch"]),
                weights=save(parts["model"]) if parts["model"] else b"",
                state=save(parts["state"]) if parts["state"] else b"", num_events=num_events,
                cpu_seconds=check_number(facts.get("cpu_seconds", 0.0)),
                is_opened=facts.get("is_opened") is True)
