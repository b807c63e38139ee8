"""Training without some of the examples: the same model, seed and batches.

So a difference in the result is due to what was left out.

The examples that remain keep their places in the batches. The places of the others are blank: no
token of them is read, and they do not count in the loss. The vocabulary, and so the initial
weights, is that of all examples.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from seq2seq.errors import ConfigError, shorten
from seq2seq.i18n import LazyText
from seq2seq.leave_out import Rule, read_rules
from seq2seq.tasks import Example, Task, Tokens

if TYPE_CHECKING:  # `splits` imports this module
    from seq2seq.data.splits import Splits

BLANK = "␣"  # how a token that is a blank is written
MAX_LISTED = 60  # characters of the tokens that a message lists


@dataclass(frozen=True)
class LeftOut:
    """Decides which examples are left out."""

    task: Task
    tokens: frozenset[str]
    lengths: frozenset[int]
    inputs: frozenset[Hashable]  # keys (`Task.key`)
    kept: frozenset[Hashable]

    def __call__(self, example: Example) -> bool:
        """Whether an example is left out."""
        source = example.source
        found = (len(source) in self.lengths or not self.tokens.isdisjoint(source)
                 or not self.tokens.isdisjoint(example.target)
                 or (bool(self.inputs) and self.task.key(source) in self.inputs))
        return found and not (self.kept and self.task.key(source) in self.kept)


def leave_out(splits: "Splits", text: str) -> "Splits":
    """`splits` without the training examples that `text` leaves out (`seq2seq.leave_out`).

    The held-out examples stay the same. ConfigError or InputError if a rule leaves out nothing, or
    if nothing is left to train on.
    """
    rules = read_rules(text)
    if not rules:
        return splits
    values = {kind: [rule.value for rule in rules if rule.kind == kind]
              for kind in ("token", "length", "input", "keep")}
    task = splits.task
    found = LeftOut(task, frozenset(_token(value, splits) for value in values["token"]),
                    frozenset(map(int, values["length"])),
                    frozenset(task.key(task.parse(value)) for value in values["input"]),
                    frozenset(task.key(task.parse(value)) for value in values["keep"]))
    for rule in rules:
        _check(rule, splits)
    kept = tuple(example for example in splits.train if not found(example))
    if not kept:
        raise ConfigError("Left out of training is “{given}”: it leaves nothing to train on. "
                          "Leave out less.", given=shorten(text, 60))
    return replace(splits, train=kept, with_left_out=splits.train, leaves_out=found,
                   config=replace(splits.config, leave_out=text))


def never_trained_on(tokens: Tokens, splits: "Splits") -> bool:
    """Whether a source is held out, or belongs to what is left out of training."""
    if splits.task.key(tokens) in splits.held_out or splits.leaves_out is None:
        return splits.task.key(tokens) in splits.held_out
    return splits.leaves_out(Example(tokens, splits.task.solve(tokens) or ()))


def blanks(examples: Sequence[Example], leaves_out: LeftOut | None) -> Tensor | None:
    """Which of the examples are left out: (N,) bool. None if nothing is."""
    return None if leaves_out is None else torch.tensor([*map(leaves_out, examples)])


def _token(value: str, splits: "Splits") -> str:
    known = (splits.source_vocabulary, splits.target_vocabulary)
    return " " if value == BLANK and not any(value in one for one in known) else value


def _check(rule: Rule, splits: "Splits") -> None:
    """ConfigError if no training example is meant by a rule."""
    train, problem = splits.train, None
    if rule.kind == "token":
        token = _token(rule.value, splits)
        if not any(token in e.source or token in e.target for e in train):
            problem = LazyText("no training example contains this token. Tokens are, for example, "
                               "{tokens}", tokens=_some_tokens(train))
    elif rule.kind == "length":
        lengths = {len(e.source) for e in train}
        if int(rule.value) not in lengths:
            problem = LazyText("the training inputs have {low} to {high} tokens",
                               low=min(lengths), high=max(lengths))
    elif not splits.config.fresh:  # fresh examples are others in every epoch
        key = splits.task.key(splits.task.parse(rule.value))
        if not any(splits.task.key(e.source) == key for e in train):
            problem = LazyText("this input is not in the training data. One that is: {example}",
                               example=shorten(splits.task.format(train[0].source), MAX_LISTED))
    if problem is not None:
        raise ConfigError("Left out of training is “{given}”: {rule}.",
                          given=shorten(f"{rule.kind}:{rule.value}", 60), rule=problem)


def _some_tokens(train: Sequence[Example]) -> str:
    found = dict.fromkeys(token for example in train[:200] for token in example.source)
    return shorten(", ".join(sorted(found)), MAX_LISTED)
