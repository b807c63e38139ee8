"""Numbers in words, from one language to another: a machine translation that can be checked.

The words come from the library num2words; which number a typed phrase means is found by asking
num2words, too, so hardly any rule of a language is written down here. Hyphens are kept as the
beginning of a token ("forty", "-two"), and German, which writes a number as one word, is cut into
its parts.
"""

import random
import re
from dataclasses import dataclass
from functools import lru_cache

from seq2seq.config import ModelConfig, TrainConfig
from seq2seq.errors import InputError, shorten
from seq2seq.i18n import LazyText
from seq2seq.tasks.sampling import Sets, Tokens, sample_sets
from seq2seq.tasks.task import Task

MAX_NUMBER = 999_999


@dataclass(frozen=True)
class Language:
    """How one language writes numbers: its name, the word for 1000, and all its tokens."""

    code: str
    name: LazyText
    thousand: str
    tokens: Tokens
    silent: str = ""  # a word that people leave out or put in as they like
    glued: bool = False  # is a number a single word?

    def words(self, number: int) -> str:
        """The number as num2words writes it, without commas."""
        return spell(number, self.code)

    def cut(self, text: str) -> Tokens:
        """Text as tokens, known or not."""
        words = text.lower().replace("’", "'").replace(",", " ").replace("-", " -").split()
        if not self.glued:
            return tuple(words)
        parts = "|".join(sorted(self.tokens, key=len, reverse=True))
        return tuple(re.findall(rf"{parts}|.+", "".join(words).replace("-", "")))

    def join(self, tokens: Tokens) -> str:
        """Tokens as text."""
        return "".join(tokens) if self.glued else " ".join(tokens).replace(" -", "-")

    def bare(self, text: str) -> str:
        """What is left of a phrase when hyphens, commas and the silent word do not count."""
        words = re.sub(r"[-,\s]+", " ", text.lower()).split()
        words = [word for word in words if word != self.silent]
        return ("" if self.glued else " ").join(words)

    def number(self, text: str) -> int | None:
        """The number that a phrase means, or None if it is not one from 0 to MAX_NUMBER."""
        below, above = tables(self)
        bare = self.bare(text)
        left, thousand, right = bare.rpartition(self.thousand)
        if not thousand:
            return below.get(bare)
        thousands = above.get(left.strip())
        rest = below.get(right.strip()) if right.strip() else 0
        if thousands is None or rest is None:
            return None
        number = 1000 * thousands + rest
        return number if self.bare(self.words(number)) == bare else None


@lru_cache(maxsize=50_000)  # the same numbers are asked for again and again
def spell(number: int, code: str) -> str:
    """A number in the words of a language, without commas."""
    from num2words import num2words  # takes a moment to load, so only when it is needed

    # The library writes 101,000 as "einhunderteinstausend". In front of "tausend" it is "ein".
    return num2words(number, lang=code).replace(",", "").replace("einstausend", "eintausend")


@lru_cache
def tables(language: Language) -> tuple[dict[str, int], dict[str, int]]:
    """Phrase -> number below 1000, and what stands before the word for 1000 -> how many of it."""
    below = {language.bare(language.words(n)): n for n in range(1000)}
    above = {language.bare(language.words(1000 * n)).removesuffix(language.thousand).strip(): n
             for n in range(1, 1000)}
    return below, above


def words(text: str) -> Tokens:
    """The words of a text."""
    return tuple(text.split())


ENGLISH = Language("en", LazyText("English"), "thousand", words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety "
    "-one -two -three -four -five -six -seven -eight -nine and hundred thousand"), silent="and")
FRENCH = Language("fr", LazyText("French"), "mille", words(
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize "
    "vingt trente quarante cinquante soixante -un -deux -trois -quatre -cinq -six -sept -huit "
    "-neuf -dix -onze -douze -treize -quatorze -quinze -seize -vingt -vingts et cent cents "
    "mille"))
GERMAN = Language("de", LazyText("German"), "tausend", words(
    "null ein eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn "
    "fünfzehn sechzehn siebzehn achtzehn neunzehn zwanzig dreißig vierzig fünfzig sechzig siebzig "
    "achtzig neunzig und hundert tausend"), glued=True)


