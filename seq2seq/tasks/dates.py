"""Dates in six languages, normalised to 2026-03-07.

The tokens are characters. babel (with the Unicode project's tables) writes the dates. `parse_date`
reads them: day and year are numbers, the month is a word.
"""

import datetime
import random
import re
import string
from collections.abc import Hashable, Set
from dataclasses import dataclass
from functools import lru_cache

from seq2seq.config import ModelConfig, TrainConfig
from seq2seq.errors import InputError, shorten
from seq2seq.i18n import LazyText
from seq2seq.tasks.sampling import NUM_LONGER, Sets, Tokens, sample_sets, solved
from seq2seq.tasks.task import Task

KNOWN = ("en", "en_GB", "de", "fr", "es", "it", "nl")  # in the training set
FOREIGN = ("pt", "sv", "da", "pl")  # only in the third set
FORMATS = ("full", "long", "medium", "dd.MM.y", "y-MM-dd")  # the last two suit every language
FIRST, LAST = datetime.date(1950, 1, 1), datetime.date(2049, 12, 31)
LETTERS: Tokens = (*string.ascii_lowercase, *"áàâäåæçéèêìíñóôöøùúûüąćęłńśźż")
ALPHABET: Tokens = (*string.digits, *LETTERS, " ", ",", ".", "-")


def format_day(day: datetime.date, how: str, language: str) -> Tokens:
    """A day as babel writes it, in lower case, as characters."""
    from babel.dates import format_date  # here because the import is slow

    return tuple(format_date(day, how, locale=language).lower())


@lru_cache
def months() -> dict[str, int]:
    """Long and short names of the months in all languages -> number."""
    from babel import Locale

    return {name.lower().strip("."): number for language in (*KNOWN, *FOREIGN)
            for names in Locale.parse(language).months["format"].values()
            for number, name in names.items() if name.strip(".").isalpha() and len(name) > 1}


@lru_cache
def fillers(languages: tuple[str, ...]) -> frozenset[str]:
    """Words in dates that do not determine the day: weekdays, "de", "the", "th"."""
    from babel import Locale

    weekdays = {name.lower() for language in languages
                for name in Locale.parse(language).days["format"]["wide"].values()}
    return frozenset(weekdays | {"de", "den", "der", "the", "of", "le", "el", "il", "st", "nd",
                                 "rd", "th", "er", ""})


def parse_date(text: str) -> datetime.date | None:
    """The day that a text in one of the languages means, or None if it means none.

    The weekday is ignored.
    """
    numbers = re.fullmatch(r"\s*(\d{4})-(\d{1,2})-(\d{1,2})\s*", text)
    if numbers:
        return _date(*map(int, numbers.groups()))
    numbers = re.fullmatch(r"\s*(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4})\s*", text)
    if numbers:
        return _date(*map(int, reversed(numbers.groups())))
    known, weekdays = months(), fillers((*KNOWN, *FOREIGN))
    parts = re.findall(r"\d+|[^\W\d]+(?:-feira)?", text.lower())
    days = [int(p) for p in parts if p.isdigit() and len(p) <= 2]
    years = [int(p) for p in parts if p.isdigit() and len(p) == 4]
    names = [known[p] for p in parts if p in known]
    rest = [p for p in parts if not (p.isdigit() and len(p) in (1, 2, 4)) and p not in known]
    if len(days) != 1 or len(years) != 1 or len(names) != 1 or not weekdays.issuperset(rest):
        return None
    return _date(years[0], names[0], days[0])


def _date(year: int, month: int, day: int) -> datetime.date | None:
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None


def normalise(tokens: Tokens) -> Tokens:
    """A date in any notation -> the characters of 2026-03-07; () if it is no date."""
    day = parse_date("".join(tokens))
    return tuple(day.isoformat()) if day else ()


