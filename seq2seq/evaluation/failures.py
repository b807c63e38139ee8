"""Where a model fails: its answers by length, by position and by confused tokens.

Each group has a key, such as `length:5` or `confusion:a⇥b`, with a tab since no token contains one.
`select` returns the answers that belong to it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein, Opcodes

from seq2seq.evaluation.measures import wilson_interval
from seq2seq.evaluation.metrics import Answer

NUM_CONFUSIONS = 8  # the most frequent ones that are reported


@dataclass(frozen=True)
class Group:
    """Some of the answers, or of their tokens: `num` in all, of which `num_correct` are correct."""

    key: str
    number: int  # a length, or a position from 1
    num: int
    num_correct: int

    @property
    def share(self) -> float:
        """The fraction that is correct."""
        return self.num_correct / self.num

    @property
    def interval(self) -> tuple[float, float]:
        """A 95 % confidence interval of `share`."""
        return wilson_interval(self.num_correct, self.num)


class Confusion(NamedTuple):
    """The model wrote `written` where the target has `expected`; "" for no token."""

    key: str
    expected: str
    written: str
    num: int


@dataclass(frozen=True)
class Failures:
    """All groups of a list of answers."""

    by_length: tuple[Group, ...]  # answers by the length of their source, in tokens
    by_position: tuple[Group, ...]  # target tokens by their position
    confusions: tuple[Confusion, ...]
    num_too_early: int  # the answer is only the beginning of the target
    num_too_late: int  # the answer goes on after the whole target


def find_failures(found: Sequence[Answer]) -> Failures:
    """The groups of `found`; the answers are aligned with their targets by the fewest edits."""
    lengths = Counter(len(answer.example.source) for answer in found)
    right = Counter(len(answer.example.source) for answer in found if answer.is_correct)
    positions: Counter[int] = Counter()
    kept: Counter[int] = Counter()
    confused: Counter[tuple[str, str]] = Counter()
    for answer in found:
        positions.update(range(1, len(answer.example.target) + 1))
        wrong = wrong_positions(answer)
        kept.update(p for p in range(1, len(answer.example.target) + 1) if p not in wrong)
        confused.update(confused_tokens(answer))
    return Failures(
        tuple(Group(f"length:{n}", n, lengths[n], right[n]) for n in sorted(lengths)),
        tuple(Group(f"position:{n}", n, positions[n], kept[n]) for n in sorted(positions)),
        tuple(Confusion(f"confusion:{expected}\t{written}", expected, written, count)
              for (expected, written), count in confused.most_common(NUM_CONFUSIONS)),
        sum(map(is_too_early, found)), sum(map(is_too_late, found)))


def select(found: Sequence[Answer], key: str) -> list[Answer]:
    """The answers of a group; [] for a key that is unknown."""
    return [answer for answer in found if key in keys_of(answer)]


def same_sources(one: Sequence[Answer], other: Sequence[Answer]) -> bool:
    """Whether both answer the same inputs, in any order: only then their groups can be compared."""
    return (sorted(answer.example.source for answer in one)
            == sorted(answer.example.source for answer in other))


def paired_groups(one: Sequence[Group],
                  other: Sequence[Group]) -> list[tuple[Group | None, Group | None]]:
    """The groups of two runs with the same key, by number; None where a run has no such group."""
    first, second = ({group.number: group for group in groups} for groups in (one, other))
    return [(first.get(n), second.get(n)) for n in sorted(first | second)]


def keys_of(answer: Answer) -> list[str]:
    """The groups of an answer: its length, wrong positions, confusions, and its wrong ending."""
    return [f"length:{len(answer.example.source)}",
            *(f"position:{n}" for n in sorted(wrong_positions(answer))),
            *(f"confusion:{one}\t{two}" for one, two in confused_tokens(answer)),
            *(["end:early"] if is_too_early(answer) else []),
            *(["end:late"] if is_too_late(answer) else [])]


def wrong_positions(answer: Answer) -> set[int]:
    """The positions (from 1) of target tokens that are missing or replaced in the answer."""
    return {position + 1 for step in _edits(answer) if step.tag in ("delete", "replace")
            for position in range(step.src_start, step.src_end)}


def confused_tokens(answer: Answer) -> list[tuple[str, str]]:
    """Pairs of a target token and the token that was written for it."""
    target, written = answer.example.target, answer.tokens
    return [pair for step in _edits(answer) if step.tag == "replace"
            for pair in zip(target[step.src_start : step.src_end],
                            written[step.dest_start : step.dest_end], strict=True)]


def is_too_early(answer: Answer) -> bool:
    """Whether the answer ends before the target does, and is correct until there."""
    target, written = answer.example.target, answer.tokens
    return answer.finished and len(written) < len(target) and target[: len(written)] == written


def is_too_late(answer: Answer) -> bool:
    """Whether the answer contains the whole target and goes on, or does not end."""
    target, written = answer.example.target, answer.tokens
    return not answer.is_correct and written[: len(target)] == target


def _edits(answer: Answer) -> Opcodes:
    return Levenshtein.opcodes(list(answer.example.target), list(answer.tokens))
