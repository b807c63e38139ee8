"""The README is tested: its Python runs, its files exist, its front matter is what Spaces wants."""

import os
import re
import shlex
from pathlib import Path

import gradio
import pytest

from seq2seq.cli.parser import make_parser
from seq2seq.tasks import get_task

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize("code", re.findall(r"```python\n(.*?)```", README, re.DOTALL))
def test_python_blocks_run(code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "README.md", "exec"), {})


def test_files_on_the_map_exist():
    block = re.search(r"```\napp\.py.*?```", README, re.DOTALL).group()
    inside = ""
    for line in block.splitlines()[1:-1]:
        if line.endswith("/") and not line.startswith(" "):
            inside = line.strip()
            continue
        for name in re.split(r", ", re.split(r"  +", line.strip())[0]):
            folder = inside if line.startswith(" ") else ""
            assert (ROOT / folder / name).exists(), name


def test_every_module_is_on_the_map():
    for path in (ROOT / "seq2seq").glob("*.py"):
        if path.name != "__init__.py":
            assert re.search(rf"\b{path.name}\b", README), path.name


def test_pictures_and_links_exist():
    for link in re.findall(r"\]\((?!http)([^)]+)\)", README):
        assert (ROOT / link).exists(), link


def test_front_matter_names_the_installed_gradio():
    front = README.split("---")[1]
    assert f"sdk_version: {gradio.__version__}" in front
    assert f"gradio=={gradio.__version__}" in (ROOT / "requirements.txt").read_text()
    for line in ("sdk: gradio", "app_file: app.py", 'python_version: "3.11"', "license: mit"):
        assert line in front


def test_both_commands_name_files_that_are_there():
    part = README.split("## Two commands")[1].split("\n## ")[0]
    commands = re.findall(r"```sh\n(.*?)```", part, re.DOTALL)
    assert len(commands) == 2
    for command in commands:
        for name in re.findall(r"[\w/]+requirements\.txt|app\.py", command):
            assert (ROOT / name).exists()
    assert os.access(ROOT / ".ci/run", os.X_OK)


def test_every_command_line_is_one_that_is_understood():
    shell = "".join(re.findall(r"```sh\n(.*?)```", README, re.DOTALL)).replace("\\\n", " ")
    lines = [line.split(" -m seq2seq ")[1] for line in shell.splitlines() if " -m seq2seq " in line]
    assert len(lines) >= 6
    for line in lines:
        asked = make_parser().parse_args(shlex.split(line))
        if hasattr(asked, "task"):
            get_task(asked.task)
