"""A sentence of one language, to be written in another."""

import random
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from rapidfuzz import fuzz, process

from seq2seq.config import TrainConfig
from seq2seq.errors import InputError, shorten
from seq2seq.i18n import LazyText
from seq2seq.tasks.sampling import (
    NUM_LONGER,
    Example,
    Sets,
    Tokens,
    sample_sets,
    sizes_of,
    solved,
)
from seq2seq.tasks.task import Task
from seq2seq.tasks.translation import english, german, vocabularies
from seq2seq.tasks.translation.french import French
from seq2seq.tasks.translation.lexicon import COORDINATORS, SUBORDINATORS
from seq2seq.tasks.translation.parser import Parser
from seq2seq.tasks.translation.sampler import Sampler
from seq2seq.tasks.translation.spelling import (
    answer_tokens,
    english_text,
    english_words,
    french_text,
    german_text,
)
from seq2seq.tasks.translation.third_sets import LONGER, ThirdSet
from seq2seq.tasks.translation.tree import Pronoun, Sentence, walk

LINKS = frozenset({*COORDINATORS, *SUBORDINATORS, "that", "who"})  # each begins a clause
ASKS = ("am", "is", "are", "was", "were", "do", "does", "did", "can", "must", "why", "where")
EITHER = ("i", "you", "we", "they")  # men or women, nobody knows
MOST_WORDS = 60


MOST_DRAWN = 50_000
drawn: dict[Tokens, Sentence] = {}  # the trees of sampled sentences, until they are translated


@lru_cache(maxsize=2_048)
def trees(tokens: Tokens) -> tuple[Sentence, ...]:
    """What English words can mean; nothing if they are not a sentence of the grammar."""
    return tuple(Parser(tokens).trees()) if len(tokens) <= MOST_WORDS else ()


def in_french(tree: Sentence) -> Iterator[Tokens]:
    """All French translations; they differ in the gender of I, you, we and they, men first."""
    used = sorted({p.word for p in walk(tree) if isinstance(p, Pronoun)}.intersection(EITHER))
    women = (frozenset(group) for n in range(len(used) + 1) for group in combinations(used, n))
    return (tuple(French(group).sentence(tree)) for group in women)


def in_german(tree: Sentence) -> Iterator[Tokens]:
    """The German translation."""
    return iter((tuple(german.sentence(tree)),))


@dataclass(frozen=True)
class TargetLanguage:
    """A language to translate into."""

    code: str
    name: str
    translate: Callable[[Sentence], Iterator[Tokens]]
    write: Callable[[Tokens], str]
    tokens: Tokens


FRENCH = TargetLanguage("fr", "French", in_french, french_text, vocabularies.french_tokens())
GERMAN = TargetLanguage("de", "German", in_german, german_text, vocabularies.german_tokens())


@dataclass(frozen=True)
class TranslationTask(Task):
    """English sentences of a grammar; what they mean is found by parsing them."""

    language: TargetLanguage = FRENCH
    third_set: ThirdSet = LONGER

    def parse(self, text: str) -> Tokens:
        """The words of an English sentence, as the grammar writes them.

        "She's eating" is read as "she eats": French and German have one present. A sentence that
        the grammar does not cover is read word by word: the model answers it, too, but the correct
        translation is not known (`why_unsolved`). InputError for an empty or too long text.
        """
        if not isinstance(text, str):
            raise InputError("The sentence is {value}: it must be text. {allowed}",
                             value=shorten(text), allowed=self._allowed())
        tokens = english_words(text[:10_000])
        if not tokens:
            raise InputError("The box is empty. {allowed}", allowed=self._allowed())
        self.check_length(tokens)
        if tokens[0] in ASKS and tokens[-1] != "?":
            tokens = (*tokens, "?")
        found = trees(tokens)
        return tuple(english.sentence(found[0])) if found else tokens

    def why_unsolved(self, tokens: Tokens) -> LazyText | None:
        """Names the word or the place that the grammar does not cover, and what is near it."""
        known = english.vocabulary() | participles()
        unknown = next((token for token in tokens if token not in known), None)
        if unknown is not None:
            return _unknown(unknown, known)
        return None if trees(tokens) else _not_covered(tokens)

    def format(self, tokens: Tokens) -> str:
        """The sentence as people write it."""
        return english_text(tokens)

    def format_target(self, tokens: Tokens) -> str:
        """The translation as people write it."""
        return self.language.write(tokens)

    def parse_target(self, text: str) -> Tokens:
        """Tokens of a translation; InputError if it has a word that no translation has."""
        known = frozenset(self.target_alphabet)
        return super().parse_target(" ".join(answer_tokens(text, known)))

    def solutions(self, tokens: Tokens) -> tuple[Tokens, ...]:
        """All right translations."""
        return tuple(dict.fromkeys(answer for tree in trees(tokens)
                                   for answer in self.language.translate(tree)))

    def size(self, tokens: Tokens) -> int:
        """Clauses: one, and one more for each word that begins another."""
        return 1 + sum(token in LINKS for token in tokens)

    def sample(self, rng: random.Random, length: int) -> Tokens:
        """A sentence of so many clauses."""
        return self.write(self.sampler(rng).sentence(length))

    def sampler(self, rng: random.Random) -> Sampler:
        """Draws the sentences."""
        return Sampler(rng, self.third_set.keeps)

    @staticmethod
    def write(tree: Sentence) -> Tokens:
        """The English words of a sampled tree, which `rule` then need not parse."""
        tokens = tuple(english.sentence(tree))
        if len(drawn) >= MOST_DRAWN:
            drawn.clear()
        drawn[tokens] = tree
        return tokens

    def sets(self, config: TrainConfig, rng: random.Random) -> Sets:
        """As always, with the task's third set; scored examples know all their right answers."""
        train, new, longer = sample_sets(self, config, rng)
        if self.third_set is not LONGER:
            trees = self.third_set.draw(rng, NUM_LONGER, sizes_of(self, config))
            longer = solved(self, list(map(self.write, trees)))
        return train, self.with_all_answers(new), self.with_all_answers(longer)

    def in_longer_set(self, tokens: Tokens, trained_on: Set[Tokens]) -> bool:
        """True if a sentence has more clauses than all in training, or what is hidden there."""
        if self.third_set is LONGER:
            return super().in_longer_set(tokens, trained_on)
        return any(map(self.third_set.contains, trees(tokens)))

    def with_all_answers(self, examples: list[Example]) -> list[Example]:
        """Examples whose `others` are the further right answers."""
        return [Example(e.source, e.target, self.solutions(e.source)[1:]) for e in examples]

    def _allowed(self) -> LazyText:
        return LazyText("Type an English sentence, for example: {example}", example=self.example)


