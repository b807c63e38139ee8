"""Digits from a microphone: the same task, on sound that no synthesiser made.

Recordings come as they are (any sample rate, one channel or more, loud or soft) and are named
“Recording 1”, “Recording 2” … A source is such a name and, where it is known, what was said. They
live in memory only: nothing is written to a disk.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

import numpy as np

from seq2seq.errors import InputError, shorten
from seq2seq.i18n import LazyText
from seq2seq.speech.augmentation import augment
from seq2seq.speech.log_mel import TOP_LEVEL, to_frames, to_levels
from seq2seq.tasks.sampling import Tokens
from seq2seq.tasks.spoken_digits import MAX_DIGITS, SPOKEN_DIGITS, SpokenDigits

MAX_RECORDINGS = 30
SHORTEST, LONGEST = 0.15, 6.0  # seconds
LOWEST_RATE, HIGHEST_RATE = 8_000, 192_000  # samples a second
SOFTEST = 0.003  # of full scale: below that, nothing was said
ONE_VOICE = 0.35  # how much of a throat's and a room's variety there is in one voice's clips
MARGIN = 10  # columns of 10 ms that are kept around what is loud


@dataclass(frozen=True)
class Recording:
    """One clip from a microphone, and the digits that were said ("" where nobody knows)."""

    sample_rate: int
    samples: np.ndarray = field(repr=False)  # (n,) or (n, channels); whole numbers or ±1
    digits: str = ""


@dataclass(frozen=True)
class RecordedDigits(SpokenDigits):
    """Spoken digits, with recordings among the sources."""

    recorded: Mapping[str, np.ndarray] = field(default_factory=dict, compare=False, repr=False)

    def parse(self, text: str) -> Tokens:
        """“Recording 1”, or anything that `SpokenDigits` reads."""
        if isinstance(text, str) and text.strip() in self.recorded:
            return (text.strip(),)
        return super().parse(text)

    def format(self, tokens: Tokens) -> str:
        """Tokens as `parse` reads them."""
        return tokens[0] if tokens[0] in self.recorded else super().format(tokens)

    def solve(self, tokens: Tokens) -> Tokens | None:
        """The digits; None for a recording of which nobody said what it holds."""
        if tokens[0] in self.recorded:
            return tokens[1:] or None
        return super().solve(tokens)

    def frames(self, tokens: Tokens) -> np.ndarray:
        """The sound as the encoder reads it: (S, 240)."""
        if tokens[0] in self.recorded:
            return to_frames(self.recorded[tokens[0]])
        return super().frames(tokens)

    def augment(self, frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The same words, said a little differently by the same person in the same room."""
        return augment(frames, rng, ONE_VOICE)


def with_recordings(recordings: Sequence[Recording]) -> tuple[RecordedDigits, list[Tokens]]:
    """The task that knows the recordings, and their sources, in order.

    InputError says which recording cannot be used, why, and what to do.
    """
    if len(recordings) > MAX_RECORDINGS:
        raise InputError("There are {n} recordings: at most {most} are allowed. Remove some.",
                         n=len(recordings), most=MAX_RECORDINGS)
    recorded: dict[str, np.ndarray] = {}
    sources: list[Tokens] = []
    for number, recording in enumerate(recordings, 1):
        name = LazyText("Recording {number}", number=number)
        digits = "".join(str(recording.digits).split())
        if not set(digits) <= set("0123456789") or len(digits) > MAX_DIGITS:
            raise InputError("{name} is labelled “{digits}”: enter the digits that were spoken, at "
                             "most {most}.", name=name, digits=shorten(recording.digits),
                             most=MAX_DIGITS)
        recorded[name] = heard(recording, name)
        sources.append((name, *digits))
    same = {f.name: getattr(SPOKEN_DIGITS, f.name) for f in fields(SPOKEN_DIGITS)}
    return RecordedDigits(**same, recorded=recorded), sources


def heard(recording: Recording, name: str = "") -> np.ndarray:
    """Loudness (C, 40) of a recording, as levels, without the silence at both ends.

    InputError where it is no sound that could be listened to.
    """
    name, rate = name or LazyText("The recording"), recording.sample_rate
    if isinstance(rate, bool) or not isinstance(rate, int | np.integer) \
            or not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise InputError("{name} has {rate} samples per second: it must be a whole number from "
                         "{low} to {high}. Record it again.", name=name, rate=shorten(rate),
                         low=LOWEST_RATE, high=HIGHEST_RATE)
    samples = np.asarray(recording.samples)
    if samples.ndim == 2:
        samples = samples.mean(axis=1)  # channels are mixed
    if samples.ndim != 1 or samples.dtype.kind not in "iuf":
        raise InputError("{name} is not a sequence of samples. Record it again.", name=name)
    seconds = len(samples) / rate
    if not SHORTEST <= seconds <= LONGEST:
        raise InputError("{name} lasts {seconds:.1f} seconds: it must be from {low} to {high:g}. "
                         "Record it again, with fewer or more digits.", name=name,
                         seconds=seconds, low=SHORTEST, high=LONGEST)
    if np.asarray(recording.samples).dtype.kind in "iu":
        samples = samples / np.iinfo(np.asarray(recording.samples).dtype).max
    if not np.isfinite(samples).all():
        raise InputError("{name} contains samples that are not numbers: it is damaged. Record it "
                         "again.", name=name)
    samples = samples - samples.mean()
    if np.abs(samples).max() < SOFTEST:
        raise InputError("{name} is silent. Check that the microphone is on, and record it again.",
                         name=name)
    return trimmed(to_levels(samples, int(rate)))


def trimmed(levels: np.ndarray) -> np.ndarray:
    """Loudness (C, 40) from shortly before the first loud column to shortly after the last.

    What is loud is judged by the clip itself: half way from its quietest tenth to its top.
    """
    loudness = levels.max(axis=1).astype(float)
    quiet = np.quantile(loudness, 0.1)
    loud = np.flatnonzero(loudness >= quiet + (TOP_LEVEL - quiet) / 2)
    return levels[max(0, loud[0] - MARGIN) : loud[-1] + MARGIN + 1]
