"""French: a tree written down.

    she did not give him the red apples
    elle ne lui a pas donné les pommes rouges

The verb agrees with its subject, articles and adjectives with their noun, and a participle with an
object that stands in front of it. Pronouns move in front of the verb.
"""

from dataclasses import dataclass, replace

from seq2seq.tasks.translation import french_forms as forms
from seq2seq.tasks.translation.lexicon import ADJECTIVES, NAMES, NOUNS, OWNER, VERBS, Verb
from seq2seq.tasks.translation.tree import (
    Clause,
    Gap,
    Name,
    NounPhrase,
    Phrase,
    Pronoun,
    Sentence,
    is_definite,
)

SUBJECTS = {"i": "je", "you": "tu", "he": "il", "she": "elle", "we": "nous", "they": "ils",
            "it": "il"}
DIRECT = {"i": "me", "you": "te", "he": "le", "she": "la", "we": "nous", "they": "les"}
INDIRECT = DIRECT | {"he": "lui", "she": "lui", "they": "leur"}
STRESSED = {"i": "moi", "you": "toi", "he": "lui", "she": "elle", "we": "nous", "they": "eux"}
PERSONS = {"i": 0, "you": 1, "we": 3, "they": 5}
POSSESSIVES = {"i": "mon ma mes", "you": "ton ta tes", "he": "son sa ses", "she": "son sa ses",
               "we": "notre notre nos", "they": "leur leur leurs"}
DETERMINERS = {"the": "le la les", "a": "un une des", "this": "ce cette ces"}
NEGATIONS = {"not": "pas", "never": "jamais", "often": "souvent", "always": "toujours"}
PREPOSITIONS = {"in": "dans", "into": "dans", "on": "sur", "under": "sous", "behind": "derrière",
                "with": "avec", "without": "sans", "to": "à", "from": "de"}
MANNERS = {"well": "bien", "slowly": "lentement", "quickly": "vite"}
TIMES = {"today": "aujourd'hui", "now": "maintenant", "yesterday": "hier"}
LINKS = {"and": ["et"], "but": [",", "mais"], "that": ["que"], "because": ["parce", "que"],
         "when": ["quand"], "if": ["si"]}
QUESTIONS = {"yes-no": [], "why": ["pourquoi"], "where": ["où"]}


@dataclass(frozen=True)
class Agreement:
    """Person (0 to 5: je to ils), gender and number."""

    person: int = 2
    is_feminine: bool = False
    is_plural: bool = False


