"""Short stories with a question that has a one-word answer.

They follow the first two bAbI tasks (Weston et al. 2015, arXiv:1502.05698), with a new grammar. In
"stories" people move between places. In "stories-objects" they also carry things; to locate a
thing, the model combines two facts: who has it, and where that person went.
"""

import random
from dataclasses import dataclass

from seq2seq.config import ModelConfig, TrainConfig
from seq2seq.errors import InputError, shorten
from seq2seq.i18n import LazyText
from seq2seq.tasks.sampling import Tokens
from seq2seq.tasks.task import MAX_TOKENS, Task

PEOPLE: Tokens = ("mary", "john", "anna", "tom")
PLACES: Tokens = ("kitchen", "garden", "office", "bathroom", "hallway", "bedroom")
THINGS: Tokens = ("apple", "ball", "book")
MOVES: Tokens = ("went", "walked", "ran")
WORDS: Tokens = (*PEOPLE, *PLACES, *MOVES, "to", "the", "where", "is", ".", "?")
MORE_WORDS: Tokens = (*WORDS, *THINGS, "took", "dropped")

SHORT = 3  # sentences
MOST_SENTENCES = (MAX_TOKENS - 5) // 6  # each has at most 6 words, the question 5

Sentence = tuple[str, str, str]  # person, verb ("went", "took", "dropped"), place or thing


def sentence_of(words: Tokens) -> Sentence | None:
    """The sentence as (person, verb, place or thing); None if it is not in the grammar."""
    match words:
        case (who, move, "to", "the", place) if who in PEOPLE and move in MOVES and place in PLACES:
            return who, "went", place
        case (who, ("took" | "dropped") as what, "the", thing) if who in PEOPLE and thing in THINGS:
            return who, what, thing
    return None


def asked_of(words: Tokens) -> str:
    """The person or thing in the question "where is …"; "" if it is no such question."""
    match words:
        case ("where", "is", who) if who in PEOPLE:
            return who
        case ("where", "is", "the", thing) if thing in THINGS:
            return thing
    return ""


def split_story(tokens: Tokens) -> tuple[list[Tokens], Tokens]:
    """The sentences and the question of a story, without punctuation."""
    sentences: list[Tokens] = []
    words: list[str] = []
    for token in tokens:
        if token == ".":
            sentences.append(tuple(words))
            words = []
        else:
            words.append(token)
    return sentences, tuple(words[:-1]) if words[-1:] == ["?"] else ()


def answer(tokens: Tokens) -> Tokens:
    """The place that answers the question; () if the story does not determine it.

    A thing is at its carrier's place, and stays where it was dropped. Only its carrier can drop it;
    taking it removes it from its previous carrier.
    """
    parts, question = split_story(tokens)
    sentences, asked = [sentence_of(words) for words in parts], asked_of(question)
    where: dict[str, str] = {}  # person -> place, and thing on the ground -> place
    carrier: dict[str, str] = {}  # thing -> person
    for sentence in sentences:
        if sentence is None:
            return ()
        who, what, which = sentence
        if what == "went":
            where[who] = which
        elif what == "took":
            carrier[which] = who
        elif carrier.get(which) == who:
            del carrier[which]
            where[which] = where.get(who, "")
    place = where.get(carrier.get(asked, asked), "")
    return (place,) if place else ()


@dataclass(frozen=True)
class StoriesTask(Task):
    """Sentences and a question. The size is the number of sentences."""

    things: bool = False  # True if people carry things, and the question may be about one

    def parse(self, text: str) -> Tokens:
        """The words of a story: sentences that end with a full stop, then "where is …?"."""
        if not isinstance(text, str):
            raise InputError("The story is {value}: it must be text. {allowed}",
                             value=shorten(text), allowed=self._allowed())
        text = text[:10_000].lower()
        for mark in ".?":
            text = text.replace(mark, f" {mark} ")
        tokens = tuple(text.replace(",", " ").split())
        if not tokens:
            raise InputError("The box is empty. {allowed}", allowed=self._allowed())
        for token in tokens:
            if token not in self.alphabet:
                raise InputError("“{token}” is not in this task's vocabulary. {allowed}",
                                 token=shorten(token), allowed=self._words())
        example = f"where is {'the apple' if self.things else 'mary'} ?"
        if tokens[-1] != "?":
            raise InputError("The story has no question at its end: finish it with “{question}”",
                             question=example)
        sentences, question = split_story(tokens)
        if not sentences:
            raise InputError("The story has no sentence before its question. {allowed}",
                             allowed=self._allowed())
        for n, words in enumerate(sentences, 1):
            if sentence_of(words) is None:
                raise InputError("Sentence {n} is “{sentence}”: it must be like {kinds}.", n=n,
                                 sentence=shorten(" ".join(words)), kinds=self._kinds())
        if not asked_of(question):
            raise InputError("The question is “{question}”: it must be like “{example}”",
                             question=shorten(" ".join(question)), example=example)
        self.check_length(tokens)
        return tokens

    def size(self, tokens: Tokens) -> int:
        """The number of sentences before the question."""
        return tokens.count(".")

    def sample(self, rng: random.Random, length: int) -> Tokens:
        """A story of `length` sentences whose question has an answer."""
        length = min(length, MOST_SENTENCES)
        # Short stories with things often name only one place, so the model could ignore the person.
        # Stories without things teach it to distinguish persons.
        if not self.things or (length <= SHORT and rng.random() < 0.5):
            return _walking(rng, length)
        return _carrying(rng, max(2, length))

    def _kinds(self) -> LazyText:
        if self.things:
            return LazyText("“{one}” or “{other}”", one="mary went to the kitchen .",
                            other="mary took the apple .")
        return LazyText("“{word}”", word="mary went to the kitchen .")

    def _words(self) -> LazyText:
        words = ", ".join((*PEOPLE, *PLACES, *MOVES, *((*THINGS, "took", "dropped")
                                                       if self.things else ())))
        return LazyText("Use sentences like {kinds} Known words: {words}.", kinds=self._kinds(),
                        words=words)

    def _allowed(self) -> LazyText:
        return LazyText("Type a story and a question, for example: {example}", example=self.example)


