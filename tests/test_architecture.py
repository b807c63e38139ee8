"""The packages and the directions of their imports."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from documents import GUIDES, all_text, blocks

from seq2seq import TASKS
from seq2seq.models.attention import ATTENTIONS
from seq2seq.models.cells import CELLS
from seq2seq.training.notebook_bugs import FAULTS

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "seq2seq"

# From the bottom up: a package imports only from packages before it in this list.
LAYERS = [
    "i18n", "errors", "leave_out", "config", "time_slices", "speech", "tasks", "data", "models",
    "decoding", "evaluation", "inspection", "recipe", "training", "files", "figures", "reports",
    "experiment", "speech_recognition", "jobs", "hosting", "lessons", "translatable_texts",
    "cli", "ui", "__main__",
]
# Which packages may import these libraries; a name with a dot is a single file.
ONLY_IN = {
    "gradio": {"ui"},
    "plotly": {"figures", "ui.components.charts"},
    "ray": {"jobs.ray_workers"},
    "torch": {"data", "models", "decoding", "evaluation", "inspection", "training", "files",
              "experiment", "speech_recognition", "hosting", "cli", "ui"},
}
# Packages that may use only these of the packages below them.
KNOWS_ONLY = {"jobs": {"i18n", "errors", "training.snapshots"},
              "figures": {"i18n", "decoding", "inspection"}}
FILES = sorted(PACKAGE.rglob("*.py"))


def imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{a.name}" for a in node.names}
    return names


def module(path: Path) -> str:
    """The module's name without `seq2seq.`: `models.encoder`."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def is_in(name: str, packages: set[str]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def test_every_package_has_its_layer():
    packages = {p.name.removesuffix(".py") for p in PACKAGE.iterdir() if p.suffix in ("", ".py")}
    assert packages - {"__init__", "__pycache__"} == set(LAYERS)


@pytest.mark.parametrize("path", FILES, ids=module)
def test_imports_run_downward(path):
    mine = module(path).split(".")[0]
    for name in imports(path):
        if mine != "__init__" and name.startswith("seq2seq.") \
                and (other := name.split(".")[1]) in LAYERS and other != mine:
            assert LAYERS.index(other) < LAYERS.index(mine), f"{mine} imports {other}"
            if mine in KNOWS_ONLY:
                assert is_in(name.removeprefix("seq2seq."), KNOWS_ONLY[mine]), \
                    f"{mine} imports {name}"


@pytest.mark.parametrize("path", FILES, ids=module)
def test_libraries_stay_in_their_packages(path):
    used = {name.split(".")[0] for name in imports(path)}
    for library, packages in ONLY_IN.items():
        assert library not in used or is_in(module(path), packages), f"{library} in {module(path)}"


def test_one_file_imports_from_inside_gradio():
    inside = {module(path) for path in FILES for name in imports(path)
              if name.startswith("gradio.") and not name.startswith("gradio.components")}
    assert inside == {"ui.gradio_internals"}


@pytest.mark.parametrize("path", FILES, ids=module)
def test_a_file_holds_at_most_300_lines(path):
    assert len(path.read_text().splitlines()) <= 300


def test_the_guide_draws_the_same_layers():
    block = blocks(GUIDES / "architecture.md", "")[0]
    rows = [line.split(" · ") for line in block.splitlines() if line != "app.py"]
    drawn = [package for row in reversed(rows) for package in sorted(row, key=LAYERS.index)]
    assert drawn == [package for package in LAYERS if package != "__main__"]


def test_importing_the_package_imports_nothing_of_the_page():
    code = ("import sys, seq2seq;"
            "print([m for m in ('gradio', 'plotly', 'pandas') if m in sys.modules])")
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                         cwd=ROOT)
    assert out.stdout.strip() == "[]"


def test_the_top_level_is_the_agreed_one():
    visible = {p.name for p in ROOT.iterdir() if not p.name.startswith(".")} - {"__pycache__"}
    assert visible == {"app.py", "seq2seq", "tests", "requirements.txt", "README.md", "assets"}


def test_the_documents_name_every_registry_entry():
    documents = all_text()
    for name in [*(t.name for t in TASKS), *CELLS, *ATTENTIONS, *FAULTS]:
        assert f"`{name}`" in documents, f"no document mentions `{name}`"
