"""A sentence of one language, to be written in another."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from rapidfuzz import fuzz, process

from seq2seq.config import ModelConfig, TrainConfig
from seq2seq.errors import InputError, shorten
from seq2seq.i18n import LazyText
from seq2seq.tasks.sampling import Example, Sets, Tokens, sample_sets
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
from seq2seq.tasks.translation.tree import Pronoun, Sentence, walk

LINKS = frozenset({*COORDINATORS, *SUBORDINATORS, "that", "who"})  # each begins a clause
ASKS = ("am", "is", "are", "was", "were", "do", "does", "did", "can", "must", "why", "where")
EITHER = ("i", "you", "we", "they")  # men or women, nobody knows
MOST_WORDS = 60


@lru_cache(maxsize=2_048)
def trees(tokens: Tokens) -> tuple[Sentence, ...]:
    """What English words can mean; nothing if they are not a sentence of the grammar."""
    return tuple(Parser(tokens).trees()) if len(tokens) <= MOST_WORDS else ()


def in_french(tree: Sentence) -> tuple[Tokens, ...]:
    """All French translations; they differ in the gender of I, you, we and they."""
    used = sorted({p.word for p in walk(tree) if isinstance(p, Pronoun)}.intersection(EITHER))
    women = (frozenset(group) for n in range(len(used) + 1) for group in combinations(used, n))
    return tuple(dict.fromkeys(tuple(French(group).sentence(tree)) for group in women))


def in_german(tree: Sentence) -> tuple[Tokens, ...]:
    """The German translation."""
    return (tuple(german.sentence(tree)),)


@dataclass(frozen=True)
class TargetLanguage:
    """A language to translate into."""

    code: str
    name: str
    translate: Callable[[Sentence], tuple[Tokens, ...]]
    write: Callable[[Tokens], str]
    tokens: Tokens


FRENCH = TargetLanguage("fr", "French", in_french, french_text, vocabularies.french_tokens())
GERMAN = TargetLanguage("de", "German", in_german, german_text, vocabularies.german_tokens())


@dataclass(frozen=True)
class TranslationTask(Task):
    """English sentences of a grammar; what they mean is found by parsing them."""

    language: TargetLanguage = FRENCH

    def parse(self, text: str) -> Tokens:
        """The words of an English sentence, as the grammar writes them.

        "She's eating" is read as "she eats": French and German have one present. InputError names
        the word or the place that the grammar does not cover.
        """
        if not isinstance(text, str):
            raise InputError("The sentence is {value}: it must be text. {allowed}",
                             value=shorten(text), allowed=self._allowed())
        tokens = english_words(text[:10_000])
        if not tokens:
            raise InputError("The box is empty. {allowed}", allowed=self._allowed())
        self.check_length(tokens)
        known = english.vocabulary() | participles()
        for token in tokens:
            if token not in known:
                raise self._unknown(token, known)
        if tokens[0] in ASKS and tokens[-1] != "?":
            tokens = (*tokens, "?")
        found = trees(tokens)
        if not found:
            raise self._not_covered(tokens)
        return tuple(english.sentence(found[0]))

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
        return tuple(english.sentence(Sampler(rng).sentence(length)))

    def sets(self, config: TrainConfig, rng: random.Random) -> Sets:
        """As always; those that are scored know all their right answers."""
        train, new, longer = sample_sets(self, config, rng)
        return train, self.with_all_answers(new), self.with_all_answers(longer)

    def with_all_answers(self, examples: list[Example]) -> list[Example]:
        """Examples whose `others` are the further right answers."""
        return [Example(e.source, e.target, self.solutions(e.source)[1:]) for e in examples]

    def _allowed(self) -> LazyText:
        return LazyText("Type an English sentence, for example: {example}", example=self.example)

    def _unknown(self, word: str, known: frozenset[str]) -> InputError:
        nearest, likeness, _ = process.extractOne(word, sorted(known), scorer=fuzz.ratio)
        if likeness < 60:
            return InputError("“{token}” is not in this task's vocabulary. {allowed}",
                              token=shorten(word), allowed=self._allowed())
        return InputError("“{token}” is not in this task's vocabulary. The nearest word that is: "
                          "“{nearest}”.", token=shorten(word), nearest=nearest)

    def _not_covered(self, tokens: Tokens) -> InputError:
        """Names the place up to which the sentence was read, and a sentence near it."""
        parser = Parser(tokens[:MOST_WORDS])
        parser.trees()
        near = LazyText("A sentence like it that is covered: “{example}”",
                        example=english_text(nearest(tokens)))
        if len(tokens) > MOST_WORDS:
            return InputError("The sentence has {n} words: at most {most} are translated. Shorten "
                              "it.", n=len(tokens), most=MOST_WORDS)
        if parser.problem and parser.problem_at >= parser.reach - 1:  # one word is looked ahead
            return InputError("{problem} {near}", problem=parser.problem, near=near)
        before = " ".join(tokens[:parser.reach])
        if not before or not parser.tokens:
            return InputError("A sentence cannot begin with “{word}” here. {near}",
                              word=tokens[0], near=near)
        if parser.reach >= len(parser.tokens):
            return InputError("The sentence stops too early: something must follow “{word}”. "
                              "{near}", word=parser.tokens[-1], near=near)
        return InputError("“{word}” cannot follow “{before}” here. {near}",
                          word=tokens[parser.reach], before=shorten(before[::-1])[::-1], near=near)


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


MODEL = ModelConfig(cell="gru", attention="dot", hidden_size=128, embedding_dim=96)
# Small batches of many different sentences: with 16,000 of them, the model knows these by heart
# before it knows the grammar.
TRAIN = TrainConfig(num_epochs=4, learning_rate=0.006, num_examples=40_000, batch_size=32,
                    min_length=1, max_length=2)


def translation(language: TargetLanguage, example: str, more: tuple[str, ...],
                teaches: str) -> TranslationTask:
    """The task of one target language."""
    def rule(tokens: Tokens) -> Tokens:
        found = trees(tokens)
        return language.translate(found[0])[0] if found else ()

    return TranslationTask(
        f"translation-en-{language.code}", f"Sentences: English to {language.name}",
        f"Read an English sentence, write it in {language.name}.",
        "machine translation: words agree with each other, and their order changes",
        example, tuple(sorted(english.vocabulary())), rule, model=MODEL, train=TRAIN,
        target_alphabet=language.tokens, family="Translation", writes_text=True,
        more_examples=more, unit="clauses",
        longer="One clause more than in training", longer_by=1, largest=3, teaches=teaches,
        language=language)


EN_FR = translation(
    FRENCH, "She did not eat the small red apples.",
    ("Does he love her?", "She does not drink water.",
     "The girls went to the garden because it snowed.",
     "The old man reads the letters that you wrote.",
     "When it rains, the father of the boys cannot go to the school."),
    "Follow the attention for “red apples”: French says “pommes rouges”, so the largest weights "
    "change places. A pronoun moves in front of the verb (“he loves her”: “il l'aime”), and a "
    "participle agrees with it. “You” is one friend here (“tu”); for I, you, we and they both "
    "genders are correct.")
EN_DE = translation(
    GERMAN, "The boy called the old woman because he loves her.",
    ("Does he invite the king?", "She does not have a dog.",
     "Today I want to buy a small red car.",
     "He knows the man who gave him the key.",
     "When it rains, the father of the girl goes into the house."),
    "Follow the attention for “called”: German says “hat” in second place and “angerufen” at the "
    "end, and after “weil” the whole verb comes last. Change “the old woman” to “the old man”: the "
    "article and the adjective show the case. “You” is one friend here (“du”).")
