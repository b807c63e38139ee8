"""Input files of the commands: tables of pairs, and saved models."""

import argparse
import csv
import io
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from seq2seq.errors import CheckpointError, InputError, shorten
from seq2seq.experiment import Experiment
from seq2seq.files import pretrained
from seq2seq.files.checkpoint import with_suffix
from seq2seq.tasks import Example, PairsTask, Task, Tokens, get_task
from seq2seq.tasks.tables.parsing import AT_HOME, MAX_SKIPPED, Row, Skipped, parse_table
from seq2seq.tasks.tables.proposals import proposed_settings
from seq2seq.tasks.tables.report import left_out
from seq2seq.tasks.tables.settings import READERS, read_settings, with_settings
from seq2seq.tasks.tables.text_encoding import decode

LARGE = 8 * 2**20  # bytes of a file that takes more than a few seconds to read


def read_text(name: str) -> str:
    """The text of a file. InputError if it cannot be read."""
    path = Path(name)
    try:
        if path.stat().st_size > 4 * AT_HOME.characters:
            raise InputError(f"{path.name} has {path.stat().st_size >> 20} MB: at most "
                             f"{4 * AT_HOME.characters >> 20} MB are allowed. Use a smaller file.")
        if path.stat().st_size > LARGE:
            print(f"Reading {path.name}, {path.stat().st_size >> 20} MB …", file=sys.stderr,
                  flush=True)
        return decode(path.read_bytes())
    except OSError as problem:
        raise InputError(f"The file {shorten(name, 200)} cannot be read "
                         f"({problem.strerror}): check its name.") from None
    except InputError as problem:
        raise _in_file(path, problem) from None


def read_examples(name: str, task: Task) -> list[Example]:
    """The pairs of a file as examples of `task`, one for each correct answer of a source.

    Lines that are no pairs, or that the task cannot read, are left out and reported on the standard
    error. InputError if the task cannot read most lines; it names file and line.
    """
    text = read_text(name)
    answers: dict[Tokens, dict[Tokens, None]] = {}
    found: dict[tuple[Tokens, Tokens], None] = {}
    try:
        how: dict[str, Any] = {}
        if isinstance(task, PairsTask):  # as the file that the model was trained on
            how = {"columns": task.table.columns}
            if task.table.separator in text:
                how["separator"] = task.table.separator
        table = parse_table(text, several=True, **how)
        skipped = list(table.skipped)
        for row in table.rows:
            try:
                source = task.parse(row.cells[0])
                targets = [task.parse_target(cell) for cell in row.cells[1:]]
            except InputError as problem:
                skipped.append(Skipped(row.line, "symbol", shorten(" ".join(row.cells)), InputError(
                    f"Line {row.line:,}: {problem}")))
                continue
            for target in targets:
                found[source, target] = None
                answers.setdefault(source, {})[target] = None
        unread = skipped[len(table.skipped):]
        if len(unread) > MAX_SKIPPED * len(table.rows):  # what is left would be a biased choice
            raise unread[0].problem
    except InputError as problem:
        raise _in_file(Path(name), problem) from None
    _print_left_out(name, sorted(skipped, key=lambda one: one.line))
    return [Example(source, target, tuple(t for t in answers[source] if t != target))
            for source, target in found]


def by_source(examples: list[Example]) -> list[Example]:
    """The first example of each source."""
    first: dict[Tokens, Example] = {}
    for example in examples:
        first.setdefault(example.source, example)
    return list(first.values())


def read_table(task: PairsTask, pairs: str, held_out: str | None,
               settings: Mapping[str, Any] = MappingProxyType({})) -> tuple[str, int]:
    """The text of a table that is a task of its own; held-out pairs below a line of dashes.

    Also the difference between the numbers of lines in the file and in that text.

    `settings` replace those in the file's first lines (`tasks.tables.settings`); what neither of
    them chooses is proposed by `tasks.tables.proposals`. Both files are read
    with the separator and the columns of the first, unless the second does not contain that
    separator. Pairs below a line of dashes in the first file are held out, too.
    """
    original = read_text(pairs)
    text = with_settings(original, **settings)
    with suppress(InputError):  # the next call raises it, too, with the number of the line
        read = get_task(task.name, text)
        assert isinstance(read, PairsTask)
        text = with_settings(text, **{name: value for name, value in
                                      proposed_settings(read).items() if name not in settings})
    first = _first_line(original, text)
    try:
        if held_out is None and first == 1:
            get_task(task.name, text)  # it parses the table, and keeps it for the caller
            return text, 0
        table = parse_table(text, first=first)  # its errors name the lines of the file
        if held_out is None:
            get_task(task.name, text)
            return text, first - 1
    except InputError as problem:
        raise _in_file(Path(pairs), problem) from None
    more = read_text(held_out)
    try:
        further = parse_table(more, separator=table.separator if table.separator in more else "",
                              columns=table.columns)
    except InputError as problem:
        raise _in_file(Path(held_out), problem) from None
    for name, skipped in ((pairs, table.skipped), (held_out, further.skipped)):
        _print_left_out(name, skipped)  # the table that is returned no longer contains them
    above = [row for row in table.rows if table.end is None or row.line < table.end]
    below = [row for row in table.rows if table.end is not None and row.line > table.end]
    kept = replace(table.settings, separator="", columns=()).as_lines()
    text = kept + "\n---\n".join(map(_as_text, (above, [*below, *further.rows])))
    try:
        get_task(task.name, text)
    except InputError as problem:
        raise InputError(f"{Path(pairs).name} with {Path(held_out).name}: {problem}") from None
    return text, 0


def _print_left_out(name: str, skipped: list[Skipped]) -> None:
    if skipped:
        print(f"{Path(name).name}: {' '.join(left_out(skipped))}", file=sys.stderr)


def table_settings(args: argparse.Namespace) -> dict[str, Any]:
    """The settings of the table (`tasks.tables.settings`) given on the command line."""
    given = {name: value for name in READERS
             if (value := getattr(args, name.replace("-", "_"))) is not None}
    found, _ = read_settings([f"#{name}: {value}" for name, value in given.items()])
    fields = [name.replace("-", "_") for name in given]
    return {field: getattr(found, field) for field in fields}


def _first_line(original: str, text: str) -> int:
    # So that errors count the lines of the file, without the settings added to it.
    return 1 - (text.count("\n") - original.count("\n"))


def _as_text(rows: list[Row]) -> str:
    # Tab-separated: a cell with quotes is quoted, so it is read back as it is.
    text = io.StringIO()
    csv.writer(text, delimiter="\t", lineterminator="\n").writerows(
        [" ".join(cell.split()) for cell in row.cells] for row in rows)
    return text.getvalue().rstrip("\n")


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
