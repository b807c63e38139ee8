"""The decoder writes the output one token at a time.

    h_t   = cell(relu(embedding(y_{t-1})), h_{t-1}),    h_0 = context vector, y_0 = start mark
    o_t   = attention(h_t, memory), or h_t without attention
    log p(y_t | y_1 … y_{t-1}, x) = log-softmax(W o_t + b)        (Sutskever et al. 2014,
                                                                   arXiv:1409.3215, equation 1)

Shape letters: N sequences, T output steps, S input positions, V vocabulary, E embedding, H hidden,
L layers, Z state (cells.py).
"""

from torch import Tensor, nn
from torch.nn.functional import log_softmax

from seq2seq.config import ModelConfig
from seq2seq.models.attention import make_attention
from seq2seq.models.cells import Dropout, Recurrence
from seq2seq.models.encoder import Encoded


class Decoder(nn.Module):
    """Embedding, ReLU, recurrent layers, attention (optional), linear layer, log-softmax."""

    def __init__(self, vocabulary_size: int, config: ModelConfig) -> None:
        super().__init__()
        embedding_dim = config.embedding_dim or config.hidden_size
        self.embedding = nn.Embedding(vocabulary_size, embedding_dim)
        self.dropout = Dropout(config.dropout)
        self.recurrence = Recurrence(config.cell, embedding_dim, config.hidden_size,
                                     config.num_layers)
        self.attention = make_attention(config.attention, config.hidden_size)
        self.out = nn.Linear(config.hidden_size, vocabulary_size)

    def keys(self, memory: Tensor) -> Tensor:
        """The attention's keys, computed once per input: (N, S, H) -> (N, S, H)."""
        return self.attention.keys(memory)

    def initial_state(self, state: Tensor, memory: Tensor) -> Tensor:
        """The state before the first token: the encoder's last state (L, N, Z)."""
        return state

    def hidden(self, state: Tensor) -> Tensor:
        """The hidden state of the top layer: (L, N, Z) -> (N, H)."""
        return self.recurrence.hidden(state)

    def recurrence_inputs(self, token_ids: Tensor, source: Encoded,
                          weights: Tensor | None) -> tuple[Tensor, Tensor]:
        """What the recurrence reads for the T tokens (T,) of one answer.

        Returns its inputs (T, E) and its initial state (L, Z). The attention `weights` (T, S) have
        no effect here; with input feeding they do.
        """
        return self.embedding(token_ids).relu(), source.state[:, 0]

    def forward(self, token_ids: Tensor, state: Tensor, source: Encoded,
                weights: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor | None]:
        """Read T tokens and predict the token after each of them.

        token_ids (N, T), state (L, N, Z) -> log-probabilities (N, T, V), the state after the last
        token, attention weights (N, T, S) or None. If `weights` are given, they are used instead.
        """
        embedded = self.dropout(self.embedding(token_ids).relu())            # (N, T, E)
        output, state = self.recurrence(embedded, state)                     # (N, T, H), (L, N, Z)
        output, weights = self.attention(output, source.memory, source.keys, source.mask, weights)
        logits = self.out(self.dropout(output))                              # (N, T, V)
        return log_softmax(logits, dim=2), state, weights

    def step(self, token_ids: Tensor, state: Tensor, source: Encoded,
             weights: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor | None]:
        """One decoding step: tokens (N,) -> log-probabilities (N, V), state, weights (N, S).

        Greedy decoding, beam search and all what-if experiments use this step.
        """
        given = None if weights is None else weights[:, None, :]
        log_probs, state, used = self(token_ids[:, None], state, source, given)
        return log_probs[:, 0], state, None if used is None else used[:, 0]
