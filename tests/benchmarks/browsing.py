"""Sends a browser's requests without a browser: presses of Train, polls, large uploads.

The page identifies its components by number; the numbers are read from its config. Each visitor has
a loopback address of its own (127.0.0.2, …), so that the server's limits per address apply.
"""

import http.client
import json
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any

TIMEOUT = 120  # seconds


class Page:
    """The page on `port`, below `path`: which handler is Train, and which components are live."""

    def __init__(self, port: int, path: str = "") -> None:
        self.port, self.path = port, path
        config = Visitor(self, "127.0.0.1").get_json("/config")
        self.components = {c["id"]: c for c in config["components"]}
        self.live, self.n_best = map(self._named, ("live", "n-best"))
        kinds = {i: c["type"] for i, c in self.components.items()}
        self.train = next(d for d in config["dependencies"] if self.live in d["outputs"]
                          and {"browserstate", "slider"} <= {kinds[i] for i in d["inputs"]}
                          and "click" in {event for _, event in d["targets"]})
        self.go_on = next(d for d in config["dependencies"] if d["inputs"] and any(
            "onward" in self.components[i]["props"].get("elem_classes", ())
            for i, _ in d["targets"] if i in self.components))
        # Where the page keeps the id of the run that it shows.
        self.shown = next(place for place, i in enumerate(self.train["outputs"])
                          if "run-shown" in self.components[i]["props"].get("elem_classes", ()))

    def _named(self, name: str) -> int:
        return next(i for i, c in self.components.items() if c["props"].get("elem_id") == name)

    def asked(self, owner: str, settings: dict[str, Any]) -> list[Any]:
        """The data of a press: the page's own settings, but for those that are given by label."""
        found = []
        for part in (self.components[i] for i in self.train["inputs"]):
            props = part["props"]
            value = owner if part["type"] == "browserstate" else props.get("value")
            found.append(settings.get(props.get("label"), value))
        return found


class Visitor:
    """One browser page, at one network address; its connection is kept open. For one thread."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.session, self.owner = secrets.token_hex(6), secrets.token_urlsafe(16)
        self._web: http.client.HTTPConnection | None = None

    def ask(self, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """The code and body of the answer to a GET, or to a POST of JSON; 0 if there was none."""
        kept = self._web
        if self._web is None:
            self._web = http.client.HTTPConnection(
                "127.0.0.1", self.page.port, timeout=TIMEOUT, source_address=(self.address, 0))
        try:
            self._web.request("GET" if body is None else "POST", self.page.path + path, body,
                              {"Content-Type": "application/json"} if body is not None else {})
            answer = self._web.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            self._web.close()
            self._web = None
            # The server may have closed a connection that was kept: browsers try another, too.
            return self.ask(path, body) if kept else (0, b"")

    def get_json(self, path: str) -> Any:
        """The JSON at a path."""
        return json.loads(self.ask(path)[1])

    def post(self, path: str, **data: Any) -> Any:
        """The JSON that is answered; None where it was refused."""
        code, found = self.ask(f"/gradio_api/{path}", json.dumps(
            {**data, "session_hash": self.session}).encode())
        return json.loads(found) if code == 200 else None

    def press_train(self, **settings: Any) -> tuple[str, str]:
        """The id of the run that was begun, or "" and the sentence that refused it."""
        page = self.page
        found = self.post("run/predict", fn_index=page.train["id"],
                          data=page.asked(self.owner, settings))
        if found is None:
            return "", "no answer"
        run = found["data"][page.shown]
        return (run, "") if isinstance(run, str) and run else ("", str(found["data"][0]))

    def press_continue(self, run: str) -> bool:
        """Continue the run that the page shows; whether that was answered."""
        return self.post("run/predict", fn_index=self.page.go_on["id"],
                         data=[self.owner, run]) is not None

    def points(self, run: str, have: int = 0, epoch: float = -1) -> dict[str, Any] | None:
        """What is new of a run, as the live chart asks for it."""
        return self.post("component_server", component_id=self.page.live, fn_name="points",
                         data=[run, have, epoch])

    def n_best(self, run: str, text: str) -> dict[str, Any] | None:
        """The n-best answers."""
        return self.post("component_server", component_id=self.page.n_best,
                         fn_name="n_best", data={"run": run, "text": text})

    def call(self, name: str, data: list[Any]) -> Iterator[str]:
        """The stream of an endpoint for programs, line by line; none if the call was refused."""
        found = self.post(f"call/{name}", data=data)
        if found is None:
            return
        web = http.client.HTTPConnection("127.0.0.1", self.page.port, timeout=TIMEOUT,
                                         source_address=(self.address, 0))
        with suppress(OSError, http.client.HTTPException), closing(web):
            web.request("GET", f"{self.page.path}/gradio_api/call/{name}/{found['event_id']}")
            for line in web.getresponse():
                yield line.decode(errors="replace").strip()

    def pour(self, path: str, megabytes: int) -> int:
        """The code for a POST so large; it goes on sending until it is refused."""
        size = megabytes * 2**20
        with suppress(OSError), socket.create_connection(
                ("127.0.0.1", self.page.port), TIMEOUT, (self.address, 0)) as to:
            to.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                       f"Transfer-Encoding: chunked\r\n\r\n".encode())
            with suppress(OSError):
                for _ in range(size // 2**16):
                    to.sendall(b"10000\r\n" + b" " * 2**16 + b"\r\n")
            answer = to.recv(64)
            return int(answer.split()[1]) if answer.startswith(b"HTTP") else 0
        return 0


def sleep_until(moment: float) -> None:
    """Until `time.monotonic()` is `moment`."""
    time.sleep(max(0.0, moment - time.monotonic()))