@dataclass(frozen=True)
class French:
    """The language. `feminine` has the pronouns of i, you, we, they that stand for women only."""

    feminine: frozenset[str] = frozenset()

    def sentence(self, tree: Sentence) -> list[str]:
        """The tokens of a sentence: small letters, "l'" a token of its own."""
        words: list[str] = []
        for i, (link, part) in enumerate(tree.clauses):
            if i == 0 and tree.question:
                words += [*QUESTIONS[tree.question], "est-ce", "que"]
            elif i == 1 and tree.clauses[0][0]:
                words += [","]  # behind a clause that stands in front of the main one
            words += [*(LINKS[link] if link else []), *self.clause(part)]
        return forms.join_sounds([*words, "?"] if tree.question else words)

    def agreement(self, phrase: Phrase, antecedent: NounPhrase | None = None) -> Agreement:
        """What agrees with a phrase agrees in this."""
        if isinstance(phrase, Gap):
            assert antecedent
            phrase = antecedent
        if isinstance(phrase, Name):
            return Agreement(2, NAMES[phrase.word] == "f")
        if isinstance(phrase, Pronoun):
            return Agreement(PERSONS.get(phrase.word, 2),
                             phrase.word == "she" or phrase.word in self.feminine,
                             phrase.word in ("we", "they"))
        assert isinstance(phrase, NounPhrase)
        return Agreement(5 if phrase.plural else 2, NOUNS[phrase.noun].french_gender == "f",
                         phrase.plural)

    def clause(self, tree: Clause, antecedent: NounPhrase | None = None) -> list[str]:
        """The words of a clause, without what links it; a gap is not written."""
        verb, subject = VERBS[tree.verb], self.agreement(tree.subject, antecedent)
        is_perfect = tree.past and verb.french not in forms.IMPERFECT
        clitic = self.clitic(tree, verb)
        participle: list[str] = []
        if tree.modal:
            finite = forms.present(VERBS[tree.modal])[subject.person]
        elif is_perfect:
            finite = forms.present(VERBS["be" if verb.french_auxiliary == "être" else "have"])[
                subject.person]
            agrees = self._agreeing(tree, verb, subject, antecedent)
            participle = [forms.participle(verb, agrees.is_feminine, agrees.is_plural)]
        else:
            tense = forms.imperfect if tree.past else forms.present
            finite = tense(verb)[subject.person]
        ne = ["ne"] if tree.is_negative else []
        pas = [NEGATIONS[tree.adverb]] if tree.adverb else []
        # The pronoun stands in front of the verb whose object it is.
        group = [*ne, finite, *pas] if tree.modal else [*ne, *clitic, finite, *pas]
        last = [*clitic, verb.french] if tree.modal else participle
        manner = [MANNERS[tree.manner]] if tree.manner else []
        last = [*manner, *last] if tree.manner == "well" else [*last, *manner]
        time = [TIMES[tree.time]] if tree.time else []
        words = [*self.subject(tree.subject), *group, *last, *self._after(tree, verb, subject)]
        return [*time, *words] if tree.time_first else [*words, *time]

    def clitic(self, tree: Clause, verb: Verb) -> list[str]:
        """The object pronoun in front of the verb, if there is one."""
        if isinstance(tree.recipient, Pronoun):
            return [INDIRECT[tree.recipient.word]]
        if isinstance(tree.object, Pronoun):
            return [(INDIRECT if verb.french_object else DIRECT)[tree.object.word]]
        return []

    def _agreeing(self, tree: Clause, verb: Verb, subject: Agreement,
                  antecedent: NounPhrase | None) -> Agreement:
        """With what a participle agrees: the subject (être), or a direct object in front of it."""
        if verb.french_auxiliary == "être":
            return subject
        if isinstance(tree.object, Pronoun | Gap) and not verb.french_object:
            return self.agreement(tree.object, antecedent)
        return Agreement()

    def subject(self, phrase: Phrase) -> list[str]:
        """The subject; of a gap nothing."""
        if not isinstance(phrase, Pronoun):
            return self.phrase(phrase)
        is_elles = phrase.word == "they" and "they" in self.feminine
        return ["elles" if is_elles else SUBJECTS[phrase.word]]

    def _after(self, tree: Clause, verb: Verb, subject: Agreement) -> list[str]:
        """What stands behind the verb."""
        words = ["très"] if tree.very else []
        if tree.adjective:
            words.append(forms.adjective(ADJECTIVES[tree.adjective], subject.is_feminine,
                                         subject.is_plural))
        if tree.object and not isinstance(tree.object, Pronoun):
            words += [verb.french_object] if verb.french_object else []
            words += self._object(tree, verb, tree.object)
        if tree.recipient and not isinstance(tree.recipient, Pronoun):
            words += ["à", *self.phrase(tree.recipient)]
        if tree.place:
            words += [PREPOSITIONS[tree.place.preposition], *self._behind(tree.place.phrase)]
        return words

    def _behind(self, phrase: Phrase) -> list[str]:
        """A phrase behind a preposition."""
        if not isinstance(phrase, Pronoun):
            return self.phrase(phrase)
        is_elles = phrase.word == "they" and "they" in self.feminine
        return ["elles" if is_elles else STRESSED[phrase.word]]

    def _object(self, tree: Clause, verb: Verb, phrase: Phrase) -> list[str]:
        """The object: a negated "a", "apples" or "water" has de alone."""
        if is_definite(phrase):
            return self.phrase(phrase)
        assert isinstance(phrase, NounPhrase)
        if verb.is_generic and not phrase.determiner:  # she likes cats: elle aime les chats
            return self.phrase(replace(phrase, determiner="the"))
        if tree.is_negative and verb.frame != "be":
            return ["de", *self.phrase(replace(phrase, determiner=""), bare=True)]
        return self.phrase(phrase)

    def phrase(self, tree: Phrase, bare: bool = False) -> list[str]:
        """The words of a noun with all that belongs to it; `bare`: without an article."""
        if isinstance(tree, Gap):
            return []
        if isinstance(tree, Name):
            return [tree.word.capitalize()]
        assert isinstance(tree, NounPhrase)
        noun = NOUNS[tree.noun]
        is_feminine = noun.french_gender == "f"
        words = [forms.noun(noun, tree.plural)]
        for key in reversed(tree.adjectives):
            word = ADJECTIVES[key]
            if word.position == "before":
                words.insert(0, forms.adjective(word, is_feminine, tree.plural, words[0]))
        words += [forms.adjective(ADJECTIVES[key], is_feminine, tree.plural)
                  for key in tree.adjectives if ADJECTIVES[key].position == "after"]
        if not bare:
            words = [*self._determiner(tree, words[0], is_feminine), *words]
        if tree.owner:
            words += ["de", *self.phrase(tree.owner)]
        if tree.relative:
            is_subject = isinstance(tree.relative.subject, Gap)
            words += ["qui" if is_subject else "que", *self.clause(tree.relative, tree)]
        return words

    def _determiner(self, tree: NounPhrase, following: str, is_feminine: bool) -> list[str]:
        """The article, demonstrative or possessive in front of `following`."""
        noun = NOUNS[tree.noun]
        if not tree.determiner:
            if not tree.plural:
                return ["de", "la" if is_feminine else "le"]  # de l'eau, du pain
            # des pommes, but de belles pommes
            return ["de" if following != forms.noun(noun, True) else "des"]
        owner = OWNER.get(tree.determiner)
        masculine, feminine, plural = (POSSESSIVES[owner] if owner
                                       else DETERMINERS[tree.determiner]).split()
        if tree.plural:
            return [plural]
        if not is_feminine:
            is_cet = masculine == "ce" and forms.begins_with_vowel(following)
            return ["cet" if is_cet else masculine]
        # mon amie, not "ma amie"
        is_mon = owner and forms.begins_with_vowel(following)
        return [masculine if is_mon else feminine]
