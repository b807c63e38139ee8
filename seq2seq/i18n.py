"""Translation of user-visible texts, with the names of GNU gettext.

The code contains the English texts. A translation is one gettext file per language, such as
`assets/languages/de.po`; `python -m seq2seq texts de` creates it, or updates it from the code.

    _("Epoch {epoch} of {total}", epoch=3, total=5)         # in the visitor's language
    ngettext("{n} token", "{n} tokens", len(tokens))        # singular or plural
    GONE = LazyText("This run is no longer here.")          # translated later: _(GONE)
    raise InputError("Token {n} is unknown.", n=n)          # errors, too: _(problem)

The page's address determines the language (`seq2seq.ui.languages`); `use_language` sets it during a
request. The command line, the log and the API use English. `seq2seq.translatable_texts` collects
the texts from the code.
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
_language: ContextVar[str] = ContextVar("language", default=ENGLISH)


class LazyText(str):
    """An English text that keeps its template and values, so that `_` can translate it later.

    >>> LazyText("Epoch {n}", n=3)
    'Epoch 3'
    """

    __slots__ = ("template", "values")
    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, /, **values: Any) -> "LazyText":
        """A template with `{placeholders}` and their values."""
        if isinstance(template, LazyText) and not values:
            return template
        text = super().__new__(cls, template.format(**values) if values else template)
        text.template, text.values = str(template), values
        return text

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:  # for pickle
        return (self.template,), self.values


def joined(texts: Iterable[str], between: str = " ") -> LazyText:
    """Several texts joined to one; each is translated separately.

    >>> joined([LazyText("Epoch {n}", n=3), LazyText("done")], ", ")
    'Epoch 3, done'
    """
    values = {f"text{i}": LazyText(text) for i, text in enumerate(texts)}
    return LazyText(between.join(f"{{{name}}}" for name in values), **values)


def _(text: str | Exception, /, **values: Any) -> str:
    """`text` (a literal, a `LazyText` or an error) in the visitor's language, values filled in.

    Values that are a `LazyText` are translated, too. A text without a translation stays English.

    >>> _("{a} and {b}", a=1, b=LazyText("two"))
    '1 and two'
    """
    if isinstance(text, Exception):
        text = str(text.args[0]) if not isinstance(text.args[0], LazyText) else text.args[0]
    if isinstance(text, LazyText):
        values = {**text.values, **values}
        text = text.template
    if _language.get() != ENGLISH and text:
        text = _translations(_language.get()).gettext(text)
    return _filled(text, values)


def ngettext(one: str, many: str, n: int, /, **values: Any) -> str:
    """The form that the language requires for `n`. Both forms may contain `{n}`.

    >>> ngettext("{n} token", "{n} tokens", 1), ngettext("{n} token", "{n} tokens", 5)
    ('1 token', '5 tokens')
    """
    if _language.get() == ENGLISH:
        text = one if n == 1 else many
    else:
        text = _translations(_language.get()).ngettext(one, many, n)
    return _filled(text, {"n": n, **values})


def decimal(number: float, spec: str = "") -> str:
    """A number with the decimal and thousands separators of the visitor's language.

    >>> decimal(0.25, ".1f"), decimal(12_345, ",")
    ('0.2', '12,345')
    """
    return format(number, spec).translate(_marks(_language.get()))


class _Gaps(Formatter):
    """Fills in values: translates texts and formats numbers for the language."""

    def format_field(self, value: Any, spec: str) -> str:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return decimal(value, spec)
        return format(_(value) if isinstance(value, LazyText) else value, spec)


def _filled(text: str, values: dict[str, Any]) -> str:
    return _Gaps().vformat(text, (), values) if values else str(text)


@contextmanager
def use_language(language: str) -> Iterator[None]:
    """Translate to `language`, one of `languages`, within the `with` block."""
    before = _language.set(language)
    try:
        yield
    finally:
        _language.reset(before)


def current_language() -> str:
    """The code of the current language, as in `languages`."""
    return _language.get()


@cache
def languages() -> dict[str, str]:
    """Code -> name of each available language: {"en": "English", "de": "Deutsch"}."""
    from babel import Locale
    codes = [ENGLISH, *sorted(path.stem for path in FOLDER.glob("*.po"))]
    return {code: str(Locale.parse(code).get_display_name(code)).title() for code in codes}


@cache
def _marks(language: str) -> dict[int, str]:
    """Replacements for the point and the comma of English numbers."""
    if language == ENGLISH:
        return {}
    from babel import Locale
    marks = Locale.parse(language).number_symbols["latn"]
    return str.maketrans({".": marks["decimal"], ",": marks["group"]})


@cache
def _translations(language: str) -> gettext.NullTranslations:
    """The translations of a language, from its .po file."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po
    compiled = BytesIO()
    with (FOLDER / f"{language}.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def all_of(language: str, texts: Iterable[str]) -> dict[str, str]:
    """English -> translation, for those of `texts` that have one. For the page's scripts."""
    if language == ENGLISH:
        return {}
    found = _translations(language)
    return {text: found.gettext(text) for text in sorted(texts) if found.gettext(text) != text}
