"""Augmentation of log-mel spectrograms, so that few voices generalise to many.

It changes the tempo (Ko et al. 2015), the vocal tract by warping the frequency axis (Jaitly &
Hinton 2013), the spectral tilt, the envelope, an echo and the silence at both ends. None of these
changes the words.
"""

import numpy as np

from seq2seq.speech.log_mel import COLUMNS_PER_FRAME, LOUDEST, NUM_BANDS, stack, unstack

MIN_TEMPO, MAX_TEMPO = 0.75, 1.3  # factors of the duration
WARP = 0.12  # the largest relative stretch of the frequency axis
LOCAL_WARP = 2.0  # the largest local shift, in bands
SPECTRAL_TILT = 0.8  # the largest change of a band's level (1 is 2.3 nats)
ENVELOPE_DEPTH = 0.5  # the largest slow change of the level over time
ECHO_PROBABILITY, ECHO_LOSS = 0.3, 0.8  # an echo is quieter by 0.8 to 1.6
MAX_SILENCE = 12  # columns of 10 ms added at either end, at most


def augment(frames: np.ndarray, rng: np.random.Generator, variety: float = 1.0) -> np.ndarray:
    """Frames (S, 240) -> augmented frames, whose number may differ.

    `variety` from 0 to 1 scales all changes but tempo and silence.
    """
    columns = unstack(frames)
    num = max(2 * COLUMNS_PER_FRAME, round(len(columns) * rng.uniform(MIN_TEMPO, MAX_TEMPO)))
    columns = interpolate(columns, np.linspace(0, len(columns) - 1, num))
    if rng.random() < ECHO_PROBABILITY * variety:
        late = int(rng.integers(4, 13))
        columns = columns.copy()
        columns[late:] = np.maximum(columns[late:], columns[:-late] - ECHO_LOSS * rng.uniform(1, 2))
    bands = np.arange(NUM_BANDS) * (1 + variety * rng.uniform(-WARP, WARP))
    bands += random_curve(rng, 5, NUM_BANDS, variety * LOCAL_WARP)[:, 0]
    columns = interpolate(columns.T, np.clip(bands, 0, NUM_BANDS - 1)).T
    change = random_curve(rng, 6, NUM_BANDS, variety * SPECTRAL_TILT).T
    change = change + random_curve(rng, 2 + num // 40, num, variety * ENVELOPE_DEPTH)
    change += LOUDEST - (columns + change).max()  # restore the maximum
    # Silence stays silent.
    columns = np.where(columns > -1, np.clip(columns + change, -1, LOUDEST), -1)
    before, after = rng.integers(0, MAX_SILENCE + 1, 2)
    return stack(columns, before, after)


def random_curve(rng: np.random.Generator, points: int, num: int, height: float) -> np.ndarray:
    """A piecewise linear curve through `points` random values in ±`height`: (num, 1)."""
    heights = rng.uniform(-height, height, points)
    return interpolate(heights[:, None], np.linspace(0, points - 1, num))


def interpolate(rows: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Linear interpolation of rows (n, k) at positions (m,) from 0 to n - 1: (m, k)."""
    low = places.astype(int)
    high = np.minimum(low + 1, len(rows) - 1)
    share = (places - low)[:, None]
    return rows[low] * (1 - share) + rows[high] * share
