"""The Transformer: an encoder-decoder without recurrence (Vaswani et al. 2017, arXiv:1706.03762).

Every position attends to all others, so a whole sequence is processed at once:

    attention(Q, K, V) = softmax(Q K^T / √d + mask) V                  d: width of a head
    encoder layer      x = x + self_attention(norm(x))
                       x = x + W_2 relu(W_1 norm(x) + b_1) + b_2
    decoder layer      the same, with x = x + cross_attention(norm(x), memory) between the two

Layers normalise their input, not their output ("pre-norm", Xiong et al. 2020, arXiv:2002.04745);
so training needs no long warm-up. Attention alone ignores order. A learned vector for each
*position* is therefore added to each token's embedding (Gehring et al. 2017, arXiv:1705.03122).
Positions beyond those in the training data have untrained vectors.

Encoder and decoder have the interface of the recurrent ones, `encode` and `step`. The decoder's
state is the *key-value cache*, the keys and values of all positions so far. It grows by one
position a step.

Shape letters: N sequences, S input positions, T output steps, P earlier output steps (in the
cache), W width (d_model, the config's hidden size), A attention heads, L layers, V vocabulary.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import log_softmax

from seq2seq.config import ModelConfig
from seq2seq.models.cells import Dropout
from seq2seq.models.encoder import Encoded, make_embedding
from seq2seq.models.stored_names import use_stored_names

NUM_HEADS = 2  # one head if the width is odd
MAX_POSITIONS = 128  # the longest sequence, in tokens

STORED_NAMES = {  # of the layers' weights in checkpoints
    "self_attention_norm": "norm_look", "qkv": "ask", "self_attention_out": "look",
    "cross_attention_norm": "norm_source", "cross_attention_query": "ask_source",
    "cross_attention_out": "look_source",
    "feed_forward_norm": "norm_think", "feed_forward": "think",
}


class TransformerEncoder(nn.Module):
    """Embeddings of tokens and positions, L layers, a final layer norm.

    Each position has two vectors, one for its distance from the start and one for its distance
    from the end: to reverse a sequence, the model needs the latter.
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
        """Token ids (N, S), lengths (N,) -> outputs (N, S, W), an empty cache (2L + 1, N, 0, W)."""
        outputs, state, _ = self.forward_with_heads(source, source_lengths)
        return outputs, state

    def forward_with_heads(self, source: Tensor,
                           source_lengths: Tensor) -> tuple[Tensor, Tensor, list[Tensor]]:
        """As `forward`, and the attention weights (N, A, S, S) of each layer's heads."""
        from_start = torch.arange(source.size(1))                            # (S,)
        from_end = source_lengths[:, None] - 1 - from_start                  # (N, S), padding: < 0
        mask = (from_end >= 0)[:, None, None, :]                             # (N, 1, 1, S)
        x = (self.embedding(source) + self.from_start(from_start)
             + self.from_end(from_end.clamp(min=0)))
        x = self.dropout(x)                                                  # (N, S, W)
        heads = []
        for layer in self.layers:
            x, weights = layer(x, mask)
            heads.append(weights)
        empty_cache = x.new_zeros(2 * len(self.layers) + 1, len(x), 0, x.size(2))
        return self.norm(x), empty_cache, heads


