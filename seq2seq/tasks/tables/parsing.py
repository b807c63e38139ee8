"""Parsing of tables of pairs, pasted, uploaded or read by the command line.

There are three formats: lines `source -> target`, tab-separated values, and CSV (with commas or
semicolons). `parse_table` finds the format and reads what is a pair; what is none is left out, with
its line and the reason.
"""

from collections.abc import Sequence
from itertools import chain, islice
from typing import NamedTuple

from seq2seq.errors import InputError, shorten
from seq2seq.i18n import LazyText
from seq2seq.tasks.tables.lines import (
    LOOKED_AT,
    Record,
    find_separator,
    is_content,
    line_of_dashes,
    propose_columns,
    records,
    split_lines,
    width_of,
    without_empty_end,
)
from seq2seq.tasks.tables.progress import tracked
from seq2seq.tasks.tables.settings import TableSettings, read_settings

HOW = LazyText("Write one pair per line, for example: cat -> cats")
MAX_SKIPPED = 0.5  # of the lines: with more unreadable ones, the format is probably another one
# First lines of TSV and CSV that are headings.
HEADINGS = frozenset({("source", "target"), ("src", "tgt"), ("src", "trg"), ("input", "output"),
                      ("question", "answer"), ("word", "phones"), ("word", "phonemes"),
                      ("word", "pronunciation"), ("lemma", "form"), ("front", "back")})


class Limits(NamedTuple):
    """The largest table that is read."""

    pairs: int
    characters: int


CHARACTERS = 80  # of a pair, on average, at most
PAGE = Limits(20_000, 20_000 * CHARACTERS)  # many visitors share the server
AT_HOME = Limits(1_000_000, 1_000_000 * CHARACTERS)  # the command line, scripts and notebooks
MAX_PAIRS, MAX_CHARACTERS = PAGE
_allowed = [AT_HOME]  # the limits of this process


class Row(NamedTuple):
    """One pair of a table."""

    line: int  # the number of its first line in the text, from 1
    cells: tuple[str, ...]  # two or more, none of them empty


class Skipped(NamedTuple):
    """A line that is left out, and why."""

    line: int
    reason: str  # "separator", "columns", "empty", "quotes", "character", "long" or "symbol"
    text: str  # its beginning
    problem: InputError  # a sentence with advice


class Table(NamedTuple):
    """A table as it was read."""

    settings: TableSettings
    separator: str
    columns: tuple[str, ...]  # () if all lines have the source and the target alone
    rows: list[Row]
    skipped: list[Skipped]
    end: int | None  # the line of dashes; pairs below it are held out
    heading: int | None  # the line with the names of the columns


def allow(limits: Limits) -> None:
    """Set the limits of this process. A server that serves the page sets `PAGE`."""
    _allowed[:] = [limits]


def allowed() -> Limits:
    """The current limits. They are part of the key under which parsed tables are cached."""
    return _allowed[0]


def parse_table(text: str, several: bool = False, separator: str = "",
                columns: tuple[str, ...] = (), first: int = 1) -> Table:
    """The pairs of a table; with `several`, the further cells of a line are further answers.

    Empty lines are skipped, and so are columns that `lines.propose_columns` ignores. Lines
    that are no pairs are left out: `Table.skipped` names them. InputError if no pair remains, or
    if most lines are no pairs. `separator` and `columns` are used unless the settings name them;
    `columns` only if there are as many. `first` is the number of the first line: below 1 if
    settings were added that are not in the user's file.
    """
    lines, start, settings = _checked(text, first)
    body = lines[start:]
    content = [line for line in body if is_content(line)][:LOOKED_AT]
    separator = settings.separator or separator or find_separator(content)
    end = line_of_dashes(body)
    is_valid = _is_valid(text)
    rows: list[Row] = []
    skipped: list[Skipped] = []
    found = records(body, separator)
    first_ones = list(islice(found, LOOKED_AT))
    if not (columns and len(columns) == width_of(first_ones)):
        columns = propose_columns(first_ones, several)
    columns = settings.columns or columns
    for record in tracked(chain(first_ones, found), "Reading lines", len(body)):
        number = record.line + start + first
        cells = pick(record, columns, separator, several, number, is_valid)
        if isinstance(cells, Skipped):
            skipped.append(cells)
        else:
            rows.append(Row(number, cells))
    if not rows or len(skipped) > MAX_SKIPPED * (len(rows) + len(skipped)):
        raise skipped[0].problem
    heading = None
    if (len(rows) > 1 and separator in ("\t", ",", ";")
            and tuple(cell.lower() for cell in rows[0].cells[:2]) in HEADINGS):
        heading = rows.pop(0).line
    return Table(settings, separator, columns, rows, skipped,
                 None if end is None else end + start + first, heading)


