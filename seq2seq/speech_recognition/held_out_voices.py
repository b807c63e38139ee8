"""Scores of a speech model on held-out voices, and an evaluation of its attention.

The synthesiser reports when each word starts. So one can measure whether attention peaks inside the
word that the model writes.
"""

from collections.abc import Sequence

import numpy as np

from seq2seq.errors import InputError
from seq2seq.evaluation.metrics import answers, exact_match
from seq2seq.experiment import Experiment
from seq2seq.i18n import LazyText
from seq2seq.speech import clips
from seq2seq.speech.log_mel import FRAME_SECONDS
from seq2seq.tasks import Tokens
from seq2seq.tasks.sampling import solved
from seq2seq.tasks.spoken_digits import SPOKEN_DIGITS, SpokenDigits, source

TOLERANCE = FRAME_SECONDS  # seconds: a frame shared by two words counts for both


def new_voices(experiment: Experiment) -> dict[int, float]:
    """Number of digits -> exact match in [0, 1], on the 600 clips of the held-out voices.

    InputError for a model of another task.
    """
    task = _spoken(experiment)
    found = answers(experiment.model, experiment.splits,
                    solved(task, [source(clip) for clip in clips.groups()["voices"]]))
    by_size: dict[int, list] = {}
    for answer in found:
        by_size.setdefault(len(answer.example.target), []).append(answer)
    return {size: exact_match(part) or 0.0 for size, part in sorted(by_size.items())}


def pointing(experiment: Experiment, sources: Sequence[Tokens]) -> float | None:
    """The fraction of digits in correct answers whose attention peaks inside their word.

    None without correct answers. InputError if the model has no attention or another task, or if
    the synthesiser is missing.
    """
    task = _spoken(experiment)
    inside: list[bool] = []
    for tokens in sources:
        p = experiment.predict(task.format(tokens))
        if not p.is_correct:
            continue
        if p.attention is None:
            raise InputError("This model has no attention: train one with attention.")
        starts = (*task.word_starts(tokens), len(p.positions) * FRAME_SECONDS)
        for digit in range(len(p.tokens)):
            peak = (int(np.argmax(p.attention[digit])) + 0.5) * FRAME_SECONDS
            inside.append(starts[digit] - TOLERANCE <= peak <= starts[digit + 1] + TOLERANCE)
    return sum(inside) / len(inside) if inside else None


def _spoken(experiment: Experiment) -> SpokenDigits:
    if not isinstance(experiment.task, SpokenDigits):
        raise InputError("This model was trained on “{task}” and cannot read speech. Choose the "
                         "task “{wanted}”.", task=LazyText(experiment.task.title),
                         wanted=LazyText(SPOKEN_DIGITS.title))
    return experiment.task
