"""What single units of the hidden state track: their values over many inputs.

As in LSTMVis (Strobelt et al. 2018, arXiv:1606.07461), a unit is compared with properties of the
step: its position, the steps that remain, the length of the sequence, and the token that is read.
Correlation (Pearson's) does not show that the model uses the unit for this.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

from seq2seq.data.splits import Splits, make_batch
from seq2seq.data.vocabulary import PAD, SOS, SPECIALS
from seq2seq.models.seq2seq import Seq2Seq
from seq2seq.tasks import Example

NUM_INPUTS, NUM_SOUNDS = 200, 40
NUM_PROPOSALS = 5
MIN_COUNT = 10  # a token that is read less often is no property


@dataclass(frozen=True)
class ManyStates:
    """The hidden states (M, H) of all steps on several inputs, with a property of each step."""

    states: np.ndarray = field(repr=False)  # (M, H)
    rows: np.ndarray = field(repr=False)  # (M,) the number of the input, from 0
    positions: np.ndarray = field(repr=False)  # (M,) from 0
    lengths: np.ndarray = field(repr=False)  # (M,) of the step's sequence, in steps
    tokens: tuple[str, ...] = field(repr=False)  # (M) that the step reads


@dataclass(frozen=True)
class Proposal:
    """A unit that follows a property; `correlation` is from -1 to 1."""

    unit: int  # from 0
    kind: str  # "position", "remaining", "length" or "token"
    token: str  # of the kind "token"
    correlation: float


@torch.no_grad()
def many_states(model: Seq2Seq, splits: Splits, part: str,
                examples: Sequence[Example] | None = None) -> ManyStates:
    """The encoder's ("enc") or the decoder's ("dec") states on held-out inputs, or on `examples`.

    The decoder reads the correct tokens (teacher forcing).
    """
    model.eval()
    most = NUM_SOUNDS if splits.task.frame_size else NUM_INPUTS
    examples = ((*splits.new, *splits.train) if examples is None else examples)[:most]
    batch = make_batch(examples, splits)
    source = model.encode(batch.source, batch.source_lengths)
    if part == "enc":
        states = source.memory                                               # (N, S, H)
        lengths = batch.source_lengths
        read = [splits.task.positions(example.source) for example in examples]
    else:
        token, state, columns = torch.full((len(batch),), SOS), source.state, []
        for t in range(batch.target_ids.size(1)):
            _, state, _ = model.step(token, state, source)
            columns.append(model.hidden(state))
            token = batch.target_ids[:, t]
        states = torch.stack(columns, dim=1)                                 # (N, T, H)
        lengths = (batch.target_ids != PAD).sum(1)
        read = [(SPECIALS[SOS], *example.target) for example in examples]
    real = torch.arange(states.size(1)) < lengths[:, None]                   # (N, S or T)
    rows, positions = real.nonzero(as_tuple=True)
    return ManyStates(states[real].numpy(), rows.numpy(), positions.numpy(),
                      lengths[rows].numpy(),
                      tuple(read[n][t] for n, t in zip(rows.tolist(), positions.tolist(),
                                                       strict=True)))


def propose(found: ManyStates, with_tokens: bool = True) -> list[Proposal]:
    """The units that follow a property best: different units, as many properties as possible."""
    properties: list[tuple[str, str, np.ndarray]] = [
        ("position", "", found.positions), ("remaining", "", found.lengths - found.positions),
        ("length", "", found.lengths)]
    if with_tokens:
        tokens = np.array(found.tokens, dtype=object)
        different = sorted(set(found.tokens) - {SPECIALS[SOS]})
        properties += [("token", token, tokens == token) for token in different
                       if (tokens == token).sum() >= MIN_COUNT]
    table = correlations(found.states, np.stack([values for _, _, values in properties]))
    ranked = []
    for flat in np.argsort(-np.abs(table), axis=None, kind="stable").tolist():
        row, unit = divmod(flat, table.shape[1])
        kind, token, _ = properties[row]
        ranked.append(Proposal(unit, kind, token, float(table[row, unit])))
    chosen: list[Proposal] = []
    for seen_kinds in (True, False):  # the best unit of each kind first, then the best of the rest
        for one in ranked:
            if len(chosen) == NUM_PROPOSALS:
                break
            if one.unit in {c.unit for c in chosen}:
                continue
            if not seen_kinds or one.kind not in {c.kind for c in chosen}:
                chosen.append(one)
    return sorted(chosen, key=lambda one: -abs(one.correlation))


def correlations(states: np.ndarray, properties: np.ndarray) -> np.ndarray:
    """Pearson's correlation of each property (P, M) with each unit of the states (M, H): (P, H).

    0 for a property or a unit that is constant.
    """
    x = states - states.mean(0)
    y = properties - properties.mean(1, keepdims=True).astype(float)
    norm = np.outer(np.linalg.norm(y, axis=1), np.linalg.norm(x, axis=0))
    return np.divide(y @ x, norm, out=np.zeros_like(norm), where=norm > 1e-9)