def _went(rng: random.Random, who: str, place: str) -> list[str]:
    return [who, rng.choice(MOVES), "to", "the", place, "."]


def _walking(rng: random.Random, length: int) -> Tokens:
    """A story in which people move; the question is about one of them."""
    people = [rng.choice(PEOPLE) for _ in range(length)]
    story = [word for who in people for word in _went(rng, who, rng.choice(PLACES))]
    return (*story, "where", "is", rng.choice(sorted(set(people))), "?")


def _carrying(rng: random.Random, length: int) -> Tokens:
    """A story in which people move and carry things; the question is mostly about a thing."""
    while True:
        where: dict[str, str] = {}
        carrier: dict[str, str] = {}
        story: list[str] = []
        for i in range(length):
            who = rng.choice(PEOPLE)
            mine = [thing for thing in THINGS if carrier.get(thing) == who]
            free = [thing for thing in THINGS if thing not in carrier]
            if mine and rng.random() < 0.3:
                thing = rng.choice(mine)
                del carrier[thing]
                story += [who, "dropped", "the", thing, "."]
            elif free and rng.random() < (0.6 if i == length - 2 and not carrier else 0.4):
                thing = rng.choice(free)
                carrier[thing] = who
                story += [who, "took", "the", thing, "."]
            else:
                where[who] = rng.choice(PLACES)
                story += _went(rng, who, where[who])
        # Questions about persons are easier and teach the model to distinguish persons.
        if rng.random() < 0.3 and where:
            return (*story, "where", "is", rng.choice(sorted(where)), "?")
        for thing in rng.sample(THINGS, len(THINGS)):
            found = (*story, "where", "is", "the", thing, "?")
            if answer(found):
                return found


# With narrow embeddings, attention takes much longer to find the names.
MODEL = ModelConfig(cell="lstm", attention="dot", hidden_size=96, embedding_dim=192)

STORIES = StoriesTask(
    "stories", "Where is Mary?", "Read a short story and answer the question at its end in one "
                                 "word.",
    "it is question answering, in which the model has to find the answer in a text",
    "mary went to the kitchen . john ran to the garden . mary walked to the office . where is mary "
    "?", WORDS, answer,
    model=MODEL,
    train=TrainConfig(num_epochs=11, learning_rate=0.004, num_examples=4_000, batch_size=32,
                      min_length=2, max_length=8, fresh=True, curriculum=0.7),
    target_alphabet=PLACES, family="Questions",
    more_examples=(
        "mary went to the kitchen . john went to the garden . where is john ?",
        "tom ran to the office . tom ran to the hallway . tom ran to the bedroom . where is tom ?",
        "anna walked to the garden . tom went to the kitchen . mary ran to the bathroom . "
        "john walked to the hallway . anna went to the office . tom ran to the garden . "
        "where is anna ?"),
    unit="sentences", longer="Longer stories than in training", longer_by=4,
    largest=MOST_SENTENCES - 4,
    teaches="Look where the attention is when the answer is written: on the one sentence that "
            "contains it. The story may mention Mary five times; only the last time counts.")
STORIES_OBJECTS = StoriesTask(
    "stories-objects", "Where is the apple?",
    "Read a story in which people carry things and say where a thing (or a person) is now.",
    "it is question answering that combines two facts",
    "mary went to the kitchen . mary took the apple . mary walked to the garden . "
    "where is the apple ?", MORE_WORDS, answer,
    model=MODEL,
    train=TrainConfig(num_epochs=40, learning_rate=0.004, num_examples=5_000, batch_size=32,
                      min_length=2, max_length=8, fresh=True, curriculum=0.7),
    target_alphabet=PLACES, family="Questions",
    more_examples=(
        "john took the ball . john went to the office . where is the ball ?",
        "tom went to the hallway . tom took the book . tom dropped the book . "
        "tom ran to the garden . where is the book ?",
        "anna took the apple . anna went to the kitchen . anna dropped the apple . "
        "mary went to the kitchen . mary took the apple . mary ran to the office . "
        "where is the apple ?"),
    unit="sentences", longer="Longer stories than in training", longer_by=4,
    smallest=2, largest=MOST_SENTENCES - 4,
    teaches="No sentence says where the apple is. The model has to find out who has it, and then "
            "where that person went: two steps instead of one. That is much harder.",
    things=True)
