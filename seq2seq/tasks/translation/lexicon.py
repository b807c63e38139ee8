"""The bilingual lexicon: the tables of `assets/translation`, a word a line, in three languages.

Only what no rule tells is written there. An empty cell means that the regular rule holds, and "-"
that the form does not exist (water has no plural here).
"""

import csv
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[3] / "assets" / "translation"
NO_FORM = "-"


@dataclass(frozen=True)
class Noun:
    """A noun; `kind` says what it names: person, kin, animal, food, drink, place, ..."""

    english: str
    weight: int  # how often it is drawn, compared with other words that fit
    plural: str
    kind: str
    french_gender: str  # m or f
    french: str
    french_plural: str
    german_gender: str  # m, f or n
    german: str
    german_plural: str
    german_genitive: str

    @property
    def is_mass(self) -> bool:
        """Whether it names a mass, such as water: then it takes no "a" and has no plural."""
        return self.kind in ("drink", "dish")

    @property
    def has_plural(self) -> bool:
        """Whether the plural is used. That of "fish" is not: nobody hears it in English."""
        return self.plural != NO_FORM

    @property
    def is_animate(self) -> bool:
        """Whether it can see, eat and be called "he" or "she"."""
        return self.kind in ("person", "kin", "animal")

    def fits(self, kinds: str) -> bool:
        """Whether one of some kinds, or the word itself, is in a list such as "person dog"."""
        return self.kind in kinds.split() or self.english in kinds.split()


@dataclass(frozen=True)
class Adjective:
    """An adjective; in French it stands `before` or `after` the noun."""

    english: str
    weight: int
    position: str
    french: str
    french_feminine: str
    french_plural: str
    french_before_vowel: str
    german: str
    german_stem: str
    kinds: str  # of the nouns that sampled sentences use it with


@dataclass(frozen=True)
class Verb:
    """A verb. Its `frame` says what stands with it.

    It is none, object, give (object and recipient), say (a clause), weather, be (an adjective or a
    place), modal (an infinitive).
    """

    english: str  # with its particle: "look for"
    weight: int
    past: str
    frame: str
    subjects: str  # kinds of nouns in sampled sentences
    objects: str
    prepositions: str  # those that may begin its place
    french: str
    french_present: str  # six forms, where irregular
    french_participle: str
    french_auxiliary: str
    french_object: str  # à, or empty for a direct object
    german: str  # an|rufen: the prefix is separable
    german_present: str  # the forms with du and er, or all six, where irregular
    german_participle: str
    german_auxiliary: str
    german_object: str  # dative, auf, or empty for the accusative
    flags: str

    @cached_property
    def base(self) -> str:
        """The English verb without its particle."""
        return self.english.split()[0]

    @cached_property
    def particle(self) -> str:
        """What English puts behind the verb: for, at, to, or nothing."""
        return "" if self.frame == "say" else self.english.partition(" ")[2]

    @property
    def is_state(self) -> bool:
        """Whether it is used in the present only: a state in the past has several translations."""
        return "state" in self.flags

    @property
    def is_generic(self) -> bool:
        """Whether "cats" behind it means all cats: love, like, hate."""
        return "generic" in self.flags

    @property
    def needs_place(self) -> bool:
        """Whether nobody says it without a place: go, live."""
        return "place" in self.flags

    @property
    def has_plain_object(self) -> bool:
        """Whether its object is direct in French and accusative in German."""
        return not self.french_object and not self.german_object


def _rows(name: str) -> list[dict[str, Any]]:
    with (FOLDER / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        return [{**row, "weight": int(row["weight"])}
                for row in csv.DictReader(file, delimiter="\t")]


NOUNS = {row["english"]: Noun(**row) for row in _rows("nouns")}
ADJECTIVES = {row["english"]: Adjective(**row) for row in _rows("adjectives")}
VERBS = {row["english"]: Verb(**row) for row in _rows("verbs")}
NAMES = {"anna": "f", "emma": "f", "paul": "m", "tom": "m"}
PRONOUNS = ("i", "you", "he", "she", "we", "they")
DETERMINERS = ("the", "a", "this", "my", "your", "his", "her", "our", "their")
OWNER = dict(zip(("my", "your", "his", "her", "our", "their"), PRONOUNS, strict=True))
PREPOSITIONS = {"in": "static", "on": "static", "under": "static", "behind": "static",
                "with": "company", "without": "company", "to": "motion", "into": "motion",
                "from": "motion"}
MANNERS = ("well", "slowly", "quickly")
TIMES = {"today": (True, True), "now": (True, False), "yesterday": (False, True)}  # present, past
FREQUENCIES = ("often", "always")
COORDINATORS = ("and", "but")
SUBORDINATORS = ("because", "when", "if")
