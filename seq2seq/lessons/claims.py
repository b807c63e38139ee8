"""Measurements behind the general claims of the lessons, on sequences outside the training set."""

import random
from itertools import pairwise

from seq2seq.data.splits import make_batch
from seq2seq.decoding.greedy import greedy, predict
from seq2seq.evaluation.metrics import (
    answers,
    edit_distance,
    edit_positions,
    exact_match,
    max_steps,
)
from seq2seq.experiment import Experiment
from seq2seq.tasks import Example
from seq2seq.tasks.sampling import draw, solved

NUM_ASKED = 100  # sequences per measurement, at most
WIDTHS = (1, 3, 5)  # beam widths of the lesson
BEAM_WIDTH = WIDTHS[-1]
SHORTEST = 4  # tokens; in shorter sequences the two halves are too close


def unseen(experiment: Experiment, length: int) -> list[Example]:
    """Up to `NUM_ASKED` new sequences of one length, always the same."""
    task, splits = experiment.task, experiment.splits
    trained_on = {task.key(example.source) for example in splits.train}
    rng = random.Random(f"{experiment.recipe.train.seed}/length {length}")
    return solved(task, draw(task, rng, NUM_ASKED, [length], without=trained_on))


def exact_match_at_length(experiment: Experiment, length: int) -> float | None:
    """Exact match in [0, 1] on new sequences of one length; None if there are none."""
    return exact_match(answers(experiment.model, experiment.splits, unseen(experiment, length)))


def error_propagation(experiment: Experiment, place: int) -> float | None:
    """Mean number of later tokens that change when the token at `place` (from 1) is replaced.

    The next most probable token is forced there, in new sequences of the largest training length.
    None if no answer is long enough.
    """
    examples = unseen(experiment, experiment.recipe.train.max_length)
    if not examples:
        return None
    batch, longest = make_batch(examples, experiment.splits), len(examples[0].source)
    free, forced = (greedy(experiment.model, batch.source, batch.source_lengths,
                           max_steps(experiment.splits, longest), perturbed_step)
                    for perturbed_step in (None, place - 1))
    changed = [differing(a, b, place) for a, b in zip(free, forced, strict=True)
               if len(a) > place]  # `a` includes the end token
    return sum(changed) / len(changed) if changed else None


def differing(one: list, two: list, start: int) -> int:
    """The edit distance of two answers from the position `start` on."""
    return edit_distance(one[start:], two[start:])


def errors_in_first_half(experiment: Experiment) -> float | None:
    """The fraction of errors (edits) that are in the first half of the target, on new sequences.

    None if there are no errors.
    """
    first = total = 0
    for answer in answers(experiment.model, experiment.splits, experiment.splits.new):
        target = answer.example.target
        if len(target) >= SHORTEST and len(target) % 2 == 0:  # with halves of equal length
            places = edit_positions(target, answer.tokens)
            first += sum(place < len(target) // 2 for place in places)
            total += len(places)
    return first / total if total else None


def looks_back(experiment: Experiment) -> int | None:
    """Of up to `NUM_ASKED` new sequences, those in which the attention goes back at least once.

    It goes back if the largest weight of a step is on an earlier position than that of the step
    before. The step that writes the end token does not count. None without attention.
    """
    if experiment.recipe.model.attention == "none":
        return None
    found = 0
    for example in experiment.splits.new[:NUM_ASKED]:
        p = predict(experiment.model, experiment.splits, example.source, None,
                    max_steps(experiment.splits, len(example.source)))
        strongest = [int(step.attention.argmax()) for step in p.steps[: len(p.tokens)]
                     if step.attention is not None]
        found += any(b < a for a, b in pairwise(strongest))
    return found


def beam_numbers(experiment: Experiment) -> dict[str, float | int | None]:
    """Comparison of greedy decoding and beam search on up to `NUM_ASKED` new sequences.

    Exact match of both, the number of answers that differ, and of these the numbers that the beam
    corrected, that it made wrong, and that are wrong in both.
    """
    model, splits = experiment.model, experiment.splits
    examples = splits.new[:NUM_ASKED]
    alone = answers(model, splits, examples)
    beam = answers(model, splits, examples, width=BEAM_WIDTH)
    changed = [(a.is_correct, b.is_correct) for a, b in zip(alone, beam, strict=True)
               if (a.tokens, a.finished) != (b.tokens, b.finished)]
    return {"greedy_right": exact_match(alone), "beam_right": exact_match(beam),
            "differ": len(changed), "repaired": changed.count((False, True)),
            "spoilt": changed.count((True, False)), "still_wrong": changed.count((False, False))}
