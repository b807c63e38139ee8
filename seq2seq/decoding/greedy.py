"""Greedy decoding: at each step, write the most probable token and feed it back.

    y_t = argmax over v of log p(v | y_1 … y_{t-1}, x),    until y_t is the end token

`greedy` decodes a batch, for scores. `predict` decodes one sequence and returns every step on the
way, with what-if changes if wanted. Neither sees a target.

Shape letters: N sequences, T output steps, S input positions, V vocabulary, H hidden.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from seq2seq.data.splits import Splits
from seq2seq.data.vocabulary import EOS, SOS, SPECIALS
from seq2seq.models.seq2seq import Seq2Seq
from seq2seq.tasks import Tokens
from seq2seq.time_slices import Sliced, finish

TOP_K = 5  # number of next tokens that a step lists with their probabilities


@dataclass(frozen=True)
class DecodeStep:
    """One step of the decoder."""

    read: str  # its input: the start mark, later the previous token
    token: str  # its output
    log_prob: float  # of `token`, in nats
    top: tuple[tuple[str, float], ...]  # the most probable tokens and their log-probabilities
    attention: np.ndarray | None  # (S,) weights over the source, None without attention
    state: np.ndarray  # (H,) hidden state of the top layer after the step


@dataclass(frozen=True)
class Prediction:
    """An answer with every decoding step, as strings and NumPy arrays (figures know no torch)."""

    source: Tokens
    target: Tokens | None  # the correct answer, if it is known
    positions: Tokens  # labels of the S input positions
    tokens: Tokens  # the answer, without the end token
    steps: tuple[DecodeStep, ...] = field(repr=False)  # one for each token and for the end token
    encoder_states: np.ndarray = field(repr=False)  # (S, H) the encoder's outputs
    context: np.ndarray = field(repr=False)  # (H,) the decoder's initial state, top layer
    finished: bool  # True if the model wrote the end token within the limit

    @property
    def is_correct(self) -> bool | None:
        """True if the answer equals the target and ends; None if there is no target."""
        return None if self.target is None else self.finished and self.tokens == self.target

    @property
    def log_prob(self) -> float:
        """Log-probability of the answer with its end token, in nats: the sum over its steps."""
        return sum(step.log_prob for step in self.steps)

    @property
    def attention(self) -> np.ndarray | None:
        """The attention weights of all steps (T, S), None without attention."""
        rows = [step.attention for step in self.steps if step.attention is not None]
        return np.stack(rows) if rows else None


def greedy(model: Seq2Seq, source_ids: Tensor, source_lengths: Tensor, max_steps: int | Tensor,
           perturbed_step: int | None = None) -> list[list[int]]:
    """Greedy answers to N sources (N, S): for each a list of ids, up to and including EOS.

    `max_steps` is one limit for all rows or one for each (N,). An answer that reaches its limit has
    no EOS. At the step `perturbed_step` (from 0), each row writes the next most probable token that
    is not a special one: a what-if about the effect of one error.
    """
    return finish(greedy_sliced(model, source_ids, source_lengths, max_steps, perturbed_step))


@torch.no_grad()
def greedy_sliced(model: Seq2Seq, source_ids: Tensor, source_lengths: Tensor,
                  max_steps: int | Tensor,
                  perturbed_step: int | None = None) -> Sliced[list[list[int]]]:
    """As `greedy`, one step per time slice."""
    model.eval()
    source = model.encode(source_ids, source_lengths)
    state, token = source.state, torch.full((len(source_ids),), SOS)
    written: list[Tensor] = []
    limits = torch.as_tensor(max_steps).expand(len(source_ids))
    ended = torch.zeros(len(source_ids), dtype=torch.bool)
    while not bool(ended.all()):
        log_probs, state, _ = model.step(token, state, source)               # (N, V)
        token = log_probs.argmax(1)                                          # (N,)
        if len(written) == perturbed_step:
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
    """The greedy answer to one source, with every step.

    What-ifs: at the steps in `forced` (counted from 0) that token replaces the model's choice; at
    the steps in `attention` those weights (S,) replace the model's; `zero_context` sets all that
    the decoder receives of the input to zero.
    """
    model.eval()
    vocabulary = splits.target_vocabulary
    source_ids = splits.encode(tokens)                                       # (1, S)
    source = model.encode(source_ids, torch.tensor([source_ids.size(1)]))
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
        top = log_probs[0].topk(min(TOP_K, log_probs.size(1)))
        token = int(log_probs[0].argmax())
        if forced and t in forced:
            token = vocabulary.id_of(forced[t])
        steps.append(DecodeStep(
            read=vocabulary.decode([last])[0],
            token=vocabulary.decode([token])[0],
            log_prob=float(log_probs[0, token]),
            top=tuple(zip(vocabulary.decode(top.indices.tolist()), top.values.tolist(),
                          strict=True)),
            attention=None if weights is None else weights[0].numpy(),
            state=model.hidden(state)[0].numpy()))
        finished = token == EOS
    written = tuple(step.token for step in steps)
    return Prediction(source=tokens, target=target,
                      positions=splits.task.positions(tokens),
                      tokens=written[:-1] if finished else written,
                      steps=tuple(steps), encoder_states=encoder_states, context=context,
                      finished=finished)
