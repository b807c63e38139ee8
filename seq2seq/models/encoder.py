"""The encoder reads the input sequence into a state, the *context vector*.

    h_s = cell(embedding(x_s), h_{s-1}),    context = h_S     (Sutskever et al. 2014,
                                                               arXiv:1409.3215)

Inputs are tokens or, for speech, *frames*: vectors of F real numbers, each for 60 ms of sound, for
example. Only the first layer differs.

Shape letters: N sequences, S input positions, E embedding, H hidden, L layers, Z state (cells.py).
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from seq2seq.config import ModelConfig
from seq2seq.models.cells import Dropout, Recurrence


class Encoded(NamedTuple):
    """An encoded input: all that the decoder receives of it."""

    state: Tensor  # (L, N, Z) the context vector, the decoder's initial state
    memory: Tensor  # (N, S, H) the encoder's output at each position, for attention
    keys: Tensor  # (N, S, H) the memory as attention compares it with queries
    mask: Tensor | None  # (N, S) true at real tokens; None: no padding


def make_embedding(vocabulary_size: int, size: int,
                   frame_size: int) -> nn.Embedding | nn.Linear:
    """The first layer: ids (N, S), or frames (N, S, F) if F is not 0 -> (N, S, size)."""
    return nn.Linear(frame_size, size) if frame_size else nn.Embedding(vocabulary_size, size)


class Encoder(nn.Module):
    """Embedding and recurrent layers (Sutskever et al. 2014, arXiv:1409.3215).

    With `bidirectional`, a second recurrence reads the input backwards (Schuster & Paliwal 1997).
    Linear layers merge the two directions, so outputs and states keep their sizes.
    """

    def __init__(self, vocabulary_size: int, config: ModelConfig, frame_size: int = 0) -> None:
        super().__init__()
        embedding_dim = config.embedding_dim or config.hidden_size
        self.embedding = make_embedding(vocabulary_size, embedding_dim, frame_size)
        self.dropout = Dropout(config.dropout)
        self.recurrence = Recurrence(config.cell, embedding_dim, config.hidden_size,
                                     config.num_layers, config.bidirectional)
        self.bidirectional = config.bidirectional
        self.uses_outputs = config.attention != "none"
        if config.bidirectional:
            state_size = self.recurrence.state_size
            self.merge_outputs = nn.Linear(2 * config.hidden_size, config.hidden_size)
            self.merge_states = nn.Linear(2 * state_size, state_size)
            # Without attention this layer is unused. It exists in any case because the random
            # initial weights of later layers depend on how many are drawn before them.
            self.merge_outputs.requires_grad_(self.uses_outputs)

    def forward(self, source: Tensor, source_lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Token ids (N, S) and their lengths (N,) -> outputs (N, S, H), last state (L, N, Z).

        If the encoder is bidirectional, its outputs are those of both directions, merged. Without
        attention nothing would train that merging, so they are those of the forward direction.
        """
        embedded = self.dropout(self.embedding(source))                      # (N, S, E)
        outputs, state = self.recurrence(embedded, lengths=source_lengths)   # (N, S, H), (L, N, Z)
        if self.bidirectional:  # outputs (N, S, 2H), state (2L, N, Z)
            forward_state, backward_state = state[0::2], state[1::2]         # (L, N, Z) each
            state = self.merge_states(torch.cat([forward_state, backward_state], dim=2))
            if self.uses_outputs:
                outputs = self.merge_outputs(self.dropout(outputs))          # (N, S, H)
            else:
                outputs = outputs[:, :, : outputs.size(2) // 2]              # (N, S, H)
        return outputs, state
