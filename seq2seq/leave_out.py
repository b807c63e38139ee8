"""What is left out of training, as text: rules such as `token:7; length:5`, between semicolons.

    token:7        leaves out the examples whose input or target contains this token
    length:5       leaves out the examples whose input has this number of tokens
    input:3 1 4    leaves out this input
    keep:jump      keeps this input in training, whatever the other rules leave out

>>> read_rules("token: jump;keep:jump")
(Rule(kind='token', value='jump'), Rule(kind='keep', value='jump'))
>>> plain("token: jump;keep:jump")
'token:jump; keep:jump'
"""

import re
from typing import NamedTuple

from seq2seq.errors import ConfigError, shorten
from seq2seq.i18n import LazyText

KINDS = ("token", "length", "input", "keep")
MAX_CHARACTERS = 300
# A semicolon within a value, or as a token, does not end a rule.
BETWEEN = re.compile(rf";\s*(?=(?:{'|'.join(KINDS)})\s*:)")


class Rule(NamedTuple):
    """One of the `KINDS` and its value."""

    kind: str
    value: str


def read_rules(text: str) -> tuple[Rule, ...]:
    """The rules in a text; () if it is empty. ConfigError if one cannot be read."""
    if len(text) > MAX_CHARACTERS:
        raise _error(text, LazyText("at most {most} characters are allowed", most=MAX_CHARACTERS))
    text = " ".join(text.split())
    if not text:
        return ()
    rules = []
    for part in BETWEEN.split(text):
        kind, colon, value = (piece.strip() for piece in part.partition(":"))
        value = value.rstrip("; ") or value
        if not colon or kind not in KINDS or not value:
            raise _error(part, LazyText(
                "write token:, length:, input: or keep: and a value, such as “token:7” or "
                "“length:5”, with semicolons between several"))
        if kind == "length" and not re.fullmatch(r"[0-9]{1,4}", value):
            raise _error(part, LazyText("a length is a whole number, such as “length:5”"))
        rules.append(Rule(kind, str(int(value)) if kind == "length" else value))
    if all(rule.kind == "keep" for rule in rules):
        raise _error(text, LazyText("“keep:” needs another rule, such as “token:jump; keep:jump”"))
    return tuple(rules)


def plain(text: str) -> str:
    """The rules in their usual form, in which equal recipes are equal."""
    return "; ".join(f"{rule.kind}:{rule.value}" for rule in read_rules(text))


def _error(given: str, rule: LazyText) -> ConfigError:
    return ConfigError("Left out of training is “{given}”: {rule}.", given=shorten(given, 60),
                       rule=rule)