@dataclass(frozen=True)
class DatesTask(Task):
    """Dates in several languages. All examples have size 1."""

    def parse(self, text: str) -> Tokens:
        """The characters of a text in lower case. It need not be a date."""
        if not isinstance(text, str):
            raise InputError("The date is {value}: it must be text. {allowed}", value=shorten(text),
                             allowed=self._allowed())
        text = " ".join(text[:1_000].lower().split())
        if not text:
            raise InputError("The box is empty. {allowed}", allowed=self._allowed())
        if "/" in text:
            raise InputError("A date with “/” is ambiguous: some countries write the day first, "
                             "others the month. Write the month as a word, for example: {example}",
                             example=self.example)
        for character in text:
            if character not in self.alphabet:
                raise InputError("“{token}” is not in this task's vocabulary. {allowed}",
                                 token=shorten(character), allowed=self._allowed())
        self.check_length(tuple(text))
        return tuple(text)

    def format(self, tokens: Tokens) -> str:
        """The characters as text."""
        return "".join(tokens)

    def format_target(self, tokens: Tokens) -> str:
        """The characters as text."""
        return "".join(tokens)

    def key(self, tokens: Tokens) -> Hashable:
        """The day: a held-out day is held out in all languages."""
        return parse_date("".join(tokens)) or tokens

    def size(self, tokens: Tokens) -> int:
        """Always 1."""
        return 1

    def sample(self, rng: random.Random, length: int) -> Tokens:
        """A day from 1950 to 2049, in a known language."""
        return format_day(any_day(rng), rng.choice(FORMATS), rng.choice(KNOWN))

    def sets(self, config: TrainConfig, rng: random.Random) -> Sets:
        """Training and held-out days in known languages; third set: days in foreign languages."""
        train, new, _ = sample_sets(self, config, rng)
        trained_on = {self.key(example.source) for example in train}
        foreign: dict[Tokens, None] = {}
        while len(foreign) < NUM_LONGER:
            day = any_day(rng)
            source = format_day(day, rng.choice(("full", "long")), rng.choice(FOREIGN))
            # "7 mars 2026" is Swedish and French: take only dates that must be foreign.
            if day not in trained_on and self.in_longer_set(source, frozenset()):
                foreign[source] = None
        return train, new, solved(self, list(foreign))

    def in_longer_set(self, tokens: Tokens, trained_on: Set[Tokens]) -> bool:
        """True if a date contains a word that occurs in no known language."""
        words = re.findall(r"[^\W\d]+(?:-feira)?", "".join(tokens))
        return not trained_words().issuperset(words)

    def _allowed(self) -> LazyText:
        return LazyText("Type a day, a month as a word and a year, in upper or lower case, for "
                        "example: {example}", example=self.example)


@lru_cache
def trained_words() -> frozenset[str]:
    """All words in dates of the known languages."""
    week = [datetime.date(2026, month, day) for month in range(1, 13) for day in range(1, 8)]
    texts = {"".join(format_day(day, how, language))
             for language in KNOWN for how in FORMATS[:3] for day in week}
    return frozenset(word for text in texts for word in re.findall(r"[^\W\d]+", text))


def any_day(rng: random.Random) -> datetime.date:
    """A random day from FIRST to LAST."""
    return FIRST + datetime.timedelta(days=rng.randrange((LAST - FIRST).days + 1))


DATES = DatesTask(
    "dates", "Dates in six languages", "Read a date in any common form and write it as 2026-03-07.",
    "it is a common step of data cleaning, in which dates written in many ways get one standard "
    "form",
    "samedi 7 mars 2026", ALPHABET, normalise,
    model=ModelConfig(cell="lstm", attention="dot", hidden_size=96, embedding_dim=24),
    train=TrainConfig(num_epochs=5, num_examples=8_000, batch_size=64, learning_rate=0.006,
                      min_length=1, max_length=1),
    target_alphabet=(*string.digits, "-"), family="Translation",
    more_examples=("March 7, 2026", "Samstag, 7. März 2026", "7 de marzo de 2026", "07.03.2026",
                   "lördag 7 mars 2026"),
    unit="days", longer="Languages not used in training", longer_by=1,
    teaches="The model was trained on English, German, French, Spanish, Italian and Dutch, letter "
            "by letter. It can guess the Swedish “mars”, but not the Polish “września”. Misspell a "
            "month and see how many errors it tolerates.")
