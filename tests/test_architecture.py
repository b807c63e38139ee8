"""The rooms of the house and the directions in which imports may run."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from documents import all_text

from seq2seq import TASKS
from seq2seq.attention import ATTENTIONS
from seq2seq.cells import CELLS
from seq2seq.faults import FAULTS

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "seq2seq"

# From the ground up: a room may import from its own line's predecessors only.
FLOORS = [
    {"language"}, {"errors", "memory"},
    {"config", "vocabulary", "snapshots", "line", "limits", "keeping", "made", "speech"},
    {"logs", "sockets", "size"}, {"worker", "classes", "uploads"},
    {"crew", "run", "cluster"}, {"admission", "run_list", "sharing"}, {"trainings"},
    {"tasks", "jobs"},
    {"cells", "attention", "recipe", "data"}, {"encoder"},
    {"decoder", "transformer"}, {"feeding"}, {"model"},
    {"inference", "checkpoint", "beam", "gates", "neighbours", "faults"}, {"heads"},
    {"metrics", "insight", "estimate"},
    {"frames", "progress"}, {"events"}, {"training"}, {"experiment"}, {"training_job"},
    {"finetune", "listening", "store"}, {"event_log"}, {"gallery", "serving"},
    {"figures_style"}, {"figures_answer"},
    {"figures", "figures_loss", "figures_whatif", "figures_sound", "figures_class"},
    {"link"}, {"takehome", "lessons"}, {"texts"},
    {"cli", "ui"}, {"__main__"},
]
FILES = sorted(PACKAGE.rglob("*.py"))
WITHOUT_UI = [f for f in FILES if "ui" not in f.relative_to(PACKAGE).parts]


def imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{a.name}" for a in node.names}
    return names


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_run_downward(path):
    floor = {name: level for level, names in enumerate(FLOORS) for name in names}
    mine = room(path)
    if mine == "__init__":
        return
    for name in imports(path):
        if name.startswith("seq2seq.") and (other := name.split(".")[1]) in floor:
            assert other == mine or floor[other] < floor[mine], f"{mine} imports {other}"


@pytest.mark.parametrize("path", WITHOUT_UI, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_only_the_page_knows_gradio_and_only_figures_plotly(path):
    roots = {name.split(".")[0] for name in imports(path)}
    assert "gradio" not in roots
    if room(path) in {"figures", "figures_answer", "figures_loss", "figures_whatif",
                      "figures_sound", "figures_class"}:
        assert "torch" not in roots
    else:
        assert "plotly" not in roots
    if room(path) in {"tasks", "vocabulary", "config", "recipe", "link", "lessons", "errors",
                      "jobs", "trainings", "run", "run_list", "admission", "keeping", "line",
                      "worker", "crew",
                      "cluster", "limits", "logs", "snapshots", "classes", "memory"}:
        assert "torch" not in roots
    if room(path) != "cluster":
        assert "ray" not in roots


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
