"""The ARPAbet phonemes of the CMU Pronouncing Dictionary, and their pronunciation by eSpeak NG."""

from collections.abc import Sequence

import numpy as np

from seq2seq.errors import InputError, shorten
from seq2seq.speech import espeak
from seq2seq.speech.voices import KNOWN

PHONEMES = {  # code -> (example word, notation of eSpeak NG)
    "AA": ("father", "A:"), "AE": ("cat", "a"), "AH": ("cup", "V"), "AO": ("law", "O:"),
    "AW": ("house", "aU"), "AY": ("time", "aI"), "B": ("bed", "b"), "CH": ("chair", "tS"),
    "D": ("dog", "d"), "DH": ("this", "D"), "EH": ("ten", "E"), "ER": ("bird", "3:"),
    "EY": ("day", "eI"), "F": ("fish", "f"), "G": ("good", "g"), "HH": ("hat", "h"),
    "IH": ("sit", "I"), "IY": ("see", "i:"), "JH": ("jam", "dZ"), "K": ("key", "k"),
    "L": ("leg", "l"), "M": ("man", "m"), "N": ("nine", "n"), "NG": ("ring", "N"),
    "OW": ("boat", "oU"), "OY": ("coin", "OI"), "P": ("pen", "p"), "R": ("red", "r"),
    "S": ("sun", "s"), "SH": ("ship", "S"), "T": ("top", "t"), "TH": ("thin", "T"),
    "UH": ("book", "U"), "UW": ("moon", "u:"), "V": ("van", "v"), "W": ("wind", "w"),
    "Y": ("yes", "j"), "Z": ("zoo", "z"), "ZH": ("vision", "Z")}
VOWELS = frozenset(("AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY",
                    "UH", "UW"))
SPEAKER = KNOWN["Anna"]  # American, as the dictionary
SLOWLY = 120  # words a minute


def pronounce(phonemes: Sequence[str]) -> tuple[int, np.ndarray]:
    """The sound of a sequence of phonemes: samples per second, samples (n,) int16.

    The first vowel is stressed; the task has no stress marks. InputError if the synthesiser is
    missing or a token is not a phoneme.
    """
    if not phonemes:
        raise InputError("There is nothing to play: the answer is empty.")
    said, is_stressed = "", False
    for phoneme in phonemes:
        if phoneme not in PHONEMES:
            raise InputError("“{phoneme}” is not a phoneme, so this cannot be played.",
                             phoneme=shorten(phoneme))
        if phoneme in VOWELS and not is_stressed:
            said, is_stressed = f"{said}'", True
        said += PHONEMES[phoneme][1]
    rate, samples, _ = espeak.synthesise(SPEAKER, f"[[{said}]]", {espeak.RATE: SLOWLY})
    return rate, samples
