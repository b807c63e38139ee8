"""English spelling to pronunciation: real data, in which a word may have several correct answers.

The word lists in `assets/spelling` are a small part of the CMU Pronouncing Dictionary; README and
licence are beside them. Phonemes are those of ARPAbet, without stress.
"""

import random
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from seq2seq.config import ModelConfig, TrainConfig
from seq2seq.errors import InputError, shorten
from seq2seq.i18n import LazyText
from seq2seq.speech import phonemes
from seq2seq.tasks.sampling import Example, Sets, Tokens
from seq2seq.tasks.tables.parsing import parse_table
from seq2seq.tasks.task import Task

FOLDER = Path(__file__).parents[2] / "assets" / "spelling"
LETTERS: Tokens = tuple("'ABCDEFGHIJKLMNOPQRSTUVWXYZ")
PHONEMES: Tokens = tuple(phonemes.PHONEMES)
LONGEST = 9  # letters; longer held-out words are the third set
LIKE_APOSTROPHE = "’‘`´"


@lru_cache(maxsize=2)
def shipped(name: str) -> dict[Tokens, tuple[Tokens, ...]]:
    """Word -> pronunciations, for the list "words" or "held-out"."""
    text = (FOLDER / f"{name}.tsv").read_text(encoding="utf-8")
    return {tuple(row.cells[0]): tuple(tuple(cell.split()) for cell in row.cells[1:])
            for row in parse_table(text, several=True).rows}


def pronunciations(tokens: Tokens) -> tuple[Tokens, ...]:
    """All pronunciations of a word in the lists, the most common first; () if there are none."""
    return shipped("words").get(tokens) or shipped("held-out").get(tokens) or ()


@dataclass(frozen=True)
class Spelling(Task):
    """Letters in any case to phonemes. The answer is known for words in the lists."""

    @property
    def is_table(self) -> bool:
        """Always True: the words are those of the lists."""
        return True

    def parse(self, text: str) -> Tokens:
        """The letters of a word. InputError for characters other than letters and apostrophe."""
        if not isinstance(text, str):
            raise InputError("The word is {value}: it must be text. {allowed}", value=shorten(text),
                             allowed=self._allowed())
        word = "".join(text[:10_000].split())
        for sign in LIKE_APOSTROPHE:
            word = word.replace(sign, "'")
        if not word:
            raise InputError("The box is empty. {allowed}", allowed=self._allowed())
        letters = tuple(letter.upper() for letter in word)
        unknown = next((sign for sign in word if sign.upper() not in LETTERS), None)
        if unknown:
            raise InputError("“{token}” is not in this task's vocabulary. "
                             "{allowed}", token=shorten(unknown),
                             allowed=self._allowed())
        self.check_length(letters)
        return letters

    def format(self, tokens: Tokens) -> str:
        """The word in lower case."""
        return "".join(tokens).lower()

    def solutions(self, tokens: Tokens) -> tuple[Tokens, ...]:
        """All pronunciations of a word in the lists; () for other words."""
        return pronunciations(tokens)

    def sample(self, rng: random.Random, length: int) -> Tokens:
        """A word of the list "words" with `length` letters, or of any length if there is none."""
        fitting = [word for word in shipped("words") if len(word) == length]
        return rng.choice(fitting or list(shipped("words")))

    def sets(self, config: TrainConfig, rng: random.Random) -> Sets:
        """The lists, shuffled. Every pronunciation of a training word is an example."""
        train = [Example(word, sound, tuple(s for s in sounds if s != sound))
                 for word, sounds in shipped("words").items() for sound in sounds]
        held_out = [Example(word, sounds[0], sounds[1:])
                    for word, sounds in shipped("held-out").items()]
        rng.shuffle(train)
        rng.shuffle(held_out)
        shown = self.parse(self.example)
        held_out.sort(key=lambda e: e.source != shown)  # the default input comes first
        return (train[: config.num_examples],
                [e for e in held_out if len(e.source) <= LONGEST],
                [e for e in held_out if len(e.source) > LONGEST])

    def _allowed(self) -> LazyText:
        return LazyText("Type one word in the letters a to z, for example: {example}",
                        example=self.example)


def first_pronunciation(tokens: Tokens) -> Tokens:
    """The most common pronunciation of a word; () if it is not in the lists."""
    return next(iter(pronunciations(tokens)), ())


SPELLING = Spelling(
    "spelling", "Spelling to phonemes",
    "Write the pronunciation of an English word: letters in, phonemes (speech sounds) out.",
    "text-to-speech systems need it for words that are not in their dictionary",
    "polish", LETTERS, first_pronunciation,
    model=ModelConfig(cell="gru", attention="dot", hidden_size=128, embedding_dim=32, dropout=0.3),
    train=TrainConfig(num_epochs=25, num_examples=10_000, batch_size=32, learning_rate=0.005,
                      max_length=LONGEST),
    target_alphabet=PHONEMES, family="Real words",
    more_examples=("knave", "ghetto", "tongue", "read", "blorptastic"),
    teaches="A spelling may have several correct pronunciations (“read” in the present and in the "
            "past), and any of them counts as correct: look at the five best answers and their "
            "probabilities. “Blorptastic” is an invented word, so its correct answer is not known. "
            "The pre-trained model was trained on many more words than a run on this page: compare "
            "their scores.",
    unit="letters", longer="Longer words", longer_by=6)
