"""All limits of a server: what it may use, and how long it keeps runs and files.

Each field of `Limits` is read from an environment variable: SEQ2SEQ_ and its name in upper case.
Its metadata describe its meaning, its range, and what happens at the limit. `as_table` generates
the table in assets/docs/hosting.md from them; a test compares the two.

>>> Limits.read({"SEQ2SEQ_MAX_ACTIVE": "12"}).max_active
12
>>> Limits.read({"SEQ2SEQ_MAX_ACTIVE": "many"})
Traceback (most recent call last):
seq2seq.errors.ConfigError: SEQ2SEQ_MAX_ACTIVE is “many”: it must be a whole number from 1 to 1000.
"""

import os
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from seq2seq.errors import ConfigError, shorten

PREFIX = "SEQ2SEQ_"


@dataclass(frozen=True)
class Limit:
    """The description of a field, and its range if it is a number."""

    meaning: str
    at_limit: str
    low: float = 0
    high: float = 0

    @property
    def range(self) -> str:
        """The allowed values, in words."""
        return f"{self.low:g} to {self.high:,.10g}".replace(",", "")

    def check(self, name: str, value: Any, kind: type) -> Any:
        """`value` converted to `kind`; ConfigError if it is not allowed."""
        if kind is str:
            return str(value).strip()
        try:
            number = kind(value)
        except (TypeError, ValueError, OverflowError):
            number = None
        # `not low <= value` also rejects NaN, for which every comparison is false.
        if number is None or not self.low <= number <= self.high:
            what = "whole number" if kind is int else "number"
            raise ConfigError(f"{PREFIX}{name.upper()} is “{shorten(value)}”: it must be a {what} "
                              f"from {self.range}.")
        return number


def limit(default: Any, meaning: str, at_limit: str, low: float = 0, high: float = 0) -> Any:
    """A dataclass field whose metadata holds its `Limit`."""
    return field(default=default, metadata={"limit": Limit(meaning, at_limit, low, high)})


