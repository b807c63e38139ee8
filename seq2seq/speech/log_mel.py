"""Sound as a picture: how loud each of 40 pitches is, 100 times a second.

The ear hears pitch on the *mel* scale (Stevens, Volkmann & Newman 1937): evenly up to 1,000 Hz,
then ever more coarsely. And it hears loudness in ratios, hence the logarithm. What is 9 nats (39
decibels) below the loudest place of a clip counts as silence. So how loud a clip is as a whole
changes nothing.

What is above 4,000 Hz counts: at 8,000 samples a second, as on the telephone, nothing of it is
left, and "six" loses what tells it from "eight". With it, of clips by new voices only half as many
are misheard.

Numbers here: n samples, C columns of 10 ms, 40 mel bands, S frames of 6 columns (60 ms).
"""

from functools import cache

import numpy as np

SAMPLE_RATE = 16_000  # what is heard reaches up to 8,000 Hz, hisses included
WINDOW, HOP, NUM_POINTS = 400, 160, 512  # samples: 25 ms, 10 ms, and the Fourier transform's
NUM_BANDS, LOWEST, HIGHEST = 40, 80.0, 7600.0  # Hz
DEPTH = 9.0  # nats from the loudest place down to what counts as silence
TOP_LEVEL = 23  # loudness is kept as a whole number from 0 (silence) to this
LEVELS_A_UNIT = 6  # for the model, so that its numbers are about as far apart as 0 and 1
LOUDEST = TOP_LEVEL / LEVELS_A_UNIT - 1  # what the model gets for it; -1 for silence
STACKED = 6  # columns that make one frame
ENDING = 18  # columns of silence at the end
FRAME_SIZE = NUM_BANDS * STACKED
FRAME_SECONDS = STACKED * HOP / SAMPLE_RATE


def resample(samples: np.ndarray, rate: int) -> np.ndarray:
    """Samples at any rate -> samples (n,) at `SAMPLE_RATE`, by cutting or padding the spectrum."""
    num = max(1, round(len(samples) * SAMPLE_RATE / rate))
    spectrum = np.fft.rfft(samples)
    kept = np.zeros(num // 2 + 1, dtype=complex)
    both = min(len(kept), len(spectrum))
    kept[:both] = spectrum[:both]
    return np.fft.irfft(kept, num) * (num / len(samples))


def mel(hertz: np.ndarray | float) -> np.ndarray | float:
    """The mel scale: 1,000 Hz are about 1,000 mel."""
    return 1127 * np.log1p(np.asarray(hertz) / 700)


@cache
def bands() -> np.ndarray:
    """How much each frequency counts in each band: (frequencies, 40), overlapping triangles."""
    edges = 700 * np.expm1(np.linspace(mel(LOWEST), mel(HIGHEST), NUM_BANDS + 2) / 1127)
    hertz = np.fft.rfftfreq(NUM_POINTS, 1 / SAMPLE_RATE)[:, None]
    rising = (hertz - edges[:-2]) / np.diff(edges)[:-1]
    falling = (edges[2:] - hertz) / np.diff(edges)[1:]
    return np.maximum(0, np.minimum(rising, falling))


def to_levels(samples: np.ndarray, rate: int) -> np.ndarray:
    """Samples (n,) -> loudness (C, 40) as whole numbers from 0 to 23; column i is at i · 10 ms."""
    resampled = resample(np.asarray(samples, dtype=np.float64), rate)
    padded = np.pad(resampled, (WINDOW // 2, WINDOW))  # the first window is centred on time 0
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    spectra = np.fft.rfft(windows * np.hanning(WINDOW + 1)[:-1], NUM_POINTS)
    loudness = np.log(np.abs(spectra) ** 2 @ bands() + 1e-10)
    above = np.maximum(loudness - loudness.max(), -DEPTH) + DEPTH
    return np.round(above * (TOP_LEVEL / DEPTH)).astype(np.uint8)


def to_frames(levels: np.ndarray) -> np.ndarray:
    """Loudness (C, 40) as levels -> what the encoder reads: (S, 240) float32.

    A little silence follows: how else could one hear that it is over?
    """
    return stack(levels * np.float32(1 / LEVELS_A_UNIT) - 1, after=ENDING)


def stack(columns: np.ndarray, before: int = 0, after: int = 0) -> np.ndarray:
    """Columns (C, 40) from -1 (silence) to `LOUDEST` -> frames (S, 240) of six.

    The last one ends in silence. The model then has six times fewer steps to make. So many columns
    of silence are put `before` and `after`.
    """
    num = -(-(before + len(columns) + after) // STACKED)
    stacked = np.full((num * STACKED, NUM_BANDS), -1, dtype=np.float32)
    stacked[before : before + len(columns)] = columns
    return stacked.reshape(num, FRAME_SIZE)


def unstack(frames: np.ndarray) -> np.ndarray:
    """Frames (S, 240) -> the columns again, (C, 40) from -1 to `LOUDEST`; low pitches first."""
    return frames.reshape(-1, NUM_BANDS)
