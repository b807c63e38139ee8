"""The equations of RNN, GRU and LSTM with the numbers of one step, as Markdown.

The model itself uses PyTorch's fused layers; the source lines are those of `inspection.gates`,
which writes the same computation out.
"""

from types import ModuleType

from seq2seq.i18n import _
from seq2seq.inspection.arithmetic import CellStep, Sum
from seq2seq.ui.tabs.inside.formulas import formula, number, signed, source_line

LETTERS = {"reset": "r", "update": "z", "candidate": "n", "input": "i", "forget": "f",
           "output": "o", "state": "h"}
LINES = {"reset": "reset, update =", "update": "reset, update =", "input": "i, f, o =",
         "forget": "i, f, o =", "output": "i, f, o ="}


def level(found: CellStep, subject: str, chosen: int, unit: int, gates: ModuleType) -> str:
    """One level (from 0) of the gate `subject`, or of an RNN's state, for one unit (from 0)."""
    if found.cell == "rnn":
        parts = _state_of_rnn(found, unit)
    elif chosen == 0:
        parts = _gate(found.sums[subject], subject, unit)
    elif found.cell == "gru":
        parts = _candidate(found, unit) if chosen == 1 else _state_of_gru(found, unit)
    else:
        parts = _cell_state(found, unit) if chosen == 1 else _hidden_of_lstm(found, unit)
    *text, line = parts
    code = source_line(gates._run, line)
    layer = _("x is the input of the top recurrent layer, h the hidden state before this step. "
              "Shown: unit {unit}.", unit=unit + 1)
    return "\n\n".join([text[0], layer, *text[1:], code])


def _sum(letter: str, squash: str, one: Sum, unit: int, reset: float | None = None) -> str:
    """A weighted sum of input and state, and its squashed value."""
    a, b = float(one.from_input[unit]), float(one.from_state[unit])
    plain = f"U_{letter} h + c_{letter}"
    if reset is None:
        symbols, numbers, total = f"+ {plain}", signed(b), a + b
    else:
        symbols, numbers = f"+ r \\ast ({plain})", f"+ {number(reset)} \\cdot ({number(b)})"
        total = a + reset * b
    return formula(f"{letter} &= {squash}(W_{letter} x + b_{letter} {symbols})",
                   f"&= {squash}({number(a)} {numbers})",
                   f"&= {squash}({number(total)}) = {number(float(one.value[unit]))}")


def _gate(one: Sum, name: str, unit: int) -> list[str]:
    says = _("A gate is a number from 0 to 1, computed from the input and the previous state by "
             "the logistic function σ.")
    return [says, _sum(LETTERS[name], "\\sigma", one, unit), LINES[name]]


def _state_of_rnn(found: CellStep, unit: int) -> list[str]:
    says = _("A plain RNN replaces its whole state at each step.")
    return [says, _sum("h", "\\tanh", found.sums["state"], unit).replace("h &=", "h' &=", 1),
            "h = torch.tanh(x + y)"]


def _candidate(found: CellStep, unit: int) -> list[str]:
    says = _("The candidate is what the state would become if nothing of the old one were kept. "
             "The reset gate r scales what the old state contributes.")
    return [says, _sum("n", "\\tanh", found.sums["candidate"], unit,
                       float(found.sums["reset"].value[unit])), "candidate ="]


def _state_of_gru(found: CellStep, unit: int) -> list[str]:
    says = _("The new state is a mixture of candidate and old state. The update gate z is the "
             "share of the old state.")
    z, n = (float(found.sums[name].value[unit]) for name in ("update", "candidate"))
    old, new = float(found.before[unit]), float(found.after[unit])
    return [says, formula("h' &= (1 - z) \\ast n + z \\ast h",
                          f"&= (1 - {number(z)}) \\cdot ({number(n)})",
                          f"&\\quad + {number(z)} \\cdot ({number(old)})", f"&= {number(new)}"),
            "h = (1 - update)"]


def _cell_state(found: CellStep, unit: int) -> list[str]:
    says = _("The forget gate f scales the old cell state c, and the input gate i the candidate g.")
    assert found.cell_before is not None
    assert found.cell_after is not None
    f, i, g = (float(found.sums[name].value[unit]) for name in ("forget", "input", "candidate"))
    old, new = float(found.cell_before[unit]), float(found.cell_after[unit])
    return [says, _sum("g", "\\tanh", found.sums["candidate"], unit),
            formula("c' &= f \\ast c + i \\ast g",
                    f"&= {number(f)} \\cdot ({number(old)})",
                    f"&\\quad + {number(i)} \\cdot ({number(g)})",
                    f"&= {number(new)}"), "c = f * c"]


def _hidden_of_lstm(found: CellStep, unit: int) -> list[str]:
    says = _("The hidden state is what the cell outputs: the output gate o scales the cell state.")
    assert found.cell_after is not None
    o, c = float(found.sums["output"].value[unit]), float(found.cell_after[unit])
    return [says, formula("h' &= o \\ast \\tanh(c')",
                          f"&= {number(o)} \\cdot \\tanh({number(c)}) "
                          f"= {number(float(found.after[unit]))}"), "h = o *"]
