"""The gates of a GRU or an LSTM, recomputed from the weights.

A gate has a value from 0 to 1 for each unit of the state. PyTorch's layers return states but no
gates, so `run_layers` repeats their computation step by step. A test compares its states with
those of the model. The equations are in `seq2seq.models.cells`.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from seq2seq.i18n import LazyText

# Gate -> what it decides, in the order in which PyTorch stacks their weights.
GATES: dict[str, dict[LazyText, LazyText]] = {
    "rnn": {},
    "gru": {LazyText("reset"): LazyText("how much of the previous hidden state is used to compute "
                                        "the new candidate state"),
            LazyText("update"): LazyText("how much of the past state is kept")},
    "lstm": {LazyText("input"): LazyText("how much of the candidate is stored"),
             LazyText("forget"): LazyText("how much of the cell state is kept"),
             LazyText("output"): LazyText("how much of the cell state is output")},
    "transformer": {},
}


@dataclass(frozen=True)
class GateTrace:
    """States and gates of one layer in one direction, over T steps."""

    states: np.ndarray  # (T, H) hidden state after each step
    gates: dict[str, np.ndarray]  # gate -> (T, H), each number from 0 to 1


@torch.no_grad()
def run_layers(cell: str, layers: nn.RNNBase, inputs: Tensor, state: Tensor) -> GateTrace:
    """Inputs (T, E), initial state (L, Z) -> the trace of the top layer's forward direction.

    L counts both directions, as in `models.cells`.
    """
    weights, inputs, start = top_layer(cell, layers, inputs, state)
    states, gates = _run(cell, weights, inputs, start, layers.hidden_size)
    return GateTrace(states.numpy(), {k: g.numpy() for k, g in gates.items()})


@torch.no_grad()
def top_layer(cell: str, layers: nn.RNNBase, inputs: Tensor,
              state: Tensor) -> tuple[list[Tensor], Tensor, Tensor]:
    """Weights, inputs (T, E) and initial state (Z,) of the top layer's forward direction.

    Takes the inputs (T, E) of the lowest layer and the initial state (L, Z). Lower layers of a
    bidirectional stack run in both directions, because the top layer reads both.
    """
    directions = 2 if layers.bidirectional else 1

    def weights_of(level: int, back: bool) -> list[Tensor]:
        suffix = f"_l{level}" + "_reverse" * back
        return [getattr(layers, f"{name}{suffix}")
                for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]

    for level in range(layers.num_layers - 1):
        outputs = []
        for back in range(directions):
            start = state[level * directions + back]
            ordered = inputs.flip(0) if back else inputs
            states, _ = _run(cell, weights_of(level, bool(back)), ordered, start,
                             layers.hidden_size)
            outputs.append(states.flip(0) if back else states)
        inputs = torch.cat(outputs, dim=1)
    top = layers.num_layers - 1
    return weights_of(top, False), inputs, state[top * directions]


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
            candidate = torch.tanh(xn + reset * yn)
            h = (1 - update) * candidate + update * h
            gates["reset"].append(reset)
            gates["update"].append(update)
        else:
            i, f, g, o = (x + y).split(size)
            i, f, o = torch.sigmoid(i), torch.sigmoid(f), torch.sigmoid(o)
            c = f * c + i * torch.tanh(g)
            h = o * torch.tanh(c)
            gates["input"].append(i)
            gates["forget"].append(f)
            gates["output"].append(o)
        states.append(h)
    return torch.stack(states), {name: torch.stack(rows) for name, rows in gates.items()}
