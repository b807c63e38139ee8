"""Settings in the first lines of a table: how its lines are cut and its cells become tokens.

    #separator: tab
    #columns: source target ignore
    #source-tokens: words
    #target-tokens: characters
    #lower-case: yes
    #normalise: NFC
    #vocabulary-size: 500
    #min-count: 2
    Go.     Va !     CC-BY 2.0 ...

A setting that is left out is chosen by looking at the table. Since the settings are part of the
text, they travel with it into links, model files and zips. Anki begins its exports with lines of
the same form; its other settings (such as `#html:true`) are ignored.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, fields

from seq2seq.errors import InputError, shorten
from seq2seq.tasks.tables.tokenisation import NAMES

SEPARATORS = {"tab": "\t", "comma": ",", "semicolon": ";", "arrow": "->",
              "out": "OUT:"}
COLUMNS = ("source", "target", "features", "ignore")  # features are added to the source
FORMS = ("none", "NFC", "NFD", "NFKC")
SETTING = re.compile(r"#\s*([a-z][a-z -]*?)\s*:(.*)")


@dataclass(frozen=True)
class TableSettings:
    """The settings of one table; "" and () mean: chosen by looking at the table."""

    separator: str = ""  # the character, not its name
    columns: tuple[str, ...] = ()  # of `COLUMNS`
    source_tokens: str = ""  # one of `tokenisation.NAMES`
    target_tokens: str = ""
    lower_case: bool = False
    normalise: str = "none"  # a Unicode normal form
    vocabulary_size: int = 0  # of subwords; 0: chosen
    min_count: int = 1  # a token that occurs less often in training is read as unknown

    def prepare(self, cell: str) -> str:
        """A cell in the chosen case and normal form, with single blanks."""
        if self.normalise != "none":
            cell = unicodedata.normalize(self.normalise, cell)  # type: ignore[arg-type]
        return " ".join((cell.lower() if self.lower_case else cell).split())

    def as_lines(self) -> str:
        """The settings that are not left out, as lines for the beginning of a table."""
        names = {mark: name for name, mark in SEPARATORS.items()}
        told = []
        for field in fields(self):
            value = getattr(self, field.name)
            if value != field.default:
                text = {"separator": lambda v: names[v], "columns": " ".join,
                        "lower_case": lambda v: "yes"}.get(field.name, str)(value)
                told.append(f"#{field.name.replace('_', '-')}: {text}\n")
        return "".join(told)


def read_settings(lines: Sequence[str]) -> tuple[TableSettings, int]:
    """The settings in the first lines of a table, and how many lines these are.

    InputError if a setting has a value that is not allowed.
    """
    found: dict[str, object] = {}
    count = 0
    for count, line in enumerate(lines):
        match = SETTING.fullmatch(line.strip())
        if not match:
            break
        name, value = match[1].replace(" ", "-"), match[2].strip()
        if name in READERS and "\t" not in value:  # Anki writes `#columns:Front⇥Back`
            found[name.replace("-", "_")] = READERS[name](name, value, count + 1)
        elif name not in READERS and ("\t" in value or "->" in value):
            break  # a pair whose source begins like a setting
    else:
        count = len(lines)
    return TableSettings(**found), count  # type: ignore[arg-type]


def with_settings(text: str, **changed: object) -> str:
    """`text` with these settings in its first lines; its other settings stay."""
    lines = re.split(r"(?<=\n)", text)
    settings, count = read_settings([line.rstrip("\r\n") for line in lines])
    values = {field.name: getattr(settings, field.name) for field in fields(settings)}
    return TableSettings(**{**values, **changed}).as_lines() + "".join(lines[count:])


def _one_of(name: str, value: str, line: int, allowed: Sequence[str]) -> str:
    same = [word for word in allowed if word.lower() == value.lower()]
    if not same:
        raise InputError("Line {line}: “{value}” is not a valid value for “{name}”. Write one of: "
                         "{allowed}.", line=line, value=shorten(value), name=name,
                         allowed=", ".join(allowed))
    return same[0]


def _separator(name: str, value: str, line: int) -> str:
    return SEPARATORS[_one_of(name, value, line, tuple(SEPARATORS))]


def _columns(name: str, value: str, line: int) -> tuple[str, ...]:
    found = tuple(_one_of(name, word, line, COLUMNS)
                  for word in value.replace(",", " ").split())
    if found.count("source") != 1 or found.count("target") != 1:
        raise InputError("Line {line}: “{value}” must name one column as source and one as target, "
                         "for example: source target ignore", line=line, value=shorten(value))
    return found


def _tokens(name: str, value: str, line: int) -> str:
    return _one_of(name, value, line, NAMES)


def _whole(name: str, value: str, line: int) -> int:
    if not re.fullmatch(r"[1-9]\d{0,5}", value):
        raise InputError("Line {line}: “{value}” is not a valid value for “{name}”. Write a whole "
                         "number, 1 or more.", line=line, value=shorten(value), name=name)
    return int(value)


READERS = {
    "separator": _separator, "columns": _columns, "source-tokens": _tokens,
    "target-tokens": _tokens, "min-count": _whole, "vocabulary-size": _whole,
    "lower-case": lambda n, v, line: _one_of(n, v, line, ("yes", "no")) == "yes",
    "normalise": lambda n, v, line: _one_of(n, v, line, FORMS),
}
