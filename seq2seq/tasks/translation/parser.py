"""English: from words to trees, by recursive descent.

Every method reads one kind of phrase from position `i`: it yields each way to read it, with the
position behind it. A sentence that can be read in two ways has two trees.
"""

from collections.abc import Iterator
from dataclasses import replace

from seq2seq.i18n import LazyText
from seq2seq.tasks.translation import english
from seq2seq.tasks.translation.coverage import clause_problem, phrase_problem, sentence_problem
from seq2seq.tasks.translation.english_index import nouns, verbs
from seq2seq.tasks.translation.lexicon import (
    ADJECTIVES,
    COORDINATORS,
    DETERMINERS,
    FREQUENCIES,
    MANNERS,
    NAMES,
    PRONOUNS,
    SUBORDINATORS,
    TIMES,
    VERBS,
    Verb,
)
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

Links = tuple[tuple[str, Clause], ...]
OBJECT_PRONOUNS = {form: word for word, form in english.OBJECTS.items()}
ADVERBS = ("never", *FREQUENCIES)


class Parser:
    """Reads one sentence. Afterwards `reach` tells how far, and `problem` why no farther."""

    def __init__(self, tokens: tuple[str, ...]) -> None:
        self.is_question = tokens[-1:] == ("?",)
        self.tokens = tokens[:-1] if self.is_question else tokens
        self.reach = 0
        self.problem: LazyText | None = None
        self.problem_at = -1

    def word(self, i: int) -> str:
        """The word at a position; empty at the end."""
        self.reach = max(self.reach, i)
        return self.tokens[i] if i < len(self.tokens) else ""

    def covered(self, problem: LazyText | None) -> bool:
        """Whether there is no problem; that of the farthest reading is kept."""
        if problem and self.reach > self.problem_at:
            self.problem, self.problem_at = problem, self.reach
        return problem is None

    def trees(self) -> list[Sentence]:
        """All trees of the sentence; none if it is not in the grammar."""
        found = list(self.questions() if self.is_question else self.statements())
        return [tree for tree in dict.fromkeys(found) if self.covered(sentence_problem(tree))]

    # --- sentences ---------------------------------------------------------------------------

    def statements(self) -> Iterator[Sentence]:
        """Such as: [because it rains] she sleeps [and he works] [because ...]."""
        link = self.word(0)
        if link in SUBORDINATORS:
            for first, i in self.clause(1, time=False):
                for main, j in self.clause(i, time_first=False):
                    for rest in self.links(j, main, coordinated=False):
                        yield Sentence(((link, first), ("", main), *rest))
            return
        for main, j in self.clause(0):
            for rest in self.links(j, main):
                yield Sentence((("", main), *rest))

    def questions(self) -> Iterator[Sentence]:
        """Such as: [why] does she sleep [when it rains]."""
        kind = self.word(0) if self.word(0) in ("why", "where") else "yes-no"
        for main, j in self.question(0 if kind == "yes-no" else 1):
            for rest in self.links(j, main, coordinated=False):
                yield Sentence((("", main), *rest), kind)

    def links(self, i: int, before: Clause, coordinated: bool = True) -> Iterator[Links]:
        """All that follows a clause; and, but only while no clause is subordinate."""
        link = self.word(i)
        says = VERBS[before.verb].frame == "say"
        if not link:
            if not says:
                yield ()
            return
        if says != (link == "that"):
            return
        main = link in COORDINATORS
        if not (main and coordinated) and link not in (*SUBORDINATORS, "that"):
            return
        for clause, j in self.clause(i + 1, time_first=main):
            for rest in self.links(j, clause, coordinated and main):
                yield ((link, clause), *rest)

    # --- clauses -----------------------------------------------------------------------------

    def clause(self, i: int, time: bool = True, time_first: bool = True
               ) -> Iterator[tuple[Clause, int]]:
        """A statement: [today] she sees him [today]."""
        first = self.word(i) if time and time_first and self.word(i) in TIMES else ""
        for subject, j in self.phrase(i + bool(first), as_object=False):
            for clause, k in self.predicate(j, subject, english.agreement(subject)):
                clause = replace(clause, time=first, time_first=bool(first))
                yield from self.with_time(clause, k, time and not first)

    def with_time(self, clause: Clause, i: int, time: bool) -> Iterator[tuple[Clause, int]]:
        """A clause, if it is covered, and perhaps the time that follows."""
        if self.covered(clause_problem(clause)):
            yield clause, i
        last = clause.phrases[-1]  # "today" behind a relative clause could belong to either
        ends_related = last is not clause.subject and getattr(last, "relative", None)
        if time and self.word(i) in TIMES and not ends_related:
            later = replace(clause, time=self.word(i))
            if self.covered(clause_problem(later)):
                yield later, i + 1

    def relative(self, i: int, noun: NounPhrase) -> Iterator[tuple[Clause, int]]:
        """Such as: who sees him, that she sees. One place of the clause is a gap."""
        for clause, j in self.predicate(i, Gap(), english.agreement(noun)):
            if VERBS[clause.verb].frame != "say" and self.covered(clause_problem(clause)):
                yield clause, j
        for subject, j in self.phrase(i, as_object=False):
            for clause, k in self.predicate(j, subject, english.agreement(subject), gap=True):
                if self.covered(clause_problem(clause)):
                    yield clause, k

    def predicate(self, i: int, subject: Phrase, person: str, gap: bool = False
                  ) -> Iterator[tuple[Clause, int]]:
        """The verb and what follows it; with `gap`, its object is missing."""
        word = self.word(i)
        if word in english.BE[person] and not gap:
            yield from self.being(i + 1, Clause(subject, "be", word == english.BE[person][1]))
        if word in english.BE[person][:1]:
            is_not = self.word(i + 1) == "not"
            yield from self.verb(i + 1 + is_not, "ing",
                                 Clause(subject, "", adverb="not" if is_not else ""), gap)
        if word in ("can", "must"):
            is_not = self.word(i + 1) == "not"
            yield from self.verb(i + 1 + is_not, "base", Clause(
                subject, "", modal=word, adverb="not" if is_not else ""), gap)
        if word in ("did", "does" if person == "he" else "do") and self.word(i + 1) == "not":
            negated = Clause(subject, "", word == "did", adverb="not")
            yield from self.infinitive(i + 2, negated, gap)
        adverb = word if word in ADVERBS else ""
        i += bool(adverb)
        if self.word(i) == ("wants" if person == "he" else "want") and self.word(i + 1) == "to":
            yield from self.verb(i + 2, "base", Clause(subject, "", modal="want", adverb=adverb),
                                 gap)
        kind = "he" if person == "he" else "base"
        yield from self.verb(i, kind, Clause(subject, "", adverb=adverb), gap)
        yield from self.verb(i, "past", Clause(subject, "", True, adverb=adverb), gap)

    def infinitive(self, i: int, clause: Clause, gap: bool = False
                   ) -> Iterator[tuple[Clause, int]]:
        """Such as: see him, or want to see him."""
        yield from self.verb(i, "base", clause, gap)
        if not clause.past and self.word(i) == "want" and self.word(i + 1) == "to":
            yield from self.verb(i + 2, "base", replace(clause, modal="want"), gap)

    def question(self, i: int) -> Iterator[tuple[Clause, int]]:
        """Such as: does she see him, is she tired, can she see him."""
        helper = self.word(i)
        for subject, j in self.phrase(i + 1, as_object=False):
            person = english.agreement(subject)
            adverb = self.word(j) if self.word(j) in ADVERBS else ""
            found: list[Iterator[tuple[Clause, int]]] = []
            k = j + bool(adverb)
            if helper in english.BE[person]:
                past = helper == english.BE[person][1]
                found.append(self.being(j, Clause(subject, "be", past)))
                if not past:
                    found.append(self.verb(k, "ing", Clause(subject, "", adverb=adverb)))
            elif helper in ("can", "must"):
                found.append(self.verb(j, "base", Clause(subject, "", modal=helper)))
            elif helper in ("did", "does" if person == "he" else "do"):
                found.append(self.infinitive(
                    k, Clause(subject, "", helper == "did", adverb=adverb)))
            for clause, end in (pair for pairs in found for pair in pairs):
                yield from self.with_time(clause, end, time=True)

    def being(self, i: int, clause: Clause) -> Iterator[tuple[Clause, int]]:
        """[not] [very] tired, [never] in the garden."""
        if self.word(i) in ("not", *ADVERBS):
            clause, i = replace(clause, adverb=self.word(i)), i + 1
        very = self.word(i) == "very"
        if self.word(i + very) in ADJECTIVES:
            yield replace(clause, very=very, adjective=self.word(i + very)), i + very + 1
        yield from ((replace(clause, place=place), j) for place, j in self.place(i, VERBS["be"]))

    def verb(self, i: int, kind: str, clause: Clause, gap: bool = False
             ) -> Iterator[tuple[Clause, int]]:
        """A form of a verb, with its particle, objects, manner and place."""
        for key in verbs().get((kind, self.word(i)), ()):
            verb, now = VERBS[key], replace(clause, verb=key)
            j = i + 1
            if verb.particle:
                if self.word(j) != verb.particle:
                    continue
                j += 1
            if gap:
                if verb.frame == "object" and not verb.french_object:
                    yield replace(now, object=Gap()), j
            elif verb.frame == "none":
                yield from self.adverbials(j, verb, now)
            elif verb.frame == "object":
                yield from ((replace(now, object=p), k) for p, k in self.phrase(j))
            elif verb.frame == "give":
                yield from self.giving(j, now)
            else:
                yield now, j

    def adverbials(self, i: int, verb: Verb, clause: Clause) -> Iterator[tuple[Clause, int]]:
        """[well] [in the garden]."""
        if self.word(i) in MANNERS:
            clause, i = replace(clause, manner=self.word(i)), i + 1
        yield clause, i
        yield from ((replace(clause, place=place), j) for place, j in self.place(i, verb))

    def giving(self, i: int, clause: Clause) -> Iterator[tuple[Clause, int]]:
        """Such as: him the book, the book to the man."""
        for first, j in self.phrase(i):
            if isinstance(first, Pronoun):
                yield from ((replace(clause, object=second, recipient=first), k)
                            for second, k in self.phrase(j) if isinstance(second, NounPhrase))
            elif isinstance(first, NounPhrase) and not first.relative and self.word(j) == "to":
                yield from ((replace(clause, object=first, recipient=second), k)
                            for second, k in self.phrase(j + 1))

    def place(self, i: int, verb: Verb) -> Iterator[tuple[Place, int]]:
        """A place that the verb may have: in the garden, with her."""
        if self.word(i) in verb.prepositions.split():
            yield from ((Place(self.word(i), p), j) for p, j in self.phrase(i + 1))

    # --- nouns and pronouns ------------------------------------------------------------------

    def phrase(self, i: int, as_object: bool = True) -> Iterator[tuple[Phrase, int]]:
        """A pronoun, a name, or a noun with all that belongs to it."""
        word = self.word(i)
        if as_object and word in OBJECT_PRONOUNS:
            yield Pronoun(OBJECT_PRONOUNS[word]), i + 1
        elif not as_object and word in (*PRONOUNS, "it"):
            yield Pronoun(word), i + 1
        elif word in NAMES:
            yield Name(word), i + 1
        for plain, j in self.noun(i):
            if not self.covered(phrase_problem(plain)):
                continue
            yield plain, j
            if self.word(j) == "of":
                owned = ((replace(plain, owner=p), k) for p, k in self.noun(j + 1)
                         if p.determiner and self.covered(phrase_problem(p)))
                yield from ((p, k) for p, k in owned if self.covered(phrase_problem(p)))
            elif self.word(j) in ("who", "that"):
                related = ((replace(plain, relative=c), k) for c, k in self.relative(j + 1, plain))
                yield from ((p, k) for p, k in related if self.covered(phrase_problem(p)))

    def noun(self, i: int) -> Iterator[tuple[NounPhrase, int]]:
        """[the] [small] [red] apple."""
        word = {"an": "a", "these": "this"}.get(self.word(i), self.word(i))
        determiner = word if word in DETERMINERS else ""
        j = i + bool(determiner)
        while self.word(j) in ADJECTIVES:
            j += 1
        found = nouns().get(self.word(j))
        if not found:
            return
        noun, plural = found
        if (self.word(i) == "these") != (plural and determiner == "this") or (
                plural and determiner == "a"):
            return
        adjectives = self.tokens[i + bool(determiner): j]
        yield NounPhrase(noun, determiner, plural, adjectives), j + 1