class EncoderLayer(nn.Module):
    """Self-attention, then a feed-forward network, each with layer norm and residual connection."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.self_attention_norm = nn.LayerNorm(width)
        self.feed_forward_norm = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)  # queries, keys and values in one product
        self.self_attention_out = nn.Linear(width, width)
        self.feed_forward = feed_forward(width)
        self.dropout = Dropout(config.dropout)
        use_stored_names(self, STORED_NAMES)

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """X (N, S, W) -> x (N, S, W), self-attention weights (N, A, S, S)."""
        query, key, value = self.qkv(self.self_attention_norm(x)).chunk(3, dim=2)  # (N, S, W) each
        attended, weights = attend(query, key, value, mask)
        x = x + self.dropout(self.self_attention_out(attended))
        return x + self.dropout(self.feed_forward(self.feed_forward_norm(x))), weights


class TransformerDecoder(nn.Module):
    """Embeddings of tokens and positions, L layers, layer norm, linear layer, log-softmax."""

    def __init__(self, vocabulary_size: int, config: ModelConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.embedding = nn.Embedding(vocabulary_size, width)
        self.from_start = nn.Embedding(MAX_POSITIONS, width)
        self.dropout = Dropout(config.dropout)
        self.layers = nn.ModuleList(DecoderLayer(config) for _ in range(config.num_layers))
        self.memory_kv = nn.Linear(width, 2 * width * config.num_layers)
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, vocabulary_size)
        use_stored_names(self, {"memory_kv": "source"})

    def keys(self, memory: Tensor) -> Tensor:
        """Cross-attention's keys and values for all layers: (N, S, W) -> (N, S, 2LW).

        They do not depend on the output, so they are computed once per input. First all layers'
        keys, then all layers' values.
        """
        return self.memory_kv(memory)

    def initial_state(self, state: Tensor, memory: Tensor) -> Tensor:
        """The state before the first token: the empty cache (2L + 1, N, 0, W)."""
        return state

    def hidden(self, state: Tensor) -> Tensor:
        """The last layer's output (N, W) at the newest position; zeros before the first."""
        newest = state[-1, :, -1:]                                           # (N, 0 or 1, W)
        return newest[:, 0] if newest.size(1) else newest.new_zeros(newest.size(0), newest.size(2))

    def forward(self, token_ids: Tensor, state: Tensor, source: Encoded,
                weights: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """Read T tokens and predict the token after each of them.

        token_ids (N, T), state (2L + 1, N, P, W) -> log-probabilities (N, T, V), state
        (2L + 1, N, P + T, W), cross-attention weights (N, T, S), the mean over layers and heads. If
        `weights` are given, every head uses them instead.

        The state holds each layer's keys and values of all positions so far; its last entry is
        the last layer's output, which `hidden` returns.
        """
        log_probs, state, cross, _ = self.forward_with_heads(token_ids, state, source, weights)
        return log_probs, state, torch.stack(cross).mean(dim=(0, 2))

    def forward_with_heads(self, token_ids: Tensor, state: Tensor, source: Encoded,
                           weights: Tensor | None = None
                           ) -> tuple[Tensor, Tensor, list[Tensor], list[Tensor]]:
        """As `forward`, but with the weights of every layer's heads.

        Cross-attention (N, A, T, S) and self-attention (N, A, T, P + T), a list over layers each.
        """
        past, length = state.size(2), token_ids.size(1)
        x = self.embedding(token_ids) + self.from_start(torch.arange(past, past + length))
        x = self.dropout(x)                                                  # (N, T, W)
        # Causal mask (T, P + T): no position attends to later ones, which do not exist yet when it
        # is written. A single new position may attend to all.
        mask = None if length == 1 else torch.ones(length, past + length).tril(past) > 0
        keys, values = source.keys.chunk(2, dim=2)                           # (N, S, LW) each
        layers = zip(self.layers, keys.chunk(len(self.layers), dim=2),
                     values.chunk(len(self.layers), dim=2), strict=True)
        cache, cross, own = [], [], []
        for i, (layer, memory_key, memory_value) in enumerate(layers):
            x, key_value, cross_weights, own_weights = layer(
                x, state[2 * i : 2 * i + 2], mask, memory_key, memory_value, source.mask, weights)
            cache.extend(key_value)
            cross.append(cross_weights)
            own.append(own_weights)
        cache.append(torch.cat([state[-1], x], dim=1))
        logits = self.out(self.dropout(self.norm(x)))                        # (N, T, V)
        return log_softmax(logits, dim=2), torch.stack(cache), cross, own

    def step(self, token_ids: Tensor, state: Tensor, source: Encoded,
             weights: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """One decoding step: tokens (N,) -> log-probabilities (N, V), state, weights (N, S)."""
        given = None if weights is None else weights[:, None, :]
        log_probs, state, used = self(token_ids[:, None], state, source, given)
        return log_probs[:, 0], state, used[:, 0]


class DecoderLayer(nn.Module):
    """Causal self-attention, cross-attention to the encoder's outputs, feed-forward network."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.self_attention_norm = nn.LayerNorm(width)
        self.cross_attention_norm = nn.LayerNorm(width)
        self.feed_forward_norm = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.self_attention_out = nn.Linear(width, width)
        self.cross_attention_query = nn.Linear(width, width)
        self.cross_attention_out = nn.Linear(width, width)
        self.feed_forward = feed_forward(width)
        self.dropout = Dropout(config.dropout)
        use_stored_names(self, STORED_NAMES)

    def forward(self, x: Tensor, past: Tensor, mask: Tensor | None, memory_key: Tensor,
                memory_value: Tensor, memory_mask: Tensor | None,
                weights: Tensor | None) -> tuple[Tensor, tuple[Tensor, Tensor], Tensor, Tensor]:
        """X (N, T, W), cached keys and values (2, N, P, W) -> x, keys and values so far, weights.

        The weights are those of the cross-attention (N, A, T, S), then those of the
        self-attention (N, A, T, P + T). Given `weights` (N, T, S) replace the cross-attention's.
        """
        query, key, value = self.qkv(self.self_attention_norm(x)).chunk(3, dim=2)  # (N, T, W) each
        key = torch.cat([past[0], key], dim=1)                               # (N, P + T, W)
        value = torch.cat([past[1], value], dim=1)                           # (N, P + T, W)
        attended, own_weights = attend(query, key, value, mask)
        x = x + self.dropout(self.self_attention_out(attended))
        query = self.cross_attention_query(self.cross_attention_norm(x))
        cross_mask = None if memory_mask is None else memory_mask[:, None, None, :]
        attended, cross_weights = attend(query, memory_key, memory_value, cross_mask, weights)
        x = x + self.dropout(self.cross_attention_out(attended))
        x = x + self.dropout(self.feed_forward(self.feed_forward_norm(x)))
        return x, (key, value), cross_weights, own_weights


def attend(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None,
           weights: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Multi-head attention (Vaswani et al. 2017, section 3.2): softmax(Q K^T / √d) V in each head.

    Queries (N, T, W), keys and values (N, S, W) -> outputs (N, T, W), weights (N, A, T, S). Each
    head uses its own slice of d = W / A numbers. `mask` (broadcast to the weights' shape) is true
    where attention is allowed; elsewhere the weight is 0. Given `weights` (N, T, S) replace the
    softmax in every head.
    """
    width = query.size(2)
    num_heads = NUM_HEADS if width % NUM_HEADS == 0 else 1
    query, key, value = (x.unflatten(2, (num_heads, -1)).transpose(1, 2)     # (N, A, T or S, W/A)
                         for x in (query, key, value))
    if weights is None:
        scores = query @ key.transpose(2, 3) / math.sqrt(width // num_heads)  # (N, A, T, S)
        if mask is not None:
            scores = scores.masked_fill(~mask, -math.inf)
        used = torch.softmax(scores, dim=3)
    else:
        used = weights[:, None].expand(-1, num_heads, -1, -1)
    return (used @ value).transpose(1, 2).flatten(2), used


def feed_forward(width: int) -> nn.Sequential:
    """W_2 relu(W_1 x + b_1) + b_2 at each position; the hidden layer has twice the width."""
    return nn.Sequential(nn.Linear(width, 2 * width), nn.ReLU(), nn.Linear(2 * width, width))
