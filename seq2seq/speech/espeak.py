"""The speech synthesiser eSpeak NG, a C library called through ctypes.

The package `espeakng-loader` contains the library and its data. If it is missing or cannot be
loaded, `speak` raises an `InputError`; everything that needs no synthesis still works.

The library has global state, so a lock admits one caller at a time. For a voice that does not exist
("en-gb+f3") it keeps the previous voice, so return codes are checked. Its output varies slightly
from call to call (in the phase of the voice), so clips for training are stored (`clips`).
"""

import ctypes
import random
import threading
from functools import cache
from typing import Any

import numpy as np

from seq2seq.errors import InputError
from seq2seq.i18n import LazyText
from seq2seq.speech.voices import Voice

DIGITS = dict(zip("0123456789", ("zero", "one", "two", "three", "four", "five", "six", "seven",
                                 "eight", "nine"), strict=True))
MISSING = LazyText("Speech cannot be generated here: the speech synthesiser is missing (pip "
                   "install espeakng-loader==0.2.4, on Linux, macOS or Windows). Everything else "
                   "works, including training on the clips that come with the lab.")
# From espeak-ng/speak_lib.h.
SYNCHRONOUS, DO_NOT_EXIT, UTF8, CHARACTERS = 2, 1 << 15, 1, 1
PHONEMES = 0x100  # text in [[ ]] is phonemes
RATE, PITCH, RANGE = 1, 3, 4
END_OF_EVENTS, WORD_START = 0, 1


class _Event(ctypes.Structure):
    """`espeak_EVENT`, with the sample at which it happens."""

    _fields_ = (("type", ctypes.c_int), ("unique_identifier", ctypes.c_uint),
                ("text_position", ctypes.c_int), ("length", ctypes.c_int),
                ("audio_position", ctypes.c_int), ("sample", ctypes.c_int),
                ("user_data", ctypes.c_void_p), ("id", ctypes.c_char * 8))


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int,
                             ctypes.POINTER(_Event))
_LOCK = threading.Lock()


class _Library:
    """The loaded library, and the output that its callback has collected since the last call."""

    def __init__(self) -> None:
        import espeakng_loader  # here because it may be missing
        self.calls: Any = ctypes.CDLL(espeakng_loader.get_library_path())
        self.sample_rate = int(self.calls.espeak_Initialize(
            SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), DO_NOT_EXIT))
        if self.sample_rate <= 0:
            raise OSError("espeak_Initialize failed")
        self.pieces: list[np.ndarray] = []
        self.starts: list[int] = []
        self.callback = _Callback(self._collect)  # stored: the library keeps no reference
        self.calls.espeak_SetSynthCallback(self.callback)

    def _collect(self, samples: Any, count: int, events: Any) -> int:
        if samples and count:
            self.pieces.append(np.ctypeslib.as_array(samples, (count,)).copy())
        i = 0
        while events[i].type != END_OF_EVENTS:
            if events[i].type == WORD_START:
                self.starts.append(events[i].sample)
            i += 1
        return 0  # continue

    def check(self, code: int, what: LazyText) -> None:
        if code != 0:
            raise InputError("The speech synthesiser could not {what} (error code {code}). Choose "
                             "another voice.", what=what, code=code)


@cache
def _load() -> _Library:
    try:
        return _Library()
    except (ImportError, OSError, RuntimeError, AttributeError):
        raise InputError(MISSING) from None


def is_available() -> bool:
    """True if this process can synthesise speech."""
    try:
        with _LOCK:
            _load()
    except InputError:
        return False
    return True


def _prosody(voice: Voice, digits: str) -> tuple[tuple[int, int], ...]:
    """Parameters of rate, pitch and range, varied at random around those of the voice."""
    rng = random.Random(f"{voice.name} {digits}")
    return ((RATE, round(voice.words_a_minute * rng.uniform(0.85, 1.2))),
            (PITCH, min(99, max(1, voice.pitch + rng.randint(-20, 20)))),
            (RANGE, rng.randint(25, 75)))


def speak(voice: Voice, digits: str) -> tuple[int, np.ndarray, tuple[float, ...]]:
    """Digits in a voice -> samples per second, samples (n,) int16, start of each word in seconds.

    InputError if the library is missing or refuses the voice.
    """
    return synthesise(voice, " ".join(DIGITS[digit] for digit in digits),
                      dict(_prosody(voice, digits)))


def synthesise(voice: Voice, text: str,
               parameters: dict[int, int]) -> tuple[int, np.ndarray, tuple[float, ...]]:
    """As `speak`, for any text; `parameters` holds parameters of the library and their values."""
    said = text.encode()
    with _LOCK:
        library = _load()
        calls = library.calls
        library.pieces, library.starts = [], []
        name = f"{voice.language}+{voice.variant}"
        library.check(calls.espeak_SetVoiceByName(name.encode()),
                      LazyText("find the voice “{voice}”", voice=voice.name))
        for parameter, value in parameters.items():
            library.check(calls.espeak_SetParameter(parameter, value, 0),
                          LazyText("change the voice"))
        library.check(calls.espeak_Synth(said, len(said) + 1, 0, CHARACTERS, 0, UTF8 | PHONEMES,
                                         None, None), LazyText("speak"))
        if not library.pieces:
            raise InputError("The voice “{voice}” produced no sound. Choose another "
                             "voice.", voice=voice.name)
        rate, samples = library.sample_rate, np.concatenate(library.pieces)
        return rate, samples, tuple(start / rate for start in library.starts)
