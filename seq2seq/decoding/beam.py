"""Beam search: keeping several half-written answers at once, and choosing at the end.

Greedy decoding takes the likeliest next *token* and can never take it back. A beam of width B
carries on the B likeliest *beginnings* instead (Sutskever et al. 2014, section 3.2): all of them
are one batch for `model.step`, their continuations compete, and one that writes its end mark
leaves the beam with its place. Width 1 is greedy decoding.

A sum of log-probabilities gets smaller with every token, so short answers are favoured. Length
normalisation (Wu et al. 2016, arXiv:1609.08144, equation 14) divides by ((5 + n) / 6) ** alpha,
where n counts the tokens, the end mark included.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from seq2seq.data.splits import Splits
from seq2seq.data.vocabulary import EOS, PAD, SOS
from seq2seq.errors import ConfigError, shorten
from seq2seq.models.encoder import Encoded
from seq2seq.models.seq2seq import Seq2Seq
from seq2seq.tasks import Tokens

MAX_WIDTH = 8
ALPHA = 0.6  # of the length normalisation, where it is wanted: Wu et al. found 0.6 to 0.7 best


@dataclass(frozen=True)
class Node:
    """One token that was kept in the beam, hanging below the one it continues."""

    parent: int | None  # index into the tree's nodes; None for a first token
    step: int  # 0 is the first token
    token: str
    log_prob: float  # of this token after all those above it, in nats
    score: float  # log-probability of the whole beginning: the sum along the path


@dataclass(frozen=True)
class Hypothesis:
    """One of the answers that were left at the end."""

    tokens: Tokens  # without the end mark
    finished: bool  # did it write the end mark?
    log_prob: float  # the sum over its tokens, end mark included, in nats
    score: float  # what the answers are ranked by: log_prob, or normalised by length
    path: tuple[int, ...]  # its nodes, from the first token to the last


@dataclass(frozen=True)
class BeamSearch:
    """The tree of all beginnings that were kept, and the answers, best first."""

    nodes: tuple[Node, ...]
    best: tuple[Hypothesis, ...]


@torch.no_grad()
def beam_search(model: Seq2Seq, splits: Splits, tokens: Tokens, max_steps: int, width: int = 3,
                alpha: float = 0.0) -> BeamSearch:
    """The `width` best answers to one source; ConfigError for a width or alpha out of range."""
    check_width(width)
    if not isinstance(alpha, int | float) or not 0 <= alpha <= 1:
        raise ConfigError("Length normalisation is {value}: it must be a number from 0 to 1.",
                          value=shorten(alpha))
    model.eval()
    vocabulary = splits.target_vocabulary
    given = splits.encode(tokens)
    source = model.encode(given, torch.tensor([given.size(1)]))
    nodes: list[Node] = []
    ended: list[int] = []  # last nodes of the answers that have written their end mark
    live: list[int | None] = [None]  # last nodes of the beginnings in the beam
    read, state = torch.tensor([SOS]), source.state
    for step in range(max_steps):
        log_probs, state, _ = model.step(read, state, _repeat(source, len(live)))
        sums = torch.tensor([0.0 if i is None else nodes[i].score for i in live],
                            dtype=torch.float64)
        totals = sums[:, None] + log_probs.double()                          # (B, V)
        # A stable order: where two are equally likely, the first one wins, as in greedy decoding.
        best = totals.flatten().sort(descending=True, stable=True).indices[: width - len(ended)]
        parents, kept, going_on = [], [], []
        for row, token in (divmod(i, log_probs.size(1)) for i in best.tolist()):
            nodes.append(Node(live[row], step, vocabulary.decode([token])[0],
                              float(log_probs[row, token]), float(totals[row, token])))
            if token == EOS:
                ended.append(len(nodes) - 1)
            else:
                parents.append(row)
                kept.append(token)
                going_on.append(len(nodes) - 1)
        live = [*going_on]
        if not live:
            break
        read, state = torch.tensor(kept), state[:, parents]
    found = [_hypothesis(nodes, last, True, alpha) for last in ended]
    found += [_hypothesis(nodes, last, False, alpha) for last in live if last is not None]
    return BeamSearch(tuple(nodes), tuple(sorted(found, key=lambda h: -h.score)))


@torch.no_grad()
def beam_answers(model: Seq2Seq, source_ids: Tensor, source_lengths: Tensor,
                 max_steps: int | Tensor, width: int = 3, alpha: float = 0.0) -> list[list[int]]:
    """The best answer of `beam_search` for each of N sources at once: ids up to and with EOS.

    `max_steps` is one limit for all, or one for each source (N,). All N · B hypotheses are one
    batch. One that has ended keeps its place, like above: it continues with PAD, at no cost, and
    nothing can push it out.
    """
    model.eval()
    num, rows = len(source_ids), torch.arange(len(source_ids)).repeat_interleave(width)
    source = model.encode(source_ids, source_lengths)
    state = source.state[:, rows]
    source = Encoded(state, source.memory[rows], source.keys[rows],
                     None if source.mask is None else source.mask[rows])
    token = torch.full((num * width,), SOS)
    scores = torch.full((num, width), -math.inf, dtype=torch.float64)
    scores[:, 0] = 0  # at first there is one beginning, the empty one
    limits = torch.as_tensor(max_steps).expand(num)[:, None]                 # (N, 1)
    ended = torch.zeros(num, width, dtype=torch.bool)
    # Tokens of each hypothesis, end mark included.
    lengths = torch.zeros(num, width, dtype=torch.float64)
    written = torch.zeros(num, width, 0, dtype=torch.long)                   # (N, B, steps so far)
    while not bool(ended.all()):
        log_probs, state, _ = model.step(token, state, source)
        gains = log_probs.double().view(num, width, -1)                      # (N, B, V)
        gains[ended] = -math.inf
        gains[..., PAD][ended] = 0
        totals = scores[:, :, None] + gains
        rank = totals.clone()
        rank[..., PAD][ended] = math.inf
        best = rank.flatten(1).sort(dim=1, descending=True, stable=True).indices[:, :width]
        parents, tokens = best // gains.size(2), best % gains.size(2)        # (N, B) each
        scores = totals.flatten(1).gather(1, best)
        ended = ended.gather(1, parents)
        lengths = lengths.gather(1, parents) + ~ended
        # Where there are fewer continuations than places, the others are empty, with -inf.
        # They must not end: they would keep their places when there is more to choose from.
        ended = ended | ((tokens == EOS) & scores.isfinite())
        kept = written.gather(1, parents[:, :, None].expand_as(written))
        written = torch.cat([kept, tokens[:, :, None]], dim=2)
        ended = ended | (limits <= written.size(2))
        token = tokens.flatten()
        state = state[:, (parents + width * torch.arange(num)[:, None]).flatten()]
    final = (scores / ((5 + lengths) / 6) ** alpha).argmax(1)
    sizes = lengths[torch.arange(num), final].long().tolist()
    best_rows = written[torch.arange(num), final].tolist()
    return [row[:size] for row, size in zip(best_rows, sizes, strict=True)]


def check_width(width: object) -> int:
    """`width` as a number; ConfigError if it is out of range."""
    if isinstance(width, bool) or not isinstance(width, int) or not 1 <= width <= MAX_WIDTH:
        raise ConfigError("Beam width is {value}: it must be a whole number from 1 to {most}.",
                          value=shorten(width), most=MAX_WIDTH)
    return width


def length_penalty(length: int, alpha: float) -> float:
    """What a log-probability is divided by. With alpha 0 nothing changes.

    >>> length_penalty(1, 0.6), length_penalty(13, 1.0)
    (1.0, 3.0)
    """
    return ((5 + length) / 6) ** alpha


def _repeat(source: Encoded, count: int) -> Encoded:
    """The same input for each of `count` hypotheses."""
    return Encoded(source.state, source.memory.expand(count, -1, -1),
                   source.keys.expand(count, -1, -1), source.mask)


def _hypothesis(nodes: list[Node], last: int, finished: bool, alpha: float) -> Hypothesis:
    path: list[int] = []
    at: int | None = last
    while at is not None:
        path.append(at)
        at = nodes[at].parent
    path.reverse()
    tokens = tuple(nodes[i].token for i in path)
    log_prob = nodes[last].score
    return Hypothesis(tokens[:-1] if finished else tokens, finished, log_prob,
                      log_prob / length_penalty(len(path), alpha), tuple(path))
