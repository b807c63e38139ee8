"""The lab below a URL prefix, behind a real nginx, configured as in the hosting guide."""

import re
from collections.abc import Iterator

import httpx
import pytest
from benchmarks.browsing import Page, Visitor
from conftest import free_port, start_app, visit
from nginx import running_nginx, written
from waiting import wait_until

from seq2seq.i18n import _, use_language

pytestmark = pytest.mark.browser
WRITTEN = written("location /lab/")
LEFT = WRITTEN.replace("location /lab/", "location /lab").replace(":7860/;", ":7860;")
# The proxy hides the difference between /lab and /lab/; only the page can detect it.
REMOVED = WRITTEN.replace("location /lab/", "location /lab").replace(
    "proxy_pass http://127.0.0.1:7860/;",
    "rewrite ^/lab/?(.*)$ /$1 break; proxy_pass http://127.0.0.1:7860;")
WAYS = {"as written": WRITTEN, "prefix left": LEFT, "prefix removed": REMOVED}


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The address of the lab behind each way to configure nginx."""
    behind, ports = free_port(), {way: free_port() for way in WAYS}
    servers = "".join(
        f"server {{ listen 127.0.0.1:{ports[way]};\n{block}}}\n"
        for way, block in WAYS.items()).replace(":7860", f":{behind}")
    found = {way: f"http://127.0.0.1:{port}" for way, port in ports.items()}
    app = start_app(behind, GRADIO_ROOT_PATH="/lab", SEQ2SEQ_PROXIES="1", SEQ2SEQ_NUM_WORKERS="1",
                    SEQ2SEQ_MAX_ACTIVE_PER_ADDRESS="1")
    try:
        with running_nginx(tmp_path_factory.mktemp("nginx"), servers, lambda: all(
                answers(f"{url}/lab/health") for url in found.values())):
            yield found
    finally:
        app.terminate()
        app.wait(20)


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=10).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.mark.parametrize(("way", "language"), zip(WAYS, ["de", "en", "de"], strict=True))
def test_page_files_training_and_upload_go_through_the_proxy(sites, way, language):
    path = "/lab" if language == "en" else "/lab/de"
    with httpx.Client(base_url=f"{sites[way]}{path}/", timeout=60) as web:
        html = web.get("").text
        files = set(re.findall(r'(?:src|href)="\./(assets/[^"]+)"', html))
        assert files
        for file in [*files, "theme.css"]:
            assert web.get(file).status_code == 200, file
        assert web.get("config").json()["root"] == sites[way] + path
        [stored] = web.post("gradio_api/upload", files={"files": b"x" * 3_000_000}).json()
        assert web.get(f"gradio_api/file={stored}").content == b"x" * 3_000_000
    visitor = Visitor(Page(int(sites[way].rpartition(":")[2]), path), "127.0.0.1")
    with use_language(language):
        assert f'"{_("Train")}"' in html
        run, problem = visitor.press_train(
            **{_("Epochs"): 1, _("Training examples"): 100, _("Seed"): len(way)})
    assert problem == ""
    wait_until(lambda: not (visitor.points(run) or {"active": True})["active"])
    told = visitor.points(run)
    assert (told["status"], len(told["y"])) == ("done", 2)


@pytest.mark.parametrize(("way", "path"), [
    ("prefix left", "/lab"), ("prefix removed", "/lab/de")])
def test_the_address_without_its_slash_shows_the_page(chromium, sites, way, path):
    with visit(chromium, sites[way], f"{path}?task=sort") as page:
        assert page.url.startswith(f"{sites[way]}{path}/?task=sort")
        page.wait_for_selector("#live .js-plotly-plot", state="attached")


def test_visitors_are_counted_by_the_address_that_the_proxy_has_seen(sites):
    page = Page(int(sites["as written"].rpartition(":")[2]), "/lab")

    def train(address: str, seed: int) -> tuple[str, str]:
        return Visitor(page, address).press_train(**{_("Epochs"): 200, _("Seed"): seed})

    begun = [train("127.0.0.2", 1)]
    run, problem = train("127.0.0.2", 2)
    assert run == ""
    assert "already training 1 model for your network" in problem
    begun.append(train("127.0.0.3", 3))
    assert all(run for run, _ in begun), begun
