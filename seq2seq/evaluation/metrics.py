"""How good is a model? Losses in nats per token, scores as fractions in [0, 1].

The loss tells how surprised the model is by each right token while it reads the right ones
(teacher forcing). The scores are computed from what it writes all by itself: the decoder never
sees a target. Where the two disagree, believe the scores.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from rapidfuzz.distance import Levenshtein
from torch import Tensor
from torch.nn.functional import nll_loss

from seq2seq.data.splits import Splits, make_batch
from seq2seq.data.vocabulary import EOS, PAD, SPECIALS
from seq2seq.decoding.beam import beam_answers
from seq2seq.decoding.greedy import greedy_sliced
from seq2seq.decoding.slices import Sliced, finish
from seq2seq.models.seq2seq import Seq2Seq
from seq2seq.models.size import max_evaluation_rows
from seq2seq.tasks import Example, Tokens

MAX_EXTRA_STEPS = 5  # so many tokens too many may be written before decoding is cut off
MAX_ROWS = 512  # sequences that are answered at once; fewer, where these would be too large


def token_loss(log_probs: Tensor, target_ids: Tensor) -> Tensor:
    """Mean negative log-likelihood (N, T, V), (N, T) -> () in nats per real token.

    PAD is no token: it is not counted, neither above nor below the fraction.
    """
    return nll_loss(log_probs.flatten(0, 1), target_ids.flatten(), ignore_index=PAD)


class Answer(NamedTuple):
    """What the model wrote for an example, without the end mark."""

    example: Example
    tokens: Tokens
    finished: bool

    @property
    def is_correct(self) -> bool:
        """Every token right, and the end found."""
        return self.finished and self.tokens == self.example.target

    def edits_to_nearest(self, end_mark: bool = False) -> tuple[int, int]:
        """Edits to the nearest right answer, and how many tokens that one has.

        The two are aligned first: one missing token is one edit, whatever comes behind it. With
        `end_mark` the mark at the end is a token like others. Of two right answers that are equally
        near, the longer one counts.
        """
        end = (SPECIALS[EOS],) if end_mark else ()
        written = self.tokens + (end if self.finished else ())
        right = [target + end for target in (self.example.target, *self.example.others)]
        return min(((edit_distance(written, target), len(target)) for target in right),
                   key=lambda pair: (pair[0], -pair[1]))


def answers(model: Seq2Seq, splits: Splits, examples: Sequence[Example],
            width: int = 1) -> list[Answer]:
    """Greedy answers to all `examples`, in their order; the targets are not looked at.

    With a `width` above 1, a beam of it is searched. Where an example has several right answers and
    one of them was written, that one becomes its target. Each answer is cut off where it would be
    if its source stood alone (`max_steps`), whatever else is in the batch.
    """
    return finish(answers_sliced(model, splits, examples, width))


def answers_sliced(model: Seq2Seq, splits: Splits, examples: Sequence[Example],
                   width: int = 1) -> Sliced[list[Answer]]:
    """As `answers`, in parts that are short and hold few numbers."""
    found: list[Answer] = []
    for part in batches_that_fit(model, splits, examples):
        batch = make_batch(part, splits)
        limits = torch.tensor([max_steps(splits, len(e.source)) for e in part])
        if width == 1:
            rows = yield from greedy_sliced(model, batch.source, batch.source_lengths, limits)
        else:
            rows = beam_answers(model, batch.source, batch.source_lengths, limits, width)
        for example, ids in zip(part, rows, strict=True):
            finished = ids[-1] == EOS
            tokens = splits.target_vocabulary.decode(ids[:-1] if finished else ids)
            found.append(Answer(example.with_nearest_target(tokens), tokens, finished))
        yield
    return found


def batches_that_fit(model: Seq2Seq, splits: Splits,
                     examples: Sequence[Example]) -> Iterator[Sequence[Example]]:
    """`examples` in their order, as many at a time as may be computed at once."""
    longest = max((len(splits.task.positions(e.source)) for e in examples), default=0)
    steps = max_steps(splits, max((len(e.source) for e in examples), default=0))
    rows = min(MAX_ROWS, max_evaluation_rows(model.config, longest, steps,
                                             len(splits.target_vocabulary)))
    for start in range(0, len(examples), rows):
        yield examples[start : start + rows]


def max_steps(splits: Splits, source_length: int) -> int:
    """After so many tokens without an end mark, decoding is cut off."""
    return max(source_length, splits.max_target_length) + MAX_EXTRA_STEPS


def exact_match(found: Sequence[Answer]) -> float | None:
    """Share of answers that are right from start to end; None when there are none."""
    return sum(a.is_correct for a in found) / len(found) if found else None


def token_accuracy(found: Sequence[Answer]) -> float | None:
    """Share of the right answers' tokens, end marks included, that need no edit.

    Of an answer with more edits than that has tokens, no token is right. None without answers.
    """
    pairs = [answer.edits_to_nearest(end_mark=True) for answer in found]
    right = sum(max(0, length - wrong) for wrong, length in pairs)
    return right / sum(length for _, length in pairs) if pairs else None


def held_out_loss(model: Seq2Seq, splits: Splits, examples: Sequence[Example]) -> float | None:
    """Loss on `examples` in nats per token, with teacher forcing; None when there are none."""
    return finish(held_out_loss_sliced(model, splits, examples))


@torch.no_grad()
def held_out_loss_sliced(model: Seq2Seq, splits: Splits,
                         examples: Sequence[Example]) -> Sliced[float | None]:
    """As `held_out_loss`, in parts."""
    total, num_tokens = 0.0, 0
    model.eval()
    for part in batches_that_fit(model, splits, examples):
        batch = make_batch(part, splits)
        loss = float(token_loss(model(batch.source, batch.source_lengths, batch.target_ids),
                                batch.target_ids))
        if len(part) == len(examples):  # without the rounding of a product and a quotient
            return loss
        total += loss * batch.num_target_tokens
        num_tokens += batch.num_target_tokens
        yield
    return total / num_tokens if num_tokens else None


@dataclass(frozen=True)
class Evaluation:
    """A model's marks on the three sets, at one moment."""

    scores: dict[str, float | None]  # exact match by set; None where the set is empty
    held_out_loss: float | None  # on the new examples, nats per token
    token_accuracy: float | None  # on the new examples


