"""German: the forms of words, by the rules of declension and conjugation and the lexicon."""

from functools import lru_cache

from seq2seq.tasks.translation.lexicon import Adjective, Noun, Verb

CASES = ("nominative", "accusative", "dative", "genitive")
# Endings by case (a line) and by masculine, feminine, neuter, plural (a column).
DER = {"nominative": "der die das die", "accusative": "den die das die",
       "dative": "dem der dem den", "genitive": "des der des der"}
ENDINGS = {  # of dieser
    "nominative": "er e es e", "accusative": "en e es e", "dative": "em er em en",
    "genitive": "es er es er"}
EIN_ENDINGS = {  # of ein, kein, mein
    "nominative": "- e - e", "accusative": "en e - e", "dative": "em er em en",
    "genitive": "es er es er"}
# Of an adjective behind der or dieser, behind ein, kein, mein, and with nothing in front.
WEAK = {"nominative": "e e e en", "accusative": "en e e en", "dative": "en en en en",
        "genitive": "en en en en"}
MIXED = WEAK | {"nominative": "er e es en", "accusative": "en e es en"}
STRONG = ENDINGS | {"genitive": "en er en er"}
PRETERITE = {"sein": "war warst war waren wart waren",
             "haben": "hatte hattest hatte hatten hattet hatten"}
# A preposition and an article that melt into one word.
CONTRACTIONS = {("in", "dem"): "im", ("in", "das"): "ins", ("zu", "dem"): "zum",
                ("zu", "der"): "zur", ("bei", "dem"): "beim"}


def column(word: Noun, is_plural: bool) -> int:
    """The column of a table in which a noun finds its endings."""
    return 3 if is_plural else "mfn".index(word.german_gender)


def ending(table: dict[str, str], case: str, where: int) -> str:
    """One ending of a table, or one article."""
    return table[case].split()[where].replace("-", "")


def noun(word: Noun, is_plural: bool, case: str) -> str:
    """A noun in its case: (dem) Mann, (den) Männern, (des) Mannes, (den) Löwen."""
    if is_plural:
        form = word.german_plural
        return form + "n" if case == "dative" and not form.endswith(("n", "s")) else form
    genitive = word.german_genitive
    is_weak = genitive.endswith("n") and not word.german.endswith("n")  # der Junge, den Jungen
    if genitive and case != "nominative" and (is_weak or case == "genitive"):
        return genitive
    return word.german


def adjective(word: Adjective, table: dict[str, str], case: str, where: int) -> str:
    """An adjective in front of its noun."""
    return (word.german_stem or word.german) + ending(table, case, where)


def prefix(verb: Verb) -> str:
    """The separable prefix: "an" of anrufen."""
    return verb.german.partition("|")[0] if "|" in verb.german else ""


def infinitive(verb: Verb) -> str:
    """The infinitive, in one word."""
    return verb.german.replace("|", "")


@lru_cache
def present(verb: Verb) -> tuple[str, ...]:
    """The six forms with ich, du, er, wir, ihr, sie, without the separable prefix."""
    forms = verb.german_present.split()
    if len(forms) == 6:
        return tuple(forms)
    base = verb.german.rpartition("|")[2]
    stem = base.removesuffix("n").removesuffix("e")
    # du wartest, du öffnest: an e that makes it possible to say
    consonant = stem[-1] in "mn" and (stem[-2] not in "aeiouäöülrhmn" or stem.endswith("chn"))
    e = "e" if stem[-1] in "td" or consonant else ""
    du, er = forms or (stem + ("t" if stem[-1] in "sßxz" else e + "st"), stem + e + "t")
    ich = stem[:-2] + "le" if base.endswith("eln") else stem + "e"
    return ich, du, er, base, stem + e + "t", base


def preterite(verb: Verb) -> tuple[str, ...]:
    """The six past forms of sein and haben."""
    return tuple(PRETERITE[verb.german].split())


def contract(words: list[str]) -> list[str]:
    """The words with im, ins, zum, zur, beim, and with commas where two meet or one ends it."""
    joined: list[str] = []
    for word in words:
        if joined and (joined[-1], word) in CONTRACTIONS:
            joined[-1] = CONTRACTIONS[joined[-1], word]
        elif joined and joined[-1] == "," and word in (",", "?"):
            joined[-1] = word
        else:
            joined.append(word)
    return joined[:-1] if joined[-1] == "," else joined