def _unknown(word: str, known: frozenset[str]) -> LazyText:
    nearest, likeness, _ = process.extractOne(word, sorted(known), scorer=fuzz.ratio)
    if likeness < 70:
        return LazyText("There is no reference translation: the grammar does not cover “{token}”.",
                        token=shorten(word))
    return LazyText("There is no reference translation: the grammar does not cover “{token}”. The "
                    "nearest word that it covers: “{nearest}”.", token=shorten(word),
                    nearest=nearest)


def _not_covered(tokens: Tokens) -> LazyText:
    """Names the place up to which the sentence was read, and a sentence near it."""
    return LazyText("There is no reference translation. {problem} A similar sentence that "
                    "is covered: “{example}”", problem=_problem(tokens),
                    example=english_text(nearest(tokens)))


def _problem(tokens: Tokens) -> LazyText:
    parser = Parser(tokens[:MOST_WORDS])
    parser.trees()
    if len(tokens) > MOST_WORDS:
        return LazyText("The sentence has {n} words: at most {most} are translated.",
                        n=len(tokens), most=MOST_WORDS)
    if parser.problem and parser.problem_at >= parser.reach - 1:  # one word is looked ahead
        return parser.problem
    before = " ".join(tokens[:parser.reach])
    if not before or not parser.tokens:
        return LazyText("A sentence cannot begin with “{word}” here.", word=tokens[0])
    if parser.reach >= len(parser.tokens):
        return LazyText("The sentence stops too early: something must follow “{word}”.",
                        word=parser.tokens[-1])
    return LazyText("“{word}” cannot follow “{before}” here.", word=tokens[parser.reach],
                    before=shorten(before[::-1])[::-1])


@lru_cache
def participles() -> frozenset[str]:
    """The forms with -ing: they are read, and written as simple forms."""
    return frozenset(english.with_ing(verb) for verb in english.VERBS.values()
                     if verb.frame not in ("be", "modal"))


@lru_cache
def covered_examples() -> tuple[Tokens, ...]:
    """Some short sentences of the grammar, to be named beside one that is not in it."""
    rng = random.Random(0)
    return tuple(tuple(english.sentence(Sampler(rng).sentence(1))) for _ in range(1_500))


def nearest(tokens: Tokens) -> Tokens:
    """The sentence of `covered_examples` that shares most with some words."""
    text = " ".join(tokens)
    choices = [" ".join(example) for example in covered_examples()]
    return covered_examples()[process.extractOne(text, choices, scorer=fuzz.ratio)[2]]


def rule_of(language: TargetLanguage) -> Callable[[Tokens], Tokens]:
    """Computes the first translation of a sentence; () if it is outside the grammar."""
    def rule(tokens: Tokens) -> Tokens:
        tree = drawn.pop(tokens, None) or next(iter(trees(tokens)), None)
        return next(language.translate(tree)) if tree else ()

    return rule
