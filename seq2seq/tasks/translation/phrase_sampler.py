"""Nouns, pronouns and names drawn at random, so that adjectives and verbs fit them."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

from seq2seq.tasks.translation.coverage import PLACES, phrase_problem
from seq2seq.tasks.translation.lexicon import (
    ADJECTIVES,
    NAMES,
    NOUNS,
    OWNER,
    PREPOSITIONS,
    PRONOUNS,
    Noun,
    Verb,
)
from seq2seq.tasks.translation.tree import (
    Clause,
    Name,
    NounPhrase,
    Phrase,
    Place,
    Pronoun,
    is_definite,
)

PEOPLE = "person kin"
ANIMATE = "person kin animal"
Part = Clause | Phrase
Filter = Callable[[Part], bool]


@dataclass(frozen=True)
class Odds:
    """How often sampled sentences have what; each is a probability, where it is possible at all."""

    past: float = 0.45
    question: float = 0.15
    says: float = 0.15  # she says that ...
    subordinate_first: float = 0.15
    relative: float = 0.25  # rather than a further clause
    relative_of_subject: float = 0.1  # rather than of the object
    negated: float = 0.2
    frequency: float = 0.06  # never, often, always
    modal: float = 0.08
    time: float = 0.12
    pronoun: float = 0.5  # rather than a name or a noun
    name: float = 0.08
    object_person: float = 0.45
    bare: float = 0.3  # apples, water
    plural: float = 0.3
    adjective: float = 0.3
    two_adjectives: float = 0.02
    owner: float = 0.05
    place: float = 0.4
    manner: float = 0.25
    very: float = 0.15


ODDS = Odds()


def anything(_: Part) -> bool:
    """Every combination of words."""
    return True


@cache
def nouns_of(kinds: str) -> tuple[Noun, ...]:
    """The nouns of some kinds, each as often as its weight says."""
    return tuple(noun for noun in NOUNS.values() if noun.fits(kinds)
                 for _ in range(noun.weight))


@cache
def adjectives_of(noun: str, position: str) -> tuple[str, ...]:
    """The adjectives that fit a noun, each as often as its weight says."""
    return tuple(key for key, word in ADJECTIVES.items()
                 if NOUNS[noun].fits(word.kinds) and word.position == position
                 for _ in range(word.weight))


@cache
def of_people() -> tuple[str, ...]:
    """The adjectives that fit a person, each as often as its weight says."""
    return tuple(key for key, word in ADJECTIVES.items() if "person" in word.kinds.split()
                 for _ in range(word.weight))


@dataclass(frozen=True)
class PhraseSampler:
    """Draws phrases; `keeps` says which nouns with adjectives, and which clauses, may be drawn.

    `detail` multiplies the odds of adjectives, owners and adverbials.
    """

    rng: random.Random
    keeps: Filter = anything
    odds: Odds = ODDS
    detail: float = 1.0

    def place(self, verb: Verb) -> Place:
        """A place that the verb may have."""
        preposition = self.rng.choice(verb.prepositions.split())
        if PREPOSITIONS[preposition] == "company":
            return Place(preposition, self.somebody(ANIMATE))
        return Place(preposition, self.noun(self.rng.choice(nouns_of(PLACES[preposition]))))

    def somebody(self, kinds: str) -> Phrase:
        """A pronoun, a name or a noun of some kinds."""
        odds = self.rng.random()
        if "person" in kinds.split():
            if odds < self.odds.pronoun:
                return Pronoun(self.rng.choice(PRONOUNS))
            if odds < self.odds.pronoun + self.odds.name:
                return Name(self.rng.choice(tuple(NAMES)))
        return self.noun(self.rng.choice(nouns_of(kinds)))

    def object(self, verb: Verb) -> Phrase:
        """The object of a verb."""
        if "person" in verb.objects.split() and self.rng.random() < self.odds.object_person:
            return self.somebody("person kin")
        noun = self.rng.choice(nouns_of(verb.objects))
        if verb.has_plain_object and (noun.is_mass or noun.has_plural) \
                and self.rng.random() < self.odds.bare:
            return self.noun(noun, bare=True)
        return self.noun(noun)

    def noun(self, noun: Noun, bare: bool = False, owner: bool = True) -> NounPhrase:
        """A noun with an article and perhaps adjectives or an owner; `bare`: apples, water."""
        rng = self.rng
        while True:
            determiner = "" if bare else rng.choices(
                ("the", "a", "this", rng.choice(tuple(OWNER))), (5, 3, 1, 3))[0]
            if determiner == "a" and noun.is_mass:
                determiner = "the"
            plural = noun.has_plural and not noun.is_mass and determiner != "a" and (
                bare or rng.random() < self.odds.plural)
            phrase = NounPhrase(noun.english, determiner, plural, self._adjectives(noun))
            if owner and determiner == "the" and noun.kind in ("kin", "animal", "text", "thing",
                                                                "clothes", "place") \
                    and rng.random() < self.odds.owner * self.detail:
                of = self.noun(rng.choice(nouns_of(PEOPLE)), owner=False)
                if is_definite(of):
                    phrase = replace(phrase, owner=of)
            if not phrase_problem(phrase) and self.keeps(phrase):
                return phrase

    def _adjectives(self, noun: Noun) -> tuple[str, ...]:
        rng, odds = self.rng, self.rng.random() / self.detail
        before, after = (adjectives_of(noun.english, where) for where in ("before", "after"))
        if odds < self.odds.two_adjectives and before and after:
            return rng.choice(before), rng.choice(after)
        if odds < self.odds.adjective and before + after:
            return (rng.choice(before + after),)
        return ()


