"""A recipe as a link: the query string of the page's address.

    ?task=reverse&text=3+1+4+1+5&attention=dot&hidden_size=32&seed=8&defaults=1f0c9a

Names are those of `config.py`. Settings that are missing have the task's default values, so a link
is short and can be written by hand. In the same version it reproduces the losses to the last digit.
`defaults` is a hash of the task's defaults when the link was made; if they have changed since,
`Link.note` warns. (A link without it has no note.) Pairs are stored as `pairs=cat:cats,dog:dogs`,
or as `table=…` if they contain colons or commas.

>>> recipe = Recipe("reverse", ModelConfig(attention="dot"), TrainConfig(seed=8))
>>> to_query(recipe, "3 1 4").partition("&defaults=")[0]
'?task=reverse&text=3+1+4&attention=dot&seed=8'
>>> from_query(to_query(recipe, "3 1 4")) == Link(recipe, "3 1 4")
True
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from difflib import get_close_matches
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from seq2seq.config import ModelConfig, TrainConfig, as_dict, settings
from seq2seq.errors import ConfigError, InputError, shorten
from seq2seq.i18n import LazyText
from seq2seq.recipe import FORMAT, Recipe
from seq2seq.tasks import Task, get_task

MAX_PAIRS_CHARACTERS = 1_500  # longer addresses are cut by mail and chat programs
MAX_CHARACTERS = 8_000  # the longest query string that is read
# Other parameters of the page's address: the page's, Gradio's, and those that social networks and
# newsletters add to links.
ELSEWHERE = ("lesson", "tab", "view", "hide", "embed", "class", "goal", "sweep", "fbclid", "gclid")
ELSEWHERE_PREFIXES = ("__", "utm_")
YES_NO = {"yes": True, "true": True, "no": False, "false": False}

KNOWN = settings(ModelConfig) | settings(TrainConfig)
KINDS = {f.name: getattr(f.type, "__name__", str(f.type))
         for config in (ModelConfig, TrainConfig) for f in fields(config)}
NAMES = ("task", "text", *KNOWN, "pairs", "table", "defaults")


class Link(NamedTuple):
    """A recipe, an input text ("" for none) and a warning ("" for none)."""

    recipe: Recipe
    text: str
    note: str = ""


def to_query(recipe: Recipe, text: str = "") -> str:
    """The link to `recipe` and an input text: a query string that starts with "?".

    InputError if the pairs are too long for a link, or if the task cannot read the text.
    """
    task = recipe.make_task()
    words = {"task": recipe.task}
    if text := text.strip():
        task.parse(text)
        words["text"] = text
    words |= {name: write_setting(value) for name, value in _unusual(recipe, task)}
    query = _encode(words)
    if task.needs_pairs and recipe.pairs:
        query += "&" + _encode_pairs(recipe.pairs)
    return f"?{query}&defaults={_fingerprint(task)}"


def from_query(query: str | Mapping[str, str]) -> Link:
    """The content of a link, given as a URL, a query string or its parameters.

    ConfigError or InputError if a part of it is wrong.
    """
    words = _parse(query) if isinstance(query, str) else dict(query)
    words = {name: value for name, value in words.items()
             if name not in ELSEWHERE and not name.startswith(ELSEWHERE_PREFIXES)}
    for name, value in words.items():
        if name not in NAMES:
            raise _unknown(name)
        if not isinstance(value, str):
            raise ConfigError("In the link, {name} is {value}: it must be text.", name=name,
                              value=shorten(value))
    if "task" not in words:
        raise ConfigError("The link has no task. It must start with one, for example: "
                          "?task=reverse")
    pairs = _read_pairs(words)
    task = get_task(words["task"], pairs)
    if pairs and not task.needs_pairs:
        raise ConfigError("The link has pairs, but the task “{task}” generates its own examples. "
                          "Remove the pairs, or write task=pairs.", task=task.name)
    configs: list[Any] = []
    for usual in (task.model, task.train):
        given = {name: read_setting(name, words[name]) for name in settings(usual) if name in words}
        configs.append(type(usual)(**{**asdict(usual), **given}))
    text = words.get("text", "").strip()
    if text:
        task.parse(text)
    note = ""
    if words.get("defaults", _fingerprint(task)) != _fingerprint(task):
        note = LazyText("This link was made by another version of this page, or part of it is "
                        "missing. Settings missing from the link have the current defaults for "
                        "“{task}”, so the losses may differ from the "
                        "sender's.", task=LazyText(task.title))
    return Link(Recipe(task.name, configs[0], configs[1], pairs), text, note)


def _unusual(recipe: Recipe, task: Task) -> Iterator[tuple[str, Any]]:
    """Name and value of the settings that differ from the task's defaults."""
    for mine, usual in ((recipe.model, task.model), (recipe.train, task.train)):
        for name in settings(mine):
            if getattr(mine, name) != getattr(usual, name):
                yield name, getattr(mine, name)


