"""Starts a real nginx with a configuration of the hosting guide."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import ROOT

GUIDE = (ROOT / "assets/docs/hosting.md").read_text()
WRITTEN = re.findall(r"```nginx\n(.*?)```", GUIDE, re.DOTALL)
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def written(with_words: str) -> str:
    """The guide's configuration that contains these words."""
    [found] = [block for block in WRITTEN if with_words in block]
    return found


@contextmanager
def running_nginx(folder: Path, http: str, is_ready: Callable[[], bool]) -> Iterator[None]:
    """nginx with this content of its `http` block; its files are in `folder`."""
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if nginx is None:
        how = "no nginx found: install the system's package, e.g. apt-get install nginx-light"
        (pytest.fail if os.environ.get("REQUIRE_BROWSER") else pytest.skip)(how)
    folders = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in TEMPORARY)
    user = "user root;\n" if os.geteuid() == 0 else ""  # it may use the folder, too
    (folder / "nginx.conf").write_text(
        f"{user}daemon off;\nworker_processes 1;\npid {folder}/pid;\nevents {{}}\n"
        f"http {{ access_log off;\n{folders}{http}}}\n")
    proxy = subprocess.Popen([nginx, "-e", str(folder / "log"), "-c", str(folder / "nginx.conf")])
    try:
        until = time.monotonic() + 30
        while not is_ready():
            assert proxy.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < until, "nginx did not start"
            time.sleep(0.1)
        yield
    finally:
        proxy.terminate()
        proxy.wait(20)
