"""The real app in a process: limits per address, refused requests, and its log."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest
from conftest import ROOT, free_port, start_app
from gradio_client import Client
from gradio_client.exceptions import AppError

from seq2seq.hosting.uploads import PREFIX


@dataclass
class App:
    """A process, its address, and where it writes."""

    process: subprocess.Popen
    url: str
    files: Path
    log: Path  # standard error
    out: Path  # standard output

    def client(self, **headers: str) -> Client:
        return Client(self.url, verbose=False, headers=headers)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """One for all tests of this file. The last of them ends it."""
    folder, port = tmp_path_factory.mktemp("app"), free_port()
    with (folder / "log").open("wb") as log, (folder / "out").open("wb") as out:
        process = start_app(
            port, log, out, GRADIO_TEMP_DIR=str(folder / "files"),
            SEQ2SEQ_STATE_DIR=str(folder / "runs"), SEQ2SEQ_MAX_ACTIVE_PER_ADDRESS="1",
            SEQ2SEQ_MAX_CONNECTIONS="50", SEQ2SEQ_REQUEST_SECONDS="5")
    try:
        yield App(process, f"http://127.0.0.1:{port}", folder / "files", folder / "log",
                  folder / "out")
    finally:
        process.kill()
        process.wait(10)


def metrics(app: App) -> dict[str, float]:
    text = httpx.get(f"{app.url}/metrics").text
    return {name: float(value) for name, _, value in
            (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))}


def test_the_log_holds_nothing_that_was_typed(app):
    before, client = metrics(app), app.client()
    *_, last = client.submit(text="my secret -> terces ym\na b -> b a", epochs=2,
                             api_name="/train")
    client.predict("my secret", last["model_id"], api_name="/predict")
    with pytest.raises(AppError):  # and one that is too long to be read
        client.predict("secret " * 300, last["model_id"], api_name="/predict")
    numbers = metrics(app)
    for name, more in (("runs_started_total", 1), ('runs_ended_total{status="done"}', 1),
                       ("runs_active", 0), ("workers_lost_total", 0)):
        name = f"seq2seq_{name}"
        assert numbers[name] == before.get(name, 0) + more, name
    assert numbers["seq2seq_workers"] == 2
    assert "process_resident_memory_bytes" in numbers
    log = app.log.read_text()
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert {"run started", "run ended"} <= {line["event"] for line in lines}
    assert last["model_id"][:6] in log
    everything = log + app.out.read_text() + repr(numbers)
    assert last["model_id"] not in everything  # who knows it may use the model
    assert "secret" not in everything


def test_a_call_that_gradio_refuses_leaves_nothing_typed_in_the_log(app):
    url = f"{app.url}/gradio_api/call/train"
    event = httpx.post(url, json={"data": ["typed by somebody"]}).json()["event_id"]
    assert "error" in httpx.get(f"{url}/{event}", timeout=60).text
    until = time.monotonic() + 20
    while "a call failed" not in app.log.read_text() and time.monotonic() < until:
        time.sleep(0.1)
    assert "a call failed" in app.log.read_text()
    assert "typed by" not in app.log.read_text()


def test_what_a_visitor_says_of_their_address_counts_for_nothing(app):
    """With a proxy in front it does: see `test_browser_proxy`."""
    long = {"epochs": 200, "num_examples": 2000, "api_name": "/train"}
    client = app.client(**{"X-Forwarded-For": "198.51.100.1"})
    first = next(iter(client.submit(**long, seed=1)))
    assert first["status"] in ("waiting", "running")
    for other in ("10.9.8.7, 198.51.100.1", "198.51.100.2"):
        with pytest.raises(AppError, match="already training 1 model for your network"):
            app.client(**{"X-Forwarded-For": other}).submit(**long, seed=2).result(timeout=60)
    client.predict(first["model_id"], api_name="/stop")


def test_floods_are_refused(app):
    process = psutil.Process(app.process.pid)
    before = process.memory_info().rss
    for page in ("", "/de"):
        def many(count: int):
            for _ in range(count):
                yield b"[" * 100_000
        for body in (b"[" * 30_000_000, many(200)):
            answer = httpx.post(f"{app.url}{page}/gradio_api/call/train", content=body, timeout=60,
                                headers={"content-type": "application/json"})
            assert answer.status_code == 413
            assert "12 MB" in answer.json()["detail"]
        files_sent = [("files", (f"{i}.wav", b"x" * 100)) for i in range(13)]
        upload = f"{app.url}{page}/gradio_api/upload"
        assert httpx.post(upload, files=files_sent, timeout=60).status_code == 413
        large = [("files", (f"{i}.wav", b"x" * 1_200_000)) for i in range(8)]
        assert httpx.post(upload, files=large, timeout=60).status_code == 413
        [path] = httpx.post(upload, files=files_sent[:1], timeout=60).json()
        assert Path(path).is_relative_to(app.files)
        found = httpx.get(f"{app.url}{page}/gradio_api/file={path}", timeout=60)
        assert found.content == b"x" * 100
    assert process.memory_info().rss - before < 150 * 2**20
    host = httpx.get(f"{app.url}/config", headers={"x-forwarded-host": "evil.example"}, timeout=60)
    assert "evil.example" not in host.text

    port = int(app.url.rpartition(":")[2])
    half_open = [socket.create_connection(("127.0.0.1", port)) for _ in range(200)]
    assert httpx.get(f"{app.url}/health", timeout=30).status_code in (200, 503)
    assert process.num_fds() < 200
    for connection in half_open:
        connection.close()
    streams, codes = [], []
    for _ in range(60):  # of one address, more than there may be connections
        stream = socket.create_connection(("127.0.0.1", port), 30, ("127.0.0.2", 0))
        stream.sendall(b"GET /gradio_api/heartbeat/abc HTTP/1.1\r\nHost: x\r\n\r\n")
        codes.append(stream.recv(12)[-3:])
        streams.append(stream)
    assert codes == [b"200"] * 33 + [b"429"] * 27
    assert httpx.get(f"{app.url}/health", timeout=30).status_code in (200, 503)
    for stream in streams:
        stream.close()


def test_a_port_in_use_is_a_sentence(app):
    port = app.url.rpartition(":")[2]
    used = subprocess.run([sys.executable, "app.py"], cwd=ROOT, capture_output=True, text=True,
                          env={**os.environ, "GRADIO_SERVER_PORT": port}, timeout=120)
    assert used.returncode == 1
    assert used.stderr.strip().startswith(f"Port {port} of 127.0.0.1 cannot be used")


def test_when_it_ends_it_leaves_no_file(app):
    """The last test: no other finds the app."""
    sent = httpx.post(f"{app.url}/gradio_api/upload", files=[("files", ("a.wav", b"x"))])
    [path] = map(Path, sent.json())
    assert path.exists()
    app.process.send_signal(signal.SIGTERM)
    app.process.wait(20)
    assert not list(app.files.glob(f"{PREFIX}*"))
    assert all(isinstance(json.loads(line), dict) for line in app.log.read_text().splitlines())
