"""The take-home zip of a run: the model, and a program that trains it again.

`retrain.py` is the run as a short program; the notebook is the same program, cut at every `# %%`.
The zip includes the modules that training needs (without the page and the worker processes), so it
runs in an empty environment after `requirements.txt` is installed. The same run gives the same
bytes.
"""

import ast
import base64
import csv
import io
import json
import textwrap
import zipfile
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

from safetensors.torch import load as load_bytes
from safetensors.torch import save as save_bytes

from seq2seq.config import ModelConfig, TrainConfig, settings
from seq2seq.errors import InputError
from seq2seq.files.share_link import to_query
from seq2seq.recipe import Recipe
from seq2seq.tasks import PairsTask, Task
from seq2seq.training.events import EpochEnd, StepEnd

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "assets" / "takehome"
PAGE_ONLY = ("gradio", "mcp", "plotly", "pandas", "prometheus_client")  # requirements of the page
# Task -> the file or folder in `assets` that its training reads.
DATA = {"spoken-digits": "speech.npz", "spelling": "spelling"}
# Pages with figures, which only the whole lab writes.
LEFT_OUT = ("seq2seq.reports.answer_page", "seq2seq.reports.error_analysis",
            "seq2seq.reports.html_page")
LEXICON = "translation"  # read when the tasks are imported, so every zip contains it
BRING = ("# Bring the package along\n\nThis cell unpacks the package and the model from this "
         "notebook if they are not in the same folder. It installs only missing packages.")
COLUMNS = ("epoch", "step", "loss", "gradient_norm", "epoch_loss", "held_out_loss",
           "token_accuracy", "memorised", "new", "longer")
NOON = (2000, 1, 1, 12, 0, 0)  # the date of all files, fixed so that the bytes do not vary


def make_zip(recipe: Recipe, weights: bytes, events: Iterable[Any], text: str = "") -> bytes:
    """The zip of a run, as bytes.

    `weights` are the bytes of a snapshot. Of the `events`, steps and epochs are included. The
    program decodes `text` at its end (if the task can read it). InputError if no epoch has ended.
    """
    events = [event for event in events if isinstance(event, StepEnd | EpochEnd)]
    epochs = [event for event in events if isinstance(event, EpochEnd)]
    if not epochs:
        raise InputError("There is nothing to download yet: wait for the first epoch to finish, "
                         "then download the run.")
    task = recipe.make_task()
    text = _readable(task, text)
    program = write_program(recipe, task, [event.train_loss for event in epochs], text)
    files: dict[str, str | bytes] = {
        "README.txt": _read_me(recipe, task, text),
        "retrain.py": program,
        "model.safetensors": save_bytes(load_bytes(weights), {"recipe": recipe.to_json()}),
        "history.csv": history_csv(events),
        "recipe.json": json.dumps(json.loads(recipe.to_json()), ensure_ascii=False, indent=2),
        "requirements.txt": _requirements(),
        "LICENSE": (ROOT / "assets" / "LICENSE").read_bytes(),
        **sources(),
        **_data(task),
    }
    if recipe.pairs:
        files["pairs.txt"] = recipe.pairs.encode("utf-8", "replace")
    beside = {name: files[name] for name in files
              if name in ("model.safetensors", "pairs.txt", "requirements.txt")
              or name.startswith(("seq2seq/", "assets/"))}
    files["retrain.ipynb"] = as_notebook(program, beside)
    return _zip(f"seq2seq-{recipe.task}", files)


def write_program(recipe: Recipe, task: Task, losses: list[float], text: str) -> str:
    """The Python program that trains `recipe` again and compares its losses with `losses`."""
    pairs = 'pairs = (HERE / "pairs.txt").read_text(encoding="utf-8")\n'
    return _template("retrain.py.txt").substitute(
        title=task.title, summary=task.summary,
        pairs=pairs if recipe.pairs else "",
        model="\n".join(_arguments(recipe.model, task.model)),
        train="\n".join(_arguments(recipe.train, task.train)),
        losses="\n".join(f"    {loss!r},  # epoch {n}" for n, loss in enumerate(losses, 1)),
        experiment=f'"{recipe.task}", model, train' + (", pairs" if recipe.pairs else ""),
        text=json.dumps(text))


def _arguments(config: ModelConfig | TrainConfig, usual: ModelConfig | TrainConfig
               ) -> Iterator[str]:
    """A config's fields as lines of a call; a comment marks those that are not the default."""
    for name in settings(config):
        if getattr(config, name) == "":
            continue
        value, other = (_literal(getattr(c, name)) for c in (config, usual))
        yield f"    {name}={value}," + (f"  # usually {other}" if value != other else "")


def _literal(value: Any) -> str:
    return json.dumps(value) if isinstance(value, str) else repr(value)


