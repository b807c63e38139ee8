"""Limits of requests, and the folder of uploaded files."""

import asyncio
import os
import subprocess
import sys
import time

import pytest
from conftest import ROOT
from starlette.requests import ClientDisconnect
from waiting import run_async

from seq2seq.hosting.uploads import Uploads
from seq2seq.jobs.limits import Limits
from seq2seq.tasks.tables.parsing import PAGE
from seq2seq.ui.http.request_limits import RequestLimits

JSON = [(b"content-type", b"application/json")]
FORM = [(b"content-type", b"multipart/form-data; boundary=xyz")]


def ask(chunks: list[bytes], headers: list, path: str = "/a", **limits) -> tuple[int, int, dict]:
    """The answer's code, how many bytes came through to the application, and its headers."""
    seen: dict = {"bytes": 0}

    async def app(scope, receive, send):
        seen["headers"] = dict(scope["headers"])
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect  # as Starlette does, where it reads a body
            seen["bytes"] += len(message["body"])
            if not message["more_body"]:
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    told, left = [], list(chunks)

    async def receive():
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    async def send(message):
        told.append(message)

    scope = {"type": "http", "path": path, "headers": headers}
    run_async(RequestLimits(app, Limits(**limits))(scope, receive, send))
    starts = [message for message in told if message["type"] == "http.response.start"]
    assert len(starts) == 1
    return starts[0]["status"], seen["bytes"], seen.get("headers", {})


def test_a_body_is_counted_as_it_streams_whatever_its_length_header_says():
    for headers in (JSON, [*JSON, (b"content-length", b"10")], []):
        code, read, _ = ask([b"x" * 100_000] * 100, headers, request_mb=3)
        assert (code, read <= 3 * 2**20) == (413, True)
    assert ask([b"x" * 100_000] * 30, JSON)[0] == 200
    assert ask([b"x"], [*JSON, (b"content-length", b"99999999")])[:2] == (413, 0)
    assert ask([b"x"], [*JSON, (b"content-length", b"9" * 5000)])[:2] == (413, 0)


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_an_upload_is_bounded_in_all_and_in_files(size):
    def form(num_files: int) -> list[bytes]:
        part = b'--xyz\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n--xy\r\n'
        body = part * num_files + b"--xyz--\r\n"
        return [body[i : i + size] for i in range(0, len(body), size)]

    assert ask(form(12), FORM)[0] == 200
    assert ask(form(13), FORM)[0] == 413
    assert ask([b"x" * 2**20] * 9, FORM)[0] == 413
    assert ask([b"x" * 2**20] * 8, FORM)[0] == 200


def test_the_largest_table_of_any_script_fits_into_a_request():
    most = PAGE.characters
    body = 2 * most * 3  # the page sends the table twice; in UTF-8 a sign may have three bytes
    assert Limits().request_mb * 2**20 > body
    assert Limits().upload_mb * 2**20 > 3 * most


def test_headers_of_a_proxy_count_only_where_there_is_one():
    sent = [(b"x-forwarded-host", b"evil"), (b"x-forwarded-proto", b"https"),
            (b"x-forwarded-for", b"10.0.0.1"), (b"x-gradio-server", b"http://evil")]
    assert set(ask([b""], sent)[2]) == {b"x-forwarded-for"}
    assert set(ask([b""], sent, proxies=1)[2]) == {h[0] for h in sent} - {b"x-gradio-server"}


@pytest.mark.parametrize("path", [
    "/gradio_api/file=https://example.com/", "/de/gradio_api/file=HTTP://127.0.0.1:1/",
    "/gradio_api/proxy=https://a.hf.space/"])
def test_nobody_lets_this_server_fetch_an_address(path):
    assert ask([b""], [], path)[0] == 404


def test_so_many_requests_of_one_address_are_open_at_once_and_no_more():
    """Event streams are never silent: a thousand of them once excluded all other visitors."""
    async def scene(proxies: int) -> list[int]:
        closing, codes = asyncio.Event(), []

        async def app(scope, receive, send):
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await closing.wait()

        async def send(message):
            if message["type"] == "http.response.start":
                codes.append(message["status"])

        limited = RequestLimits(app, Limits(max_requests_per_address=3, proxies=proxies))

        async def ask(address: str) -> None:
            peer, headers = ("10.0.0.1", [(b"x-forwarded-for", address.encode())]) if proxies else (
                address, [])
            await limited({"type": "http", "path": "/", "client": (peer, 1), "headers": headers},
                          None, send)

        streams = [asyncio.ensure_future(ask("192.0.2.1")) for _ in range(5)]
        await asyncio.sleep(0)
        other = asyncio.ensure_future(ask("192.0.2.2"))
        await asyncio.sleep(0)
        closing.set()
        await asyncio.gather(*streams, other, ask("192.0.2.1"))  # there is room again
        assert not limited.num_open
        return codes

    for proxies in (0, 1):
        assert run_async(scene(proxies)) == [200, 200, 200, 429, 429, 200, 200]


def test_old_files_and_the_oldest_of_too_many_are_removed(tmp_path):
    uploads = Uploads(Limits(files_mb=1), tmp_path)
    for number in range(8):
        folder = uploads.path / f"{number}"
        folder.mkdir()
        (folder / "file").write_bytes(b"x" * 300_000)
        os.utime(folder / "file", (time.time() - 100 + number,) * 2)
    os.utime(uploads.path / "7" / "file", (1, 1))
    uploads.known.append({str(uploads.path / "0" / "file"), str(uploads.path / "6" / "file")})
    uploads.clean()
    assert sorted(p.name for p in uploads.path.iterdir() if p.is_dir()) == ["4", "5", "6"]
    assert uploads.known == [{str(uploads.path / "6" / "file")}]
    uploads.close()
    assert not uploads.path.exists()


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_uses_is_not(tmp_path):
    living = Uploads(parent=tmp_path)
    code = ("import os, sys; from seq2seq.hosting.uploads import Uploads;"
            "u = Uploads(parent=sys.argv[1]); (u.path / 'f').write_text('x'); os._exit(1)")
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, check=False)
    assert len(list(tmp_path.iterdir())) == 2
    new = Uploads(parent=tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {living.path.name, new.path.name}
    living.close()
    new.close()