def evaluate(model: Seq2Seq, splits: Splits) -> Evaluation:
    """All marks at once."""
    return finish(evaluate_sliced(model, splits))


def evaluate_sliced(model: Seq2Seq, splits: Splits) -> Sliced[Evaluation]:
    """As `evaluate`, in parts: the three sets are answered together, as one batch if it fits."""
    sets = splits.sets
    found = yield from answers_sliced(model, splits,
                                      [e for examples in sets.values() for e in examples])
    by_set: dict[str, list[Answer]] = {}
    for name, examples in sets.items():
        by_set[name], found = found[: len(examples)], found[len(examples) :]
    loss = yield from held_out_loss_sliced(model, splits, sets["new"])
    return Evaluation({name: exact_match(part) for name, part in by_set.items()}, loss,
                      token_accuracy(by_set["new"]))


def edit_distance(one: Sequence[str], other: Sequence[str]) -> int:
    """How many tokens must be put in, taken out or exchanged to make `other` of `one`.

    >>> edit_distance("kitten", "sitting")
    3
    """
    return Levenshtein.distance(list(one), list(other))


def edit_positions(target: Sequence[str], written: Sequence[str]) -> list[int]:
    """The place in `target` of each token that was inserted, left out or exchanged in `written`.

    Aligned by the fewest edits; what follows the last token is at `len(target)`.

    >>> edit_positions("beaches", "baches"), edit_positions("513", "5134")
    ([1], [3])
    """
    return [edit.src_pos for edit in Levenshtein.editops(list(target), list(written))]


def matches(one: Sequence[str], other: Sequence[str]) -> list[bool]:
    """Which tokens of `one` also stand in `other`, aligned by the fewest edits.

    >>> matches("baches", "beaches")
    [True, True, True, True, True, True]
    """
    same = [False] * len(one)
    for start, _, length in Levenshtein.editops(list(one), list(other)).as_matching_blocks():
        same[start : start + length] = [True] * length
    return same


def token_error_rate(found: Sequence[Answer]) -> float | None:
    """Edits to the nearest right answer, as a share of its tokens; None without answers.

    End marks are not counted. For phones this is the phone error rate.
    """
    pairs = [answer.edits_to_nearest() for answer in found]
    total = sum(length for _, length in pairs)
    return sum(wrong for wrong, _ in pairs) / total if total else None
