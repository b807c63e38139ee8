"""Every form that the translations use, against dictionaries that others made."""

import csv

import pytest
from conftest import ROOT

from seq2seq.tasks.translation import french_forms, german, german_forms
from seq2seq.tasks.translation.french import French
from seq2seq.tasks.translation.lexicon import ADJECTIVES, NOUNS, VERBS
from seq2seq.tasks.translation.tree import NounPhrase

FIXTURES = ROOT / "tests" / "fixtures" / "translation"
VERBS_AND_FRESSEN = (*VERBS.values(), german.FRESSEN)
# The two nouns that the source has under several genders, and those with two meanings.
PERSONS = (0, 1, 2, 3, 4, 5)


def table(name):
    with (FIXTURES / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def by_lemma(name):
    return {next(iter(row.values())): row for row in table(name)}


def used_persons(verb):
    return (2,) if verb.frame == "weather" else PERSONS


def without_ligature(word):
    return word.replace("œ", "oe")


def test_french_nouns():
    known = by_lemma("french_nouns")
    checked = 0
    for noun in NOUNS.values():
        row = known[noun.french]
        assert noun.french_gender in row["genders"] or row["genders"] == "?", noun
        assert without_ligature(noun.french) in row["singular"].split()
        if noun.has_plural:
            assert without_ligature(french_forms.noun(noun, True)) in row["plural"].split()
        checked += 1 + noun.has_plural
    assert checked >= 120


def test_french_adjectives():
    known = by_lemma("french_adjectives")
    for adjective in ADJECTIVES.values():
        row = known[adjective.french]
        for key, feminine, plural in (("ms", False, False), ("mp", False, True),
                                      ("fs", True, False), ("fp", True, True)):
            form = french_forms.adjective(adjective, feminine, plural)
            assert form in row[key].split(), (form, key)
        if adjective.french_before_vowel:
            assert adjective.french_before_vowel in row["ms"].split()
            assert french_forms.adjective(adjective, False, False, "homme") == \
                adjective.french_before_vowel
            assert french_forms.adjective(adjective, False, False, "hibou") == adjective.french


def test_french_verbs():
    known = by_lemma("french_verbs")
    for verb in VERBS.values():
        row = known[verb.french]
        present = french_forms.present(verb)
        for i in used_persons(verb):
            assert present[i] in row[f"present {i + 1}"].split(), (verb.french, present[i])
        if verb.french in french_forms.IMPERFECT:
            past = french_forms.imperfect(verb)
            assert all(past[i] in row[f"imperfect {i + 1}"].split() for i in PERSONS)
        for key, feminine, plural in (("ms", False, False), ("mp", False, True),
                                      ("fs", True, False), ("fp", True, True)):
            form = french_forms.participle(verb, feminine, plural)
            # Lefff has no feminine for what never agrees (été, plu).
            if verb.frame in ("object", "give") or verb.french_auxiliary == "être":
                assert form in row[key].split(), (verb.french, form)


def test_german_nouns():
    known = by_lemma("german_nouns")
    for noun in NOUNS.values():
        row = known[noun.german]
        assert noun.german_gender in row["genders"].split(), noun.german
        for case in german_forms.CASES:
            assert german_forms.noun(noun, False, case) in row[f"{case} singular"].split(), noun
            if noun.has_plural:
                form = german_forms.noun(noun, True, case)
                assert form in row[f"{case} plural"].split(), (noun.german, case, form)


def test_german_adjectives():
    """All 48 forms of each: three declensions, four cases, three genders and the plural."""
    tables = {"weak": german_forms.WEAK, "mixed": german_forms.MIXED,
              "strong": german_forms.STRONG}
    known = {adjective.german: adjective for adjective in ADJECTIVES.values()}
    rows = table("german_adjectives")
    assert {row["lemma"] for row in rows} == set(known)
    for row in rows:
        for where, key in enumerate(("m", "f", "n", "plural")):
            form = german_forms.adjective(known[row["lemma"]], tables[row["declension"]],
                                          row["case"], where)
            assert form == row[key], (row, key)


def test_german_verbs():
    known = by_lemma("german_verbs")
    for verb in VERBS_AND_FRESSEN:
        row = known[german_forms.infinitive(verb)]
        assert verb.german_participle in row["participle"].split()
        for i in used_persons(verb):
            form = " ".join(filter(None, (german_forms.present(verb)[i],
                                          german_forms.prefix(verb))))
            assert form == row[f"present {i + 1}"]
        if verb.german in german_forms.PRETERITE:
            past = german_forms.preterite(verb)
            assert all(past[i] == row[f"preterite {i + 1}"] for i in PERSONS)


ARTICLES = {  # case: the, a, this, my, in front of m, f, n, plural; from a grammar book
    "nominative": ("der die das die", "ein eine ein -", "dieser diese dieses diese",
                   "mein meine mein meine"),
    "accusative": ("den die das die", "einen eine ein -", "diesen diese dieses diese",
                   "meinen meine mein meine"),
    "dative": ("dem der dem den", "einem einer einem -", "diesem dieser diesem diesen",
               "meinem meiner meinem meinen"),
    "genitive": ("des der des der", "eines einer eines -", "dieses dieser dieses dieser",
                 "meines meiner meines meiner"),
}


@pytest.mark.parametrize("case", ARTICLES)
@pytest.mark.parametrize("noun", NOUNS)
def test_german_articles_and_adjectives_in_front_of_every_noun(noun, case):
    """Every article, noun, number and adjective that fits: all agree in gender, number, case."""
    known = {(r["lemma"], r["declension"], r["case"]): r for r in table("german_adjectives")}
    word = NOUNS[noun]
    for number, where in ((False, word.german_gender), (True, "plural")):
        if number and not word.has_plural:
            continue
        for determiner, line in zip(("the", "a", "this", "my"), ARTICLES[case], strict=True):
            article = line.split()["mfn".find(where) if where != "plural" else 3]
            if article == "-":
                continue
            declension = "weak" if determiner in ("the", "this") else "mixed"
            for adjective in ADJECTIVES:
                written = german.phrase(NounPhrase(noun, determiner, number, (adjective,)), case)
                row = known[ADJECTIVES[adjective].german, declension, case]
                assert written == [article, row[where], german_forms.noun(word, number, case)]


FRENCH_ARTICLES = {"the": "le la les", "a": "un une", "this": "ce cette ces", "my": "mon ma mes",
                   "our": "notre notre nos", "their": "leur leur leurs"}


@pytest.mark.parametrize("noun", NOUNS)
def test_french_articles_and_adjectives_beside_every_noun(noun):
    known = by_lemma("french_adjectives")
    word = NOUNS[noun]
    for plural in (False, True)[:1 + word.has_plural]:
        key = word.french_gender + ("p" if plural else "s")
        for determiner, line in FRENCH_ARTICLES.items():
            if determiner == "a" and plural:
                continue
            for adjective, entry in ADJECTIVES.items():
                article, *rest = french_forms.join_sounds(
                    French().phrase(NounPhrase(noun, determiner, plural, (adjective,))))
                is_before = entry.position == "before"
                assert rest[not is_before] in known[entry.french][key].split()
                assert rest[is_before] == french_forms.noun(word, plural)
                expected = line.split()[2 if plural else word.french_gender == "f"]
                if rest[0][0] in "aeéhioôœ" and rest[0] not in ("hibou", "hiboux"):
                    expected = {"le": "l'", "la": "l'", "ce": "cet", "ma": "mon"}.get(expected,
                                                                                      expected)
                assert article == expected, rest
