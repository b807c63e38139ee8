"""All tokens that French and German sentences can hold, from the tables of the lexicon."""

from collections.abc import Iterable
from functools import lru_cache

from seq2seq.tasks.translation import french, french_forms, german, german_forms
from seq2seq.tasks.translation.lexicon import ADJECTIVES, NAMES, NOUNS, VERBS, Verb

USED = (0, 1, 2, 3, 5)  # nobody is called vous or ihr: "you" is one friend


def _ordered(words: Iterable[str]) -> tuple[str, ...]:
    """Each token once; words first, then signs."""
    return tuple(sorted(dict.fromkeys(filter(None, words)), key=lambda w: (not w[0].isalpha(), w)))


def _forms(verb: Verb, present: tuple[str, ...]) -> list[str]:
    return [present[2]] if verb.frame == "weather" else [present[i] for i in USED]


def _past(verb: Verb) -> bool:
    return not verb.is_state and verb.frame not in ("modal", "be") and verb.english != "have"


@lru_cache
def french_tokens() -> tuple[str, ...]:
    """Those of French, "l'" and the comma among them."""
    words = [*french.SUBJECTS.values(), *french.DIRECT.values(), *french.INDIRECT.values(),
             *french.STRESSED.values(), "elles", "ne", *french.NEGATIONS.values(),
             *french.PREPOSITIONS.values(), *french.MANNERS.values(), *french.TIMES.values(),
             "est-ce", "pourquoi", "où", "?", ",", "très", "qui", "que", "cet", "de", "s'",
             *french_forms.CONTRACTIONS.values(), *(name.capitalize() for name in NAMES),
             *(word[:-1] + "'" for word in french_forms.ELIDED)]
    words += [word for link in french.LINKS.values() for word in link]
    for table in (*french.POSSESSIVES.values(), *french.DETERMINERS.values()):
        words += table.split()
    for noun in NOUNS.values():
        words += [french_forms.noun(noun, is_plural) for is_plural in (False, True)
                  if not is_plural or noun.has_plural]
    for adjective in ADJECTIVES.values():
        words += [french_forms.adjective(adjective, f, p) for f in (False, True)
                  for p in (False, True)] + [adjective.french_before_vowel]
    for verb in VERBS.values():
        words += _forms(verb, french_forms.present(verb))
        if verb.french in french_forms.IMPERFECT:
            words += _forms(verb, french_forms.imperfect(verb))
        if _past(verb):
            changes = verb.frame in ("object", "give") or verb.french_auxiliary == "être"
            words += [french_forms.participle(verb, f, p) for f in (False, changes)
                      for p in (False, changes)]
        if verb.frame in ("none", "object", "give"):
            words.append(verb.french)
    return _ordered(words)


@lru_cache
def german_tokens() -> tuple[str, ...]:
    """Those of German, the comma among them."""
    words = [*german.ADVERBS.values(), *german.MANNERS.values(), *german.TIMES.values(), "warum",
             "wo", "auf", german.COMPANY, "denen", "sehr", "?", *german_forms.CONTRACTIONS.values(),
             *(name.capitalize() for name in NAMES), *(word for word, _ in german.CASES.values())]
    words += [word for table in german.PRONOUNS.values() for word in table.values()]
    words += [word for link in german.LINKS.values() for word in link]
    words += [word for line in german_forms.DER.values() for word in line.split()]
    ends = {case: line.split() for case, line in german_forms.EIN_ENDINGS.items()}
    for ein in ("ein", "kein", *german.POSSESSIVES.values()):
        words += [ein + end.replace("-", "") for line in ends.values()
                  for end in (line[:3] if ein == "ein" else line)]
    words += ["dies" + end for line in german_forms.ENDINGS.values() for end in line.split()]
    for noun in NOUNS.values():
        for case in german_forms.CASES:
            words += [german_forms.noun(noun, is_plural, case) for is_plural in (False, True)
                      if not is_plural or noun.has_plural]
    for adjective in ADJECTIVES.values():
        stem = adjective.german_stem or adjective.german
        words += [adjective.german, *(stem + end for end in ("e", "en", "er", "es", "em"))]
    for verb in (*VERBS.values(), german.FRESSEN):
        words += _words_of(verb)
    return _ordered(words)


def _words_of(verb: Verb) -> list[str]:
    """The forms of a German verb; in a subordinate clause with its prefix."""
    present = _forms(verb, german_forms.present(verb))
    prefix = german_forms.prefix(verb)
    words = [*present, prefix, *(prefix + form for form in present)]
    if verb.german in german_forms.PRETERITE:
        words += _forms(verb, german_forms.preterite(verb))
    if _past(verb):
        words.append(verb.german_participle)
    if verb.frame in ("none", "object", "give"):
        words.append(german_forms.infinitive(verb))
    return words
