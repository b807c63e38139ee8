"""Dates as people write them, in six languages, to be written as 2026-03-07.

The source is read letter by letter, so the model meets "samedi" or "März" as nothing but letters.
How each language writes a date comes from the library babel (the Unicode project's tables).
What a typed date means is worked out here: the day and the year are numbers, the month is a word.
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

KNOWN = ("en", "en_GB", "de", "fr", "es", "it", "nl")  # trained on
FOREIGN = ("pt", "sv", "da", "pl")  # never trained on: the third set
FORMATS = ("full", "long", "medium", "dd.MM.y", "y-MM-dd")  # the last two are the same everywhere
FIRST, LAST = datetime.date(1950, 1, 1), datetime.date(2049, 12, 31)
LETTERS: Tokens = (*string.ascii_lowercase, *"áàâäåæçéèêìíñóôöøùúûüąćęłńśźż")
ALPHABET: Tokens = (*string.digits, *LETTERS, " ", ",", ".", "-")


def write(day: datetime.date, how: str, language: str) -> Tokens:
    """A day as babel writes it, in small letters, as single characters."""
    from babel.dates import format_date  # takes a moment to load, so only when it is needed

    return tuple(format_date(day, how, locale=language).lower())


@lru_cache
def months() -> dict[str, int]:
    """Every name of a month, long or short, in any of the languages, to its number."""
    from babel import Locale

    return {name.lower().strip("."): number for language in (*KNOWN, *FOREIGN)
            for names in Locale.parse(language).months["format"].values()
            for number, name in names.items() if name.strip(".").isalpha() and len(name) > 1}


@lru_cache
def fillers(languages: tuple[str, ...]) -> frozenset[str]:
    """The words that may stand in a date and do not matter: weekdays, "de", "the", "th"."""
    from babel import Locale

    weekdays = {name.lower() for language in languages
                for name in Locale.parse(language).days["format"]["wide"].values()}
    return frozenset(weekdays | {"de", "den", "der", "the", "of", "le", "el", "il", "st", "nd",
                                 "rd", "th", "er", ""})


def read(text: str) -> datetime.date | None:
    """The day that a text in one of the languages means, or None if it means none.

    The weekday is not checked: the number, the month and the year say which day it is.
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
    """The characters of 2026-03-07 for any way of writing that day; none if it is no day."""
    day = read("".join(tokens))
    return tuple(day.isoformat()) if day else ()


@dataclass(frozen=True)
class DatesTask(Task):
    """A date in any of the languages; every example has size 1, whatever its letters."""

    def parse(self, text: str) -> Tokens:
        """The characters of a date, in small letters. What is no date is read all the same."""
        if not isinstance(text, str):
            raise InputError("The date is {value}: it must be text. {allowed}", value=shorten(text),
                             allowed=self._allowed())
        text = " ".join(text[:1_000].lower().split())
        if not text:
            raise InputError("The box is empty. {allowed}", allowed=self._allowed())
        if "/" in text:
            raise InputError("A date with “/” means one day in London and another in New York. "
                             "Write the month as a word, for example: {example}",
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
        """The day: one that is held out is held out in every language."""
        return read("".join(tokens)) or tokens

    def size(self, tokens: Tokens) -> int:
        """Always one day."""
        return 1

    def sample(self, rng: random.Random, length: int) -> Tokens:
        """Any day from 1950 to 2049, in one of the languages that are trained on."""
        return write(any_day(rng), rng.choice(FORMATS), rng.choice(KNOWN))

    def sets(self, config: TrainConfig, rng: random.Random) -> Sets:
        """Days in the known languages, held out or not; third, days in languages never met."""
        train, new, _ = sample_sets(self, config, rng)
        trained_on = {self.key(example.source) for example in train}
        foreign: dict[Tokens, None] = {}
        while len(foreign) < NUM_LONGER:
            day = any_day(rng)
            source = write(day, rng.choice(("full", "long")), rng.choice(FOREIGN))
            # "7 mars 2026" is Swedish and French alike: only what must be foreign is taken.
            if day not in trained_on and self.is_beyond(source, frozenset()):
                foreign[source] = None
        return train, new, solved(self, list(foreign))

    def is_beyond(self, tokens: Tokens, trained_on: Set[Tokens]) -> bool:
        """Whether the date holds a word that no language of the training examples has."""
        words = re.findall(r"[^\W\d]+(?:-feira)?", "".join(tokens))
        return not trained_words().issuperset(words)

    def _allowed(self) -> LazyText:
        return LazyText("Type a day, a month as a word and a year, in upper or lower case, for "
                        "example: {example}", example=self.example)


@lru_cache
def trained_words() -> frozenset[str]:
    """All words that occur in the training examples."""
    week = [datetime.date(2026, month, day) for month in range(1, 13) for day in range(1, 8)]
    texts = {"".join(write(day, how, language))
             for language in KNOWN for how in FORMATS[:3] for day in week}
    return frozenset(word for text in texts for word in re.findall(r"[^\W\d]+", text))


def any_day(rng: random.Random) -> datetime.date:
    """A day from FIRST to LAST."""
    return FIRST + datetime.timedelta(days=rng.randrange((LAST - FIRST).days + 1))


DATES = DatesTask(
    "dates", "Dates in six languages", "Read a date as people write it, write it as 2026-03-07.",
    "it is data cleaning, where dates written in many ways get one standard form",
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
