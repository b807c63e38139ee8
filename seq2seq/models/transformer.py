"""The Transformer: an encoder-decoder without recurrence (Vaswani et al. 2017, arXiv:1706.03762).

A recurrent layer hands a state from token to token. Here nothing is handed on: every position
looks at all the others by attention, and a whole sequence is read in one go. What keeps the
order known is a vector for each *position*, learned and added to the token's own (Gehring et al.
2017, arXiv:1705.03122): so it can do nothing at positions it has never seen. The layers normalise
before they compute ("pre-norm", Xiong et al. 2020, arXiv:2002.04745), which learns fast without
a long warm-up.

It keeps the recurrent pair's contract, `encode` and `step`, and so all that is built on it works
for both. Its `state` is what later steps look back at, and grows with each one (the *key-value
cache*).

Shape letters: N sequences, S input steps, T output steps, P output steps already in the state,
W width (the config's hidden size), A attention heads, L layers, V vocabulary.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import log_softmax

from seq2seq.config import ModelConfig
from seq2seq.models.cells import Dropout
from seq2seq.models.encoder import Encoded, make_embedding

NUM_HEADS = 2  # where the width can be halved; else one
MAX_POSITIONS = 128  # no sequence may be longer


class TransformerEncoder(nn.Module):
    """Embedding and position, then layers in which every input position looks at all others.

    An input position is counted twice: from the start, and from the end. What has to be reversed
    needs the one, what has to be copied the other.
    """

    def __init__(self, vocabulary_size: int, config: ModelConfig, frame_size: int = 0) -> None:
        super().__init__()
        self.embedding = make_embedding(vocabulary_size, config.hidden_size, frame_size)
        self.from_start = nn.Embedding(MAX_POSITIONS, config.hidden_size)
        self.from_end = nn.Embedding(MAX_POSITIONS, config.hidden_size)
        self.dropout = Dropout(config.dropout)
        self.layers = nn.ModuleList(EncoderLayer(config) for _ in range(config.num_layers))
        self.norm = nn.LayerNorm(config.hidden_size)

    def forward(self, source: Tensor, source_lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Token ids (N, S) and their lengths (N,) -> outputs (N, S, W), an empty state."""
        outputs, state, _ = self.look(source, source_lengths)
        return outputs, state

    def look(self, source: Tensor, source_lengths: Tensor) -> tuple[Tensor, Tensor, list[Tensor]]:
        """As `forward`, but with every head's weights: for each layer (N, A, S, S)."""
        start = torch.arange(source.size(1))                                 # (S,)
        end = source_lengths[:, None] - 1 - start                            # (N, S)
        visible = (end >= 0)[:, None, None, :]                               # (N, 1, 1, S)
        x = self.embedding(source) + self.from_start(start) + self.from_end(end.clamp(min=0))
        x = self.dropout(x)                                                  # (N, S, W)
        heads = []
        for layer in self.layers:
            x, used = layer(x, visible)
            heads.append(used)
        return self.norm(x), x.new_zeros(2 * len(self.layers) + 1, len(x), 0, x.size(2)), heads