def _checked(text: str, first: int) -> tuple[list[str], int, TableSettings]:
    # All lines, how many of them are settings, and these. InputError if the table is too large.
    limits = _allowed[0]
    if not isinstance(text, str):
        raise InputError("The pairs are {value}: they must be text. {how}", value=shorten(text),
                         how=HOW)
    if len(text) > limits.characters:
        line = len(split_lines(text[: limits.characters]))
        raise InputError("The text has {n:,} characters: at most {most:,} are allowed. The limit "
                         "is reached on line {line:,}: remove some lines.{home}", n=len(text),
                         most=limits.characters, line=line, home=_at_home(limits))
    lines = split_lines(text.removeprefix("\ufeff"))
    settings, start = read_settings(lines)
    content = [i for i in range(start, len(lines)) if is_content(lines[i])]
    if not content:
        raise InputError("There are no pairs yet. {how}", how=HOW)
    if len(content) > limits.pairs:
        raise InputError("There are {n:,} lines: at most {most:,} pairs are allowed. The limit is "
                         "reached on line {line:,}: remove some lines.{home}", n=len(content),
                         most=limits.pairs, line=content[limits.pairs] + first,
                         home=_at_home(limits))
    return lines, start, settings


def _at_home(limits: Limits) -> LazyText | str:
    # A server that serves the page has smaller limits than the command line.
    return "" if limits == AT_HOME else LazyText(
        " On your own computer, the setting SEQ2SEQ_MAX_PAIRS raises this limit, and the command "
        "line reads {n:,} pairs.", n=AT_HOME.pairs)


def _is_valid(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate, which cannot be stored
        return False
    return True


def pick(record: Record, columns: Sequence[str], separator: str, several: bool, number: int,
         is_valid: bool = True) -> tuple[str, ...] | Skipped:
    """The cells of a record: those that `columns` names source and target, or all of them.

    `is_valid`: the record contains no character that cannot be stored.
    """
    line, cells = record.text, record.cells
    if not columns and cells and len(cells) == 2 and cells[0] and cells[1] and is_valid:
        return cells[0], cells[1]  # most lines, and there may be a million

    def skip(reason: str, sentence: str, **values: object) -> Skipped:
        told = shorten(line.replace("\t", " ⇥ "))
        return Skipped(number, reason, told, InputError(
            sentence, line=number, text=told, **values))

    if cells is None:
        return skip("quotes", "Line {line} is not valid CSV: check its quotation marks. {how}",
                    how=HOW)
    if not is_valid and not _is_valid(line + "".join(cells)):
        return skip("character", "Line {line} contains an invalid character. Type the line again.")
    if columns and len(cells) >= len(columns) - columns.count("ignore"):
        cells = cells + [""] * (len(columns) - len(cells))
        more = [cells[i] for i, name in enumerate(columns) if name == "features" and cells[i]]
        source = cells[columns.index("source")]
        cells = [" ".join([source, *more]) if source else "", cells[columns.index("target")]]
    cells = without_empty_end(cells)
    if len(cells) == 2 and cells[0] and cells[1]:
        return cells[0], cells[1]
    if len(cells) > 1 and all(cells):
        if several:
            return tuple(cells)
        return skip("columns", "Line {line} is “{text}”: it has {n} columns. Name them in the "
                    "first line, for example: #columns: source target ignore", n=len(cells))
    if len(cells) < 2:
        what = (LazyText("no tab between two sides") if separator == "\t"
                else LazyText("no “{mark}” between two sides", mark=separator))
    else:
        what = LazyText("an empty side")
    return skip("separator" if len(cells) < 2 else "empty",
                "Line {line} is “{text}”: it has {what}. A pair needs exactly two sides, and "
                "neither may be empty. {how}", what=what, how=HOW)
