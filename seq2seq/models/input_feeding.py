"""A decoder that remembers where it looked, and what it saw there.

The decoder of `decoder.py` lets attention do its work after all steps at once. This one goes step
by step, because each step needs two things of the one before: the attended vector, which is read
together with the next token (*input feeding*, Luong et al. 2015, section 3.3), and the attention
weights, from which the next ones depend (Chorowski et al. 2015, arXiv:1506.07503). That is slower,
and needed where the input says nothing of places: in speech, two sevens sound alike.

Shape letters: N sequences, T output steps, S input steps, V vocabulary, E embedding, H hidden,
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

FED_BACK = ("location",)  # the kinds of attention that are decoded here


class FeedingDecoder(Decoder):
    """Its state (L, N, Z + H + S) is the recurrent state, the attended vector and the weights."""

    attention: LocationAttention

    def __init__(self, vocabulary_size: int, config: ModelConfig) -> None:
        super().__init__(vocabulary_size, config)
        embedding_dim = config.embedding_dim or config.hidden_size
        self.recurrence = Recurrence(config.cell, embedding_dim + config.hidden_size,
                                     config.hidden_size, config.num_layers)

    def initial_state(self, state: Tensor, memory: Tensor) -> Tensor:
        """The state before the first token: nothing was seen, and the gaze rests on the start."""
        looked = memory.new_zeros(memory.shape[:2])
        looked[:, 0] = 1
        return self._join(state, memory.new_zeros(memory.size(0), memory.size(2)), looked)

    def split(self, state: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """State -> recurrent state (L, N, Z), attended vector (N, H), weights (N, S)."""
        own, size = self.recurrence.state_size, self.recurrence.hidden_size
        return (state[:, :, :own].contiguous(), state[0, :, own : own + size],
                state[0, :, own + size :])

    def _join(self, own: Tensor, attended: Tensor, weights: Tensor) -> Tensor:
        rest = torch.cat([attended, weights], dim=1)                         # (N, H + S)
        return torch.cat([own, rest.expand(len(own), -1, -1)], dim=2)

    def inputs(self, token_ids: Tensor, attended: Tensor) -> Tensor:
        """What the recurrence reads: tokens (N,) and attended vectors (N, H) -> (N, 1, E + H)."""
        embedded = self.dropout(self.embedding(token_ids).relu())
        return torch.cat([embedded, attended], dim=1)[:, None]

    def recurrence_inputs(self, token_ids: Tensor, source: Encoded,
                          weights: Tensor | None) -> tuple[Tensor, Tensor]:
        """As `Decoder.recurrence_inputs`, with the attended vectors added: (T, E + H)."""
        state, found = source.state, []
        for t in range(len(token_ids)):
            found.append(self.inputs(token_ids[t : t + 1], self.split(state)[1])[0])
            given = None if weights is None else weights[t : t + 1]
            _, state, _ = self.step(token_ids[t : t + 1], state, source, given)
        return torch.cat(found), self.split(source.state)[0][:, 0]

    def forward(self, token_ids: Tensor, state: Tensor, source: Encoded,
                weights: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """As `Decoder.forward`: tokens (N, T) -> log-probabilities (N, T, V), state, weights."""
        own, attended, looked = self.split(state)
        seen, gazes = [], []
        for t in range(token_ids.size(1)):
            output, own = self.recurrence(self.inputs(token_ids[:, t], attended), own)
            given = None if weights is None else weights[:, t : t + 1]
            output, used = self.attention(output, source.memory, source.keys, source.mask, given,
                                          self.attention.location_scores(looked))
            attended, looked = output[:, 0], used[:, 0]
            seen.append(attended)
            gazes.append(looked)
        logits = self.out(self.dropout(torch.stack(seen, dim=1)))            # (N, T, V)
        return (log_softmax(logits, dim=2), self._join(own, attended, looked),
                torch.stack(gazes, dim=1))
