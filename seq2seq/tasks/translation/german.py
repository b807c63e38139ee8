"""German: a tree written down.

    she did not call the old man
    sie hat den alten Mann nicht angerufen

In a main clause the finite verb is the second part, and what belongs to it (participle, infinitive,
prefix) comes last. In a subordinate clause all of the verb comes last.
"""

from dataclasses import replace

from seq2seq.tasks.translation import german_forms as forms
from seq2seq.tasks.translation.lexicon import ADJECTIVES, NOUNS, OWNER, VERBS, Verb
from seq2seq.tasks.translation.tree import (
    Clause,
    Gap,
    Name,
    NounPhrase,
    Phrase,
    Place,
    Pronoun,
    Sentence,
    is_definite,
)

PRONOUNS = {
    "nominative": {"i": "ich", "you": "du", "he": "er", "she": "sie", "we": "wir", "they": "sie",
                   "it": "es"},
    "accusative": {"i": "mich", "you": "dich", "he": "ihn", "she": "sie", "we": "uns",
                   "they": "sie"},
    "dative": {"i": "mir", "you": "dir", "he": "ihm", "she": "ihr", "we": "uns", "they": "ihnen"},
}
PERSONS = {"i": 0, "you": 1, "we": 3, "they": 5}
POSSESSIVES = {"i": "mein", "you": "dein", "he": "sein", "she": "ihr", "we": "unser",
               "they": "ihr"}
ADVERBS = {"not": "nicht", "never": "nie", "often": "oft", "always": "immer"}
CASES = {"in": ("in", "dative"), "into": ("in", "accusative"), "on": ("auf", "dative"),
         "under": ("unter", "dative"), "behind": ("hinter", "dative"), "with": ("mit", "dative"),
         "without": ("ohne", "accusative"), "to": ("zu", "dative"), "from": ("aus", "dative")}
COMPANY = "bei"  # for "with" after "be"
MANNERS = {"well": "gut", "slowly": "langsam", "quickly": "schnell"}
TIMES = {"today": "heute", "now": "jetzt", "yesterday": "gestern"}
LINKS = {"and": ["und"], "but": [",", "aber"], "that": [",", "dass"], "because": [",", "weil"],
         "when": [",", "wenn"], "if": [",", "wenn"]}
VERB_LAST = ("that", "because", "when", "if")
QUESTIONS = {"yes-no": [], "why": ["warum"], "where": ["wo"]}


def sentence(tree: Sentence) -> list[str]:
    """The tokens of a sentence; a comma is one, and nouns have their capital letter."""
    words: list[str] = []
    in_front = bool(tree.clauses[0][0])
    for i, (link, part) in enumerate(tree.clauses):
        if i == 0 and in_front:
            words += [*LINKS[link][1:], *verb_last(part), ","]
        elif i == 1 and in_front:  # the clause in front is the first part: the verb is next
            words += verb_first(part)
        elif i == 0 and tree.question:
            words += [*QUESTIONS[tree.question], *verb_first(part)]
        elif link in VERB_LAST:
            words += [*LINKS[link], *verb_last(part)]
        else:
            words += [*(LINKS[link] if link else []), *verb_second(part)]
    return forms.contract([*words, "?"] if tree.question else words)


def verb_second(tree: Clause) -> list[str]:
    """A main clause: subject or time, finite verb, the rest."""
    if tree.time_first:
        return [TIMES[tree.time], *verb_first(tree)]
    finite, last = verb_parts(tree, person(tree.subject))
    return [*phrase(tree.subject, "nominative"), finite, *rest(tree, last)]


def verb_first(tree: Clause) -> list[str]:
    """What stands behind the first part, and a question: finite verb, subject, the rest."""
    finite, last = verb_parts(tree, person(tree.subject))
    return [finite, *phrase(tree.subject, "nominative"), *rest(tree, last)]


def verb_last(tree: Clause, antecedent: NounPhrase | None = None) -> list[str]:
    """A subordinate clause: subject, the rest, finite verb. A gap is not written."""
    finite, last = verb_parts(tree, person(tree.subject, antecedent), antecedent)
    prefix = forms.prefix(VERBS[tree.verb])
    if prefix and last == [prefix]:
        finite, last = prefix + finite, []
    return [*phrase(tree.subject, "nominative"), *rest(tree, [*last, finite])]


def person(subject: Phrase, antecedent: NounPhrase | None = None) -> int:
    """Which of the six forms of a verb goes with a subject."""
    if isinstance(subject, Gap):
        assert antecedent
        subject = antecedent
    if isinstance(subject, Pronoun):
        return PERSONS.get(subject.word, 2)
    return 5 if isinstance(subject, NounPhrase) and subject.plural else 2


def german_verb(tree: Clause, antecedent: NounPhrase | None = None) -> Verb:
    """The verb; animals do not "essen", they "fressen"."""
    verb = VERBS[tree.verb]
    subject = antecedent if isinstance(tree.subject, Gap) else tree.subject
    if verb.flags == "fressen" and isinstance(subject, NounPhrase) \
            and NOUNS[subject.noun].kind == "animal":
        return FRESSEN
    return verb


