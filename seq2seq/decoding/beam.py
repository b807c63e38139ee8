"""Beam search: keep the B most probable partial answers at each step.

Greedy decoding can't take a token back. Beam search of width B (Sutskever et al. 2014,
arXiv:1409.3215, section 3.2) extends each of the B partial answers y_1 … y_{t-1} by every token v
and keeps the B extensions with the largest

    sum over i < t of log p(y_i | y_1 … y_{i-1}, x)  +  log p(v | y_1 … y_{t-1}, x)

A partial answer that ends with EOS is complete, and the beam continues with one place fewer. Width
1 is greedy decoding.

Each token lowers the sum, so the search prefers short answers. Length normalisation (Wu et al.
2016, arXiv:1609.08144, equation 14) ranks the answers by

    score = log p(y | x) / lp(y),    lp(y) = ((5 + n) / 6) ** alpha    (n tokens with the end token)

Shape letters: N sources, B beam width, V vocabulary.
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
ALPHA = 0.6  # a good length normalisation: Wu et al. (2016) found 0.6 to 0.7 best


@dataclass(frozen=True)
class Node:
    """A partial answer that was kept, as one node of the search tree."""

    parent: int | None  # index of the node that it extends; None for a first token
    step: int  # index of its last token; 0 is the first
    token: str  # its last token
    log_prob: float  # of that token given those before it, in nats
    score: float  # log-probability of the partial answer: the sum along the path, in nats


@dataclass(frozen=True)
class Hypothesis:
    """One of the answers at the end of the search."""

    tokens: Tokens  # without the end token
    finished: bool  # True if it has an end token
    log_prob: float  # the sum over its tokens and the end token, in nats
    score: float  # `log_prob` divided by the length penalty; the answers are ranked by it
    path: tuple[int, ...]  # indices of its nodes, from the first token to the last


@dataclass(frozen=True)
class BeamSearch:
    """The search tree and its answers."""

    nodes: tuple[Node, ...]
    best: tuple[Hypothesis, ...]  # in order of their scores, best first


@torch.no_grad()
def beam_search(model: Seq2Seq, splits: Splits, tokens: Tokens, max_steps: int, width: int = 3,
                alpha: float = 0.0) -> BeamSearch:
    """The `width` best answers to one source. ConfigError if width or alpha is out of range."""
    check_width(width)
    check_alpha(alpha)
    model.eval()
    vocabulary = splits.target_vocabulary
    source_ids = splits.encode(tokens)                                       # (1, S)
    source = model.encode(source_ids, torch.tensor([source_ids.size(1)]))
    nodes: list[Node] = []
    complete: list[int] = []  # nodes of the answers that end with EOS
    beam: list[int | None] = [None]  # nodes of the partial answers; None is the empty one
    token_ids, state = torch.tensor([SOS]), source.state
    for step in range(max_steps):
        log_probs, state, _ = model.step(token_ids, state, repeat_source(source, len(beam)))
        sums = torch.tensor([0.0 if i is None else nodes[i].score for i in beam],
                            dtype=torch.float64)
        totals = sums[:, None] + log_probs.double()                          # (B, V)
        # A stable sort: of equal scores the first wins, as `argmax` does in greedy decoding.
        best = totals.flatten().sort(descending=True, stable=True).indices[: width - len(complete)]
        rows, extensions, next_beam = [], [], []
        for row, token in (divmod(i, log_probs.size(1)) for i in best.tolist()):
            nodes.append(Node(beam[row], step, vocabulary.decode([token])[0],
                              float(log_probs[row, token]), float(totals[row, token])))
            if token == EOS:
                complete.append(len(nodes) - 1)
            else:
                rows.append(row)
                extensions.append(token)
                next_beam.append(len(nodes) - 1)
        beam = [*next_beam]
        if not beam:
            break
        token_ids, state = torch.tensor(extensions), state[:, rows]
    found = [_hypothesis(nodes, last, True, alpha) for last in complete]
    found += [_hypothesis(nodes, last, False, alpha) for last in beam if last is not None]
    return BeamSearch(tuple(nodes), tuple(sorted(found, key=lambda h: -h.score)))


@torch.no_grad()
def beam_answers(model: Seq2Seq, source_ids: Tensor, source_lengths: Tensor,
                 max_steps: int | Tensor, width: int = 3, alpha: float = 0.0) -> list[list[int]]:
    """The best answer of `beam_search` to each of N sources: ids up to and including EOS.

    `max_steps` is one limit for all sources or one for each (N,). All N · B hypotheses form one
    batch. A complete one keeps its row: it continues with PAD at no cost, ranked before all others.
    """
    model.eval()
    num, rows = len(source_ids), torch.arange(len(source_ids)).repeat_interleave(width)
    source = model.encode(source_ids, source_lengths)
    state = source.state[:, rows]
    source = Encoded(state, source.memory[rows], source.keys[rows],
                     None if source.mask is None else source.mask[rows])
    token = torch.full((num * width,), SOS)
    scores = torch.full((num, width), -math.inf, dtype=torch.float64)
    scores[:, 0] = 0  # at first the beam holds one partial answer, the empty one
    limits = torch.as_tensor(max_steps).expand(num)[:, None]                 # (N, 1)
    ended = torch.zeros(num, width, dtype=torch.bool)
    lengths = torch.zeros(num, width, dtype=torch.float64)  # in tokens, end tokens included
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
        # With fewer extensions than rows, the rows left over score -inf. They must not count as
        # complete: a complete hypothesis keeps its row even when better ones come.
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


def check_alpha(alpha: object) -> float:
    """The length normalisation as a number. ConfigError if it is not one from 0 to 1."""
    if not isinstance(alpha, int | float) or not 0 <= alpha <= 1:
        raise ConfigError("Length normalisation is {value}: it must be a number from 0 to 1.",
                          value=shorten(alpha))
    return float(alpha)


def length_penalty(length: int, alpha: float) -> float:
    """Lp = ((5 + n) / 6) ** alpha for an answer of n tokens, end token included.

    With alpha 0 it is 1: no normalisation.

    >>> length_penalty(1, 0.6), length_penalty(13, 1.0)
    (1.0, 3.0)
    """
    return ((5 + length) / 6) ** alpha


def repeat_source(source: Encoded, count: int) -> Encoded:
    """One encoded source for each of `count` answers; their states are carried separately."""
    return Encoded(source.state, source.memory.expand(count, -1, -1),
                   source.keys.expand(count, -1, -1), source.mask)


def _hypothesis(nodes: list[Node], last: int, finished: bool, alpha: float) -> Hypothesis:
    """The answer whose last token is the node `last`."""
    path: list[int] = []
    node: int | None = last
    while node is not None:
        path.append(node)
        node = nodes[node].parent
    path.reverse()
    tokens = tuple(nodes[i].token for i in path)
    log_prob = nodes[last].score
    return Hypothesis(tokens[:-1] if finished else tokens, finished, log_prob,
                      log_prob / length_penalty(len(path), alpha), tuple(path))
