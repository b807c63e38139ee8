"""The gates of a GRU or an LSTM, recomputed from the weights: what PyTorch keeps to itself.

A gate is a number from 0 to 1 for each number of the state: how much of it is kept, replaced or
shown. PyTorch's layers only return states, so `run_layers` does their arithmetic once more, in
the open; a test holds its states to those of the model.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from seq2seq.i18n import LazyText

# Gate -> what it decides, in the order in which PyTorch stacks their weights.
GATES: dict[str, dict[LazyText, LazyText]] = {
    "rnn": {},
    "gru": {LazyText("reset"): LazyText("how much past state feeds the candidate"),
            LazyText("update"): LazyText("how much of the past state is kept")},
    "lstm": {LazyText("input"): LazyText("how much of the candidate is stored"),
             LazyText("forget"): LazyText("how much of the cell state is kept"),
             LazyText("output"): LazyText("how much of the cell state is output")},
    "transformer": {},  # it hands nothing on, so there is nothing to let through
}


@dataclass(frozen=True)
class GateTrace:
    """What one layer did while it read T vectors, in one direction."""

    states: np.ndarray  # (T, H) hidden state after each step
    gates: dict[str, np.ndarray]  # gate -> (T, H), each number from 0 to 1


@torch.no_grad()
def run_layers(cell: str, layers: nn.RNNBase, inputs: Tensor, state: Tensor) -> GateTrace:
    """Inputs (T, E), state (L, Z) before the first step -> the trace of the top layer.

    Z as in cells.py; L counts directions, too. Of a bidirectional stack the trace is that of the
    forward direction, but all lower layers are run both ways, as the top one reads both.
    """
    directions = 2 if layers.bidirectional else 1
    for level in range(layers.num_layers):
        outputs = []
        for back in range(directions):
            suffix = f"_l{level}" + "_reverse" * back
            weights = [getattr(layers, f"{name}{suffix}")
                       for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
            start = state[level * directions + back]
            ordered = inputs.flip(0) if back else inputs
            states, gates = _run(cell, weights, ordered, start, layers.hidden_size)
            outputs.append(states.flip(0) if back else states)
            if level == layers.num_layers - 1 and not back:
                return GateTrace(states.numpy(), {k: g.numpy() for k, g in gates.items()})
        inputs = torch.cat(outputs, dim=1)
    raise AssertionError("a stack has at least one layer")


def _run(cell: str, weights: list[Tensor], inputs: Tensor, state: Tensor,
         size: int) -> tuple[Tensor, dict[str, Tensor]]:
    """One layer, one direction: inputs (T, E) -> states (T, H) and gates (T, H) by name."""
    w_input, w_state, b_input, b_state = weights
    from_inputs = inputs @ w_input.T + b_input  # (T, H, 3H or 4H), all steps at once
    h, c = state[:size], state[size:]
    states: list[Tensor] = []
    gates: dict[str, list[Tensor]] = {name: [] for name in GATES[cell]}
    for x in from_inputs:
        y = w_state @ h + b_state
        if cell == "rnn":
            h = torch.tanh(x + y)
        elif cell == "gru":
            (xr, xz, xn), (yr, yz, yn) = x.split(size), y.split(size)
            reset, update = torch.sigmoid(xr + yr), torch.sigmoid(xz + yz)
            idea = torch.tanh(xn + reset * yn)
            h = (1 - update) * idea + update * h
            gates["reset"].append(reset)
            gates["update"].append(update)
        else:
            i, f, g, o = (x + y).split(size)
            put, forget, show = torch.sigmoid(i), torch.sigmoid(f), torch.sigmoid(o)
            c = forget * c + put * torch.tanh(g)
            h = show * torch.tanh(c)
            gates["input"].append(put)
            gates["forget"].append(forget)
            gates["output"].append(show)
        states.append(h)
    return torch.stack(states), {name: torch.stack(rows) for name, rows in gates.items()}
