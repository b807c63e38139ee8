"""Spoken digits from a microphone.

Recordings may have any sample rate, number of channels and loudness. They are named “Recording 1”,
“Recording 2” … A source is such a name and, if they are known, the digits. Recordings stay in
memory; they are never written to disk.
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
MIN_AMPLITUDE = 0.003  # of full scale; quieter recordings count as silent
ONE_VOICE_VARIETY = 0.35  # augmentation for one speaker in one room, 1 is for all voices
MARGIN = 10  # columns of 10 ms that stay before and after the speech


@dataclass(frozen=True)
class Recording:
    """A recording and the digits that were said ("" if unknown)."""

    sample_rate: int
    samples: np.ndarray = field(repr=False)  # (n,) or (n, channels), integers or floats in ±1
    digits: str = ""


@dataclass(frozen=True)
class RecordedDigits(SpokenDigits):
    """`SpokenDigits` with recordings as further sources."""

    recorded: Mapping[str, np.ndarray] = field(default_factory=dict, compare=False, repr=False)

    def parse(self, text: str) -> Tokens:
        """“Recording 1”, or anything that `SpokenDigits` reads."""
        if isinstance(text, str) and text.strip() in self.recorded:
            return (text.strip(),)
        return super().parse(text)

    def format(self, tokens: Tokens) -> str:
        """The tokens as text for `parse`."""
        return tokens[0] if tokens[0] in self.recorded else super().format(tokens)

    def solve(self, tokens: Tokens) -> Tokens | None:
        """The digits; None for a recording whose digits are unknown."""
        if tokens[0] in self.recorded:
            return tokens[1:] or None
        return super().solve(tokens)

    def frames(self, tokens: Tokens) -> np.ndarray:
        """The encoder's input: (S, 240)."""
        if tokens[0] in self.recorded:
            return to_frames(self.recorded[tokens[0]])
        return super().frames(tokens)

    def augment(self, frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """A variation of the frames, as by the same speaker in the same room."""
        return augment(frames, rng, ONE_VOICE_VARIETY)


def with_recordings(recordings: Sequence[Recording]) -> tuple[RecordedDigits, list[Tokens]]:
    """A task that includes the recordings, and their sources in order.

    InputError if a recording cannot be used; it names the recording.
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
        recorded[name] = recording_levels(recording, name)
        sources.append((name, *digits))
    same = {f.name: getattr(SPOKEN_DIGITS, f.name) for f in fields(SPOKEN_DIGITS)}
    return RecordedDigits(**same, recorded=recorded), sources


def recording_levels(recording: Recording, name: str = "") -> np.ndarray:
    """The log-mel levels (C, 40) of a recording, without silence at both ends.

    InputError if the recording is invalid, silent, too short or too long.
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
    if np.abs(samples).max() < MIN_AMPLITUDE:
        raise InputError("{name} is silent. Check that the microphone is on, and record it again.",
                         name=name)
    return trim_silence(to_levels(samples, int(rate)))


def trim_silence(levels: np.ndarray) -> np.ndarray:
    """Levels (C, 40) without silence at both ends, except for `MARGIN` columns.

    The threshold is half-way between the first decile of the clip's loudness and the maximum.
    """
    loudness = levels.max(axis=1).astype(float)
    quiet = np.quantile(loudness, 0.1)
    loud = np.flatnonzero(loudness >= quiet + (TOP_LEVEL - quiet) / 2)
    return levels[max(0, loud[0] - MARGIN) : loud[-1] + MARGIN + 1]
