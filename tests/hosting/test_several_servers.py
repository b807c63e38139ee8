"""The hosting guide's nginx configuration for several servers: which server gets a request."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from conftest import free_port
from nginx import running_nginx, written

PORTS = ("7861", "7862")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of nginx in front of two servers, each of which answers with its own port."""
    class Named(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(str(self.server.server_address[1]).encode())

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            """Nothing is logged."""

    servers = [ThreadingHTTPServer(("127.0.0.1", 0), Named) for _ in PORTS]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    port = free_port()
    http = written("upstream labs").replace("listen 80;", f"listen 127.0.0.1:{port};")
    for given, server in zip(PORTS, servers, strict=True):
        assert f"127.0.0.1:{given}" in http
        http = http.replace(f"127.0.0.1:{given}", f"127.0.0.1:{server.server_address[1]}")
    url = f"http://127.0.0.1:{port}"

    def is_ready() -> bool:
        try:
            return httpx.get(url).status_code == 200
        except httpx.HTTPError:
            return False
    with running_nginx(tmp_path_factory.mktemp("nginx"), http, is_ready):
        yield url
    for server in servers:
        server.shutdown()


def asked(url: str, address: str, page: str = "") -> str:
    """The server that answers a request from an address, sent by a page or by the visitor."""
    with httpx.Client(transport=httpx.HTTPTransport(local_address=address)) as web:
        return web.get(url, headers={"Referer": page} if page else {}).text


def test_a_class_is_on_one_server_wherever_its_learners_are(site):
    used = set()
    for number in range(20):
        name, own = f"room-{number}", set()
        for address in ("127.0.0.2", "127.0.0.3"):
            for page in (f"{site}/?class={name}", f"{site}/de/?task=sort&class={name}&view=class"):
                own |= {asked(page, address), asked(page, address, f"{site}/?class=other"),
                        asked(f"{site}/gradio_api/component_server", address, page)}
        assert len(own) == 1, name
        used |= own
    assert len(used) == 2, "classes are spread over both servers"


def test_without_a_class_the_visitors_address_decides(site):
    used = set()
    for number in range(2, 30):
        own = {asked(f"{site}{path}", f"127.0.0.{number}", page)
               for path, page in (("/?task=sort", ""), ("/gradio_api/run/predict", f"{site}/"),
                                  ("/health", ""))}
        assert len(own) == 1
        used |= own
    assert len(used) == 2
