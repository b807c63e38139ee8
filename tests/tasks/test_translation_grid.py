"""Every verb × person × tense × polarity, built a second time from the dictionaries of others.

The expected sentences are put together here from the forms in `tests/fixtures/translation`, by
rules of their own: nothing of the grammar's French and German is used.
"""

import pytest
from test_translation_forms import by_lemma

from seq2seq.tasks.translation import english, german
from seq2seq.tasks.translation.french import French
from seq2seq.tasks.translation.lexicon import VERBS
from seq2seq.tasks.translation.tree import Clause, Name, Pronoun, Sentence

FRENCH_VERBS, GERMAN_VERBS = by_lemma("french_verbs"), by_lemma("german_verbs")
PERSONS = {  # English: French, German, the number of the form, its participle with être
    "i": ("je", "ich", 1, "ms"), "you": ("tu", "du", 2, "ms"), "he": ("il", "er", 3, "ms"),
    "she": ("elle", "sie", 3, "fs"), "we": ("nous", "wir", 4, "mp"),
    "they": ("ils", "sie", 6, "mp")}
WITH_ETRE = {"go", "come", "arrive", "leave", "stay", "fall"}
WITH_SEIN = {"swim", "stay", "run", "go", "come", "arrive", "leave", "fall", "follow"}
SAID_WITH_IMPERFECT = {"be", "have"}  # and in German with the preterite
MODALS = {"can", "must", "want"}
VOWELS = "aeiouéêèâôh"  # what an e is lost in front of, among the forms of these verbs
PREFIXES = {"arrive": "an", "leave": "weg", "call": "an", "invite": "ein", "look at": "an",
            "listen to": "zu"}
PAUL = Name("paul")


def clauses():
    for key, verb in VERBS.items():
        if verb.frame == "weather":
            continue
        for who in PERSONS:
            for past in (False, True):
                if past and (verb.is_state or key in MODALS):
                    continue  # used in the present only
                for negative in (False, True):
                    if negative and verb.frame == "say":
                        continue
                    yield key, who, past, negative


def tree(key, who, past, negative):
    verb = "sleep" if key in MODALS else key
    has_object = VERBS[key].frame in ("object", "give")
    return Clause(Pronoun(who), verb, past, key if key in MODALS else "",
                  "not" if negative else "", PAUL if has_object else None,
                  PAUL if VERBS[key].frame == "give" else None,
                  "tired" if key == "be" else "")


def in_french(key, who, past, negative):
    pronoun, _, number, agreement = PERSONS[who]
    row = FRENCH_VERBS[VERBS[key].french]
    last = []
    if past and key in SAID_WITH_IMPERFECT:
        finite = row[f"imperfect {number}"]
    elif past:
        finite = FRENCH_VERBS["être" if key in WITH_ETRE else "avoir"][f"present {number}"]
        last = [row[agreement if key in WITH_ETRE else "ms"]]
    else:
        finite = row[f"present {number}"]
    last += ["dormir"] if key in MODALS else []
    if VERBS[key].frame in ("object", "give"):
        last += (["à"] if key == "answer" else []) + ["Paul"]
        last += ["à", "Paul"] if VERBS[key].frame == "give" else []
    if key == "be":
        row = by_lemma("french_adjectives")["fatigué"]
        last += [row[agreement]]
    found = []
    for form in finite.split():  # Lefff knows two spellings of some
        negated = [*(["n'" if form[0] in VOWELS else "ne"] if negative else []), form,
                   *(["pas"] if negative else [])]
        lost = pronoun == "je" and negated[0][0] in VOWELS
        found.append(["j'" if lost else pronoun, *negated, *last])
    return found


def in_german(key, who, past, negative):
    _, pronoun, number, _ = PERSONS[who]
    infinitive = VERBS[key].german.replace("|", "")
    row, prefix = GERMAN_VERBS[infinitive], PREFIXES.get(key)
    last = []
    if past and key in SAID_WITH_IMPERFECT:
        finite = row[f"preterite {number}"]
    elif past:
        finite = GERMAN_VERBS["sein" if key in WITH_SEIN else "haben"][f"present {number}"]
        last = [row["participle"]]
    else:
        finite = row[f"present {number}"].removesuffix(f" {prefix}")
        last = [prefix] if prefix else ["schlafen"] if key in MODALS else []
    no = ["nicht"] if negative else []
    if key == "be":
        middle = [*no, "müde"]
    elif key == "wait for":
        middle = [*no, "auf", "Paul"]
    else:
        middle = {"object": ["Paul"], "give": ["Paul", "Paul"]}.get(VERBS[key].frame, []) + no
    return [pronoun, finite, *middle, *last]


def in_english(key, who, past, negative):
    verb = VERBS[key]
    third = who in ("he", "she")
    base, *particle = key.split()
    after = []
    if key == "be":
        words = {"i": "am was", "he": "is was", "she": "is was"}.get(who, "are were").split()
        return [who, words[past], *(["not"] if negative else []), "tired"]
    if key in ("can", "must"):
        return [who, key, *(["not"] if negative else []), "sleep"]
    after = ["to", "sleep"] if key == "want" else particle if verb.frame != "say" else []
    after += ["paul"] if verb.frame in ("object", "give") else []
    after += ["to", "paul"] if verb.frame == "give" else []
    if negative:
        return [who, "did" if past else "does" if third else "do", "not", base, *after]
    if past:
        return [who, verb.past, *after]
    ending = {"go": "goes", "wash": "washes", "have": "has", "cry": "cries"}
    return [who, ending.get(base, base + "s") if third else base, *after]


def test_the_grid_is_complete():
    found = list(clauses())
    assert len(found) == len(set(found)) > 1_000
    assert {key for key, *_ in found} == {k for k, v in VERBS.items() if v.frame != "weather"}


@pytest.mark.parametrize("who", PERSONS)
def test_every_verb_person_tense_and_polarity(who):
    for case in clauses():
        if case[1] != who:
            continue
        sentence = Sentence((("", tree(*case)),))
        assert english.sentence(sentence) == in_english(*case)
        assert French().sentence(sentence) in in_french(*case), case
        assert german.sentence(sentence) == in_german(*case), case
