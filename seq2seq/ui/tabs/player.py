"""The player below the loss curve of an ended run: its sample answers and scores after each epoch.

The page has the curve already. When the player is first used, its JavaScript
(`assets/js/player.js`) requests the frames once; from then on, playing and scrubbing cost the
server nothing.
"""

from typing import Any, NamedTuple

from seq2seq.i18n import _
from seq2seq.training.events import Sample
from seq2seq.ui.components.run_history import rows, score_texts
from seq2seq.ui.components.run_names import epoch_words
from seq2seq.ui.lab import Lab

MAX_FRAMES = 60


class Frame(NamedTuple):
    """The model after some epochs."""

    epoch: float  # 0: untrained
    samples: tuple[Sample, ...]
    scores: dict[str, float | None]


def frames(lab: Lab, run_id: Any) -> dict[str, Any]:
    """The frames of a run, from the untrained model on; at most `MAX_FRAMES`, evenly spaced.

    "epochs" are their epochs, "words" says so, "rows" and "scores" are as in `live_training.poll`.
    No frames if the run was deleted, or before its first epoch has ended.
    """
    run = lab.find(run_id)
    history = lab.histories.of(run) if run else None
    if run is None or history is None or history.started is None or not history.epochs:
        return {"epochs": []}
    task = run.recipe.make_task()
    ends = [Frame(0.0, history.started.samples, {}),
            *(Frame(end.epoch, end.samples, end.scores) for end in history.epochs)]
    if run.scored is not None and run.scored.epoch > ends[-1].epoch:
        ends.append(Frame(run.scored.epoch, run.scored.samples, run.scored.scores))
    ends = [ends[i] for i in thinned(len(ends))]
    return {"epochs": [end.epoch for end in ends],
            "words": [epoch_words(end.epoch) if end.epoch else _("before training")
                      for end in ends],
            "rows": [rows(end.samples, task) for end in ends],
            "scores": [score_texts(end.scores) for end in ends]}


def thinned(count: int) -> list[int]:
    """The first, the last, and evenly spaced numbers between: at most `MAX_FRAMES` below `count`.

    >>> thinned(3), len(thinned(500)), thinned(500)[-1]
    ([0, 1, 2], 60, 499)
    """
    if count <= MAX_FRAMES:
        return list(range(count))
    return [round(i * (count - 1) / (MAX_FRAMES - 1)) for i in range(MAX_FRAMES)]
