"""Speech recognition: spoken digits to text.

A source names a voice and its digits, `("Anna", "4", "0", "7", "1")`; further voices with their
digits may follow. The encoder reads the sound (`frames`), not these symbols.
"""

import random
import re
from collections.abc import Set
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np

from seq2seq.config import ModelConfig, TrainConfig
from seq2seq.errors import InputError, shorten
from seq2seq.i18n import LazyText
from seq2seq.speech import clips
from seq2seq.speech.augmentation import augment
from seq2seq.speech.log_mel import (
    END_SILENCE,
    FRAME_SECONDS,
    FRAME_SIZE,
    HOP,
    SAMPLE_RATE,
    resample,
    to_frames,
)
from seq2seq.speech.voices import HELD_OUT, VOICES
from seq2seq.tasks.sampling import NUM_NEW, Sets, Tokens, solved
from seq2seq.tasks.task import Task

DEFAULT_VOICE = "Kate"  # a held-out voice
MAX_DIGITS = 12
LONGEST_CLIP = 4  # digits; longer training examples are two clips
JOINED = 0.4  # fraction of the training examples that consist of two clips
HOW = LazyText("Type digits, for example “4071”, “4071 by Anna” or “40 by Anna, 71 by Ben”.")


@dataclass(frozen=True)
class SpokenDigits(Task):
    """Spoken digits. The third set has voices that are not in the training set."""

    def parse(self, text: str) -> Tokens:
        """The tokens of “4071”, “4071 by Anna” or “40 by Anna, 71 by Ben”.

        InputError for other texts, unknown voices and too many digits.
        """
        if not isinstance(text, str):
            raise InputError("The sequence is {value}: it must be text. {allowed}",
                             value=shorten(text), allowed=HOW)
        names = {name.lower(): name for name in VOICES}
        found: list[str] = []
        said: list[str] = []  # digits before their voice
        words = [w for w in re.findall(r"[0-9]|[^\W\d_]+|[^\s\[\](),;]", text[:10_000])
                 if w.lower() not in ("by", "and")]
        for word in words:
            if word in self.target_alphabet:
                said.append(word)
            elif word.lower() not in names:
                near = ", ".join(sorted(VOICES, key=lambda name: -_alike(name, word))[:4])
                raise InputError("“{word}” is neither a digit nor a voice such as {voices}. "
                                 "{allowed}", word=shorten(word), voices=near, allowed=HOW)
            elif not said:
                raise InputError("{voice} has no digits: write them before the voice. "
                                 "{allowed}", voice=names[word.lower()], allowed=HOW)
            else:
                found += [names[word.lower()], *said]
                said = []
        if said:
            found += [DEFAULT_VOICE, *said]
        if not found:
            raise InputError("The box is empty. {allowed}", allowed=HOW)
        tokens = tuple(found)
        if self.size(tokens) > MAX_DIGITS:
            raise InputError("There are {n} digits: at most {most} are allowed. Shorten the input.",
                             n=self.size(tokens), most=MAX_DIGITS)
        return tokens

    def format(self, tokens: Tokens) -> str:
        """The tokens as text for `parse`."""
        return ", ".join(f"{digits} by {voice}" for voice, digits in parts(tokens))

    def format_target(self, tokens: Tokens) -> str:
        """The digits without blanks."""
        return "".join(tokens)

    def size(self, tokens: Tokens) -> int:
        """The number of digits."""
        return sum(token not in VOICES for token in tokens)

    def sample(self, rng: random.Random, length: int) -> Tokens:
        """A source of `length` digits from one or more training clips."""
        if length > LONGEST_CLIP or (length > 1 and rng.random() < JOINED):
            cut = rng.randint(1, length - 1)
            return self.sample(rng, cut) + self.sample(rng, length - cut)
        return source(rng.choice(clips.training_clips(length)))

    def sets(self, config: TrainConfig, rng: random.Random) -> Sets:
        """Training clips of known voices, held-out clips of known voices, clips of new voices.

        The split of the clips does not depend on the seed, so that joined examples never contain
        held-out clips.
        """
        def chosen(group: str, low: int, high: int) -> list[Tokens]:
            found = [source(clip) for clip in clips.groups()[group] if low <= len(clip[1]) <= high]
            rng.shuffle(found)
            return found

        low, high = config.min_length, config.max_length
        example_sources = set(map(self.parse, (self.example, *self.more_examples)))
        train = dict.fromkeys(s for s in chosen("train", low, high) if s not in example_sources)
        alone = config.num_examples if high == 1 else round(config.num_examples * (1 - JOINED))
        train = dict.fromkeys(list(train)[:alone])
        for _ in range(20 * config.num_examples):
            if len(train) >= config.num_examples or high == 1:
                break
            length = rng.randint(max(2, low), high)
            cut = rng.randint(1, length - 1)
            joined = self.sample(rng, cut) + self.sample(rng, length - cut)
            if joined not in example_sources:
                train[joined] = None
        sources = list(train)
        rng.shuffle(sources)
        new = chosen("new", low, high) or chosen("new", 1, LONGEST_CLIP)
        # All clips of the new voices are scored: some voices are much harder than others.
        return (solved(self, sources), solved(self, new[:NUM_NEW]),
                solved(self, chosen("voices", 1, LONGEST_CLIP)))

    def in_longer_set(self, tokens: Tokens, trained_on: Set[Tokens]) -> bool:
        """True if one of the voices is held out."""
        return any(token in HELD_OUT for token in tokens)

    def frames(self, tokens: Tokens) -> np.ndarray:
        """The encoder's input (S, 240): one row for every 60 ms of sound.

        InputError if the sound has to be synthesised and the synthesiser is missing.
        """
        return to_frames(np.concatenate([clips.levels(*part) for part in parts(tokens)]))

    def augment(self, frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """A variation of the frames, as by another speaker in another room."""
        return augment(frames, rng)

    def positions(self, tokens: Tokens) -> Tokens:
        """The start time of each frame."""
        return tuple(f"{i * FRAME_SECONDS:.2f} s" for i in range(len(self.frames(tokens))))

    def audio(self, tokens: Tokens) -> tuple[int, np.ndarray]:
        """The sound of a source, for playing: samples per second, samples (n,) int16."""
        sounds = [resample(samples, rate) for rate, samples, _ in
                  (clips.sound(*part) for part in parts(tokens))]
        sounds.append(np.zeros(END_SILENCE * HOP))
        return SAMPLE_RATE, np.clip(np.concatenate(sounds), -32768, 32767).astype(np.int16)

    def word_starts(self, tokens: Tokens) -> tuple[float, ...]:
        """The start time of each digit in seconds, from the synthesiser."""
        found, before = [], 0.0
        for part in parts(tokens):
            rate, samples, starts = clips.sound(*part)
            found += [before + start for start in starts]
            before += len(samples) / rate
        return tuple(found)


def _alike(one: str, two: str) -> float:
    return SequenceMatcher(None, one.lower(), two[:20].lower()).ratio()


def source(clip: clips.Clip) -> Tokens:
    """A clip as tokens.

    >>> source(("Anna", "40"))
    ('Anna', '4', '0')
    """
    return (clip[0], *clip[1])


def parts(tokens: Tokens) -> list[clips.Clip]:
    """The clips of a source, in order. InputError if the tokens are not a source.

    >>> parts(("Anna", "4", "0", "Ben", "7"))
    [('Anna', '40'), ('Ben', '7')]
    """
    found: list[tuple[str, str]] = []
    for token in tokens:
        if token in VOICES:
            found.append((token, ""))
        elif not found or token not in tuple("0123456789"):
            raise InputError("“{token}” cannot be spoken here: among the tokens, a voice comes "
                             "before its digits. {allowed}", token=shorten(token), allowed=HOW)
        else:
            found[-1] = (found[-1][0], found[-1][1] + token)
    silent = [voice for voice, digits in found if not digits]
    if silent:
        raise InputError("{voice} has no digits: each voice needs at least one. {allowed}",
                         voice=silent[0], allowed=HOW)
    if not found:
        raise InputError("There are no digits: each voice needs at least one. {allowed}",
                         allowed=HOW)
    return found


def digits_of(tokens: Tokens) -> Tokens:
    """The digits, without the voices."""
    return tuple(token for token in tokens if token not in VOICES)


SPOKEN_DIGITS = SpokenDigits(
    name="spoken-digits",
    title="Spoken digits",
    summary="Write down the digits that a voice says.",
    stands_for="it is speech recognition, in which the input is sound instead of symbols, 60 "
               "milliseconds at a time",
    example="4071",
    more_examples=("4071 by Tom", "88 by Lucy", "2 by Olaf", "40 by Anna, 71 by Ben",
                   "9035 by Rosa"),
    teaches="Watch the attention: it moves along the sound, from word to word. Then let a voice "
            "that was not used in training say the same digits.",
    alphabet=(*VOICES, *"0123456789"),
    target_alphabet=tuple("0123456789"),
    rule=digits_of,
    family="Speech",
    unit="digits",
    longer="New voices",
    frame_size=FRAME_SIZE,
    silence=-1.0,
    model=ModelConfig(cell="gru", attention="location", hidden_size=96, embedding_dim=64,
                      dropout=0.1),
    train=TrainConfig(num_epochs=16, num_examples=3000, min_length=1, max_length=4,
                      learning_rate=0.003, batch_size=48),
)