@dataclass(frozen=True)
class Limits:
    """All limits of a server; ConfigError for a value outside its range."""

    # --- training ---------------------------------------------------------------------------
    num_workers: int = limit(
        0, "training processes; 0: two, or one for each CPU of a cluster",
        "runs take turns", 0, 1000)
    slice_seconds: float = limit(
        0.05, "seconds of training before the next run takes its turn",
        "the next run continues",
        0.001, 60)
    run_seconds: float = limit(
        600.0, "seconds of CPU time allowed per run; 0: no limit",
        "the run is stopped with a message; its progress is saved, and it can be continued",
        0, 1_000_000)
    max_active: int = limit(
        40, "runs that wait or train at the same time", "Train shows that the server is full",
        1, 1000)
    max_active_per_address: int = limit(
        30, "the same, per network address (a whole class may share one); 0: no limit",
        "Train shows that the limit for the address is reached", 0, 1000)
    proxies: int = limit(
        0, "proxies in front of this server that send the visitor's address in X-Forwarded-For; "
        "0: these headers are ignored. On a Hugging Face Space the default is 1",
        "addresses further to the left are ignored",
        0, 10)
    idle_seconds: float = limit(
        45.0, "seconds that an active run continues when no page shows it",
        "the run is stopped", 0, 86_400)
    worker_mb: float = limit(
        700, "MB of weights and examples that the runs of one worker may hold; during training it "
        "uses up to 750 more", "Train shows that there is no memory, or how to make the model "
        "smaller", 10, 1_000_000)
    # --- memory -----------------------------------------------------------------------------
    keep_seconds: float = limit(
        3600.0, "seconds that an ended run is kept without being used",
        "the run is deleted, also from disk",
        0, 31_536_000)
    max_owned: int = limit(
        8, "trained runs per visitor; the same number of opened models is kept as well",
        "the visitor's oldest ended run or opened model is deleted", 1, 1000)
    replay_seconds: float = limit(
        4.0, "seconds in which a recipe that was trained here before is replayed to another "
        "visitor", "0: every visitor's training is computed", 0, 600)
    max_kept: int = limit(
        300, "ended runs of all visitors", "the oldest run is deleted", 1, 100_000)
    max_kept_mb: float = limit(
        2048, "MB of weights of all runs", "the oldest ended run is deleted", 0, 1_000_000)
    max_run_mb: float = limit(
        24, "MB of weights of one run", "every other saved epoch is dropped, but never the "
        "first or the newest", 0, 1_000_000)
    num_models: int = limit(
        32, "models in memory, ready to answer",
        "the least recently used one is unloaded and read back when needed", 1, 10_000)
    models_mb: float = limit(
        300, "MB of these models",
        "the least recently used one is unloaded and read back when needed",
        1, 1_000_000)
    # --- requests ---------------------------------------------------------------------------
    queue_size: int = limit(
        48, "API calls that wait for an answer", "further calls are refused (503)", 1,
        10_000)
    concurrency: int = limit(
        8, "API calls per endpoint that are answered at the same time", "further calls wait", 1,
        1000)
    training_calls: int = limit(
        16, "API calls that may follow a training run at the same time", "further calls wait",
        1, 1000)
    answers_at_once: int = limit(
        2, "answers, exports and zips that are computed at the same time; one address gets at "
        "most all but one of these", "further calls wait for two seconds, then return that the "
        "server is busy", 1, 100)
    max_pairs: int = limit(
        20_000, "pairs in a visitor's table, of 80 characters on average", "the table is refused",
        10, 1_000_000)
    upload_mb: float = limit(
        8, "MB of an upload, all its files together", "the upload is refused (413)", 0.001, 1000)
    upload_files: int = limit(
        12, "files of an upload", "the upload is refused (413)", 1, 1000)
    request_mb: float = limit(
        12, "MB of any other request", "the request is refused (413)", 0.001, 1000)
    files_mb: float = limit(
        200, "MB of uploaded and exported files on disk", "the oldest file is deleted",
        1, 1_000_000)
    file_seconds: float = limit(
        3600.0, "seconds that an uploaded or exported file is kept, at most until the server ends",
        "it is deleted",
        1, 31_536_000)
    max_connections: int = limit(
        1000, "open connections", "the connection that is idle for longest is closed", 8, 50_000)
    max_requests_per_address: int = limit(
        400, "requests that are answered at the same time, per network address; an open page holds "
        "one. At most two thirds of the connections", "further requests are refused (429)",
        1, 50_000)
    request_seconds: float = limit(
        20.0, "seconds that a connection may be open without a complete request", "it is closed", 1,
        3600)
    sessions: int = limit(
        250, "pages whose state is kept (about 0.1 MB each)",
        "the least recently used page loses its state", 1, 100_000)
    # --- classes ----------------------------------------------------------------------------
    max_classes: int = limit(
        50, "open classes (`?class=…`)", "the link of a further class shows that the limit is "
        "reached", 1, 10_000)
    max_classes_per_address: int = limit(
        10, "the same, per network address; 0: no limit", "the link of a further class shows that "
        "the limit is reached", 0, 10_000)
    max_learners: int = limit(
        60, "learners in a class",
        "the link of the class shows further visitors that it is full; everything else works",
        1, 1000)
    class_seconds: float = limit(
        7200.0, "seconds that a class is kept without a visit, a run or a viewer",
        "the class is deleted", 1, 31_536_000)
    # --- restarts ---------------------------------------------------------------------------
    state_dir: str = limit(
        "", "folder in which runs are saved, so that they survive a restart; empty: runs are not "
        "saved", "")
    state_seconds: float = limit(
        5.0, "least number of seconds between two saves of a training run", "an epoch that ends "
        "earlier is saved later", 0, 3600)
    state_runs: int = limit(
        300, "runs in that folder", "the run saved longest ago is deleted", 1, 100_000)
    state_mb: float = limit(
        256, "MB in that folder", "the run saved longest ago is deleted", 1, 1_000_000)
    # --- more than one machine --------------------------------------------------------------
    ray_address: str = limit(
        "", "Ray cluster used for training (`auto`, `HOST:6379` or `ray://HOST:10001`); empty: "
            "this computer", "")

    def __post_init__(self) -> None:
        for f in fields(self):
            value = limit_of(f).check(f.name, getattr(self, f.name), kind_of(f))
            object.__setattr__(self, f.name, value)

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> "Limits":
        """The limits that the environment variables set.

        ConfigError if a value is not allowed, or if a variable with the prefix is unknown: a
        misspelt variable would limit nothing.
        """
        names = {PREFIX + f.name.upper(): f.name for f in fields(cls)}
        given = {name: text for name, text in environment.items() if name.startswith(PREFIX)}
        for name in sorted(set(given) - set(names)):
            raise ConfigError(f"{shorten(name)} is not a setting of this server: "
                              f"assets/docs/hosting.md lists them all ({', '.join(names)}).")
        values: dict[str, Any] = {names[n]: text for n, text in given.items() if text.strip()}
        if environment.get("SPACE_ID"):  # requests arrive through the proxy of Hugging Face
            values.setdefault("proxies", 1)
        return cls(**values)

    @property
    def max_run_bytes(self) -> int:
        """`max_run_mb` in bytes."""
        return int(self.max_run_mb * 2**20)

    @property
    def max_kept_bytes(self) -> int:
        """`max_kept_mb` in bytes."""
        return int(self.max_kept_mb * 2**20)

    @property
    def state_path(self) -> Path | None:
        """The folder in which runs are saved; None if they are not saved."""
        if not self.state_dir:
            return None
        try:
            return Path(self.state_dir).expanduser()
        except RuntimeError:  # ~nosuchuser
            raise ConfigError("{name} is {path}: there is no such user on this computer. Give "
                              "the full path of the folder.", name=f"{PREFIX}STATE_DIR",
                              path=shorten(self.state_dir)) from None


def limit_of(field: Field) -> Limit:
    """The description of a field of `Limits`."""
    return field.metadata["limit"]


def kind_of(field: Field) -> type:
    """The type of a field of `Limits`: int, float or str, that of its default."""
    assert field.default is not MISSING
    kind = field.type
    return kind if isinstance(kind, type) else type(field.default)


DEFAULT = Limits()


def as_table() -> str:
    """All limits as the Markdown table of assets/docs/hosting.md."""
    lines = ["| variable | default | range | what it means | at the limit |",
             "| --- | --- | --- | --- | --- |"]
    for f in fields(Limits):
        what = limit_of(f)
        default = f"{f.default:g}" if kind_of(f) is not str else "–"
        span = what.range if kind_of(f) is not str else "text"
        lines.append(f"| `{PREFIX}{f.name.upper()}` | {default} | {span} | {what.meaning} "
                     f"| {what.at_limit or '–'} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(as_table())