@dataclass(frozen=True)
class NumbersTask(Task):
    """A number in the words of one language, to be written in those of another."""

    source_language: Language = ENGLISH
    target_language: Language = FRENCH

    def parse(self, text: str) -> Tokens:
        """A number in words (hyphens and commas as you like) or in digits.

        Words that are known but make no number are read, too: the model answers, nobody knows
        the right answer.
        """
        mine = self.source_language
        if not isinstance(text, str):
            raise InputError("The number is {value}: it must be text. {allowed}",
                             value=shorten(text), allowed=self._allowed())
        text = text[:10_000].strip()
        digits = re.sub(r"[\s,.'’]", "", text)
        if digits.isascii() and digits.isdigit():
            number = int(digits[:20])
            if number > MAX_NUMBER:
                raise InputError("The number is {number}: the largest allowed is {most:,}. Type a "
                                 "smaller one.", number=shorten(text),
                                 most=MAX_NUMBER)
            return mine.cut(mine.words(number))
        tokens = mine.cut(text)
        if not tokens:
            raise InputError("The box is empty. {allowed}", allowed=self._allowed())
        number_meant = mine.number(mine.join(tokens))
        if number_meant is not None:
            return mine.cut(mine.words(number_meant))
        for token in tokens:
            if token not in mine.tokens:
                raise InputError("“{word}” is not a number word in {language}. "
                                 "{allowed}", word=shorten(token.lstrip("-")), language=mine.name,
                                 allowed=self._allowed())
        self.check_length(tokens)
        return tokens

    def format(self, tokens: Tokens) -> str:
        """The number as it is written in the source language."""
        return self.source_language.join(tokens)

    def format_target(self, tokens: Tokens) -> str:
        """The number as it is written in the target language."""
        return self.target_language.join(tokens)

    def parse_target(self, text: str) -> Tokens:
        """A number in the words of the target language; InputError if it has another word."""
        return super().parse_target(" ".join(self.target_language.cut(text)))

    def solve(self, tokens: Tokens) -> Tokens | None:
        """The words of the target language, or None where the words make no number."""
        number = self.source_language.number(self.format(tokens))
        return None if number is None else self.in_target(number)

    def in_target(self, number: int) -> Tokens:
        """A number as tokens of the target language."""
        return self.target_language.cut(self.target_language.words(number))

    def size(self, tokens: Tokens) -> int:
        """Digits of the number (of words that make none: how many words)."""
        number = self.source_language.number(self.format(tokens))
        return len(tokens) if number is None else len(str(number))

    def sets(self, config: TrainConfig, rng: random.Random) -> Sets:
        """As always, but with the longest numbers kept for the third set, and 0 to 9 for the first.

        Nobody can know what “zero” is who has never met it: it stands in no other number.
        """
        train, new, longer = sample_sets(self, config, rng)
        words = [example for example in new if self.size(example.source) == 1]
        if len(words) < len(new):
            train, new = [*train, *words], [e for e in new if e not in words]
        return train, new, longer

    def sample(self, rng: random.Random, length: int) -> Tokens:
        """A number of `length` digits (six, the most that is known, if more are asked for)."""
        digits = min(length, len(str(MAX_NUMBER)))
        number = rng.randrange(10 ** (digits - 1) if digits > 1 else 0, 10 ** digits)
        return self.source_language.cut(self.source_language.words(number))

    def _allowed(self) -> LazyText:
        return LazyText("Type a number from 0 to {most:,} in {language} words or in digits, for "
                        "example: {example}", most=MAX_NUMBER, language=self.source_language.name,
                        example=self.example)


def translate(source: Language, target: Language, example: str, more: tuple[str, ...],
              teaches: str) -> NumbersTask:
    """The task of one pair of languages."""
    def rule(tokens: Tokens) -> Tokens:
        number = source.number(source.join(tokens))
        return () if number is None else target.cut(target.words(number))

    return NumbersTask(
        f"numbers-{source.code}-{target.code}", f"Numbers: {source.name} to {target.name}",
        f"Read a number in {source.name} words, write it in {target.name}.",
        "it is machine translation, with different words, a different number of them and a "
        "different order",
        example, source.tokens, rule,
        model=ModelConfig(cell="lstm", attention="dot", hidden_size=96, embedding_dim=32),
        train=TrainConfig(num_epochs=6, num_examples=8_000, batch_size=64, min_length=1,
                          max_length=4),
        target_alphabet=target.tokens, family="Translation", more_examples=more, unit="digits",
        longer="Larger numbers than in training", longer_by=2, largest=len(str(MAX_NUMBER)) - 1,
        teaches=teaches,
        source_language=source, target_language=target)


LARGER = ("Training stops at 9,999. Larger numbers use the same words in longer phrases: see "
          "whether the model can combine them.")
NUMBERS_EN_FR = translate(
    ENGLISH, FRENCH, "three hundred and forty-two", ("ninety-nine", "eighty", "two thousand",
                                                      "342", "seventy-one thousand and one"),
    "French counts ninety-nine as four-twenty-ten-nine: one word becomes four. " + LARGER)
NUMBERS_FR_EN = translate(
    FRENCH, ENGLISH, "trois cent quarante-deux", ("quatre-vingt-dix-neuf", "soixante et onze",
                                                   "deux mille", "342", "vingt mille un"),
    "Soixante-dix is sixty-ten: the model has to add before it can answer. " + LARGER)
NUMBERS_EN_DE = translate(
    ENGLISH, GERMAN, "three hundred and forty-two", ("ninety-nine", "twenty-one", "two thousand",
                                                     "342", "seventy-one thousand and one"),
    "German says two-and-forty: watch the attention weights cross where the order "
    "changes. " + LARGER)
NUMBERS_DE_EN = translate(
    GERMAN, ENGLISH, "dreihundertzweiundvierzig", ("neunundneunzig", "einundzwanzig",
                                                   "zweitausend", "342", "zwanzigtausendeins"),
    "German writes a number as one long word and puts the ones before the tens: watch the "
    "attention weights cross. " + LARGER)
