"""Sentences drawn at random: trees in which verbs, nouns and adjectives fit each other."""

from dataclasses import dataclass, replace

from seq2seq.tasks.translation.coverage import clause_problem, sentence_problem
from seq2seq.tasks.translation.english import agreement
from seq2seq.tasks.translation.lexicon import (
    COORDINATORS,
    FREQUENCIES,
    NOUNS,
    SUBORDINATORS,
    TIMES,
    VERBS,
    Verb,
)
from seq2seq.tasks.translation.phrase_sampler import (
    ANIMATE,
    PEOPLE,
    PhraseSampler,
    adjectives_of,
    nouns_of,
    of_people,
)
from seq2seq.tasks.translation.tree import (
    Clause,
    Gap,
    NounPhrase,
    Pronoun,
    Sentence,
    filled,
)

MOST_CLAUSES = 12  # a sentence of more is not drawn, whatever is asked for
WELL = ("sleep", "work", "sing", "play", "swim")
SPEED = ("work", "swim", "run")
POOL = tuple(key for key, verb in VERBS.items() if verb.frame in ("none", "object", "give")
             for _ in range(verb.weight))
NUM_BE = len(POOL) // 8
NUM_WEATHER = len(POOL) // 24


@dataclass(frozen=True)
class Sampler(PhraseSampler):
    """Draws sentences and their clauses."""

    def sentence(self, size: int) -> Sentence:
        """A sentence of `size` clauses, relative ones included."""
        size = min(size, MOST_CLAUSES)
        return replace(self, detail=1 / size)._sentence(size)

    def _sentence(self, size: int) -> Sentence:
        while True:
            # At most two nouns are described by a clause of their own.
            relatives = min(2, sum(self.rng.random() < self.odds.relative for _ in range(size - 1)))
            tree = self._linked(size - relatives)
            for _ in range(relatives):
                tree = self._with_relative(tree) if tree else None
            if tree and not sentence_problem(tree):
                return tree

    def _linked(self, count: int) -> Sentence | None:
        """Clauses with the words that link them."""
        rng = self.rng
        asks = rng.random() < self.odds.question
        if asks and count <= 2:
            kind = rng.choices(("yes-no", "why", "where"), (6, 2, 2))[0]
            verb = rng.choice(("sleep", "work", "play", "live")) if kind == "where" else ""
            clauses = [("", self.clause(past=self._past(), verb=verb, asks=True))]
            if count == 2:
                links = SUBORDINATORS if kind == "yes-no" else ("when", "if")
                clauses.append((rng.choice(links), self.clause(past=self._past())))
            return Sentence(tuple(clauses), kind)
        if count > 1 and rng.random() < self.odds.subordinate_first:
            link = rng.choice(SUBORDINATORS)
            past = link == "because" and self._past()
            clauses = [(link, self.clause(past=past, timed=False)),
                       ("", self.clause(past=past, says=count > 2 and self._says()))]
            coordinated = False
        else:
            clauses = [("", self.clause(past=self._past(), timed=True,
                                        says=count > 1 and self._says()))]
            coordinated = True
        while len(clauses) < count:
            coordinated = self._next(clauses, count, coordinated)
        if VERBS[clauses[-1][1].verb].frame == "say":
            return None
        return Sentence(tuple(clauses))

    def _next(self, clauses: list[tuple[str, Clause]], count: int, coordinated: bool) -> bool:
        """Add a clause; the answer is whether one with "and" may follow."""
        says = len(clauses) < count - 1 and self._says()
        if VERBS[clauses[-1][1].verb].frame == "say":
            clauses.append(("that", self.clause(past=self._past(), says=says)))
            return False
        if coordinated and self.rng.random() < 0.5:
            clauses.append((self.rng.choice(COORDINATORS),
                            self.clause(past=self._past(), timed=True, says=says)))
            return True
        link = self.rng.choice(SUBORDINATORS)
        past = link == "because" and self._past()
        clauses.append((link, self.clause(past=past, says=says)))
        return False

    def _with_relative(self, tree: Sentence) -> Sentence | None:
        """The sentence with a relative clause at one of its nouns; None if that does not fit."""
        place = self.rng.randrange(len(tree.clauses))
        link, clause = tree.clauses[place]
        described = [noun for noun in (clause.subject, clause.object)
                     if isinstance(noun, NounPhrase) and noun.determiner and not noun.owner
                     and not noun.relative]
        if not described:
            return None
        if described[0] is clause.subject and self.rng.random() > self.odds.relative_of_subject:
            del described[0]
            if not described:
                return None
        noun = self.rng.choice(described)
        longer = replace(noun, relative=self.relative(noun))
        if noun is clause.subject:
            clause = replace(clause, subject=longer)
        elif clause.recipient or (clause.time and not clause.time_first):
            return None
        else:
            clause = replace(clause, object=longer)
        if clause_problem(clause):
            return None
        return replace(tree, clauses=(*tree.clauses[:place], (link, clause),
                                      *tree.clauses[place + 1:]))

    def relative(self, noun: NounPhrase) -> Clause:
        """A clause that describes a noun: who sleeps, that she sees."""
        of = NOUNS[noun.noun]
        while True:
            clause = self.clause(past=self._past(), weather=False)
            verb = VERBS[clause.verb]
            if of.fits(verb.subjects) and self.rng.random() < 0.6:
                clause = replace(clause, subject=Gap())
            elif of.fits(verb.objects) and verb.frame == "object" and not verb.french_object:
                clause = replace(clause, object=Gap())
            elif verb.frame == "be" and clause.adjective in adjectives_of(noun.noun, "after"):
                clause = replace(clause, subject=Gap())
            else:
                continue
            inner = [p for p in clause.phrases if isinstance(p, NounPhrase)]
            if not any(p.owner for p in inner) and not clause_problem(clause) \
                    and not self._is_ambiguous(clause, noun) and self.keeps(filled(clause, noun)):
                return clause

    def _past(self) -> bool:
        return self.rng.random() < self.odds.past

    def _says(self) -> bool:
        return self.rng.random() < self.odds.says

    def clause(self, past: bool, verb: str = "", timed: bool = False, says: bool = False,
               asks: bool = False, weather: bool = True) -> Clause:
        """A clause without relative clauses; `timed`: perhaps with "today" in front."""
        while True:
            clause = self._clause(past, verb, says, weather and not asks)
            time_odds = self.odds.time if timed else 0.0
            if not asks and clause.adverb in ("", "not") and self.rng.random() < time_odds:
                times = [key for key, fits in TIMES.items() if fits[clause.past]]
                clause = replace(clause, time=self.rng.choice(times),
                                 time_first=self.rng.random() < 0.5)
            if asks and (clause.is_negative or (verb and clause.place and verb != "live")):
                continue
            if not clause_problem(clause) and not self._is_ambiguous(clause) \
                    and self.keeps(clause):
                return clause

    @staticmethod
    def _is_ambiguous(clause: Clause, antecedent: NounPhrase | None = None) -> bool:
        """"They read" is present or past."""
        verb = VERBS[clause.verb]
        return (verb.past == verb.base and not clause.modal and clause.adverb != "not"
                and agreement(clause.subject, antecedent) != "he")

    def _clause(self, past: bool, key: str, says: bool, weather: bool) -> Clause:
        rng = self.rng
        if says:
            key = rng.choice([k for k, verb in VERBS.items() if verb.frame == "say"])
            return Clause(self.somebody(PEOPLE), key)
        where = rng.randrange(len(POOL) + NUM_BE + NUM_WEATHER)
        if weather and not key and where >= len(POOL) + NUM_BE:
            return Clause(Pronoun("it"), rng.choice(("rain", "snow")), past,
                          adverb=rng.choice(("", "", "", "not", "often")))
        if not key and where >= len(POOL):
            return self._being(past)
        key = key or POOL[where]
        verb = VERBS[key]
        past = past and not verb.is_state
        clause = Clause(self.somebody(verb.subjects), key, past, adverb=self._adverb())
        if not past and verb.frame != "be" and not verb.is_generic and (
                rng.random() < self.odds.modal):
            modal = rng.choice(("can", "must", "want"))
            negated = modal != "must" and rng.random() < 0.25
            clause = replace(clause, modal=modal, adverb="not" if negated else "")
        if verb.frame == "none":
            return self._with_adverbials(clause, verb)
        thing = self.object(verb)
        return replace(clause, object=thing,
                       recipient=self.somebody(PEOPLE) if verb.frame == "give" else None)

    def _adverb(self) -> str:
        odds = self.rng.random()
        if odds < self.odds.negated:
            return "not"
        is_frequency = odds < self.odds.negated + self.odds.frequency
        return self.rng.choice(("never", *FREQUENCIES)) if is_frequency else ""

    def _being(self, past: bool) -> Clause:
        """Such as: she is tired, the cat is in the garden."""
        rng = self.rng
        adverb = self._adverb()
        if rng.random() < 0.6:
            subject = self.somebody(ANIMATE) if rng.random() < 0.6 else self.noun(
                rng.choice(nouns_of("text food drink dish thing furniture clothes place")))
            fitting = (adjectives_of(subject.noun, "before") + adjectives_of(subject.noun, "after")
                       if isinstance(subject, NounPhrase) else of_people())
            return Clause(subject, "be", past, adverb=adverb, adjective=rng.choice(fitting),
                          very=rng.random() < self.odds.very)
        return Clause(self.somebody(ANIMATE), "be", past, adverb=adverb,
                      place=self.place(VERBS["be"]))

    def _with_adverbials(self, clause: Clause, verb: Verb) -> Clause:
        rng = self.rng
        manner = ""
        if clause.verb in WELL and rng.random() < self.odds.manner:
            manner = "well"
        elif clause.verb in SPEED and rng.random() < self.odds.manner:
            manner = rng.choice(("slowly", "quickly"))
        with_place = not manner and verb.prepositions and (
            verb.needs_place or rng.random() < self.odds.place * self.detail)
        return replace(clause, manner=manner, place=self.place(verb) if with_place else None)
