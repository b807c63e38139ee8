"""What the grammar leaves out, and why: where a translation would need more than the sentence says.

`problem` is asked by the parser (it tells the visitor) and by the sampler (it draws again).
"""

from seq2seq.i18n import LazyText
from seq2seq.tasks.translation.lexicon import ADJECTIVES, NOUNS, PREPOSITIONS, TIMES, VERBS
from seq2seq.tasks.translation.tree import (
    Clause,
    Gap,
    NounPhrase,
    Phrase,
    Place,
    Pronoun,
    Sentence,
    is_definite,
    walk,
)

# "To the house" is missing: "à la maison" means home.
PLACES = {"in": "place", "into": "place", "from": "place",
          "to": "garden school church hotel museum castle hospital", "on": "furniture",
          "under": "furniture", "behind": "furniture place"}

ITSELF: dict[Phrase, tuple[str, ...]] = {
    Pronoun("i"): ("i", "we"), Pronoun("we"): ("i", "we"), Pronoun("you"): ("you",)}


def clause_problem(tree: Clause) -> LazyText | None:
    """Why a clause is not covered, or None if it is."""
    verb = VERBS[tree.verb]
    is_say = verb.frame == "say"
    if (tree.subject == Pronoun("it")) != (verb.frame == "weather"):
        return LazyText("“it” is allowed only with “rains” and “snows”: elsewhere the translation "
                        "depends on the noun that it replaces. Write the noun.")
    if verb.is_state and tree.past:
        return LazyText("Use “{word}” only in the present tense here: its past tense has several "
                        "translations.",
                        word=verb.base)
    if verb.needs_place and not tree.place:
        return LazyText("“{word}” needs a place, such as “in the house” or “to the school”.",
                        word=verb.base)
    if (is_say and tree.adverb) or (tree.modal and tree.adverb and
                                    (tree.modal, tree.adverb) not in (("can", "not"),
                                                                      ("want", "not"))):
        return LazyText("“{adverb}” cannot be used with “{word}” here. Remove it, or choose "
                        "another adverb.", adverb=tree.adverb,
                        word=tree.modal or verb.base)
    if tree.time and (is_say or tree.adverb not in ("", "not")
                      or not TIMES[tree.time][tree.past]):
        return LazyText("“{word}” does not match the tense or the adverb of its clause. Change the "
                        "verb form or the adverb.",
                        word=tree.time)
    if any(isinstance(p, Pronoun) and p.word in ITSELF.get(tree.subject, ())
           for p in tree.phrases[1:]):
        return LazyText("“I see me” would need a reflexive pronoun, which is not covered. Choose "
                        "another object.")
    return (_negation_problem(tree) or _object_problem(tree)
            or (_place_problem(tree.place) if tree.place else None))


def _negation_problem(tree: Clause) -> LazyText | None:
    """Behind a negation, what "a" means depends on more than the sentence."""
    if not tree.is_negative:
        return None
    verb = VERBS[tree.verb]
    is_new = not is_definite(tree.object)
    if not is_definite(tree.subject) or not is_definite(tree.recipient) or (is_new and (
            not verb.has_plain_object or (verb.is_generic and _determiner(tree.object) == "a"))):
        return LazyText("In a negated clause, “a” is allowed only before the object of verbs such "
                        "as see, eat and buy. Use “the” here.")
    return None


def _object_problem(tree: Clause) -> LazyText | None:
    verb, phrase = VERBS[tree.verb], tree.object
    for part in tree.phrases:
        is_object = part is phrase and verb.has_plain_object
        if _determiner(part) == "" and not is_object:
            return LazyText("A noun without an article is used only as the object of verbs such as "
                            "see, eat, buy: put “the” in front of it.")
    if isinstance(phrase, NounPhrase) and phrase.relative and not is_definite(phrase) and (
            tree.is_negative or tree.modal or tree.verb == "look for"):
        return LazyText("Here, “{noun} that …” would need the subjunctive in French: use “the”.",
                        noun=phrase.noun)
    if verb.flags == "only" and not (isinstance(phrase, Gap) or (
            isinstance(phrase, NounPhrase) and NOUNS[phrase.noun].fits(verb.objects))):
        return LazyText("With a person, French uses a different verb for “{word}”, which is not "
                        "covered. Use “{word}” with a place, such as “the museum”.", word=verb.base)
    return None


def _determiner(phrase: Phrase | None) -> str | None:
    return phrase.determiner if isinstance(phrase, NounPhrase) else None


def _place_problem(place: Place) -> LazyText | None:
    phrase = place.phrase
    if PREPOSITIONS[place.preposition] == "company":
        fits = not isinstance(phrase, NounPhrase) or NOUNS[phrase.noun].is_animate
    else:
        fits = isinstance(phrase, NounPhrase) and NOUNS[phrase.noun].fits(PLACES[place.preposition])
    if fits:
        return None
    kinds = {"company": LazyText("a person or an animal"), "place": LazyText("a place"),
             "furniture": LazyText("a piece of furniture"),
             "furniture place": LazyText("a place or a piece of furniture")}
    kind = PLACES.get(place.preposition, "company")
    return LazyText("“{word}” is followed by {kind} here.", word=place.preposition,
                    kind=kinds.get(kind, ", ".join(kind.split())))


def phrase_problem(tree: NounPhrase) -> LazyText | None:
    """Why a noun with what belongs to it is not covered, or None if it is."""
    noun = NOUNS[tree.noun]
    lacks_article = not tree.determiner and not noun.is_mass and not tree.plural
    if lacks_article or (tree.determiner == "a" and noun.is_mass):
        return LazyText("Use another article with “{noun}”.", noun=tree.noun)
    if "big" in tree.adjectives and noun.kind in ("person", "kin"):
        return LazyText("“big” cannot describe a person here: in French, “un grand homme” is a "
                        "great man. Choose another adjective.")
    order = [ADJECTIVES[key].position for key in tree.adjectives]
    if len(order) > 2 or (len(order) == 2 and order != ["before", "after"]):
        return LazyText("Two adjectives are allowed only if the first describes size, age or "
                        "beauty and the second something else, as in “the small red apple”.")
    for part in (tree.owner, tree.relative):
        if part and any(isinstance(p, NounPhrase) and (p.owner or p.relative) for p in walk(part)):
            return LazyText("A noun after “of” or in a relative clause cannot be followed by "
                            "another “of” or relative clause. Remove the second one.")
    return None


def sentence_problem(tree: Sentence) -> LazyText | None:
    """Why a sentence of covered clauses is not covered, or None if it is."""
    first = tree.clauses[0][1]
    links = [link for link, _ in tree.clauses]
    if {"when", "if"} & set(links) and any(clause.past for _, clause in tree.clauses):
        return LazyText("With “when” or “if”, all clauses must be in the present tense.")
    if tree.question:
        if first.is_negative or VERBS[first.verb].frame == "say":
            return LazyText("Questions cannot be negative here, and cannot ask what somebody says, "
                            "thinks or knows. Rephrase the sentence.")
        if tree.question == "where" and (first.place or "in" not in VERBS[first.verb].prepositions
                                         or first.verb == "be"):
            return LazyText("Questions with “where” are allowed only with verbs such as sleep, "
                            "work, play and live.")
    return None


