"""Attention: at each step the decoder reads a weighted mean of the encoder's outputs.

For a query q_t and one key k_s for each input position s,

    weights a_ts = softmax over s of score(q_t, k_s)
    context c_t  = sum over s of a_ts m_s
    output       = tanh(W [c_t; q_t] + b)        (Luong et al. 2015, arXiv:1508.04025, equation 5)

where m_s is the encoder's output at s (the "memory"). The kinds differ in the score alone.

The query is the decoder's output *after* its recurrence, as in Luong et al. (section 3.1).
Bahdanau et al. (2015) use the state before it. With the query after it, no recurrence depends on
an attention, and one call computes all steps of a known target. "location" is the exception: its
scores depend on the previous step's weights, so its decoder (`input_feeding.py`) runs step by step.

To add a kind, subclass `Attention`, write its `scores` and add it to `ATTENTIONS`.

Shape letters: N sequences, T output steps, S input positions, H hidden, K kernel size.
"""

import math

import torch
from torch import Tensor, nn

from seq2seq.models.stored_names import use_stored_names

KERNEL_SIZE = 31  # K: location-aware attention sees 15 positions to either side
LOCATION_SCALE = 10.0  # useful kernel weights are large; without this factor they take long to grow


class NoAttention(nn.Module):
    """The plain encoder-decoder: only the decoder's initial state depends on the input."""

    def keys(self, memory: Tensor) -> Tensor:
        """The memory, unchanged and unused: (N, S, H)."""
        return memory

    def forward(self, query: Tensor, memory: Tensor, keys: Tensor, mask: Tensor | None,
                weights: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """The query (N, T, H) itself, and None for the weights."""
        return query, None


class Attention(nn.Module):
    """Softmax, weighted mean and output layer. Subclasses define `scores`."""

    def __init__(self, hidden_size: int) -> None:
        super().__init__()
        self.combine = nn.Linear(2 * hidden_size, hidden_size)

    def keys(self, memory: Tensor) -> Tensor:
        """What the queries are compared with, computed once per input: (N, S, H) -> (N, S, H)."""
        return memory

    def scores(self, query: Tensor, keys: Tensor) -> Tensor:
        """How well each query matches each key: (N, T, H), (N, S, H) -> (N, T, S)."""
        raise NotImplementedError

    def forward(self, query: Tensor, memory: Tensor, keys: Tensor, mask: Tensor | None,
                weights: Tensor | None = None,
                added_scores: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """Outputs of the recurrence (N, T, H) -> attentional outputs (N, T, H), weights (N, T, S).

        `mask` (N, S) is true at real tokens; padding gets weight 0. None: no padding. If `weights`
        (N, T, S) are given, they replace the softmax. `added_scores` (N, T, S) are added to the
        scores.
        """
        if weights is None:
            scores = self.scores(query, keys)                                # (N, T, S)
            if added_scores is not None:
                scores = scores + added_scores
            if mask is not None:
                scores = scores.masked_fill(~mask[:, None, :], -math.inf)
            weights = torch.softmax(scores, dim=2)
        context = weights @ memory                                           # (N, T, H)
        return torch.tanh(self.combine(torch.cat([context, query], dim=2))), weights


class DotAttention(Attention):
    """score = q · k / √H (Luong et al. 2015, arXiv:1508.04025; scaled as in Vaswani et al. 2017).

    The scale keeps the variance of the score independent of H, so the softmax does not saturate.
    """

    def scores(self, query: Tensor, keys: Tensor) -> Tensor:
        """All pairs by one matrix product: (N, T, H), (N, S, H) -> (N, T, S)."""
        return query @ keys.transpose(1, 2) / math.sqrt(query.size(2))


class AdditiveAttention(Attention):
    """score = v · tanh(W q + U m + b) (Bahdanau et al. 2015, arXiv:1409.0473, appendix A.1.2).

    A network with one hidden layer scores each pair of query q and memory m.
    """

    def __init__(self, hidden_size: int) -> None:
        super().__init__(hidden_size)
        self.query = nn.Linear(hidden_size, hidden_size, bias=False)         # W
        self.key = nn.Linear(hidden_size, hidden_size)                       # U, b
        self.score = nn.Linear(hidden_size, 1, bias=False)                   # v

    def keys(self, memory: Tensor) -> Tensor:
        """U m + b does not depend on the query, so it is computed once: (N, S, H)."""
        return self.key(memory)

    def scores(self, query: Tensor, keys: Tensor) -> Tensor:
        """All pairs at once: (N, T, H), (N, S, H) -> (N, T, S)."""
        pairs = torch.tanh(self.query(query)[:, :, None, :] + keys[:, None, :, :])  # (N, T, S, H)
        return self.score(pairs).squeeze(3)


class LocationAttention(DotAttention):
    """score = q · k / √H + f_s,    f = LOCATION_SCALE * (kernel * previous weights).

    Location-aware attention (Chorowski et al. 2015, arXiv:1506.07503, section 2.2). The convolution
    f_s is a learned weighted sum of the previous step's weights at the K positions around s. So
    the model can move on by one position, or avoid positions that it has read, even if two
    positions look alike. The paper has several kernels and adds f inside the tanh of an additive
    score; here one kernel's output is added to the dot product.
    """

    def __init__(self, hidden_size: int) -> None:
        super().__init__(hidden_size)
        self.kernel = nn.Linear(KERNEL_SIZE, 1, bias=False)
        use_stored_names(self, {"kernel": "pattern"})

    def location_scores(self, previous: Tensor) -> Tensor:
        """F for the next step, from the previous step's weights: (N, S) -> (N, 1, S)."""
        padded = nn.functional.pad(previous, (KERNEL_SIZE // 2, KERNEL_SIZE // 2))
        windows = padded.unfold(1, KERNEL_SIZE, 1)                           # (N, S, K)
        return LOCATION_SCALE * self.kernel(windows).transpose(1, 2)


ATTENTIONS: dict[str, type[Attention] | None] = {
    "none": None,
    "dot": DotAttention,
    "additive": AdditiveAttention,
    "location": LocationAttention,
}


def make_attention(kind: str, hidden_size: int) -> Attention | NoAttention:
    """A new attention of this kind, one of `ATTENTIONS`."""
    chosen = ATTENTIONS[kind]
    return NoAttention() if chosen is None else chosen(hidden_size)
