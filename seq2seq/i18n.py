"""What people read, in their own language.

The texts stand in the code, in English, where they are used. A translation is one file,
`assets/languages/de.po` (a format of GNU gettext, which translators have programs for);
`python -m seq2seq texts de` writes it, or brings what the code says now into it.

    say("Epoch {epoch} of {total}", epoch=3, total=5)       # in the language of whoever asks
    say_many("{n} token", "{n} tokens", len(tokens))        # one or several
    GONE = Text("This run is no longer here.")              # to be said later: say(GONE)
    raise InputError("Token {n} is unknown.", n=n)          # so are errors: say(problem)

Who asks is known from the address of the page (`seq2seq.ui.languages`): `speaking` sets it for all
that is done in answer to a request. Command line, log and API for programs speak English.

This file knows neither the texts (`seq2seq.text_extraction` collects them) nor the page.
"""

import gettext
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from io import BytesIO
from pathlib import Path
from string import Formatter
from typing import Any

FOLDER = Path(__file__).parent.parent / "assets" / "languages"
ENGLISH = "en"
_spoken: ContextVar[str] = ContextVar("spoken language", default=ENGLISH)


class Text(str):
    """An English text that remembers what it was made of, so that `say` can translate it later.

    >>> Text("Epoch {n}", n=3)
    'Epoch 3'
    """

    __slots__ = ("template", "values")
    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, /, **values: Any) -> "Text":
        """From a sentence with its gaps, and what stands in them."""
        if isinstance(template, Text) and not values:
            return template
        text = super().__new__(cls, template.format(**values) if values else template)
        text.template, text.values = str(template), values
        return text

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:  # to be pickled
        return (self.template,), self.values


def joined(texts: Iterable[str], between: str = " ") -> Text:
    """Several texts as one, each of which is said by itself.

    >>> joined([Text("Epoch {n}", n=3), Text("done")], ", ")
    'Epoch 3, done'
    """
    values = {f"text{i}": Text(text) for i, text in enumerate(texts)}
    return Text(between.join(f"{{{name}}}" for name in values), **values)


def say(text: str | Exception, /, **values: Any) -> str:
    """A text in the visitor's language, its gaps filled: a literal, a `Text`, or one of our errors.

    Values that are themselves a `Text` are said, too. What has no translation is said in English.

    >>> say("{a} and {b}", a=1, b=Text("two"))
    '1 and two'
    """
    if isinstance(text, Exception):
        text = str(text.args[0]) if not isinstance(text.args[0], Text) else text.args[0]
    if isinstance(text, Text):
        values = {**text.values, **values}
        text = text.template
    if _spoken.get() != ENGLISH and text:
        text = _translations(_spoken.get()).gettext(text)
    return _filled(text, values)


def say_many(one: str, many: str, n: int, /, **values: Any) -> str:
    """`one` or `many`, as the language wants it for `n`, which is a value of both.

    >>> say_many("{n} token", "{n} tokens", 1), say_many("{n} token", "{n} tokens", 5)
    ('1 token', '5 tokens')
    """
    if _spoken.get() == ENGLISH:
        text = one if n == 1 else many
    else:
        text = _translations(_spoken.get()).ngettext(one, many, n)
    return _filled(text, {"n": n, **values})


def decimal(number: float, spec: str = "") -> str:
    """A number, with the decimal mark and the separators that the visitor is used to.

    >>> decimal(0.25, ".1f"), decimal(12_345, ",")
    ('0.2', '12,345')
    """
    return format(number, spec).translate(_marks(_spoken.get()))


class _Gaps(Formatter):
    """Fills gaps: texts are said, too, and numbers written as the visitor is used to."""

    def format_field(self, value: Any, spec: str) -> str:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return decimal(value, spec)
        return format(say(value) if isinstance(value, Text) else value, spec)


def _filled(text: str, values: dict[str, Any]) -> str:
    return _Gaps().vformat(text, (), values) if values else str(text)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """All that is said within is said in this language; it must be one of `languages`."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def spoken() -> str:
    """The language that is spoken here and now, as in `languages`."""
    return _spoken.get()


@cache
def languages() -> dict[str, str]:
    """The languages that there are, each by its own name: {"en": "English", "de": "Deutsch"}."""
    from babel import Locale
    codes = [ENGLISH, *sorted(path.stem for path in FOLDER.glob("*.po"))]
    return {code: str(Locale.parse(code).get_display_name(code)).title() for code in codes}


@cache
def _marks(language: str) -> dict[int, str]:
    """What stands for the point and the comma of numbers."""
    if language == ENGLISH:
        return {}
    from babel import Locale
    marks = Locale.parse(language).number_symbols["latn"]
    return str.maketrans({".": marks["decimal"], ",": marks["group"]})


@cache
def _translations(language: str) -> gettext.NullTranslations:
    """All texts of a language, from its file."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po
    compiled = BytesIO()
    with (FOLDER / f"{language}.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def all_of(language: str, texts: Iterable[str]) -> dict[str, str]:
    """Those of `texts` that are said otherwise in a language, for scripts of the page."""
    if language == ENGLISH:
        return {}
    found = _translations(language)
    return {text: found.gettext(text) for text in sorted(texts) if found.gettext(text) != text}
