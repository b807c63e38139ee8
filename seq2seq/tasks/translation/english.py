"""English: the forms of words, and a tree written down."""

from functools import lru_cache

from seq2seq.tasks.translation.lexicon import NOUNS, VERBS, Noun, Verb
from seq2seq.tasks.translation.tree import (
    Clause,
    Gap,
    Name,
    NounPhrase,
    Phrase,
    Place,
    Pronoun,
    Sentence,
)

VOWELS = "aeiou"
OBJECTS = {"i": "me", "you": "you", "he": "him", "she": "her", "we": "us", "they": "them"}
BE = {"i": ("am", "was"), "he": ("is", "was"), "they": ("are", "were")}
DOUBLED = ("run", "swim")


def plural(noun: Noun) -> str:
    """The plural of a noun."""
    return noun.plural or _with_s(noun.english)


def _with_s(word: str) -> str:
    if word.endswith(("s", "x", "sh", "ch", "go")):
        return word + "es"
    return word[:-1] + "ies" if word.endswith("y") and word[-2] not in VOWELS else word + "s"


def third_person(verb: Verb) -> str:
    """The form with "she": sees, goes, has."""
    return {"have": "has", "can": "can", "must": "must"}.get(verb.base) or _with_s(verb.base)


def with_ing(verb: Verb) -> str:
    """The form with "-ing": seeing, writing, running."""
    base = verb.base
    if base in DOUBLED:
        return base + base[-1] + "ing"
    if base.endswith("ie"):
        return base[:-2] + "ying"
    return (base[:-1] if base.endswith("e") and not base.endswith("ee") else base) + "ing"


def agreement(phrase: Phrase, antecedent: NounPhrase | None = None) -> str:
    """Which form of the verb a subject takes: that of "i", "he" or "they"."""
    if isinstance(phrase, Gap):
        assert antecedent
        phrase = antecedent
    if isinstance(phrase, Pronoun):
        return {"i": "i", "he": "he", "she": "he", "it": "he"}.get(phrase.word, "they")
    return "they" if isinstance(phrase, NounPhrase) and phrase.plural else "he"


def sentence(tree: Sentence) -> list[str]:
    """The words of a sentence, in small letters, with "?" at the end of a question."""
    words: list[str] = []
    for i, (link, part) in enumerate(tree.clauses):
        words += [link] if link else []
        words += _question(part, tree.question) if tree.question and i == 0 else clause(part)
    return [*words, "?"] if tree.question else words


def clause(tree: Clause, antecedent: NounPhrase | None = None) -> list[str]:
    """The words of a statement; in a relative clause without the gap."""
    before, verb = _verb(tree, agreement(tree.subject, antecedent))
    time = [tree.time] if tree.time else []
    words = [*phrase(tree.subject), *before, *verb, *_after(tree)]
    return [*time, *words] if tree.time_first else [*words, *time]


def _question(tree: Clause, kind: str) -> list[str]:
    person = agreement(tree.subject)
    first, adverb = ([] if kind == "yes-no" else [kind]), _adverb(tree)
    subject, time = phrase(tree.subject), [tree.time] if tree.time else []
    if tree.verb == "be":
        return [*first, _be(person, tree.past), *subject, *adverb, *_after(tree), *time]
    base = [*(["want", "to"] if tree.modal == "want" else []), VERBS[tree.verb].base]
    helper = tree.modal if tree.modal in ("can", "must") else _do(person, tree.past)
    return [*first, helper, *subject, *adverb, *base, *_after(tree), *time]


def _verb(tree: Clause, person: str) -> tuple[list[str], list[str]]:
    """The auxiliaries and adverbs, and the verb itself."""
    verb, adverb = VERBS[tree.verb], _adverb(tree)
    if tree.verb == "be" and not tree.modal:
        return [_be(person, tree.past), *adverb], []
    if tree.modal in ("can", "must"):
        return [tree.modal, *adverb], [verb.base]
    rest = []
    if tree.modal == "want":
        verb, rest = VERBS["want"], ["to", verb.base]
    if tree.adverb == "not":
        return [_do(person, tree.past), "not"], [verb.base, *rest]
    if tree.past:
        return adverb, [verb.past, *rest]
    return adverb, [third_person(verb) if person == "he" else verb.base, *rest]


def _adverb(tree: Clause) -> list[str]:
    return [tree.adverb] if tree.adverb else []


def _be(person: str, past: bool) -> str:
    return BE[person][past]


def _do(person: str, past: bool) -> str:
    return "did" if past else "does" if person == "he" else "do"


def _after(tree: Clause) -> list[str]:
    """What stands behind the verb."""
    words = ["very"] if tree.very else []
    words += [tree.adjective] if tree.adjective else []
    words += [VERBS[tree.verb].particle] if VERBS[tree.verb].particle else []
    if isinstance(tree.recipient, Pronoun):
        words += phrase(tree.recipient, as_object=True)
    words += phrase(tree.object, as_object=True) if tree.object else []
    if tree.recipient and not isinstance(tree.recipient, Pronoun):
        words += ["to", *phrase(tree.recipient, as_object=True)]
    words += [tree.manner] if tree.manner else []
    return words + (_place(tree.place) if tree.place else [])


def _place(place: Place) -> list[str]:
    return [place.preposition, *phrase(place.phrase, as_object=True)]


def phrase(tree: Phrase, as_object: bool = False) -> list[str]:
    """The words of a noun with all that belongs to it, or of a pronoun."""
    if isinstance(tree, Gap):
        return []
    if isinstance(tree, Pronoun):
        return [OBJECTS[tree.word] if as_object else tree.word]
    if isinstance(tree, Name):
        return [tree.word]
    noun = NOUNS[tree.noun]
    words = [*tree.adjectives, plural(noun) if tree.plural else noun.english]
    if tree.determiner:
        words.insert(0, determiner(tree, words[0]))
    if tree.owner:
        words += ["of", *phrase(tree.owner)]
    if tree.relative:
        is_who = noun.kind in ("person", "kin") and isinstance(tree.relative.subject, Gap)
        words += ["who" if is_who else "that", *clause(tree.relative, tree)]
    return words


def determiner(tree: NounPhrase, following: str) -> str:
    """The word in front of a noun: a or an, this or these."""
    if tree.determiner == "a":
        return "an" if following[0] in VOWELS else "a"
    return "these" if tree.determiner == "this" and tree.plural else tree.determiner


@lru_cache
def vocabulary() -> frozenset[str]:
    """All words that a sentence of the grammar can hold."""
    from seq2seq.tasks.translation import lexicon as known

    words = {*known.PRONOUNS, *OBJECTS.values(), *known.NAMES, *known.DETERMINERS, *known.MANNERS,
             *known.ADJECTIVES, *known.PREPOSITIONS, *known.TIMES, *known.FREQUENCIES,
             *known.COORDINATORS, *known.SUBORDINATORS, "an", "these", "it", "of", "who", "that",
             "not", "never", "very", "do", "does", "did", "why", "where", "?",
             "am", "is", "are", "was", "were"}
    for noun in NOUNS.values():
        words |= {noun.english, *([plural(noun)] if noun.has_plural else [])}
    for verb in VERBS.values():
        if verb.frame in ("be", "modal"):
            words |= {verb.base, third_person(verb)} - {"be", "bes", "wants"}
            continue
        words |= {verb.base, third_person(verb), *verb.particle.split(), *verb.past.split()}
    words |= {"want", "wants"}
    return frozenset(words)
