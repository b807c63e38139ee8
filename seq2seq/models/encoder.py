"""The encoder: reads the input sequence and sums it up in a state, the *context vector*.

What it reads are tokens, as a rule. It may as well be *frames*, vectors of F real numbers, such
as 60 milliseconds of speech: only the first layer differs.

Shape letters: N sequences, S input steps, E embedding, H hidden, L layers, Z state (cells.py).
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from seq2seq.config import ModelConfig
from seq2seq.models.cells import Dropout, Recurrence


class Encoded(NamedTuple):
    """All that the decoder may know of the input."""

    state: Tensor  # (L, N, Z) the context vector: the decoder's first state
    memory: Tensor  # (N, S, H) one vector for each input position, for attention to look at
    keys: Tensor  # (N, S, H) the memory as attention compares it with a query
    mask: Tensor | None  # (N, S) true where there is a real token; None when everywhere


def make_embedding(vocabulary_size: int, size: int,
                   frame_size: int) -> nn.Embedding | nn.Linear:
    """The first layer: ids (N, S), or frames (N, S, F) where F is not 0 -> (N, S, size)."""
    return nn.Linear(frame_size, size) if frame_size else nn.Embedding(vocabulary_size, size)


class Encoder(nn.Module):
    """Embedding and recurrent layer (Sutskever et al. 2014, arXiv:1409.3215).

    With `bidirectional`, a second layer reads from the end to the start; what the two know is
    merged by a linear layer, so that the decoder sees the same sizes either way.
    """

    def __init__(self, vocabulary_size: int, config: ModelConfig, frame_size: int = 0) -> None:
        super().__init__()
        embedding_dim = config.embedding_dim or config.hidden_size
        self.embedding = make_embedding(vocabulary_size, embedding_dim, frame_size)
        self.dropout = Dropout(config.dropout)
        self.recurrence = Recurrence(config.cell, embedding_dim, config.hidden_size,
                                     config.num_layers, config.bidirectional)
        self.bidirectional = config.bidirectional
        self.has_readers = config.attention != "none"
        if config.bidirectional:
            state_size = self.recurrence.state_size
            self.merge_outputs = nn.Linear(2 * config.hidden_size, config.hidden_size)
            self.merge_states = nn.Linear(2 * state_size, state_size)
            # Without attention it is never used. It stays, so that all weights are drawn as ever.
            self.merge_outputs.requires_grad_(self.has_readers)

    def forward(self, source: Tensor, source_lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Token ids (N, S) and their lengths (N,) -> outputs (N, S, H), last state (L, N, Z)."""
        embedded = self.dropout(self.embedding(source))                      # (N, S, E)
        outputs, state = self.recurrence(embedded, lengths=source_lengths)   # (N, S, H), (L, N, Z)
        if self.bidirectional:
            forward_state, backward_state = state[0::2], state[1::2]         # (L, N, Z) each
            state = self.merge_states(torch.cat([forward_state, backward_state], dim=2))
            if self.has_readers:
                outputs = self.merge_outputs(self.dropout(outputs))          # (N, S, 2H) -> H
            else:  # without attention nobody reads them, so that no merging would be learned
                outputs = outputs[:, :, : outputs.size(2) // 2]              # (N, S, H) forwards
        return outputs, state
