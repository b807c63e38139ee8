"""What a voice saying some digits sounds like, as loudness (`log_mel`).

Some 3,500 clips come with the lab, in one file of 3 MB: so training starts at once instead of
after half a minute of synthesis, works where the synthesiser does not, and gives the same losses
everywhere (the synthesiser never says a thing twice in quite the same way). Any other clip is
synthesised when it is first asked for, and kept as long as there is room.

The file was made by `python -m seq2seq.speech`.
"""

import random
from functools import cache, lru_cache
from pathlib import Path

import numpy as np

from seq2seq.speech.espeak import speak
from seq2seq.speech.log_mel import to_levels
from seq2seq.speech.voices import HELD_OUT, KNOWN, VOICES

FILE = Path(__file__).parents[2] / "assets" / "speech.npz"
# How many clips there are of each voice, by number of digits.
OF_KNOWN = {1: 10, 2: 6, 3: 4, 4: 8}
OF_HELD_OUT = {1: 10, 2: 10, 4: 10}
NEW_EVERY = 9  # so many clips of known voices, and one of them is never trained on

Clip = tuple[str, str]  # a voice's name, digits


def choose() -> list[Clip]:
    """The clips of the file: different digits of every voice, drawn by lot."""
    rng, chosen = random.Random("speech/clips"), []
    for voices, counts in ((KNOWN, OF_KNOWN), (HELD_OUT, OF_HELD_OUT)):
        for name in voices:
            for length, count in counts.items():
                numbers = rng.sample(range(10**length), count)
                chosen += [(name, f"{number:0{length}}") for number in numbers]
    return chosen


@cache
def _stored() -> dict[Clip, np.ndarray]:
    """The file's clips; none where the file is missing, which costs time and nothing else."""
    if not FILE.exists():
        return {}
    with np.load(FILE, allow_pickle=False) as file:
        ends = np.cumsum(file["lengths"])
        parts = np.split(np.ascontiguousarray(file["levels"].T), ends[:-1])
    return dict(zip(choose(), parts, strict=True))


def levels(voice: str, digits: str) -> np.ndarray:
    """Loudness (C, 40) of a clip, as whole numbers from 0 to 23.

    InputError where it has to be made first, and the synthesiser is missing.
    """
    stored = _stored().get((voice, digits))
    return _synthesised(voice, digits) if stored is None else stored


@lru_cache(maxsize=2000)  # about 8 MB
def _synthesised(voice: str, digits: str) -> np.ndarray:
    rate, samples, _ = speak(VOICES[voice], digits)
    return to_levels(samples, rate)


@lru_cache(maxsize=50)  # about 3 MB
def sound(voice: str, digits: str) -> tuple[int, np.ndarray, tuple[float, ...]]:
    """Samples a second, samples (int16), and where each word starts in seconds. May be made anew.

    InputError where the synthesiser is missing: the file holds pictures of sound, no sound.
    """
    return speak(VOICES[voice], digits)


@cache
def groups() -> dict[str, tuple[Clip, ...]]:
    """The file's clips in three groups: "train", "new" (known voices), "voices" (held out)."""
    known = [clip for clip in choose() if clip[0] in KNOWN]
    return {"train": tuple(c for i, c in enumerate(known) if i % NEW_EVERY),
            "new": tuple(known[::NEW_EVERY]),
            "voices": tuple(clip for clip in choose() if clip[0] in HELD_OUT)}


@cache
def to_train_on(length: int) -> tuple[Clip, ...]:
    """The clips with so many digits that may be trained on."""
    return tuple(clip for clip in groups()["train"] if len(clip[1]) == length)


def write(path: Path = FILE) -> None:
    """Synthesise all clips of the file, and write it."""
    parts = [_synthesised(*clip) for clip in choose()]
    # Band after band the numbers change little, and so they take less room.
    np.savez_compressed(path, levels=np.ascontiguousarray(np.concatenate(parts).T),
                        lengths=np.array([len(part) for part in parts]))