class EncoderLayer(nn.Module):
    """Self-attention, then a small network for each position; each adds to what was there."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.norm_look, self.norm_think = nn.LayerNorm(width), nn.LayerNorm(width)
        self.ask = nn.Linear(width, 3 * width)  # queries, keys and values in one product
        self.look = nn.Linear(width, width)
        self.think = feed_forward(width)
        self.dropout = Dropout(config.dropout)

    def forward(self, x: Tensor, visible: Tensor) -> tuple[Tensor, Tensor]:
        """The stream (N, S, W) -> the stream (N, S, W), enriched; weights (N, A, S, S)."""
        query, key, value = self.ask(self.norm_look(x)).chunk(3, dim=2)      # (N, S, W) each
        seen, used = attend(query, key, value, visible)
        x = x + self.dropout(self.look(seen))
        return x + self.dropout(self.think(self.norm_think(x))), used


class TransformerDecoder(nn.Module):
    """Embedding and position, then layers that look at what was written, and at the input."""

    def __init__(self, vocabulary_size: int, config: ModelConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.embedding = nn.Embedding(vocabulary_size, width)
        self.from_start = nn.Embedding(MAX_POSITIONS, width)
        self.dropout = Dropout(config.dropout)
        self.layers = nn.ModuleList(DecoderLayer(config) for _ in range(config.num_layers))
        self.source = nn.Linear(width, 2 * width * config.num_layers)
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, vocabulary_size)

    def keys(self, memory: Tensor) -> Tensor:
        """Every layer's keys and values of the input, made once: (N, S, W) -> (N, S, 2LW)."""
        return self.source(memory)

    def initial_state(self, state: Tensor, memory: Tensor) -> Tensor:
        """The state before the first token: as the encoder leaves it."""
        return state

    def hidden(self, state: Tensor) -> Tensor:
        """The last layer's stream (N, W) at the newest position; zeros before the first."""
        newest = state[-1, :, -1:]                                           # (N, 0 or 1, W)
        return newest[:, 0] if newest.size(1) else newest.new_zeros(newest.size(0), newest.size(2))

    def forward(self, token_ids: Tensor, state: Tensor, source: Encoded,
                weights: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """Read tokens, and say after each how likely every next token is.

        token_ids (N, T), state (2L + 1, N, P, W) -> log-probabilities (N, T, V), the longer state,
        attention weights over the source (N, T, S), mean of all heads. `weights`, when given, are
        attended instead, by every head.

        The state holds each layer's keys and values of all positions so far, and at its end the
        last layer's stream.
        """
        log_probs, state, heads, _ = self.look(token_ids, state, source, weights)
        return log_probs, state, torch.stack(heads).mean(dim=(0, 2))

    def look(self, token_ids: Tensor, state: Tensor, source: Encoded, weights: Tensor | None = None
             ) -> tuple[Tensor, Tensor, list[Tensor], list[Tensor]]:
        """As `forward`, but with every head's weights, for each layer.

        Those over the source (N, A, T, S), and those over what was written (N, A, T, P + T).
        """
        past, length = state.size(2), token_ids.size(1)
        x = self.embedding(token_ids) + self.from_start(torch.arange(past, past + length))
        x = self.dropout(x)                                                  # (N, T, W)
        # No position sees those after it: when it is written, they do not exist yet.
        visible = None if length == 1 else torch.ones(length, past + length).tril(past) > 0
        keys, values = source.keys.chunk(2, dim=2)
        layers = zip(self.layers, keys.chunk(len(self.layers), dim=2),
                     values.chunk(len(self.layers), dim=2), strict=True)
        longer, heads, own = [], [], []
        for i, (layer, key, value) in enumerate(layers):
            x, kept, used, looked = layer(x, state[2 * i : 2 * i + 2], visible, key, value,
                                          source.mask, weights)
            longer.extend(kept)
            heads.append(used)
            own.append(looked)
        longer.append(torch.cat([state[-1], x], dim=1))
        logits = self.out(self.dropout(self.norm(x)))                        # (N, T, V)
        return log_softmax(logits, dim=2), torch.stack(longer), heads, own

    def step(self, token_ids: Tensor, state: Tensor, source: Encoded,
             weights: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """The one decoding step: tokens (N,) -> log-probabilities (N, V), state, weights (N, S)."""
        given = None if weights is None else weights[:, None, :]
        log_probs, state, used = self(token_ids[:, None], state, source, given)
        return log_probs[:, 0], state, used[:, 0]


class DecoderLayer(nn.Module):
    """As in the encoder, with a look at the input between the other two."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.norm_look, self.norm_source = nn.LayerNorm(width), nn.LayerNorm(width)
        self.norm_think = nn.LayerNorm(width)
        self.ask = nn.Linear(width, 3 * width)
        self.look = nn.Linear(width, width)
        self.ask_source = nn.Linear(width, width)
        self.look_source = nn.Linear(width, width)
        self.think = feed_forward(width)
        self.dropout = Dropout(config.dropout)

    def forward(self, x: Tensor, past: Tensor, visible: Tensor | None, source_key: Tensor,
                source_value: Tensor, source_mask: Tensor | None,
                weights: Tensor | None) -> tuple[Tensor, tuple[Tensor, Tensor], Tensor, Tensor]:
        """The stream (N, T, W) -> stream, keys and values so far, and what was looked at.

        Weights over the source (N, A, T, S), and over what was written (N, A, T, P + T).
        """
        query, key, value = self.ask(self.norm_look(x)).chunk(3, dim=2)      # (N, T, W) each
        key = torch.cat([past[0], key], dim=1)                               # (N, P + T, W)
        value = torch.cat([past[1], value], dim=1)
        seen, own = attend(query, key, value, visible)
        x = x + self.dropout(self.look(seen))
        query = self.ask_source(self.norm_source(x))
        mask = None if source_mask is None else source_mask[:, None, None, :]
        seen, used = attend(query, source_key, source_value, mask, weights)
        x = x + self.dropout(self.look_source(seen))
        x = x + self.dropout(self.think(self.norm_think(x)))
        return x, (key, value), used, own


def attend(query: Tensor, key: Tensor, value: Tensor, visible: Tensor | None,
           weights: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Multi-head attention: queries (N, T, W), keys and values (N, S, W) -> (N, T, W), weights.

    Each head works on its own slice of the width. The weights are (N, A, T, S); what is not
    `visible` (broadcast to that shape) gets 0. Given `weights` (N, T, S) are used by all heads.
    """
    width = query.size(2)
    num_heads = NUM_HEADS if width % NUM_HEADS == 0 else 1
    query, key, value = (x.unflatten(2, (num_heads, -1)).transpose(1, 2)     # (N, A, T or S, W/A)
                         for x in (query, key, value))
    if weights is None:
        scores = query @ key.transpose(2, 3) / math.sqrt(width // num_heads)
        if visible is not None:
            scores = scores.masked_fill(~visible, -math.inf)
        used = torch.softmax(scores, dim=3)
    else:
        used = weights[:, None].expand(-1, num_heads, -1, -1)
    return (used @ value).transpose(1, 2).flatten(2), used


def feed_forward(width: int) -> nn.Sequential:
    """A network with one hidden layer of twice the width, for each position alone."""
    return nn.Sequential(nn.Linear(width, 2 * width), nn.ReLU(), nn.Linear(2 * width, width))

