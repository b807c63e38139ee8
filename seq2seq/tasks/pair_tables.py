"""Parsing of tables of pairs, pasted, uploaded or read by the command line.

There are three formats: lines `source -> target`, tab-separated values, and CSV (with commas or
semicolons). `find_separator` finds the format. Errors name the line.
"""

import codecs
import csv
import re
from collections.abc import Sequence
from typing import NamedTuple

from seq2seq.errors import InputError, shorten
from seq2seq.i18n import LazyText
from seq2seq.tasks.table_settings import read_settings

HOW = LazyText("Write one pair per line, for example: cat -> cats")
ARROWS = ("→", "->")
SCAN = "OUT:"  # as in `IN: jump twice OUT: JUMP JUMP`
SEPARATORS = ("\t", *ARROWS, SCAN, ";", ",")
MAX_SKIPPED = 0.1  # the largest share of lines that are left out; else the first one is an error
LOOKED_AT = 100  # lines, to find the separator
DASHES = re.compile(r"\s*-{3,}\s*")
ATTRIBUTION = re.compile(r"CC-BY|tatoeba", re.IGNORECASE)
# First lines of TSV and CSV that are headings.
HEADINGS = frozenset({("source", "target"), ("src", "tgt"), ("src", "trg"), ("input", "output"),
                      ("question", "answer"), ("word", "phones"), ("word", "phonemes"),
                      ("word", "pronunciation")})


class Limits(NamedTuple):
    """The largest table that is read."""

    pairs: int
    characters: int


PAGE = Limits(5_000, 400_000)  # many visitors share the server
AT_HOME = Limits(200_000, 16_000_000)  # the command line, scripts and notebooks
MAX_PAIRS, MAX_CHARACTERS = PAGE
_allowed = [AT_HOME]  # the limits of this process


class Row(NamedTuple):
    """One line of a table."""

    line: int  # its number in the text, from 1
    cells: tuple[str, ...]  # two or more, none of them empty


class Skipped(NamedTuple):
    """A line that is no pair, and why."""

    line: int
    problem: InputError


def allow(limits: Limits) -> None:
    """Set the limits of this process. A server that serves the page sets `PAGE`."""
    _allowed[:] = [limits]


def allowed() -> Limits:
    """The current limits. They are part of the key under which parsed tables are cached."""
    return _allowed[0]


def decode(data: bytes) -> str:
    """The text in a file in UTF-8 or UTF-16, with or without a byte-order mark.

    InputError for other files; it names the type if it is known. No other encoding is guessed: the
    model would learn wrong characters.
    """
    what = LazyText("Save it as plain text in UTF-8 (CSV, TSV or TXT) and try again.")
    for start, kind in ((b"PK\x03\x04", LazyText("a spreadsheet, a document or an archive")),
                        (b"%PDF", LazyText("a PDF")), (b"\x1f\x8b", LazyText("a compressed file")),
                        (b"\x89PNG", LazyText("a picture")),
                        (b"\xff\xd8\xff", LazyText("a picture"))):
        if data.startswith(start):
            raise InputError("The file is {kind}, not plain text. {what}", kind=kind, what=what)
    encoding = "utf-8-sig"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif b"\0" in data:
        # In UTF-16, one byte of most characters is 0, always the same one of the two.
        even, odd = (data[side::2].count(0) / max(1, len(data[side::2])) for side in (0, 1))
        if max(even, odd) < 0.3 or min(even, odd) > 0.02:
            raise InputError("The file is not text: it contains null bytes. {what}", what=what)
        encoding = "utf-16-le" if odd > even else "utf-16-be"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as problem:
        name = "UTF-8" if encoding == "utf-8-sig" else "UTF-16"
        line = data[: problem.start].count(b"\n") + 1
        raise InputError("The file is not text in {name}: it has an invalid byte in line {line}. "
                         "{what}", name=name, line=line, what=what) from None
    strange = re.search(r"[\x00-\x08\x0e-\x1a\x7f]", text)
    if strange:
        line = text.count("\n", 0, strange.start()) + 1
        raise InputError("The file is not plain text: line {line} contains a control character. "
                         "{what}", line=line, what=what)
    return text.removeprefix("\ufeff")


def read_rows(text: str, several: bool = False, separator: str = "") -> list[Row]:
    """The lines of a table, cut into two cells each (with `several`: two or more).

    Empty lines, lines of dashes, settings (`table_settings`) and a heading are skipped. So is a
    third column that names the authors, as in the files of Tatoeba. InputError names the first
    wrong line.
    """
    rows, skipped = parse_table(text, several, separator)
    if skipped:
        raise skipped[0].problem
    return rows


