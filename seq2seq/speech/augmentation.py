"""The same clip, a little different every time: so that a few voices stand for many.

Faster or slower, from another throat and mouth, duller or brighter, nearer or further away, in a
room that echoes, and with more or less silence around it: none of it changes what was
said. What is learned then cannot hang on any of it (Jaitly & Hinton 2013 moved the pitches, Ko et
al. 2015 the speed).
"""

import numpy as np

from seq2seq.speech.log_mel import LOUDEST, NUM_BANDS, STACKED, stack, unstack

SLOWEST, FASTEST = 0.75, 1.3  # times as long
THROAT = 0.12  # by so much all bands may move apart or together
MOUTH = 2.0  # and parts of them by so many bands, here up and there down
SPECTRAL_TILT = 0.8  # loudness (1 is 2.3 nats) that pitches gain or lose, here more and there less
ENVELOPE_DEPTH = 0.5  # loudness that may come and go slowly
ECHOES, QUIETER = 0.3, 0.8  # so often there is one, and by so much it is quieter at least
SILENCE = 12  # columns of 10 ms, at most, that are added at either end


def augment(frames: np.ndarray, rng: np.random.Generator, variety: float = 1.0) -> np.ndarray:
    """Frames (S, 240) -> frames of the same words, a few more or fewer.

    `variety` from 0 to 1 says how far throat, mouth and room may differ; tempo and silence always
    do.
    """
    columns = unstack(frames)
    num = max(2 * STACKED, round(len(columns) * rng.uniform(SLOWEST, FASTEST)))
    columns = between(columns, np.linspace(0, len(columns) - 1, num))
    if rng.random() < ECHOES * variety:
        late = int(rng.integers(4, 13))
        columns = columns.copy()
        columns[late:] = np.maximum(columns[late:], columns[:-late] - QUIETER * rng.uniform(1, 2))
    bands = np.arange(NUM_BANDS) * (1 + variety * rng.uniform(-THROAT, THROAT))
    bands += wave(rng, 5, NUM_BANDS, variety * MOUTH)[:, 0]
    columns = between(columns.T, np.clip(bands, 0, NUM_BANDS - 1)).T
    change = wave(rng, 6, NUM_BANDS, variety * SPECTRAL_TILT).T
    change = change + wave(rng, 2 + num // 40, num, variety * ENVELOPE_DEPTH)
    change += LOUDEST - (columns + change).max()  # the loudest place is as loud as before
    # Silence stays silent, whatever is turned up.
    columns = np.where(columns > -1, np.clip(columns + change, -1, LOUDEST), -1)
    before, after = rng.integers(0, SILENCE + 1, 2)
    return stack(columns, before, after)


def wave(rng: np.random.Generator, points: int, num: int, height: float) -> np.ndarray:
    """Random heights up to ±`height`, joined by straight lines, at `num` places: (num, 1)."""
    heights = rng.uniform(-height, height, points)
    return between(heights[:, None], np.linspace(0, points - 1, num))


def between(rows: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Rows (n, k) at places (m,) from 0 to n - 1, which need not be whole: straight lines."""
    low = places.astype(int)
    high = np.minimum(low + 1, len(rows) - 1)
    share = (places - low)[:, None]
    return rows[low] * (1 - share) + rows[high] * share