def verb_parts(tree: Clause, who: int, antecedent: NounPhrase | None = None
               ) -> tuple[str, list[str]]:
    """The finite verb, and what of the verb stands at the end."""
    verb = german_verb(tree, antecedent)
    if tree.modal:
        return forms.present(VERBS[tree.modal])[who], [forms.infinitive(verb)]
    if tree.past and verb.german in forms.PRETERITE:
        return forms.preterite(verb)[who], []
    if tree.past:
        auxiliary = VERBS["be" if verb.german_auxiliary == "sein" else "have"]
        return forms.present(auxiliary)[who], [verb.german_participle]
    prefix = forms.prefix(verb)
    return forms.present(verb)[who], [prefix] if prefix else []


def rest(tree: Clause, last: list[str]) -> list[str]:
    """What stands behind the finite verb and the subject.

    A relative clause of the object or the place comes behind all of it: "er ruft den Mann an, der
    schläft".
    """
    noun = tree.place.phrase if tree.place else tree.object
    if not isinstance(noun, NounPhrase) or not noun.relative or tree.recipient:
        return [*middle(tree), *last]
    bare = replace(noun, relative=None)
    shorter = (replace(tree, place=replace(tree.place, phrase=bare)) if tree.place
               else replace(tree, object=bare))
    return [*middle(shorter), *last, ",", *_relative(noun.relative, noun), ","]


def middle(tree: Clause) -> list[str]:
    """What stands between the two parts of the verb.

    Pronouns, the time, nouns that are known, "nicht", nouns that are new, how, where.
    """
    verb = VERBS[tree.verb]
    by_preposition = verb.german_object == "auf"
    case = verb.german_object if verb.german_object == "dative" else "accusative"
    objects: list[tuple[Phrase, str]] = []
    if tree.recipient:
        objects.append((tree.recipient, "dative"))
    if tree.object and not by_preposition:
        objects.append((tree.object, case))
    adverb = ADVERBS[tree.adverb] if tree.adverb else ""
    pronouns, known, new = [], [], []
    for part, part_case in objects:
        if isinstance(part, Pronoun):
            pronouns += phrase(part, part_case)
        elif is_definite(part):
            known += phrase(part, part_case)
        elif tree.adverb == "not":  # nicht ein = kein
            adverb = ""
            new += phrase(part, part_case, negated=True)
        else:
            new += phrase(part, part_case)
    words = [*pronouns, *([TIMES[tree.time]] if tree.time and not tree.time_first else []),
             *known, *([adverb] if adverb else []), *new]
    words += [MANNERS[tree.manner]] if tree.manner else []
    if by_preposition and tree.object and not isinstance(tree.object, Gap):
        words += ["auf", *phrase(tree.object, "accusative")]
    words += ["sehr"] if tree.very else []
    words += [ADJECTIVES[tree.adjective].german] if tree.adjective else []
    return words + (_place(tree, tree.place) if tree.place else [])


def _place(tree: Clause, place: Place) -> list[str]:
    preposition, case = CASES[place.preposition]
    if tree.verb == "be" and place.preposition == "with" and not tree.adjective:
        preposition = COMPANY  # "sie ist bei Anna", but "sie arbeitet mit Anna"
    return [preposition, *phrase(place.phrase, case)]


def phrase(tree: Phrase, case: str, negated: bool = False) -> list[str]:
    """The words of a noun with all that belongs to it, in its case; `negated`: with kein."""
    if isinstance(tree, Gap):
        return []
    if isinstance(tree, Pronoun):
        return [PRONOUNS[case][tree.word]]
    if isinstance(tree, Name):
        return [tree.word.capitalize()]
    noun = NOUNS[tree.noun]
    where = forms.column(noun, tree.plural)
    if negated:
        determiner, table = ["k" + _ein("ein", case, where)], forms.MIXED
    else:
        determiner, table = _determiner(tree.determiner, case, where)
    words = [*determiner,
             *(forms.adjective(ADJECTIVES[key], table, case, where) for key in tree.adjectives),
             forms.noun(noun, tree.plural, case)]
    if tree.owner:
        words += phrase(tree.owner, "genitive")
    if tree.relative:
        words += [",", *_relative(tree.relative, tree), ","]
    return words


def _determiner(key: str, case: str, where: int) -> tuple[list[str], dict[str, str]]:
    """The word in front of a noun, and the table of its adjective's endings."""
    if key == "the":
        return [forms.ending(forms.DER, case, where)], forms.WEAK
    if key == "this":
        return ["dies" + forms.ending(forms.ENDINGS, case, where)], forms.WEAK
    if not key:
        return [], forms.STRONG
    return [_ein(POSSESSIVES[OWNER[key]] if key in OWNER else "ein", case, where)], forms.MIXED


def _ein(word: str, case: str, where: int) -> str:
    return word + forms.ending(forms.EIN_ENDINGS, case, where)


def _relative(tree: Clause, antecedent: NounPhrase) -> list[str]:
    """A relative clause: its pronoun has the gender of the noun, and the case of the gap."""
    verb = VERBS[tree.verb]
    where = forms.column(NOUNS[antecedent.noun], antecedent.plural)
    if isinstance(tree.subject, Gap):
        pronoun = [forms.ending(forms.DER, "nominative", where)]
    elif verb.german_object == "dative":
        pronoun = ["denen" if antecedent.plural else forms.ending(forms.DER, "dative", where)]
    else:
        before = [verb.german_object] if verb.german_object else []
        pronoun = [*before, forms.ending(forms.DER, "accusative", where)]
    return [*pronoun, *verb_last(tree, antecedent)]


FRESSEN = replace(VERBS["eat"], german="fressen", german_present="frisst frisst",
                  german_participle="gefressen")
