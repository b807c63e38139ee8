"""French: the forms of words, by the rules of spelling and the exceptions of the lexicon."""

from functools import lru_cache

from seq2seq.tasks.translation.lexicon import Adjective, Noun, Verb

ENDINGS = {"er": "e es e ons ez ent", "ir": "is is it issons issez issent",
           "re": "s s  ons ez ent"}
PARTICIPLES = {"er": "é", "ir": "i", "re": "u"}
IMPERFECT = {"être": "étais étais était étions étiez étaient",
             "avoir": "avais avais avait avions aviez avaient"}
DOUBLING = ("appeler", "jeter")
ASPIRATED = ("hibou",)  # words whose h forbids elision
# The pairs that melt into one word, once elision is done: "à l'homme", but "au garçon".
CONTRACTIONS = {("à", "le"): "au", ("à", "les"): "aux", ("de", "le"): "du", ("de", "les"): "des"}
ELIDED = ("le", "la", "je", "me", "te", "ne", "de", "que")


def begins_with_vowel(word: str) -> bool:
    """Whether le, de, je, ... lose their vowel in front of a word."""
    return word[0].lower() in "aeiouyâàéèêëîïôùûœh" and not word.startswith(ASPIRATED)


def plural(word: str) -> str:
    """The plural of a noun or of a masculine adjective."""
    if word.endswith(("s", "x", "z")):
        return word
    if word.endswith("al"):
        return word[:-1] + "ux"
    return word + ("x" if word.endswith(("eau", "eu")) and word != "bleu" else "s")


def noun(word: Noun, is_plural: bool) -> str:
    """A noun in one of its two numbers."""
    return (word.french_plural or plural(word.french)) if is_plural else word.french


def feminine(word: Adjective) -> str:
    """The feminine singular of an adjective."""
    base = word.french
    return word.french_feminine or (base if base.endswith("e") else base + "e")


def adjective(word: Adjective, is_feminine: bool, is_plural: bool, following: str = "") -> str:
    """An adjective that agrees; `following` is the word behind it, if it stands in front."""
    if is_feminine:
        form = feminine(word)
        # An adjective that is the same in the feminine is "marron", which never changes.
        return form + "s" if is_plural and word.french_plural != word.french else form
    if is_plural:
        return word.french_plural or plural(word.french)
    if following and word.french_before_vowel and begins_with_vowel(following):
        return word.french_before_vowel
    return word.french


@lru_cache
def present(verb: Verb) -> tuple[str, ...]:
    """The six forms with je, tu, il, nous, vous, ils."""
    if verb.french_present:
        return tuple(verb.french_present.split())
    stem, ending = verb.french[:-2], verb.french[-2:]
    forms = [stem + end for end in ENDINGS[ending].split(" ")]
    if ending == "er":
        # nous mangeons, il achète, il appelle, il espère, il envoie
        if stem.endswith("g"):
            forms[3] = stem + "eons"
        for i in (0, 1, 2, 5):
            forms[i] = _closed(verb.french, stem) + forms[i].removeprefix(stem)
    return tuple(forms)


def _closed(infinitive: str, stem: str) -> str:
    """The stem in front of an ending that is not heard."""
    if infinitive in DOUBLING:
        return stem + stem[-1]
    if stem.endswith(("oy", "uy")):
        return stem[:-1] + "i"
    if stem[-2] in "eé" and stem[-1] in "tlrvnm":
        return stem[:-2] + "è" + stem[-1]
    return stem


def imperfect(verb: Verb) -> tuple[str, ...]:
    """The six forms of être and avoir: a state lasts, and French says so."""
    return tuple(IMPERFECT[verb.french].split())


def participle(verb: Verb, is_feminine: bool = False, is_plural: bool = False) -> str:
    """The past participle: vu, vue, vus, vues."""
    base = verb.french_participle or verb.french[:-2] + PARTICIPLES[verb.french[-2:]]
    base += "e" if is_feminine else ""
    return base + "s" if is_plural and not base.endswith("s") else base


def join_sounds(words: list[str]) -> list[str]:
    """The words with elision (l'homme, qu'il, s'il) and contraction (du, aux)."""
    words = list(words)
    for i in range(len(words) - 1):
        if words[i] in ELIDED and begins_with_vowel(words[i + 1]):
            words[i] = words[i][:-1] + "'"
        elif words[i] == "si" and words[i + 1] in ("il", "ils"):
            words[i] = "s'"
    joined: list[str] = []
    for word in words:
        if joined and (joined[-1], word) in CONTRACTIONS:
            joined[-1] = CONTRACTIONS[joined[-1], word]
        else:
            joined.append(word)
    return joined
