"""Numbers in words, translated between languages, with answers that can be checked.

The library num2words writes the numbers. To parse a phrase, its words are compared with those of
num2words, so this module contains hardly any language rules. A hyphen is the beginning of a token
("forty", "-two"). German numbers, which are one word, are split into their parts.
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
    """Number words of one language: name, word for 1000, all tokens."""

    code: str
    name: LazyText
    thousand: str
    tokens: Tokens
    optional_word: str = ""  # a word that may be omitted
    is_one_word: bool = False  # True if a number is written as one word

    def words(self, number: int) -> str:
        """A number in words, without commas."""
        return spell(number, self.code)

    def cut(self, text: str) -> Tokens:
        """The tokens of a text, known or unknown."""
        words = text.lower().replace("’", "'").replace(",", " ").replace("-", " -").split()
        if not self.is_one_word:
            return tuple(words)
        parts = "|".join(sorted(self.tokens, key=len, reverse=True))
        return tuple(re.findall(rf"{parts}|.+", "".join(words).replace("-", "")))

    def join(self, tokens: Tokens) -> str:
        """The tokens as text."""
        return "".join(tokens) if self.is_one_word else " ".join(tokens).replace(" -", "-")

    def normalise(self, text: str) -> str:
        """A phrase without hyphens, commas and the optional word, for comparison."""
        words = re.sub(r"[-,\s]+", " ", text.lower()).split()
        words = [word for word in words if word != self.optional_word]
        return ("" if self.is_one_word else " ").join(words)

    def number(self, text: str) -> int | None:
        """The number from 0 to MAX_NUMBER that a phrase means, or None."""
        below, above = tables(self)
        normalise = self.normalise(text)
        left, thousand, right = normalise.rpartition(self.thousand)
        if not thousand:
            return below.get(normalise)
        thousands = above.get(left.strip())
        rest = below.get(right.strip()) if right.strip() else 0
        if thousands is None or rest is None:
            return None
        number = 1000 * thousands + rest
        return number if self.normalise(self.words(number)) == normalise else None


@lru_cache(maxsize=50_000)  # num2words is slow, and numbers recur
def spell(number: int, code: str) -> str:
    """A number in words of a language, without commas."""
    from num2words import num2words  # here because the import is slow

    # num2words writes 101,000 as "einhunderteinstausend"; correct is "einhunderteintausend".
    return num2words(number, lang=code).replace(",", "").replace("einstausend", "eintausend")


@lru_cache
def tables(language: Language) -> tuple[dict[str, int], dict[str, int]]:
    """Phrase -> number below 1000, and phrase before the word for 1000 -> number of thousands."""
    below = {language.normalise(language.words(n)): n for n in range(1000)}
    above = {language.normalise(language.words(1000 * n)).removesuffix(language.thousand).strip(): n
             for n in range(1, 1000)}
    return below, above


def words(text: str) -> Tokens:
    """The words of a text."""
    return tuple(text.split())


ENGLISH = Language("en", LazyText("English"), "thousand", words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety "
    "-one -two -three -four -five -six -seven -eight -nine and hundred thousand"),
    optional_word="and")
FRENCH = Language("fr", LazyText("French"), "mille", words(
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize "
    "vingt trente quarante cinquante soixante -un -deux -trois -quatre -cinq -six -sept -huit "
    "-neuf -dix -onze -douze -treize -quatorze -quinze -seize -vingt -vingts et cent cents "
    "mille"))
GERMAN = Language("de", LazyText("German"), "tausend", words(
    "null ein eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn "
    "fünfzehn sechzehn siebzehn achtzehn neunzehn zwanzig dreißig vierzig fünfzig sechzig siebzig "
    "achtzig neunzig und hundert tausend"), is_one_word=True)


@dataclass(frozen=True)
class NumbersTask(Task):
    """Translation of number words from one language to another. The size is in digits."""

    source_language: Language = ENGLISH
    target_language: Language = FRENCH

    def parse(self, text: str) -> Tokens:
        """The tokens of a number in words (hyphens and commas are optional) or in digits.

        Number words that form no number are allowed; they have no correct answer.
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
        """The number in the source language, as text."""
        return self.source_language.join(tokens)

    def format_target(self, tokens: Tokens) -> str:
        """The number in the target language, as text."""
        return self.target_language.join(tokens)

    def parse_target(self, text: str) -> Tokens:
        """The tokens of a number in the target language. InputError for other words."""
        return super().parse_target(" ".join(self.target_language.cut(text)))

    def solve(self, tokens: Tokens) -> Tokens | None:
        """The number in the target language, or None if the words form no number."""
        number = self.source_language.number(self.format(tokens))
        return None if number is None else self.in_target(number)

    def in_target(self, number: int) -> Tokens:
        """A number as tokens of the target language."""
        return self.target_language.cut(self.target_language.words(number))

    def size(self, tokens: Tokens) -> int:
        """The number of digits; for words that form no number, the number of words."""
        number = self.source_language.number(self.format(tokens))
        return len(tokens) if number is None else len(str(number))

    def sets(self, config: TrainConfig, rng: random.Random) -> Sets:
        """As in the base class, but numbers from 0 to 9 are always in the training set.

        “zero”, for example, occurs in no other number, so a model cannot infer it.
        """
        train, new, longer = sample_sets(self, config, rng)
        words = [example for example in new if self.size(example.source) == 1]
        if len(words) < len(new):
            train, new = [*train, *words], [e for e in new if e not in words]
        return train, new, longer

    def sample(self, rng: random.Random, length: int) -> Tokens:
        """A random number of `length` digits, at most six."""
        digits = min(length, len(str(MAX_NUMBER)))
        number = rng.randrange(10 ** (digits - 1) if digits > 1 else 0, 10 ** digits)
        return self.source_language.cut(self.source_language.words(number))

    def _allowed(self) -> LazyText:
        return LazyText("Type a number from 0 to {most:,} in {language} words or in digits, for "
                        "example: {example}", most=MAX_NUMBER, language=self.source_language.name,
                        example=self.example)


def translate(source: Language, target: Language, example: str, more: tuple[str, ...],
              teaches: str) -> NumbersTask:
    """The task for a pair of languages."""
    def rule(tokens: Tokens) -> Tokens:
        number = source.number(source.join(tokens))
        return () if number is None else target.cut(target.words(number))

    return NumbersTask(
        f"numbers-{source.code}-{target.code}", f"Numbers: {source.name} to {target.name}",
        f"Read a number in {source.name} words and write it in {target.name}.",
        "it is a small version of machine translation, in which the number of words and their "
        "order change",
        example, source.tokens, rule,
        model=ModelConfig(cell="lstm", attention="dot", hidden_size=96, embedding_dim=32),
        train=TrainConfig(num_epochs=6, num_examples=8_000, batch_size=64, min_length=1,
                          max_length=4),
        target_alphabet=target.tokens, family="Translation", writes_text=True,
        more_examples=more, unit="digits",
        longer="Larger numbers than in training", longer_by=2, largest=len(str(MAX_NUMBER)) - 1,
        teaches=teaches,
        source_language=source, target_language=target)


LARGER = ("The training examples contain numbers up to 9,999. Larger numbers use the same words in "
          "longer phrases: see whether the model can combine them.")
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
