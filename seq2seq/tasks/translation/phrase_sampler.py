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
Filter = Callable[[Clause | NounPhrase], bool]


def anything(_: Clause | NounPhrase) -> bool:
    """Every combination of words."""
    return True


@cache
def nouns_of(kinds: str) -> tuple[Noun, ...]:
    """The nouns of some kinds."""
    return tuple(noun for noun in NOUNS.values() if noun.fits(kinds))


@cache
def adjectives_of(noun: str, position: str) -> tuple[str, ...]:
    """The adjectives that fit a noun."""
    return tuple(key for key, word in ADJECTIVES.items()
                 if NOUNS[noun].fits(word.kinds) and word.position == position)


@cache
def of_people() -> tuple[str, ...]:
    """The adjectives that fit a person."""
    return tuple(k for k, word in ADJECTIVES.items() if "person" in word.kinds.split())


@dataclass(frozen=True)
class PhraseSampler:
    """Draws phrases; `keeps` says which nouns with adjectives, and which clauses, may be drawn."""

    rng: random.Random
    keeps: Filter = anything

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
            if odds < 0.42:
                return Pronoun(self.rng.choice(PRONOUNS))
            if odds < 0.5:
                return Name(self.rng.choice(tuple(NAMES)))
        return self.noun(self.rng.choice(nouns_of(kinds)))

    def object(self, verb: Verb) -> Phrase:
        """The object of a verb."""
        if "person" in verb.objects.split() and self.rng.random() < 0.45:
            return self.somebody("person kin")
        noun = self.rng.choice(nouns_of(verb.objects))
        if verb.has_plain_object and (noun.is_mass or noun.has_plural) and self.rng.random() < 0.35:
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
                bare or rng.random() < 0.3)
            phrase = NounPhrase(noun.english, determiner, plural, self._adjectives(noun))
            if owner and determiner == "the" and noun.kind in ("kin", "animal", "text", "thing",
                                                                "clothes", "place") \
                    and rng.random() < 0.12:
                of = self.noun(rng.choice(nouns_of(PEOPLE)), owner=False)
                if is_definite(of):
                    phrase = replace(phrase, owner=of)
            if not phrase_problem(phrase) and self.keeps(phrase):
                return phrase

    def _adjectives(self, noun: Noun) -> tuple[str, ...]:
        rng, odds = self.rng, self.rng.random()
        before, after = (adjectives_of(noun.english, where) for where in ("before", "after"))
        if odds < 0.08 and before and after:
            return rng.choice(before), rng.choice(after)
        if odds < 0.42 and before + after:
            return (rng.choice(before + after),)
        return ()


