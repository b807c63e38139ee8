"""Writing answers: greedy decoding, with room for a learner's what-ifs.

`greedy` answers a whole batch, for scores. `predict` answers one sequence and keeps everything
on the way: what was read, attended, considered and written. Both only ever see the source.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from seq2seq.data.splits import Splits
from seq2seq.data.vocabulary import EOS, SOS, SPECIALS
from seq2seq.models.seq2seq import Seq2Seq
from seq2seq.tasks import Tokens

Returned = TypeVar("Returned")
Parts = Generator[None, None, Returned]
"""A computation that gives its caller a turn after each part, and returns its result."""

NUM_TOP = 5  # likeliest next tokens that are kept at each step


@dataclass(frozen=True)
class DecodeStep:
    """One step of the decoder, as plain numbers."""

    read: str  # the token it was given: the start mark, then what was written before
    token: str  # the token that it wrote
    log_prob: float  # of that token, in nats
    top: tuple[tuple[str, float], ...]  # the likeliest next tokens and their log-probabilities
    attention: np.ndarray | None  # (S,) weights over the source, None without attention
    state: np.ndarray  # (H,) hidden state of the top layer after the step


@dataclass(frozen=True)
class Prediction:
    """An answer and how it came about: strings and numpy only, so that anyone can draw it."""

    source: Tokens
    target: Tokens | None  # the right answer, where it is known
    positions: Tokens  # what the S places are called that attention looks at
    tokens: Tokens  # what the model wrote, without the end mark
    steps: tuple[DecodeStep, ...] = field(repr=False)  # one for each token, and the end mark
    encoder_states: np.ndarray = field(repr=False)  # (S, H) the encoder's output at each position
    context: np.ndarray = field(repr=False)  # (H,) what the decoder starts from (top layer)
    finished: bool  # did it write the end mark by itself?

    @property
    def is_correct(self) -> bool | None:
        """Is every token right, and was the end found? None where no target is known."""
        return None if self.target is None else self.finished and self.tokens == self.target

    @property
    def log_prob(self) -> float:
        """Log-probability of the whole answer, end mark included: the sum over its steps."""
        return sum(step.log_prob for step in self.steps)

    @property
    def attention(self) -> np.ndarray | None:
        """The attention map (T, S) of the whole answer, None without attention."""
        rows = [step.attention for step in self.steps if step.attention is not None]
        return np.stack(rows) if rows else None


def finish(parts: Parts[Returned]) -> Returned:
    """The result of a computation, all of its parts at once."""
    while True:
        try:
            next(parts)
        except StopIteration as end:
            result: Returned = end.value
            return result


def greedy(model: Seq2Seq, source_ids: Tensor, source_lengths: Tensor, max_steps: int | Tensor,
           exchanged: int | None = None) -> list[list[int]]:
    """The likeliest token at each step, for N sources at once: ids up to and with EOS.

    A row without EOS at its end did not finish within `max_steps`, one limit for all or one for
    each row (N,). At the step `exchanged` (0 is the first) the likeliest *other* token is written
    that is no reserved one.
    """
    return finish(greedy_parts(model, source_ids, source_lengths, max_steps, exchanged))


@torch.no_grad()
def greedy_parts(model: Seq2Seq, source_ids: Tensor, source_lengths: Tensor,
                 max_steps: int | Tensor, exchanged: int | None = None) -> Parts[list[list[int]]]:
    """As `greedy`, a step at a time."""
    model.eval()
    source = model.encode(source_ids, source_lengths)
    state, token = source.state, torch.full((len(source_ids),), SOS)
    written: list[Tensor] = []
    limits = torch.as_tensor(max_steps).expand(len(source_ids))
    ended = torch.zeros(len(source_ids), dtype=torch.bool)
    while not bool(ended.all()):
        log_probs, state, _ = model.step(token, state, source)
        token = log_probs.argmax(1)
        if len(written) == exchanged:
            others = log_probs.scatter(1, token[:, None], -torch.inf)
            others[:, : len(SPECIALS)] = -torch.inf
            token = others.argmax(1)
        written.append(token)
        ended |= (token == EOS) | (limits <= len(written))
        yield
    rows = [row[:limit] for row, limit in
            zip(torch.stack(written, dim=1).tolist(), limits.tolist(), strict=True)]
    return [row[: row.index(EOS) + 1] if EOS in row else row for row in rows]


@torch.no_grad()
def predict(model: Seq2Seq, splits: Splits, tokens: Tokens, target: Tokens | None,
            max_steps: int, *, forced: Mapping[int, str] | None = None,
            attention: Mapping[int, Sequence[float]] | None = None,
            zero_context: bool = False) -> Prediction:
    """The answer to one source, and every step on the way.

    What-ifs: `forced` puts another token in the place of the model's choice at a step (0 is the
    first), `attention` other weights over the source, and `zero_context` empties all that the
    encoder hands over. With none of them this is greedy decoding.
    """
    model.eval()
    vocabulary = splits.target_vocabulary
    read = splits.encode(tokens)
    source = model.encode(read, torch.tensor([read.size(1)]))
    encoder_states = source.memory[0].numpy()
    if zero_context:
        source = source._replace(state=torch.zeros_like(source.state),
                                 memory=torch.zeros_like(source.memory),
                                 keys=torch.zeros_like(source.keys))
    state, token, finished = source.state, SOS, False
    context = model.hidden(state)[0].numpy()
    steps: list[DecodeStep] = []
    while len(steps) < max_steps and not finished:
        t, last = len(steps), token
        given = torch.tensor([attention[t]]) if attention and t in attention else None
        log_probs, state, weights = model.step(torch.tensor([last]), state, source, given)
        likeliest = log_probs[0].topk(min(NUM_TOP, log_probs.size(1)))
        token = int(log_probs[0].argmax())
        if forced and t in forced:
            token = vocabulary.id_of(forced[t])
        steps.append(DecodeStep(
            read=vocabulary.decode([last])[0],
            token=vocabulary.decode([token])[0],
            log_prob=float(log_probs[0, token]),
            top=tuple(zip(vocabulary.decode(likeliest.indices.tolist()),
                          likeliest.values.tolist(), strict=True)),
            attention=None if weights is None else weights[0].numpy(),
            state=model.hidden(state)[0].numpy()))
        finished = token == EOS
    written = tuple(step.token for step in steps)
    return Prediction(source=tokens, target=target,
                      positions=splits.task.positions(tokens),
                      tokens=written[:-1] if finished else written,
                      steps=tuple(steps), encoder_states=encoder_states, context=context,
                      finished=finished)
