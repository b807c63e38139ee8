"""Losses in nats per token, and scores as fractions in [0, 1].

The loss is the cross-entropy of the correct tokens under teacher forcing: the decoder reads the
correct previous tokens. The scores compare decoded answers with the targets: the decoder reads its
own previous tokens and never sees a target, as in use. A low loss with low scores is possible.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from rapidfuzz.distance import Levenshtein
from torch import Tensor
from torch.nn.functional import nll_loss

from seq2seq.data.splits import Splits, make_batch
from seq2seq.data.vocabulary import EOS, PAD, SPECIALS, UNK
from seq2seq.decoding.beam import beam_answers
from seq2seq.decoding.greedy import greedy_sliced
from seq2seq.models.seq2seq import Seq2Seq
from seq2seq.models.size import max_evaluation_rows
from seq2seq.tasks import Example, Tokens
from seq2seq.time_slices import Sliced, finish

MAX_EXTRA_STEPS = 5  # decoding stops this many tokens after the longest expected answer
MAX_ROWS = 512  # sequences decoded in one batch; fewer if they need too much memory


def token_loss(log_probs: Tensor, target_ids: Tensor) -> Tensor:
    """Mean of -log p(target) over all tokens but PAD: (N, T, V), (N, T) -> (), in nats."""
    return nll_loss(log_probs.flatten(0, 1), target_ids.flatten(), ignore_index=PAD)


class Answer(NamedTuple):
    """A decoded answer to an example, without the end token."""

    example: Example
    tokens: Tokens
    finished: bool

    @property
    def is_correct(self) -> bool:
        """True if the answer equals the target and ends."""
        return self.finished and self.tokens == self.example.target

    def edits_to_nearest(self, end_token: bool = False) -> tuple[int, int]:
        """Edit distance to the nearest correct answer, and the length of that answer in tokens.

        With `end_token`, the end token counts as a token. Of equally near answers, the longest one
        counts.
        """
        end = (SPECIALS[EOS],) if end_token else ()
        written = self.tokens + (end if self.finished else ())
        return fewest_edits(written, [target + end for target in (self.example.target,
                                                                  *self.example.others)])


def answers(model: Seq2Seq, splits: Splits, examples: Sequence[Example],
            width: int = 1, alpha: float = 0.0) -> list[Answer]:
    """The answers to `examples`, in their order: greedy, or by beam search of this `width`.

    `alpha` is the length normalisation of the search (`decoding.beam`).

    If an example has several correct answers and the model writes one of them, that one becomes the
    target of the returned example. The length limit of each answer (`max_steps`) depends on its
    source alone, not on the batch.
    """
    return finish(answers_sliced(model, splits, examples, width, alpha))


def answers_sliced(model: Seq2Seq, splits: Splits, examples: Sequence[Example],
                   width: int = 1, alpha: float = 0.0) -> Sliced[list[Answer]]:
    """As `answers`, in time slices."""
    found: list[Answer] = []
    for part in batches_that_fit(model, splits, examples):
        batch = make_batch(part, splits)
        limits = torch.tensor([max_steps(splits, len(e.source)) for e in part])
        if width == 1:
            rows = yield from greedy_sliced(model, batch.source, batch.source_lengths, limits)
        else:
            rows = beam_answers(model, batch.source, batch.source_lengths, limits, width,
                                alpha)
        for example, ids in zip(part, rows, strict=True):
            finished = ids[-1] == EOS
            tokens = splits.target_vocabulary.decode(ids[:-1] if finished else ids)
            found.append(Answer(example.with_nearest_target(tokens), tokens, finished))
        yield
    return found


def batches_that_fit(model: Seq2Seq, splits: Splits,
                     examples: Sequence[Example]) -> Iterator[Sequence[Example]]:
    """`examples` in their order, in groups small enough for one batch."""
    longest = max((len(splits.task.positions(e.source)) for e in examples), default=0)
    steps = max_steps(splits, max((len(e.source) for e in examples), default=0))
    rows = min(MAX_ROWS, max_evaluation_rows(model.config, longest, steps,
                                             len(splits.target_vocabulary)))
    for start in range(0, len(examples), rows):
        yield examples[start : start + rows]


def max_steps(splits: Splits, source_length: int) -> int:
    """The number of tokens after which decoding stops if there is no end token."""
    return max(source_length, splits.max_target_length) + MAX_EXTRA_STEPS


def exact_match(found: Sequence[Answer]) -> float | None:
    """The fraction of answers that are entirely correct; None if there are no answers."""
    return sum(a.is_correct for a in found) / len(found) if found else None


def token_accuracy(found: Sequence[Answer]) -> float | None:
    """The fraction of target tokens (with end tokens) that need no edit; None without answers.

    An answer with more edits than its target has tokens counts as 0 correct tokens.
    """
    pairs = [answer.edits_to_nearest(end_token=True) for answer in found]
    correct = sum(max(0, length - distance) for distance, length in pairs)
    return correct / sum(length for _, length in pairs) if pairs else None


def held_out_loss(model: Seq2Seq, splits: Splits, examples: Sequence[Example]) -> float | None:
    """The loss on `examples` with teacher forcing, in nats per token; None without examples.

    Target tokens that are not in the vocabulary do not count: no model could write them.
    """
    return finish(held_out_loss_sliced(model, splits, examples))


@torch.no_grad()
def held_out_loss_sliced(model: Seq2Seq, splits: Splits,
                         examples: Sequence[Example]) -> Sliced[float | None]:
    """As `held_out_loss`, in time slices."""
    total, num_tokens = 0.0, 0
    model.eval()
    for part in batches_that_fit(model, splits, examples):
        batch = make_batch(part, splits)
        known = batch.target_ids.masked_fill(batch.target_ids == UNK, PAD)
        loss = float(token_loss(model(batch.source, batch.source_lengths, batch.target_ids), known))
        if len(part) == len(examples):  # avoids the rounding of the weighted mean below
            return loss
        count = int((known != PAD).sum())
        total += loss * count
        num_tokens += count
        yield
    return total / num_tokens if num_tokens else None


@dataclass(frozen=True)
class Evaluation:
    """The scores of a model on the three sets."""

    scores: dict[str, float | None]  # exact match by set; None for an empty set
    held_out_loss: float | None  # on the new examples, nats per token
    token_accuracy: float | None  # on the new examples


def evaluate(model: Seq2Seq, splits: Splits) -> Evaluation:
    """Decode the three sets and score them."""
    return finish(evaluate_sliced(model, splits))


def evaluate_sliced(model: Seq2Seq, splits: Splits) -> Sliced[Evaluation]:
    """As `evaluate`, in time slices. The three sets are decoded as one batch if it fits."""
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
    """The Levenshtein distance: how many insertions, deletions and substitutions part the two.

    >>> edit_distance("kitten", "sitting")
    3
    """
    return Levenshtein.distance(list(one), list(other))


def fewest_edits(written: Sequence[str], correct: Iterable[Sequence[str]]) -> tuple[int, int]:
    """Edit distance to the nearest of `correct`, and its length; of equally near ones the longest.

    >>> fewest_edits("cat", ["cut", "cats"])
    (1, 4)
    """
    return min(((edit_distance(written, target), len(target)) for target in correct),
               key=lambda pair: (pair[0], -pair[1]))


def edit_positions(target: Sequence[str], written: Sequence[str]) -> list[int]:
    """The position in `target` of each edit that turns it into `written`, with the fewest edits.

    An insertion at the end has the position `len(target)`.

    >>> edit_positions("beaches", "baches"), edit_positions("513", "5134")
    ([1], [3])
    """
    return [edit.src_pos for edit in Levenshtein.editops(list(target), list(written))]


def matches(one: Sequence[str], other: Sequence[str]) -> list[bool]:
    """Which tokens of `one` stay unchanged in `other`, when aligned by the fewest edits.

    >>> matches("baches", "beaches")
    [True, True, True, True, True, True]
    """
    same = [False] * len(one)
    for start, _, length in Levenshtein.editops(list(one), list(other)).as_matching_blocks():
        same[start : start + length] = [True] * length
    return same


def token_error_rate(found: Sequence[Answer]) -> float | None:
    """Edit distance to the nearest correct answers, divided by their length; None without answers.

    End tokens do not count. It may exceed 1. For phonemes this is the phoneme error rate (PER).
    """
    pairs = [answer.edits_to_nearest() for answer in found]
    total = sum(length for _, length in pairs)
    return sum(distance for distance, _ in pairs) / total if total else None
