"""The README and the guides: links work, paths exist, code runs."""

import os
import re
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import gradio
import pytest
from documents import (
    DOCS,
    GUIDES,
    ROOT,
    all_text,
    anchors,
    blocks,
    commands,
    file_names,
    links,
    modules,
    section,
    text_of,
)

import seq2seq
from seq2seq import TASKS
from seq2seq.cli.parser import main, make_parser
from seq2seq.files import pretrained
from seq2seq.jobs.limits import Limits
from seq2seq.tasks import get_task

README = ROOT / "README.md"
PACKAGE = ROOT / "seq2seq"
PYTHON = [(path, code) for path in DOCS for code in blocks(path, "python")]
every_document = pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)


@pytest.mark.parametrize(("path", "code"), PYTHON, ids=lambda value: getattr(value, "name", ""))
def test_python_blocks_run(path, code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(code, path.name, "exec"), {"__name__": "example"})


@every_document
def test_links_and_anchors_lead_somewhere(path):
    for link in links(path):
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@every_document
def test_files_and_modules_that_are_named_exist(path):
    for name in file_names(path):
        assert (ROOT / name).exists(), name
    for name in modules(path):
        module, _, attribute = name.rpartition(".")
        try:
            import_module(name)
        except ModuleNotFoundError:
            assert hasattr(import_module(module), attribute), name


@every_document
def test_every_command_line_is_one_that_is_understood(path):
    for line in commands(path, "seq2seq"):
        if not line or " " not in line:
            continue  # the command's name alone, in a sentence
        asked = make_parser().parse_args(shlex.split(line))
        if hasattr(asked, "task"):
            get_task(asked.task)


def ready_commands() -> list[str]:
    """Commands of the documents that need no file: they ask a pre-trained model."""
    found = []
    for path in DOCS:
        for line in commands(path, "seq2seq"):
            words = line.split()
            if words[0] in ("evaluate", "predict") and "--pairs" not in words \
                    and pretrained.ready(words[1]):
                found.append(line)
    return found


@pytest.mark.parametrize("line", ready_commands())
def test_commands_with_a_pretrained_model_answer(line, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(shlex.split(line)) == 0
    assert "%" in capsys.readouterr().out


def test_there_are_such_commands():
    assert {line.split()[0] for line in ready_commands()} == {"evaluate", "predict"}


def test_the_documents_show_each_command_of_the_command_line():
    shown = {line.split()[0] for path in DOCS for line in commands(path, "seq2seq") if line}
    assert {"train", "evaluate", "predict", "tasks", "texts"} <= shown


@every_document
def test_shell_blocks_are_shell(path):
    for code in blocks(path, "sh"):
        subprocess.run(["bash", "-n"], input=code, text=True, check=True)
        for name in re.findall(r"(?:tests/)?requirements\.txt|\bapp\.py|\btests/\w+\.py", code):
            assert (ROOT / name).exists(), name


def test_the_benchmark_starts():
    """It imports all of its parts, without the folder `tests` on the path."""
    ran = subprocess.run([sys.executable, "-m", "tests.benchmarks", "--help"], cwd=ROOT,
                         capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr[-500:]
    assert "first-point" in "".join(ran.stdout.split())  # argparse breaks lines


def test_benchmarks_that_are_named_exist():
    known = {path.stem for path in (ROOT / "tests" / "benchmarks").glob("*.py")}
    lines = [line for path in DOCS for line in commands(path, "tests.benchmarks")]
    assert len(lines) >= 4
    for line in lines:
        assert {word for word in line.split() if not word.startswith("-")} <= known, line


def test_variables_that_are_named_exist():
    text = re.sub(r"SEQ2SEQ_(?![A-Z])", "", all_text())  # the prefix alone
    for name in set(re.findall(r"SEQ2SEQ_[A-Z_]+", text)):
        assert name.removeprefix("SEQ2SEQ_").lower() in Limits.__dataclass_fields__, name


def test_the_source_tree_names_every_folder_and_no_other():
    block = next(code for code in blocks(README, "") if code.startswith("app.py"))
    named = {line.split()[0] for line in block.splitlines() if line.startswith("  ")}
    folders = {f"{path.parent.name}/" for path in PACKAGE.glob("*/__init__.py")}
    assert named == folders | {path.name for path in PACKAGE.glob("[!_]*.py")}
    for line in block.splitlines():
        if not line.startswith("  "):
            assert (ROOT / line.split()[0]).exists(), line


def test_the_readme_is_a_front_page():
    assert len(text_of(README).splitlines()) <= 150
    linked = {(README.parent / link.partition("#")[0]).resolve() for link in links(README)}
    assert set(GUIDES.glob("*.md")) <= linked


def test_front_matter_names_the_installed_gradio():
    front = text_of(README).split("---")[1]
    assert f"sdk_version: {gradio.__version__}" in front
    assert f"gradio=={gradio.__version__}" in (ROOT / "requirements.txt").read_text()
    for line in ("sdk: gradio", "app_file: app.py", 'python_version: "3.11"', "license: mit"):
        assert line in front


def test_both_commands_are_there():
    found = re.findall(r"```sh\n(.*?)```", section(README, "Two commands"), re.DOTALL)
    assert len(found) == 2
    assert "app.py" in found[0]
    assert "-m pytest" in found[1]
    assert os.access(ROOT / ".ci/run", os.X_OK)


def test_the_table_of_pretrained_models_is_what_their_files_say():
    stated = text_of(GUIDES / "pretrained-models.md")
    for task in TASKS:
        path = pretrained.ready(task.name)
        if path is None:
            assert f"\n| `{task.name}` |" not in stated
            continue
        made = pretrained.provenance(path)
        scores = " | ".join(f"{made.scores[name]:.1%}"[:-1] for name in ("memorised", "new",
                                                                        "longer"))
        assert (f"\n| `{task.name}` | {made.cpu_seconds:,.0f} | {scores} | {task.longer} |\n"
                in stated), task.name


def test_the_changelog_begins_with_this_version():
    newest = re.search(r"^## (\S+)", text_of(GUIDES / "changelog.md"), re.MULTILINE)
    assert newest
    assert newest[1] == seq2seq.__version__


def test_the_checks_can_fail(tmp_path: Path):
    """The checks find the errors in a wrong document."""
    wrong = tmp_path / "wrong.md"
    wrong.write_text("# One: two, `three`\n\n[a](no.md#x) [b](https://x.y) `[c](d.md)` "
                     "`seq2seq/no.py` `seq2seq.no`\n\n## Twice\n## Twice\n\n```sh\n"
                     "# no heading\npython -m seq2seq train \\\n  none\n```\n")
    assert links(wrong) == ["no.md#x"]
    assert anchors(wrong) == {"one-two-three", "twice", "twice-1"}
    assert file_names(wrong) == ["seq2seq/no.py"]
    assert modules(wrong) == ["seq2seq.no"]
    assert [line.split() for line in commands(wrong, "seq2seq")] == [["train", "none"]]
    assert blocks(wrong, "python") == []
