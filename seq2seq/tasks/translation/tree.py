"""What a sentence says, as a tree that belongs to no language.

The English parser builds it, the sampler draws it, and each language writes it down in its own
order: `french.py`, `german.py` and, back again, `english.py`. All keys are English words of the
lexicon.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Pronoun:
    """i, you, he, she, we, they; `it` is the subject of "it rains" only."""

    word: str


@dataclass(frozen=True)
class Name:
    """A person's name."""

    word: str


@dataclass(frozen=True)
class NounPhrase:
    """A noun with what belongs to it; an empty determiner stands for "apples" and "water"."""

    noun: str
    determiner: str = "the"
    plural: bool = False
    adjectives: tuple[str, ...] = ()
    owner: "NounPhrase | None" = None  # the father *of the girl*
    relative: "Clause | None" = None  # the man *who sleeps*


@dataclass(frozen=True)
class Gap:
    """In a relative clause: the place of the noun that the clause describes."""


Phrase = Pronoun | Name | NounPhrase | Gap


@dataclass(frozen=True)
class Place:
    """A preposition with its noun: in the garden, with her."""

    preposition: str
    phrase: Phrase


@dataclass(frozen=True)
class Clause:
    """One verb and what stands with it."""

    subject: Phrase
    verb: str
    past: bool = False
    modal: str = ""  # can, must, want
    adverb: str = ""  # not, never, often, always
    object: Phrase | None = None
    recipient: Phrase | None = None
    adjective: str = ""  # she is *tired*
    very: bool = False
    place: Place | None = None
    manner: str = ""
    time: str = ""
    time_first: bool = False  # *today* she sings

    @property
    def is_negative(self) -> bool:
        """Whether it says "not" or "never"."""
        return self.adverb in ("not", "never")

    @property
    def phrases(self) -> tuple[Phrase, ...]:
        """Its subject, object, recipient and the noun of its place, as far as it has them."""
        of_place = self.place.phrase if self.place else None
        return tuple(p for p in (self.subject, self.object, self.recipient, of_place) if p)


@dataclass(frozen=True)
class Sentence:
    """Clauses, each with the word that links it ("" for the first, and, because, that, ...).

    If the first has a link, it is a subordinate clause in front of the main one.
    """

    clauses: tuple[tuple[str, Clause], ...]
    question: str = ""  # yes-no, why, where


def walk(tree: Sentence | Clause | Phrase) -> Iterator[Clause | Phrase]:
    """All clauses and phrases of a tree, from left to right."""
    if isinstance(tree, Sentence):
        for _, clause in tree.clauses:
            yield from walk(clause)
        return
    yield tree
    if isinstance(tree, Clause):
        for phrase in tree.phrases:
            yield from walk(phrase)
    elif isinstance(tree, NounPhrase):
        for part in (tree.owner, tree.relative):
            if part:
                yield from walk(part)


def filled(clause: Clause, noun: NounPhrase) -> Clause:
    """A relative clause as a statement about the noun that it describes."""
    plain = replace(noun, relative=None)
    return replace(clause, subject=plain if isinstance(clause.subject, Gap) else clause.subject,
                   object=plain if isinstance(clause.object, Gap) else clause.object)


def is_definite(phrase: Phrase | None) -> bool:
    """Whether listeners know which one is meant: not for "a cat", "cats" and "water"."""
    return not isinstance(phrase, NounPhrase) or phrase.determiner not in ("a", "")
