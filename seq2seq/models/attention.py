"""Attention: letting the decoder look back at every input position, and learn where.

All kinds sit at the same place, *after* the decoder's recurrence (Luong et al. 2015, section
3.1): the layer's output asks ("query"), the encoder's outputs answer. Bahdanau et al. (2015)
asked with the state *before* the step; asking afterwards lets a whole target be trained in one
call, and it learns the same anti-diagonal. What is read is then mixed into the output by
tanh(W [context; output]), Luong's equation 5.

"location" also knows where it looked the step before, and so has to go step by step: its decoder
is in `input_feeding.py`.

To add a kind: subclass `Attention`, say how well a query matches a key, list it below.
"""

import math

import torch
from torch import Tensor, nn

KERNEL_SIZE = 31  # input positions that location-aware attention considers: 15 to either side
LOCATION_SCALE = 10.0  # its pattern must grow large, and would take long to do so in small steps


class NoAttention(nn.Module):
    """The plain encoder-decoder: all that the decoder knows of the input is its first state."""

    def keys(self, memory: Tensor) -> Tensor:
        """Nothing is ever looked up, so nothing needs preparing."""
        return memory

    def forward(self, query: Tensor, memory: Tensor, keys: Tensor, mask: Tensor | None,
                weights: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """The query itself, and no weights."""
        return query, None


class Attention(nn.Module):
    """A weighted look at the memory; subclasses say how a query and a key are scored."""

    def __init__(self, hidden_size: int) -> None:
        super().__init__()
        self.combine = nn.Linear(2 * hidden_size, hidden_size)

    def keys(self, memory: Tensor) -> Tensor:
        """What queries are compared with, computed once per input: (N, S, H)."""
        return memory

    def scores(self, query: Tensor, keys: Tensor) -> Tensor:
        """How well each query matches each key: (N, T, H), (N, S, H) -> (N, T, S)."""
        raise NotImplementedError

    def forward(self, query: Tensor, memory: Tensor, keys: Tensor, mask: Tensor | None,
                weights: Tensor | None = None,
                extra: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """Outputs of the recurrence (N, T, H) -> attended outputs (N, T, H), weights (N, T, S).

        `mask` (N, S) is true at real input positions (None: all are real); others get weight 0.
        Given `weights` are used instead of the model's own: how a learner moves its gaze. `extra`
        (N, T, S) is added to the scores.
        """
        if weights is None:
            scores = self.scores(query, keys)
            if extra is not None:
                scores = scores + extra
            if mask is not None:
                scores = scores.masked_fill(~mask[:, None, :], -math.inf)
            weights = torch.softmax(scores, dim=2)
        context = weights @ memory  # (N, T, H)
        return torch.tanh(self.combine(torch.cat([context, query], dim=2))), weights


class DotAttention(Attention):
    """query · key / √H (Luong et al. 2015, arXiv:1508.04025; scaled as Vaswani et al. 2017)."""

    def scores(self, query: Tensor, keys: Tensor) -> Tensor:
        """One matrix product for all queries and keys."""
        return query @ keys.transpose(1, 2) / math.sqrt(query.size(2))


class AdditiveAttention(Attention):
    """v · tanh(W query + U key) (Bahdanau et al. 2015, arXiv:1409.0473)."""

    def __init__(self, hidden_size: int) -> None:
        super().__init__(hidden_size)
        self.query = nn.Linear(hidden_size, hidden_size, bias=False)
        self.key = nn.Linear(hidden_size, hidden_size)
        self.score = nn.Linear(hidden_size, 1, bias=False)

    def keys(self, memory: Tensor) -> Tensor:
        """U key does not depend on the query, so it is computed once."""
        return self.key(memory)

    def scores(self, query: Tensor, keys: Tensor) -> Tensor:
        """A small network looks at every pair of query and key."""
        pairs = torch.tanh(self.query(query)[:, :, None, :] + keys[:, None, :, :])  # (N, T, S, H)
        return self.score(pairs).squeeze(3)


class LocationAttention(DotAttention):
    """As dot, but what was just attended to also counts (Chorowski et al. 2015, arXiv:1506.07503).

    A learned pattern of 31 weights is laid over the previous step's attention, around every
    position, and its sum is added to the score: so attention can move on by one, or stay away from
    where it has been, however alike two places sound.
    """

    def __init__(self, hidden_size: int) -> None:
        super().__init__(hidden_size)
        self.pattern = nn.Linear(KERNEL_SIZE, 1, bias=False)

    def location_scores(self, previous: Tensor) -> Tensor:
        """What the previous weights (N, S) add to the scores of the next step: (N, 1, S)."""
        padded = nn.functional.pad(previous, (KERNEL_SIZE // 2, KERNEL_SIZE // 2))
        around = padded.unfold(1, KERNEL_SIZE, 1)
        strength = self.pattern(around)                          # (N, S, 31) -> (N, S, 1)
        return LOCATION_SCALE * strength.transpose(1, 2)


ATTENTIONS: dict[str, type[Attention] | None] = {
    "none": None,
    "dot": DotAttention,
    "additive": AdditiveAttention,
    "location": LocationAttention,
}


def make_attention(kind: str, hidden_size: int) -> Attention | NoAttention:
    """The attention called `kind`, one of `ATTENTIONS`."""
    chosen = ATTENTIONS[kind]
    return NoAttention() if chosen is None else chosen(hidden_size)
