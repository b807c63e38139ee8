"""Input files of the commands: tables of pairs, and saved models."""

from dataclasses import replace
from pathlib import Path

from seq2seq.errors import CheckpointError, InputError, shorten
from seq2seq.experiment import Experiment
from seq2seq.files import pretrained
from seq2seq.files.checkpoint import with_suffix
from seq2seq.tasks import Example, PairsTask, Task, Tokens
from seq2seq.tasks.pair_tables import AT_HOME, decode, read_rows


def read_text(name: str) -> str:
    """The text of a file. InputError if it cannot be read."""
    path = Path(name)
    try:
        if path.stat().st_size > 4 * AT_HOME.characters:
            raise InputError(f"{path.name} has {path.stat().st_size >> 20} MB: at most "
                             f"{4 * AT_HOME.characters >> 20} MB are allowed. Use a smaller file.")
        return decode(path.read_bytes())
    except OSError as problem:
        raise InputError(f"The file {shorten(name, 200)} cannot be read "
                         f"({problem.strerror}): check its name.") from None
    except InputError as problem:
        raise _in_file(path, problem) from None


def read_examples(name: str, task: Task) -> list[Example]:
    """The pairs of a file as examples of `task`, one for each correct answer of a source.

    InputError if the task cannot read a line; it names file and line.
    """
    text = read_text(name)
    answers: dict[Tokens, dict[Tokens, None]] = {}
    found: dict[tuple[Tokens, Tokens], None] = {}
    try:
        rows = read_rows(text, several=True)
        for row in rows:
            try:
                source = task.parse(row.cells[0])
                targets = [task.parse_target(cell) for cell in row.cells[1:]]
            except InputError as problem:
                raise InputError(f"Line {row.line:,}: {problem}") from None
            for target in targets:
                found[source, target] = None
                answers.setdefault(source, {})[target] = None
    except InputError as problem:
        raise _in_file(Path(name), problem) from None
    return [Example(source, target, tuple(t for t in answers[source] if t != target))
            for source, target in found]


def by_source(examples: list[Example]) -> list[Example]:
    """The first example of each source."""
    first: dict[Tokens, Example] = {}
    for example in examples:
        first.setdefault(example.source, example)
    return list(first.values())


def read_table(task: PairsTask, pairs: str, held_out: str | None) -> str:
    """The table in one or two files; held-out pairs are below a line of dashes."""
    parts = []
    for name in filter(None, (pairs, held_out)):
        text = read_text(name)
        try:
            rows = read_rows(text)
            replace(task, text=text)  # its errors name the lines of this file
        except InputError as problem:
            raise _in_file(Path(name), problem) from None
        parts.append((text, rows))
    if len(parts) == 1:
        return parts[0][0]
    return "\n---\n".join("\n".join("\t".join(" ".join(cell.split()) for cell in row.cells)
                                    for row in rows) for _, rows in parts)


def load(name: str) -> tuple[Path, Experiment]:
    """A saved model by its file name, or a pre-trained one by its task's name."""
    path = with_suffix(name)
    if not path.is_file():
        ready = pretrained.ready(name)
        if ready is None:
            raise CheckpointError(f"There is no file {shorten(path.name)} here, and no "
                                  f"pre-trained model of that name: train one with “python -m "
                                  f"seq2seq train”.")
        path = ready
    return path, Experiment.load(path)


def _in_file(path: Path, problem: InputError) -> InputError:
    return InputError(f"{path.name}: {problem}")
