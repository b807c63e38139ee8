"""What only the third set of a translation task contains.

By default, that is one clause more than in training. Other third sets have sentences of the same
size with something that is hidden in training: a noun beside an adjective that never described it
there, or a noun in a place where it never stood. To add one, write a function that finds what is
hidden, a `ThirdSet`, and a task with it in `catalogue.py`.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

from seq2seq.tasks.translation.phrase_sampler import Filter, Part
from seq2seq.tasks.translation.sampler import Sampler
from seq2seq.tasks.translation.tree import Clause, NounPhrase, Sentence, filled, walk

HIDDEN_PAIRS = 0.1  # share of the pairs of an adjective and a noun
SUBJECTS_ONLY = ("dog", "king", "brother", "bird")  # nouns whose German accusative differs


def nothing(_: Part) -> bool:
    """Nothing is hidden."""
    return False


def is_new_pair(part: Part) -> bool:
    """Whether an adjective describes a noun that it never describes in training."""
    noun = part.subject if isinstance(part, Clause) else part  # the door is red; the red door
    if not isinstance(noun, NounPhrase):
        return False
    adjectives = [part.adjective] if isinstance(part, Clause) else noun.adjectives
    return any(crc32(f"{adjective} {noun.noun}".encode()) < HIDDEN_PAIRS * 2**32
               for adjective in adjectives if adjective)


def is_new_frame(part: Part) -> bool:
    """Whether a noun that is only a subject in training is something else here."""
    others = part.phrases[1:] if isinstance(part, Clause) else (
        [part.owner] if isinstance(part, NounPhrase) else [])
    return any(isinstance(p, NounPhrase) and p.noun in SUBJECTS_ONLY for p in others)


@dataclass(frozen=True)
class ThirdSet:
    """A third set, and how a task with it is called; `hides` finds what is in no other sentence."""

    suffix: str  # of the task's name
    title: str  # of the task
    longer: str  # title of the set
    hides: Filter = nothing

    def contains(self, tree: Sentence) -> bool:
        """Whether a sentence has something that is hidden in training."""
        return any(self.hides(part) or (isinstance(part, NounPhrase) and part.relative is not None
                                        and self.hides(filled(part.relative, part)))
                   for part in walk(tree))

    def keeps(self, part: Part) -> bool:
        """Whether a part may occur in training."""
        return not self.hides(part)

    def draw(self, rng: random.Random, count: int, sizes: Sequence[int]) -> list[Sentence]:
        """Different sentences with something that is hidden."""
        found: dict[Sentence, None] = {}
        while len(found) < count:
            tree = Sampler(rng).sentence(rng.choice(sizes))
            if self.contains(tree):
                found[tree] = None
        return list(found)


LONGER = ThirdSet("", "Sentences", "One more clause than in training")
COMBINATIONS = ThirdSet("-combinations", "New combinations",
                        "Adjective–noun pairs not seen in training", is_new_pair)
FRAMES = ThirdSet("-frames", "New roles", "Nouns as objects, trained as subjects only",
                  is_new_frame)
