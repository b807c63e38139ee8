"""The recurrent layers: RNN, GRU and LSTM, with one interface for all three.

With input x_t, state h_t, the logistic function σ and elementwise products *:

    RNN    h_t = tanh(W x_t + U h_{t-1} + b)                                  Elman (1990)

    GRU    r = σ(W_r x_t + U_r h_{t-1} + b_r)          reset gate             Cho et al. (2014),
           z = σ(W_z x_t + U_z h_{t-1} + b_z)          update gate            arXiv:1406.1078
           n = tanh(W_n x_t + b_n + r * (U_n h_{t-1} + c_n))    candidate
           h_t = (1 - z) * n + z * h_{t-1}

    LSTM   i, f, o = σ(W x_t + U h_{t-1} + b), one W, U, b each               Hochreiter &
           g = tanh(W_g x_t + U_g h_{t-1} + b_g)       candidate              Schmidhuber (1997);
           c_t = f * c_{t-1} + i * g                   cell state             f: Gers et al. (2000)
           h_t = o * tanh(c_t)                         hidden state

`seq2seq.inspection.gates` writes these steps out; here PyTorch's fused layers compute them. Its GRU
multiplies by r after the product with U_n, where the paper multiplies before it.

The LSTM carries two vectors from step to step, h and c, the others one. `Recurrence` stores h and
c side by side in a single tensor, so encoder, decoder and search need not distinguish the cells.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

CELLS: dict[str, Callable[..., nn.RNNBase]] = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


class Recurrence(nn.Module):
    """A stack of recurrent layers over N sequences of T vectors, batch first.

    The state has shape (L, N, Z). L counts the layers, twice if bidirectional: layer 0 forward,
    layer 0 backward, layer 1 forward, … Z = H for RNN and GRU; Z = 2H for the LSTM, h before c.
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
        """Inputs (N, T, E), state (L, N, Z) or None for zeros -> outputs, last state (L, N, Z).

        Outputs are the top layer's h: (N, T, H), or (N, T, 2H) if bidirectional. With `lengths`
        (N,), steps beyond a row's length are padding: their outputs are 0, and the row's last
        state is that of its last real step.
        """
        layer_state = None if state is None else self._split(state)
        if lengths is None or bool((lengths == inputs.size(1)).all()):
            outputs, layer_state = self.layers(inputs, layer_state)
        else:
            packed = pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False)
            packed_outputs, layer_state = self.layers(packed, layer_state)
            outputs, _ = pad_packed_sequence(packed_outputs, batch_first=True,
                                             total_length=inputs.size(1))
        return outputs, self._join(layer_state)

    def hidden(self, state: Tensor) -> Tensor:
        """The top layer's h, without the LSTM's c: (L, N, Z) -> (N, H)."""
        return state[-1, :, : self.hidden_size]

    def _split(self, state: Tensor) -> Tensor | tuple[Tensor, ...]:
        """The state as PyTorch's layers take it: h, or the pair (h, c)."""
        if self.state_size == self.hidden_size:
            return state
        return tuple(part.contiguous() for part in state.chunk(2, dim=2))

    def _join(self, layer_state: Tensor | tuple[Tensor, Tensor]) -> Tensor:
        """The inverse of `_split`: (L, N, Z)."""
        return layer_state if isinstance(layer_state, Tensor) else torch.cat(layer_state, dim=2)


class Dropout(nn.Module):
    """Sets values to 0 with probability `p` in training (Srivastava et al. 2014).

    Survivors are scaled by 1 / (1 - p), so the expected value stays the same. In evaluation
    nothing changes. `nn.Dropout` draws from PyTorch's global generator; this draws from one of its
    own, so other trainings in the same process cannot change its choices.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p
        self.generator: torch.Generator | None = None

    def forward(self, x: Tensor) -> Tensor:
        """Any shape -> the same shape."""
        if not self.training or self.p == 0:
            return x
        keep = torch.empty_like(x).bernoulli_(1 - self.p, generator=self.generator)
        return x * keep / (1 - self.p)