def parse_table(text: str, several: bool = False, separator: str = "",
                first: int = 1) -> tuple[list[Row], list[Skipped]]:
    """As `read_rows`, but a few wrong lines are left out.

    InputError for the first of them if they are more than a tenth of all lines. `first` is the
    number of the first line: below 1 if settings were added that are not in the user's file.
    """
    limits = _allowed[0]
    if not isinstance(text, str):
        raise InputError("The pairs are {value}: they must be text. {how}", value=shorten(text),
                         how=HOW)
    if len(text) > limits.characters:
        line = len(split_lines(text[: limits.characters]))
        raise InputError("The text has {n:,} characters: at most {most:,} are allowed. The limit "
                         "is reached on line {line:,}: remove some lines.", n=len(text),
                         most=limits.characters, line=line)
    all_lines = split_lines(text.removeprefix("\ufeff"))
    settings, num_settings = read_settings(all_lines)
    lines = [(n, line) for n, line in enumerate(all_lines, first)
             if n >= first + num_settings and line.strip() and not DASHES.fullmatch(line)]
    if not lines:
        raise InputError("There are no pairs yet. {how}", how=HOW)
    if len(lines) > limits.pairs:
        raise InputError("There are {n:,} lines: at most {most:,} pairs are allowed. The limit is "
                         "reached on line {line:,}: remove some lines.", n=len(lines),
                         most=limits.pairs, line=lines[limits.pairs][0])
    separator = settings.separator or separator or find_separator([line for _n, line in lines])
    columns = settings.columns or attributed(lines, separator)
    rows: list[Row] = []
    skipped: list[Skipped] = []
    for n, content in lines:
        try:
            rows.append(Row(n, cut(n, content, separator, several, columns)))
        except InputError as problem:
            skipped.append(Skipped(n, problem))
    if len(skipped) > MAX_SKIPPED * len(lines):
        raise skipped[0].problem
    if (len(rows) > 1 and separator in ("\t", ",", ";")
            and tuple(cell.lower() for cell in rows[0].cells[:2]) in HEADINGS):
        rows = rows[1:]
    return rows, skipped


def separator_of(text: str) -> str:
    """The separator with which `read_rows` cuts the lines of a table."""
    lines = split_lines(text)
    settings, skipped = read_settings(lines)
    return settings.separator or find_separator(
        [line for line in lines[skipped:] if line.strip() and not DASHES.fullmatch(line)])


def split_lines(text: str) -> list[str]:
    """The lines of a text, separated by CRLF, LF or CR only, as editors count them."""
    return re.split(r"\r\n|\n|\r", text)


def line_of_dashes(text: str) -> int | None:
    """The number of the first line of dashes, or None."""
    return next((n for n, line in enumerate(split_lines(text), 1) if DASHES.fullmatch(line)), None)


def find_separator(lines: Sequence[str]) -> str:
    """The separator of the two sides: the one that cuts the most of the first lines in two.

    Among equals, tabs come before arrows, semicolons before commas: a cell may contain a comma.

    >>> find_separator(["Meier, Anna;Anna Meier"])
    ';'
    """
    some = lines[:LOOKED_AT]
    fits = {separator: sum(len(cells_of(line, separator) or ()) == 2 for line in some)
            for separator in SEPARATORS}
    holds = [separator for separator in SEPARATORS if separator in lines[0]]
    best = max(SEPARATORS, key=lambda separator: fits[separator])
    # In a table with more columns no line has two cells: then the first line decides.
    return best if fits[best] else holds[0] if holds else "->"


def cells_of(line: str, separator: str) -> list[str] | None:
    """The cells of a line; None if it is not valid CSV.

    In tab-separated text, quotes around a cell are those of CSV if the line is valid CSV.
    """
    if separator in ARROWS:
        return line.split(separator)
    if separator == SCAN:
        return line.strip().removeprefix("IN:").split(separator)
    try:
        return next(csv.reader([line], strict=True, delimiter=separator))
    except csv.Error:
        return line.split(separator) if separator == "\t" else None


def attributed(lines: Sequence[tuple[int, str]], separator: str) -> tuple[str, ...]:
    """The columns of a table whose third one names a licence in most lines; else ()."""
    some = lines[:LOOKED_AT]
    found = sum(separator == "\t" and len(cells) == 3 and ATTRIBUTION.search(cells[2]) is not None
                for cells in (cells_of(line, separator) or [] for _, line in some))
    return ("source", "target", "ignore") if 2 * found > len(some) else ()


def cut(number: int, line: str, separator: str, several: bool,
        columns: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The cells of one line: those that `columns` names source and target, or all of them.

    InputError names the line if there are too few or too many.
    """
    found = cells_of(line, separator)
    if found is None:
        raise InputError("Line {line} is not valid CSV: check its quotation marks. {how}",
                         line=number, how=HOW)
    try:
        line.encode()
    except UnicodeEncodeError:  # a lone surrogate, which cannot be stored
        raise InputError("Line {line} contains an invalid character. Type the line again.",
                         line=number) from None
    cells = [cell.strip() for cell in found]
    if columns and len(cells) >= len(columns) - columns.count("ignore"):
        cells += [""] * (len(columns) - len(cells))
        cells = [cells[columns.index("source")], cells[columns.index("target")]]
    while len(cells) > 2 and not cells[-1]:
        cells.pop()  # spreadsheets often export empty columns
    if len(cells) < 2 or (len(cells) > 2 and not several) or not all(cells):
        if len(cells) < 2:
            what = (LazyText("no tab between two sides") if separator == "\t"
                    else LazyText("no “{mark}” between two sides", mark=separator))
        elif not all(cells):
            what = LazyText("an empty side")
        else:
            raise InputError("Line {line} is “{text}”: it has {n} columns. Name them in the first "
                             "line, for example: #columns: source target ignore",
                             line=number, text=shorten(line), n=len(cells))
        raise InputError("Line {line} is “{text}”: it has {what}. A pair needs exactly two sides, "
                         "and neither may be empty. "
                         "{how}", line=number, text=shorten(line), what=what,
                         how=HOW)
    return tuple(cells)
