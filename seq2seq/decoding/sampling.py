"""Sampling: draw each token at random, instead of taking the most probable one.

The model gives log p(v | y_1 … y_{t-1}, x) for each token v. A **temperature** T changes how much
the probable tokens are preferred (Ackley et al. 1985, where T is that of a Boltzmann machine):

    p_T(v) = exp(log p(v) / T) / sum over u of exp(log p(u) / T)

With T = 1, tokens are drawn with the model's own probabilities. As T approaches 0, sampling becomes
greedy decoding; with a large T, all tokens become equally probable. **Top-k** sampling (Fan et al.
2018, arXiv:1805.04833) draws from the k most probable tokens only: all others get probability 0
before the sum.

A token is drawn from one uniform number u: the tokens are sorted by their probabilities, and the
first one whose cumulative probability exceeds u is written. Draw number i takes its numbers from a
generator of its own, so it depends on the seed and on i, not on how many others are drawn with it.

Shape letters: N draws, T output steps (T is also the temperature), S input positions, V vocabulary,
K tokens that may be drawn.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from seq2seq.config import MAX_SEED
from seq2seq.data.splits import Splits
from seq2seq.data.vocabulary import EOS, SOS
from seq2seq.decoding.beam import repeat_source
from seq2seq.errors import ConfigError, shorten
from seq2seq.models.encoder import Encoded
from seq2seq.models.seq2seq import Seq2Seq, make_generator
from seq2seq.tasks import Tokens

MIN_TEMPERATURE, MAX_TEMPERATURE = 0.01, 10.0
MAX_DRAWS = 20


@dataclass(frozen=True)
class Sample:
    """One answer that was drawn."""

    tokens: Tokens  # without the end token
    finished: bool  # True if it has an end token
    log_prob: float  # the model's own: the sum over its tokens and the end token, in nats
    drawn_log_prob: float  # the same with the temperature and top-k with which it was drawn


@torch.no_grad()
def sample(model: Seq2Seq, splits: Splits, tokens: Tokens, max_steps: int, num: int = 5,
           temperature: float = 1.0, top_k: int | None = None, seed: int = 0) -> list[Sample]:
    """`num` answers to one source, drawn independently. `top_k` None: from all tokens.

    The same seed gives the same answers. ConfigError if a value is out of range.
    """
    check_sampling(num, temperature, top_k, seed)
    model.eval()
    source_ids = splits.encode(tokens)                                       # (1, S)
    source = model.encode(source_ids, torch.tensor([source_ids.size(1)]))
    uniform = torch.stack([
        torch.rand(max_steps, dtype=torch.float64, generator=make_generator(seed, f"draw {i}"))
        for i in range(num)])                                                # (N, T)
    rows, log_probs, drawn_log_probs = draw_rows(model, source, uniform, temperature, top_k)
    found = []
    for row, log_prob, drawn in zip(rows, log_probs.tolist(), drawn_log_probs.tolist(),
                                    strict=True):
        finished = row[-1] == EOS
        written = tuple(splits.target_vocabulary.decode(row[:-1] if finished else row))
        found.append(Sample(written, finished, log_prob, drawn))
    return found


@torch.no_grad()
def draw_rows(model: Seq2Seq, source: Encoded, uniform: Tensor, temperature: float,
              top_k: int | None) -> tuple[list[list[int]], Tensor, Tensor]:
    """N answers to one encoded source from uniform numbers (N, T) in [0, 1).

    Returns the ids of each answer, up to and including EOS or T of them, and two sums (N,) of
    log-probabilities in nats: the model's own, and those with which the tokens were drawn.
    """
    num = len(uniform)
    several = repeat_source(source, num)
    state = source.state[:, [0] * num]
    token, ended = torch.full((num,), SOS), torch.zeros(num, dtype=torch.bool)
    sums = torch.zeros(2, num, dtype=torch.float64)
    written: list[Tensor] = []
    for u in uniform.T:                                                      # (N,)
        log_probs, state, _ = model.step(token, state, several)              # (N, V)
        token, own, drawn = draw(log_probs, u, temperature, top_k)
        sums += torch.where(ended, 0, torch.stack([own, drawn]))
        written.append(token)
        ended = ended | (token == EOS)
        if bool(ended.all()):
            break
    rows = torch.stack(written, dim=1).tolist()
    return [row[: row.index(EOS) + 1] if EOS in row else row for row in rows], sums[0], sums[1]


def draw(log_probs: Tensor, u: Tensor, temperature: float,
         top_k: int | None) -> tuple[Tensor, Tensor, Tensor]:
    """One token for each of N rows from uniform numbers `u` (N,).

    `log_probs` (N, V) are the model's. Returns the ids (N,), their log-probabilities (N,), and
    those with temperature and top-k (N,), in nats.
    """
    # A stable sort: of equal probabilities the first token stays, as `argmax` does.
    best = log_probs.double().sort(dim=1, descending=True, stable=True)
    k = min(top_k or math.inf, log_probs.size(1))
    own, ids = best.values[:, :k], best.indices[:, :k]                       # (N, K)
    scaled = (own / temperature).log_softmax(1)
    cumulative = scaled.exp().cumsum(1)
    place = torch.searchsorted(cumulative, u[:, None] * cumulative[:, -1:], right=True)
    place = place.clamp(max=ids.size(1) - 1)                                 # (N, 1)
    return (ids.gather(1, place)[:, 0], own.gather(1, place)[:, 0], scaled.gather(1, place)[:, 0])


def check_sampling(num: object, temperature: object, top_k: object, seed: object) -> None:
    """ConfigError if a setting is not allowed."""
    if not _is_whole(num, 1, MAX_DRAWS):
        raise ConfigError("The number of draws is {value}: it must be a whole number from 1 to "
                          "{high}.", value=shorten(num), high=MAX_DRAWS)
    if not _is_whole(seed, 0, MAX_SEED):
        raise ConfigError("Seed is {value}: it must be a whole number from 0 to {high}.",
                          value=shorten(seed), high=MAX_SEED)
    if top_k is not None and not _is_whole(top_k, 1, math.inf):
        raise ConfigError("Top-k is {value}: it must be a whole number of at least 1. Without "
                          "top-k, all tokens may be drawn.", value=shorten(top_k))
    number = isinstance(temperature, int | float) and not isinstance(temperature, bool)
    if number and temperature == 0:
        raise ConfigError("With temperature 0, the most probable token would always be written: "
                          "that is greedy decoding. For sampling, choose a temperature from {low} "
                          "to {high}.", low=MIN_TEMPERATURE, high=MAX_TEMPERATURE)
    if not (number and MIN_TEMPERATURE <= temperature <= MAX_TEMPERATURE):  # type: ignore[operator]
        raise ConfigError("Temperature is {value}: it must be a number from {low} to {high}.",
                          value=shorten(temperature), low=MIN_TEMPERATURE, high=MAX_TEMPERATURE)


def _is_whole(value: object, low: float, high: float) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
