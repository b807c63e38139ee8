"""Log-mel spectrograms of spoken digits.

A file of 3 MB contains about 3,500 clips. With it, training starts at once instead of after half a
minute of synthesis, works without the synthesiser and gives the same losses everywhere (the
synthesiser's output varies slightly). Other clips are synthesised on demand and cached.

`python -m seq2seq.speech` creates the file.
"""

import random
from functools import cache, lru_cache
from pathlib import Path

import numpy as np

from seq2seq.speech.espeak import speak
from seq2seq.speech.log_mel import to_levels
from seq2seq.speech.voices import HELD_OUT, KNOWN, VOICES

FILE = Path(__file__).parents[2] / "assets" / "speech.npz"
# Number of digits -> number of clips of each voice.
OF_KNOWN = {1: 10, 2: 6, 3: 4, 4: 8}
OF_HELD_OUT = {1: 10, 2: 10, 4: 10}
NEW_EVERY = 9  # every ninth clip of a known voice is held out

Clip = tuple[str, str]  # a voice's name, digits


def clip_list() -> list[Clip]:
    """The clips of the file: random digits for every voice, in a fixed order."""
    rng, chosen = random.Random("speech/clips"), []
    for voices, counts in ((KNOWN, OF_KNOWN), (HELD_OUT, OF_HELD_OUT)):
        for name in voices:
            for length, count in counts.items():
                numbers = rng.sample(range(10**length), count)
                chosen += [(name, f"{number:0{length}}") for number in numbers]
    return chosen


@cache
def _stored() -> dict[Clip, np.ndarray]:
    """The clips in the file; {} if it is missing, and all clips are then synthesised."""
    if not FILE.exists():
        return {}
    with np.load(FILE, allow_pickle=False) as file:
        ends = np.cumsum(file["lengths"])
        parts = np.split(np.ascontiguousarray(file["levels"].T), ends[:-1])
    return dict(zip(clip_list(), parts, strict=True))


def levels(voice: str, digits: str) -> np.ndarray:
    """The log-mel levels of a clip: (C, 40), integers from 0 to 23.

    InputError if the clip is not in the file and the synthesiser is missing.
    """
    stored = _stored().get((voice, digits))
    return _synthesised(voice, digits) if stored is None else stored


@lru_cache(maxsize=2000)  # about 8 MB
def _synthesised(voice: str, digits: str) -> np.ndarray:
    rate, samples, _ = speak(VOICES[voice], digits)
    return to_levels(samples, rate)


@lru_cache(maxsize=50)  # about 3 MB
def sound(voice: str, digits: str) -> tuple[int, np.ndarray, tuple[float, ...]]:
    """Samples per second, samples (n,) int16, and the start of each word in seconds.

    It is always synthesised: the file contains spectrograms only. InputError if the synthesiser is
    missing.
    """
    return speak(VOICES[voice], digits)


@cache
def groups() -> dict[str, tuple[Clip, ...]]:
    """The file's clips in three groups: "train", "new" (known voices), "voices" (held out)."""
    known = [clip for clip in clip_list() if clip[0] in KNOWN]
    return {"train": tuple(c for i, c in enumerate(known) if i % NEW_EVERY),
            "new": tuple(known[::NEW_EVERY]),
            "voices": tuple(clip for clip in clip_list() if clip[0] in HELD_OUT)}


@cache
def training_clips(length: int) -> tuple[Clip, ...]:
    """The training clips with `length` digits."""
    return tuple(clip for clip in groups()["train"] if len(clip[1]) == length)


def write(path: Path = FILE) -> None:
    """Synthesise all clips and write the file."""
    parts = [_synthesised(*clip) for clip in clip_list()]
    # Stored band by band, neighbouring values differ little, so the file is smaller.
    np.savez_compressed(path, levels=np.ascontiguousarray(np.concatenate(parts).T),
                        lengths=np.array([len(part) for part in parts]))
