"""A decoder with input feeding and location-aware attention.

    h_t = cell([relu(embedding(y_{t-1})); o_{t-1}], h_{t-1})     input feeding (Luong et al. 2015,
                                                                 arXiv:1508.04025, section 3.3)
    a_t = softmax(score(h_t, keys) + f(a_{t-1}))                 location (Chorowski et al. 2015,
                                                                 arXiv:1506.07503)
    o_t = attention output with weights a_t,    o_0 = 0,    a_0 = all weight on the first position

Each step depends on the attention of the step before, so training cannot compute all steps in one
call and is slower than with `decoder.py`. Speech needs it: the same digit spoken twice sounds the
same at both positions, and only the previous weights tell them apart.

Shape letters: N sequences, T output steps, S input positions, V vocabulary, E embedding, H hidden,
L layers, Z recurrent state.
"""

import torch
from torch import Tensor
from torch.nn.functional import log_softmax

from seq2seq.config import ModelConfig
from seq2seq.models.attention import LocationAttention
from seq2seq.models.cells import Recurrence
from seq2seq.models.decoder import Decoder
from seq2seq.models.encoder import Encoded

INPUT_FEEDING = ("location",)  # the kinds of attention that use this decoder


class InputFeedingDecoder(Decoder):
    """The state (L, N, Z + H + S) joins recurrent state, attentional output and weights."""

    attention: LocationAttention

    def __init__(self, vocabulary_size: int, config: ModelConfig) -> None:
        super().__init__(vocabulary_size, config)
        embedding_dim = config.embedding_dim or config.hidden_size
        self.recurrence = Recurrence(config.cell, embedding_dim + config.hidden_size,
                                     config.hidden_size, config.num_layers)

    def initial_state(self, state: Tensor, memory: Tensor) -> Tensor:
        """The encoder's last state, o_0 = 0, and weight 1 on the first input position."""
        weights = memory.new_zeros(memory.shape[:2])                         # (N, S)
        weights[:, 0] = 1
        return self._join(state, memory.new_zeros(memory.size(0), memory.size(2)), weights)

    def split(self, state: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """State -> recurrent state (L, N, Z), attentional output (N, H), weights (N, S)."""
        z, h = self.recurrence.state_size, self.recurrence.hidden_size
        return state[:, :, :z].contiguous(), state[0, :, z : z + h], state[0, :, z + h :]

    def _join(self, recurrent: Tensor, attended: Tensor, weights: Tensor) -> Tensor:
        """The inverse of `split`. Every layer repeats the attentional output and the weights."""
        rest = torch.cat([attended, weights], dim=1)                         # (N, H + S)
        return torch.cat([recurrent, rest.expand(len(recurrent), -1, -1)], dim=2)

    def inputs(self, token_ids: Tensor, attended: Tensor) -> Tensor:
        """Tokens (N,), attentional outputs (N, H) -> inputs of the recurrence (N, 1, E + H)."""
        embedded = self.dropout(self.embedding(token_ids).relu())            # (N, E)
        return torch.cat([embedded, attended], dim=1)[:, None]

    def recurrence_inputs(self, token_ids: Tensor, source: Encoded,
                          weights: Tensor | None) -> tuple[Tensor, Tensor]:
        """As `Decoder.recurrence_inputs`; the inputs (T, E + H) contain attentional outputs."""
        state, found = source.state, []
        for t in range(len(token_ids)):
            found.append(self.inputs(token_ids[t : t + 1], self.split(state)[1])[0])
            given = None if weights is None else weights[t : t + 1]
            _, state, _ = self.step(token_ids[t : t + 1], state, source, given)
        return torch.cat(found), self.split(source.state)[0][:, 0]

    def forward(self, token_ids: Tensor, state: Tensor, source: Encoded,
                weights: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """As `Decoder.forward`: tokens (N, T) -> log-probabilities (N, T, V), state, weights."""
        recurrent, attended, previous = self.split(state)
        outputs, all_weights = [], []
        for t in range(token_ids.size(1)):
            output, recurrent = self.recurrence(self.inputs(token_ids[:, t], attended), recurrent)
            given = None if weights is None else weights[:, t : t + 1]
            output, used = self.attention(output, source.memory, source.keys, source.mask, given,
                                          self.attention.location_scores(previous))
            attended, previous = output[:, 0], used[:, 0]                    # (N, H), (N, S)
            outputs.append(attended)
            all_weights.append(previous)
        logits = self.out(self.dropout(torch.stack(outputs, dim=1)))         # (N, T, V)
        return (log_softmax(logits, dim=2), self._join(recurrent, attended, previous),
                torch.stack(all_weights, dim=1))