def _fingerprint(task: Task) -> str:
    """Six hexadecimal digits: a hash of the task's default settings."""
    usual = json.dumps([FORMAT, as_dict(task.model), as_dict(task.train)])
    return hashlib.sha256(usual.encode()).hexdigest()[:6]


def write_setting(value: Any) -> str:
    """A setting as text. `str` of a float loses no digits."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def read_setting(name: str, word: str) -> Any:
    """The value of a text. A text that is no number stays a text: the config refuses it."""
    kind, word = KINDS[name], word.strip()
    if kind == "bool":
        if word.lower() not in YES_NO:
            raise ConfigError("{label} is “{word}”: in a link it must be yes or no.",
                              label=LazyText(KNOWN[name].label), word=shorten(word))
        return YES_NO[word.lower()]
    if kind == "str":
        return word
    for number in (int, float):
        try:
            return number(word)
        except ValueError:
            continue
    return word


def _parse(query: str) -> dict[str, str]:
    """Parameter -> value, for the query string of a URL."""
    if len(query) > MAX_CHARACTERS:
        raise ConfigError("The link has {n:,} characters: at most {most:,} are allowed. Use a link "
                          "made by this page.", n=len(query), most=MAX_CHARACTERS)
    address, mark, rest = query.partition("?")
    found = parse_qsl((rest if mark and "=" not in address else query).partition("#")[0],
                      keep_blank_values=True)
    words = dict(found)
    for name in words:
        if sum(name == other for other, _ in found) > 1:
            raise ConfigError("The link gives {name} more than once: keep one of them.",
                              name=shorten(name))
    return words


def _encode(words: Mapping[str, str], safe: str = "") -> str:
    try:
        return urlencode(words, safe=safe)
    except UnicodeEncodeError:
        raise InputError("The text contains an incomplete character, which a link cannot hold. "
                         "Type it again.") from None


def _encode_pairs(pairs: str) -> str:
    """Pairs as a parameter, in the short form if it loses nothing."""
    sides = [line.split(" -> ") for line in pairs.split("\n")]
    if all(len(line) == 2 and not set(":,") & set("".join(line)) for line in sides):
        query = _encode({"pairs": ",".join(":".join(line) for line in sides)}, safe=":,")
    else:
        query = _encode({"table": pairs})
    if len(query) > MAX_PAIRS_CHARACTERS:
        raise InputError("Your pairs need {n:,} characters, but a link can hold only {most:,}. "
                         "Download the run instead: the file contains all of "
                         "them.", n=len(query), most=MAX_PAIRS_CHARACTERS)
    return query


def _read_pairs(words: Mapping[str, str]) -> str:
    if "pairs" in words and "table" in words:
        raise ConfigError("The link gives its pairs twice, as pairs and as table: keep one of "
                          "them.")
    return words.get("table") or _expand(words.get("pairs", ""))


def _expand(short: str) -> str:
    """The table in the short form `cat:cats,dog:dogs`.

    >>> _expand("cat:cats,dog:dogs").splitlines()
    ['cat -> cats', 'dog -> dogs']
    """
    lines = []
    for n, pair in enumerate(short.split(",") if short else [], 1):
        sides = pair.split(":")
        if len(sides) != 2 or not all(side.strip() for side in sides):
            raise InputError("Pair {n} of the link is “{pair}”: write pairs like this: "
                             "pairs=cat:cats,dog:dogs", n=n, pair=shorten(pair))
        lines.append(" -> ".join(sides))
    return "\n".join(lines)


def _unknown(name: str) -> ConfigError:
    near = get_close_matches(name.lower().replace("-", "_"), NAMES, n=1, cutoff=0.5)
    near += [known for known in KNOWN if known.endswith("_" + name)][:1]
    known_ones = ", ".join(NAMES[:-1])
    if near:
        return ConfigError("The link contains “{name}”, which is not a setting of this page. Did "
                           "you mean {near}? The settings are "
                           "{names}.", name=shorten(name), near=near[0],
                           names=known_ones)
    return ConfigError("The link contains “{name}”, which is not a setting of this page. The "
                       "settings are {names}.",
                       name=shorten(name), names=known_ones)
