"""A table's text cut into records, and records into cells.

A record is a line, or several lines if a quoted cell of CSV contains line ends.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

ARROWS = ("→", "->")
SCAN = "OUT:"  # as in `IN: jump twice OUT: JUMP JUMP`
SEPARATORS = ("\t", *ARROWS, SCAN, ";", ",")
LOOKED_AT = 100  # lines, to find the separator and the columns
MAX_JOINED = 20  # lines of one quoted cell; a stray quotation mark must not swallow a file
DASHES = re.compile(r"\s*-{3,}\s*")
FEATURES = re.compile(r"[A-Z0-9]+(?:[;.,|+/:=_()-]+[A-Z0-9]+)*\)*")  # as in V;PST or N.PL
ATTRIBUTION = re.compile(r"CC-BY|tatoeba", re.IGNORECASE)


class Record(NamedTuple):
    """One record of a table."""

    line: int  # the number of its first line
    text: str
    cells: list[str] | None  # without blanks around them; None: not valid CSV


def split_lines(text: str) -> list[str]:
    """The lines of a text, separated by CRLF, LF or CR only, as editors count them."""
    return re.split(r"\r\n|\n|\r", text) if "\r" in text else text.split("\n")


def line_of_dashes(lines: Sequence[str]) -> int | None:
    """The index of the first line of dashes, or None."""
    return next((i for i, line in enumerate(lines)
                 if "---" in line and DASHES.fullmatch(line)), None)


def is_content(line: str) -> bool:
    """Whether a line is neither empty nor a line of dashes."""
    return bool(line.strip()) and not ("---" in line and DASHES.fullmatch(line))


def find_separator(lines: Sequence[str]) -> str:
    r"""The separator of the two sides: the one that cuts the most of the first lines in two.

    Among equals, tabs come before arrows, semicolons before commas: a cell may contain a comma. If
    all lines have the same number of tabs, these are the separators, also of more columns.

    >>> find_separator(["Meier, Anna;Anna Meier"]), find_separator(["Meier, Anna;Anna Meier;"])
    (';', ';')
    >>> find_separator(["go\twent\tV;PST", "see\tsaw\tV;PST"])
    '\t'
    """
    some = lines[:LOOKED_AT]
    if len({line.count("\t") for line in some}) == 1 and "\t" in some[0]:
        return "\t"
    fits = {separator: sum(len(without_empty_end(cells_of(line, separator) or [])) == 2
                           for line in some) for separator in SEPARATORS}
    holds = [separator for separator in SEPARATORS if separator in lines[0]]
    best = max(SEPARATORS, key=lambda separator: fits[separator])
    # In a table with more columns no line has two cells: then the first line decides.
    return best if fits[best] else holds[0] if holds else "->"


def cells_of(line: str, separator: str) -> list[str] | None:
    """The cells of a record, without blanks around them; None if it is not valid CSV.

    In tab-separated text, quotes around a cell are those of CSV if the line is valid CSV.
    """
    if separator == SCAN:
        line = line.strip().removeprefix("IN:")
    elif separator not in ARROWS and '"' in line:
        try:
            found = next(csv.reader([line], strict=True, delimiter=separator))
        except csv.Error:
            if separator != "\t":
                return None
            found = line.split(separator)
        return [cell.strip() for cell in found]
    return list(map(str.strip, line.split(separator)))


def without_empty_end(cells: list[str]) -> list[str]:
    """The cells without empty ones at the end: spreadsheets often export empty columns.

    Two cells remain at least.
    """
    while len(cells) > 2 and not cells[-1]:
        cells = cells[:-1]
    return cells


def records(lines: Sequence[str], separator: str) -> Iterator[Record]:
    """The records of lines, numbered from 0. Empty lines and lines of dashes are left out."""
    quotes = separator not in (*ARROWS, SCAN)
    i = 0
    while i < len(lines):
        line, start = lines[i], i
        i += 1
        if not is_content(line):
            continue
        if quotes and line.count('"') % 2:  # a quoted cell may continue on the next lines
            joined, end = _joined(lines, start, separator)
            if joined is not None:
                yield Record(start, line, joined)
                i = end
                continue
        yield Record(start, line, cells_of(line, separator))


def _joined(lines: Sequence[str], start: int, separator: str) -> tuple[list[str] | None, int]:
    # The cells of a record that begins at line `start` and has several lines, and the line after
    # it. None if the quotation mark does not begin such a cell.
    text = lines[start]
    for end in range(start + 1, min(len(lines), start + MAX_JOINED)):
        text += "\n" + lines[end]
        if text.count('"') % 2 == 0:
            part = lines[start: end + 1]
            if separator == "\t" and all(line.count("\t") for line in part):
                break  # each line is a record: the marks are part of their cells
            try:
                found = next(csv.reader([text], strict=True, delimiter=separator))
            except csv.Error:
                break
            return [cell.strip() for cell in found], end + 1
    return None, start + 1


def width_of(some: Sequence[Record]) -> int:
    """The number of columns of most records; 0 without records."""
    counts = Counter(len(without_empty_end(record.cells)) for record in some if record.cells)
    return counts.most_common(1)[0][0] if counts else 0


def propose_columns(some: Sequence[Record], several: bool) -> tuple[str, ...]:
    """What each column is: source, target, features or ignore; () if that is not clear.

    Ignored are columns that name a licence in most lines, as in the files of Tatoeba, and unless
    further columns are further answers (`several`), columns of numbers. If three columns are left,
    the second or third may be grammatical features, as in the files of SIGMORPHON.
    """
    width = width_of(some)
    rows = [without_empty_end(record.cells) for record in some if record.cells]
    rows = [row for row in rows if len(row) == width]
    columns = list(zip(*rows, strict=True)) if width > 2 else []

    def is_ignored(column: Sequence[str]) -> bool:
        if 2 * sum(ATTRIBUTION.search(cell) is not None for cell in column) > len(column):
            return True
        numbers = sum(cell.isascii() and cell.isdigit() for cell in column)
        return not several and numbers > 0.8 * len(column)

    def are_features(column: Sequence[str]) -> bool:
        marked = sum(FEATURES.fullmatch(cell) is not None for cell in column)
        return marked > 0.8 * len(column) and 2 * len(set(column)) < len(column)

    kept = [i for i in range(width) if not is_ignored(columns[i])] if columns else []
    features = [i for i in kept[1:] if are_features(columns[i])] if len(kept) == 3 else []
    kept = [i for i in kept if i not in features]
    if len(kept) != 2:
        return ()
    names = {kept[0]: "source", kept[1]: "target", **dict.fromkeys(features, "features")}
    return tuple(names.get(i, "ignore") for i in range(width))
