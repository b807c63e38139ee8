"""The folder of uploaded and exported files: private, limited in size, deleted at the end.

A lock file shows whether the process of a folder is alive. A server that starts deletes the folders
of processes that were killed.
"""

import fcntl
import logging
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from seq2seq.jobs.limits import DEFAULT, Limits

PREFIX = "seq2seq-files-"
LOCK = ".in-use"
SECONDS = 5.0  # between two cleanings

log = logging.getLogger(__name__)


class Uploads:
    """The folder, and a thread that deletes old files, and the oldest if they take too much space.

    `known` are sets in which Gradio records the files; the paths of deleted files are removed.
    """

    def __init__(self, limits: Limits = DEFAULT, parent: str | Path | None = None) -> None:
        """Create the folder in `parent` (default: the system's temporary folder), or OSError."""
        self.limits = limits
        self.known: list[set[str]] = []
        place = Path(parent or tempfile.gettempdir())
        place.mkdir(parents=True, exist_ok=True)
        remove_left(place)
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place)).resolve()
        self._lock = open(self.path / LOCK, "w")  # noqa: SIM115 - held until exit
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._one_at_a_time = threading.Lock()
        self._closed = threading.Event()
        threading.Thread(target=self._work, name="uploads", daemon=True).start()

    def clean(self) -> None:
        """Delete files older than `file_seconds`, then the oldest beyond `files_mb` in total."""
        with self._one_at_a_time:
            files = sorted(_files(self.path))
            total = sum(size for _, size, _ in files)
            latest = time.time() - self.limits.file_seconds
            for written, size, path in files:
                if latest <= written <= time.time() + 60 and total <= self.limits.files_mb * 2**20:
                    continue
                with suppress(OSError):
                    os.unlink(path)
                    total -= size
                with suppress(OSError):  # fails if it is not empty
                    os.rmdir(os.path.dirname(path))
        for paths in self.known:
            paths.difference_update([path for path in list(paths) if not os.path.exists(path)])

    def close(self) -> None:
        """Delete the folder and its files."""
        self._closed.set()
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.close()

    def _work(self) -> None:
        while not self._closed.wait(SECONDS):
            try:
                self.clean()
            except Exception:  # the next cleaning may succeed
                log.exception("the folder of uploaded files could not be cleaned")


def remove_left(place: Path) -> None:
    """Delete the folders of dead processes in `place`."""
    for folder in place.glob(f"{PREFIX}*"):
        if folder.is_symlink():
            continue
        with suppress(OSError), open(folder / LOCK, "r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # OSError while its process lives
            shutil.rmtree(folder, ignore_errors=True)


def _files(folder: Path) -> Iterable[tuple[float, int, str]]:
    # Time of writing, bytes and path of each file.
    for place, _, names in os.walk(folder):
        for name in names:
            if name != LOCK:
                with suppress(OSError):
                    facts = os.lstat(os.path.join(place, name))
                    yield facts.st_mtime, facts.st_size, os.path.join(place, name)