def as_notebook(program: str, files: dict[str, str | bytes] | None = None) -> str:
    """The program as a Jupyter notebook (format 4.5): leading comments become Markdown cells.

    Its first cell writes missing `files`, so it also runs as a hosted notebook, where only this one
    file is uploaded.
    """
    cells: list[dict[str, Any]] = []
    if files is not None:
        cells += [{"cell_type": "markdown", "source": BRING},
                  {"cell_type": "code", "source": _bring_along(files), "outputs": [],
                   "execution_count": None}]
    for part in program.split("\n# %%\n")[1:]:
        # Not `splitlines`: it also splits at U+2028, which an input text may contain.
        lines = part.strip().replace("Path(__file__).parent", "Path()").split("\n")
        end = next(i for i, line in enumerate(lines) if not line.startswith("#"))
        words = "\n".join(line.removeprefix("#").removeprefix(" ") for line in lines[:end])
        code = "\n".join(lines[end:]).strip()
        cells.append({"cell_type": "markdown", "source": words})
        cells.append({"cell_type": "code", "source": code, "outputs": [],
                      "execution_count": None})
    for n, cell in enumerate(cells):
        cell |= {"id": f"cell-{n}", "metadata": {}}
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return json.dumps({"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4,
                       "nbformat_minor": 5}, indent=1, sort_keys=True)


def _bring_along(files: dict[str, str | bytes]) -> str:
    """Code that unpacks `files` unless they are already beside the notebook."""
    blob = base64.b64encode(_zip("", files)).decode()
    lines = "\n".join(f'    "{part}"' for part in textwrap.wrap(blob, 90))
    return _template("bring.py.txt").substitute(blob=lines)


def history_csv(events: Iterable[StepEnd | EpochEnd]) -> str:
    """A run's log as CSV (see `COLUMNS`): a row for each reported step and each epoch.

    Numbers have all their digits.
    """
    text, events = io.StringIO(), list(events)
    scores = dict.fromkeys(name for event in events if isinstance(event, EpochEnd)
                           for name in event.scores)  # a further one, if examples are left out
    columns = dict.fromkeys((*COLUMNS, *scores))
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    step = 0
    for event in events:
        if isinstance(event, StepEnd):
            step = event.step
            writer.writerow({"epoch": event.epoch, "step": step, "loss": event.loss,
                             "gradient_norm": event.grad_norm})
        else:
            writer.writerow({"epoch": event.epoch, "step": step, "epoch_loss": event.train_loss,
                             "held_out_loss": event.held_out_loss,
                             "token_accuracy": event.token_accuracy, **event.scores})
    return text.getvalue()


@cache
def sources() -> dict[str, str]:
    """File -> source text of all modules that `import seq2seq` imports, directly or indirectly.

    The page is not among them.
    """
    found: dict[str, str] = {}
    waiting = ["seq2seq"]
    while waiting:
        module = ROOT.joinpath(*waiting.pop().split("."))
        path = module / "__init__.py" if module.is_dir() else module.with_suffix(".py")
        name = path.relative_to(ROOT).as_posix()
        if name in found or not path.is_file():
            continue  # `from seq2seq.x import y` names a module only if y is one
        found[name] = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(found[name])):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                module_name = node.module or ""
                names = [module_name, *(f"{module_name}.{a.name}" for a in node.names)]
            else:
                continue
            for imported in names:
                parts = imported.split(".")
                if parts[0] == "seq2seq" and not imported.startswith(LEFT_OUT):
                    waiting += [".".join(parts[:n]) for n in range(1, len(parts) + 1)]
    return found


def _data(task: Task) -> dict[str, bytes]:
    """The files in `assets` that the task reads, and those that the package needs."""
    paths: list[Path] = []
    for name in filter(None, (LEXICON, DATA.get(task.name))):
        place = ROOT / "assets" / name
        paths += filter(Path.is_file, place.rglob("*")) if place.is_dir() else [place]
    return {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in paths}


def _requirements() -> str:
    """The pinned requirements without those of the page; torch for the CPU."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if line.partition("==")[0] not in PAGE_ONLY]
    return "\n".join(["--extra-index-url https://download.pytorch.org/whl/cpu", *kept, ""])


def _read_me(recipe: Recipe, task: Task, text: str) -> str:
    title = f"{task.title}: a run of the seq2seq lab"
    try:
        link = ("\nTo open it on the page again, add this to the page's address:\n\n    "
                f"{to_query(recipe, text)}\n")
    except InputError:  # its pairs are too long for a link
        link = ""
    pairs = "    pairs.txt           your own pairs\n"
    what = ("the examples it was trained on" if task.name in DATA
            else "word lists that the package reads")
    data = f"    assets/             {what}\n"
    return _template("README.txt").substitute(
        title=title, underline="=" * len(title), link=link, pairs=pairs if recipe.pairs else "",
        data=data)


def _readable(task: Task, text: str) -> str:
    """`text` if the task can read it, else its example."""
    try:
        task.parse(text)
        return text.strip()
    except InputError:
        if isinstance(task, PairsTask):
            return task.format(task.examples[0].source)
        return task.example


def _template(name: str) -> Template:
    return Template((TEMPLATES / name).read_text(encoding="utf-8"))


def _zip(folder: str, files: dict[str, str | bytes]) -> bytes:
    """A zip of `files` in a `folder`; the bytes do not depend on the machine or the time."""
    blob = io.BytesIO()
    with zipfile.ZipFile(blob, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{folder}/{name}" if folder else name, NOON)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # unix
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return blob.getvalue()
