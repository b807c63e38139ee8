"""Log-mel spectrograms: the logarithm of the energy in 40 mel bands, every 10 ms.

The *mel* scale (Stevens, Volkmann & Newman 1937) follows human pitch perception: linear up to about
1,000 Hz, logarithmic above. Perceived loudness is logarithmic, too. Levels are relative to the
maximum of the clip, so the volume has no effect; 9 nats (39 dB) below it counts as silence.

Frequencies above 4,000 Hz matter: they distinguish "six" from "eight". With them, the error rate on
new voices is half of that at 8,000 samples per second.

Shape letters: n samples, C columns of 10 ms, 40 bands, S frames of 6 columns (60 ms).
"""

from functools import cache

import numpy as np

SAMPLE_RATE = 16_000  # contains frequencies up to 8,000 Hz
WINDOW, HOP, NUM_POINTS = 400, 160, 512  # samples: 25 ms, 10 ms, and the Fourier transform's
NUM_BANDS, LOWEST, HIGHEST = 40, 80.0, 7600.0  # Hz
DYNAMIC_RANGE = 9.0  # nats from the maximum down to silence
TOP_LEVEL = 23  # levels are stored as integers from 0 (silence) to this
LEVELS_PER_UNIT = 6  # scales the model's inputs to a variance of about 1
LOUDEST = TOP_LEVEL / LEVELS_PER_UNIT - 1  # the model's input for TOP_LEVEL; silence is -1
COLUMNS_PER_FRAME = 6
END_SILENCE = 18  # columns of silence appended to a clip
FRAME_SIZE = NUM_BANDS * COLUMNS_PER_FRAME
FRAME_SECONDS = COLUMNS_PER_FRAME * HOP / SAMPLE_RATE


def resample(samples: np.ndarray, rate: int) -> np.ndarray:
    """Resample to `SAMPLE_RATE` by truncating or padding the spectrum: (m,) -> (n,)."""
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
    """The triangular mel filters: weights (frequencies, 40)."""
    edges = 700 * np.expm1(np.linspace(mel(LOWEST), mel(HIGHEST), NUM_BANDS + 2) / 1127)
    hertz = np.fft.rfftfreq(NUM_POINTS, 1 / SAMPLE_RATE)[:, None]
    rising = (hertz - edges[:-2]) / np.diff(edges)[:-1]
    falling = (edges[2:] - hertz) / np.diff(edges)[1:]
    return np.maximum(0, np.minimum(rising, falling))


def to_levels(samples: np.ndarray, rate: int) -> np.ndarray:
    """Samples (n,) -> levels (C, 40), integers from 0 to 23; column i is at i · 10 ms."""
    resampled = resample(np.asarray(samples, dtype=np.float64), rate)
    padded = np.pad(resampled, (WINDOW // 2, WINDOW))  # the first window is centred on time 0
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    spectra = np.fft.rfft(windows * np.hanning(WINDOW + 1)[:-1], NUM_POINTS)
    loudness = np.log(np.abs(spectra) ** 2 @ bands() + 1e-10)
    above = np.maximum(loudness - loudness.max(), -DYNAMIC_RANGE) + DYNAMIC_RANGE
    return np.round(above * (TOP_LEVEL / DYNAMIC_RANGE)).astype(np.uint8)


def to_frames(levels: np.ndarray) -> np.ndarray:
    """Levels (C, 40) -> the encoder's input (S, 240) float32.

    Silence is appended, which tells the model that the clip has ended.
    """
    return stack(levels * np.float32(1 / LEVELS_PER_UNIT) - 1, after=END_SILENCE)


def stack(columns: np.ndarray, before: int = 0, after: int = 0) -> np.ndarray:
    """Columns (C, 40) from -1 (silence) to `LOUDEST` -> frames (S, 240) of six columns each.

    `before` and `after` are the columns of silence to add. Frames make the sequence six times
    shorter; the last one is padded with silence.
    """
    num = -(-(before + len(columns) + after) // COLUMNS_PER_FRAME)
    stacked = np.full((num * COLUMNS_PER_FRAME, NUM_BANDS), -1, dtype=np.float32)
    stacked[before : before + len(columns)] = columns
    return stacked.reshape(num, FRAME_SIZE)


def unstack(frames: np.ndarray) -> np.ndarray:
    """The inverse of `stack`: frames (S, 240) -> columns (C, 40), low frequencies first."""
    return frames.reshape(-1, NUM_BANDS)
