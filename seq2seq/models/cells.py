"""The recurrent layers behind one face: RNN, GRU and LSTM.

PyTorch's three layers differ in one awkward way: the LSTM carries *two* tensors from step to
step (hidden state h and cell state c), the others one. `Recurrence` lays h and c side by side
in a single `state`, so that encoder, decoder and decoding need not know which cell they run.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

# Elman (1990); Cho et al. (2014), arXiv:1406.1078; Hochreiter & Schmidhuber (1997).
CELLS: dict[str, Callable[..., nn.RNNBase]] = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


class Recurrence(nn.Module):
    """A stack of recurrent layers that reads N sequences of T vectors, batch first.

    The state has shape (L, N, Z): L layers (twice as many when bidirectional), and Z = H numbers
    for RNN and GRU, Z = 2H for the LSTM, whose h comes first and c second.
    """

    def __init__(self, cell: str, input_size: int, hidden_size: int, num_layers: int = 1,
                 bidirectional: bool = False) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.state_size = hidden_size * (2 if cell == "lstm" else 1)
        self.layers: nn.RNNBase = CELLS[cell](input_size, hidden_size, num_layers,
                                              batch_first=True, bidirectional=bidirectional)

    def forward(self, inputs: Tensor, state: Tensor | None = None,
                lengths: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Inputs (N, T, E), state (L, N, Z) or None for zeros -> outputs (N, T, H), state.

        With `lengths` (N,), what lies beyond a row's length is neither read nor counted: its
        outputs are zeros, and the returned state is the one after the row's last real step.
        """
        own_state = None if state is None else self._split(state)
        if lengths is None or bool((lengths == inputs.size(1)).all()):
            outputs, own_state = self.layers(inputs, own_state)
        else:
            packed = pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False)
            packed_outputs, own_state = self.layers(packed, own_state)
            outputs, _ = pad_packed_sequence(packed_outputs, batch_first=True,
                                             total_length=inputs.size(1))
        return outputs, self._join(own_state)

    def hidden(self, state: Tensor) -> Tensor:
        """The h of the top layer (N, H), without the LSTM's c."""
        return state[-1, :, : self.hidden_size]

    def _split(self, state: Tensor) -> Tensor | tuple[Tensor, ...]:
        if self.state_size == self.hidden_size:
            return state
        return tuple(part.contiguous() for part in state.chunk(2, dim=2))

    def _join(self, own_state: Tensor | tuple[Tensor, Tensor]) -> Tensor:
        return own_state if isinstance(own_state, Tensor) else torch.cat(own_state, dim=2)


class Dropout(nn.Module):
    """Silences a share `p` of the values while training (Srivastava et al. 2014).

    Unlike `nn.Dropout` it draws from a generator of its own, which training sets from the
    recipe's seed: what other trainings in this process do cannot change its choices.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p
        self.generator: torch.Generator | None = None

    def forward(self, x: Tensor) -> Tensor:
        """Any shape -> the same shape; the survivors are scaled by 1 / (1 - p)."""
        if not self.training or self.p == 0:
            return x
        keep = torch.empty_like(x).bernoulli_(1 - self.p, generator=self.generator)
        return x * keep / (1 - self.p)
