"""The computation behind one number of an answer: an attention weight, a gate, a probability.

The model runs again on the tokens that it has written, and hooks record what its own layers compute
at the step in question. The equations are in the docstrings of `seq2seq.models`.

Shape letters: S input positions, D the width of a head (H without heads), H hidden, V vocabulary.
"""

import copy
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from seq2seq.data.splits import Splits
from seq2seq.decoding.greedy import Prediction
from seq2seq.inspection.gates import GATES, top_layer
from seq2seq.models.attention import AdditiveAttention, Attention
from seq2seq.models.decoder import Decoder
from seq2seq.models.encoder import Encoded, Encoder
from seq2seq.models.seq2seq import Seq2Seq
from seq2seq.models.transformer import TransformerDecoder


@dataclass(frozen=True)
class AttentionStep:
    """The attention of one step: scores, weights and context, in one head if there are several."""

    kind: str  # "dot", "additive", "location" or "head"
    query: np.ndarray = field(repr=False)  # (D,)
    # Each score is the sum of `left` * `right`, divided by `scale`: query * key, or for "additive"
    # v * tanh(W query + U memory + b).
    left: np.ndarray = field(repr=False)  # (D,)
    right: np.ndarray = field(repr=False)  # (S, D)
    scale: float
    added: np.ndarray = field(repr=False)  # (S,) added to the scores: the location term, else 0
    scores: np.ndarray = field(repr=False)  # (S,)
    weights: np.ndarray = field(repr=False)  # (S,) their softmax
    values: np.ndarray = field(repr=False)  # (S, D) what the weights are applied to
    context: np.ndarray = field(repr=False)  # (D,) the weighted sum
    output: np.ndarray | None = field(repr=False)  # (H,) tanh(W [context; query] + b); not "head"
    by_head: np.ndarray | None = field(default=None, repr=False)  # (L, A, S) weights of all heads


@dataclass(frozen=True)
class TokenStep:
    """The output layer at one step, for one token: logit, log-softmax, probability."""

    token: str
    inputs: np.ndarray = field(repr=False)  # (H,) of the output layer
    row: np.ndarray = field(repr=False)  # (H,) the token's row of its weights
    bias: float
    logit: float
    logits: np.ndarray = field(repr=False)  # (V,)
    symbols: tuple[str, ...] = field(repr=False)  # of the V logits
    log_normaliser: float  # log of the sum of exp(logit), in nats
    log_prob: float  # in nats
    prob: float


@dataclass(frozen=True)
class Sum:
    """W x + b and U h + c for one gate or state, (H,) each, and the value that results."""

    from_input: np.ndarray
    from_state: np.ndarray
    value: np.ndarray


@dataclass(frozen=True)
class CellStep:
    """One step of the top recurrent layer (of the encoder: in the forward direction)."""

    cell: str
    sums: dict[str, Sum] = field(repr=False)  # gates, then "candidate"; an RNN has only "state"
    before: np.ndarray = field(repr=False)  # (H,) the hidden state before the step
    after: np.ndarray = field(repr=False)  # (H,) and after it
    cell_before: np.ndarray | None = field(default=None, repr=False)  # (H,) the LSTM's c
    cell_after: np.ndarray | None = field(default=None, repr=False)


@torch.no_grad()
def attention_step(model: Seq2Seq, splits: Splits, prediction: Prediction, step: int,
                   layer: int = 0, head: int = 0) -> AttentionStep:
    """How the attention weights of `step` (from 0) come about; `layer` and `head` likewise.

    The model must have attention. IndexError for a head that it does not have.
    """
    model = copy.deepcopy(model)  # other threads may use the model, and the hooks would record them
    decoder = model.decoder
    if isinstance(decoder, TransformerDecoder):
        return _head_step(model, decoder, splits, prediction, step, layer, head)
    attention = decoder.attention
    assert isinstance(attention, Attention), "without attention there are no weights"
    with _recorded(attention) as (calls,):
        _run(model, splits, prediction, step)
    (query, memory, keys, mask, *more), (output, weights) = calls[-1]
    added = more[1] if len(more) > 1 else None                               # (1, 1, S)
    scores = attention.scores(query, keys)                                   # (1, 1, S)
    if added is not None:
        scores = scores + added
    if mask is not None:
        scores = scores.masked_fill(~mask[:, None, :], -math.inf)
    if isinstance(attention, AdditiveAttention):
        kind, scale, left = "additive", 1.0, attention.score.weight          # (1, H)
        right = torch.tanh(attention.query(query) + keys)                    # (1, S, H)
    else:
        kind, scale = "dot" if added is None else "location", math.sqrt(query.size(2))
        left, right = query, keys
    return AttentionStep(
        kind, _flat(query), _flat(left), right[0].numpy(), scale,
        np.zeros(keys.size(1)) if added is None else _flat(added), _flat(scores), _flat(weights),
        memory[0].numpy(), _flat(weights @ memory), _flat(output))


def _head_step(model: Seq2Seq, decoder: TransformerDecoder, splits: Splits, prediction: Prediction,
               step: int, layer: int, head: int) -> AttentionStep:
    """As `attention_step`, for one head of the cross-attention."""
    layers: list[Any] = list(decoder.layers)
    if not 0 <= layer < len(layers):
        raise IndexError(f"no layer {layer}")
    with _recorded(layers[layer].cross_attention_query, *layers) as (queries, *calls):
        source = _run(model, splits, prediction, step)
    by_head = torch.stack([of_layer[-1][1][2][0, :, 0] for of_layer in calls])  # (L, A, S)
    if not 0 <= head < by_head.size(1):
        raise IndexError(f"no head {head}")
    query, weights = queries[-1][1][0, 0], by_head[layer, head]              # (W,), (S,)
    width = query.size(0) // by_head.size(1)
    part = slice(head * width, (head + 1) * width)
    keys, values = (every.chunk(len(layers), dim=2)[layer][0, :, part]       # (S, D) each
                    for every in source.keys.chunk(2, dim=2))
    query, scale = query[part], math.sqrt(width)                             # (D,)
    return AttentionStep(
        "head", query.numpy(), query.numpy(), keys.numpy(), scale, np.zeros(len(keys)),
        (keys @ query / scale).numpy(), weights.numpy(), values.numpy(),
        (weights @ values).numpy(), None, by_head.numpy())


@torch.no_grad()
def token_step(model: Seq2Seq, splits: Splits, prediction: Prediction, step: int,
               token: str) -> TokenStep:
    """How the probability of `token` at `step` (from 0) comes about."""
    model, vocabulary = copy.deepcopy(model), splits.target_vocabulary
    out = model.decoder.out
    with _recorded(out) as (calls,):
        _run(model, splits, prediction, step)
    (inputs,), logits = calls[-1]
    number, normaliser = vocabulary.id_of(token), torch.logsumexp(logits.flatten(), 0)
    log_prob = float(torch.log_softmax(logits.flatten(), 0)[number])
    return TokenStep(
        token, _flat(inputs), out.weight[number].numpy(), float(out.bias[number]),
        float(logits.flatten()[number]), _flat(logits), vocabulary.decode(range(len(vocabulary))),
        float(normaliser), log_prob, math.exp(log_prob))


@torch.no_grad()
def cell_step(model: Seq2Seq, splits: Splits, prediction: Prediction, moment: int) -> CellStep:
    """How the top recurrent layer computes its state at a moment (from 0).

    The S moments of the encoder come first, then the decoder's. The model must be recurrent.
    """
    model.eval()
    cell, encoder, decoder = model.config.cell, model.encoder, model.decoder
    assert isinstance(encoder, Encoder), "a Transformer carries no state"
    assert isinstance(decoder, Decoder)
    ids = splits.encode(prediction.source)
    if moment < ids.size(1):
        layers = encoder.recurrence.layers
        inputs = encoder.embedding(ids[0])
        start = torch.zeros(layers.num_layers * 2, encoder.recurrence.state_size)
    else:
        layers, moment = decoder.recurrence.layers, moment - ids.size(1)
        source = model.encode(ids, torch.tensor([ids.size(1)]))
        read = [splits.target_vocabulary.id_of(step.read) for step in prediction.steps]
        looked = None if prediction.attention is None else torch.tensor(prediction.attention)
        inputs, start = decoder.recurrence_inputs(torch.tensor(read), source, looked)
    weights, inputs, state = top_layer(cell, layers, inputs, start)
    size = layers.hidden_size
    found = None
    for x in inputs[: moment + 1]:
        found = _cell_step(cell, weights, x, state[:size], state[size:])
        state = torch.from_numpy(np.concatenate(
            [part for part in (found.after, found.cell_after) if part is not None]))
    assert found is not None, "a moment from 0"
    return found


def _cell_step(cell: str, weights: list[Tensor], x: Tensor, h: Tensor, c: Tensor) -> CellStep:
    """One step from the weights of a layer, input (E,) and state (H,), with c (H,) for an LSTM."""
    w_input, w_state, b_input, b_state = weights
    names = ["state"] if cell == "rnn" else [str(name) for name in GATES[cell]]
    if cell == "gru":
        names.append("candidate")
    elif cell == "lstm":
        names.insert(2, "candidate")  # PyTorch's order: i, f, g, o
    num = len(names)
    rows = list(zip(names, (w_input @ x + b_input).chunk(num), (w_state @ h + b_state).chunk(num),
                    strict=True))
    values: dict[str, Tensor] = {}
    for name, one, two in rows:
        if name == "candidate" and cell == "gru":
            two = values["reset"] * two
        squash = torch.tanh if name in ("candidate", "state") else torch.sigmoid
        values[name] = squash(one + two)
    sums = {name: Sum(one.numpy(), two.numpy(), values[name].numpy()) for name, one, two in rows}
    if cell == "rnn":
        return CellStep(cell, sums, h.numpy(), values["state"].numpy())
    if cell == "gru":
        z = values["update"]
        after = (1 - z) * values["candidate"] + z * h
        return CellStep(cell, sums, h.numpy(), after.numpy())
    kept = values["forget"] * c + values["input"] * values["candidate"]
    return CellStep(cell, sums, h.numpy(), (values["output"] * torch.tanh(kept)).numpy(),
                    c.numpy(), kept.numpy())


def _run(model: Seq2Seq, splits: Splits, prediction: Prediction, step: int) -> Encoded:
    """Decode the tokens of the answer up to `step` as `predict` does; returns the encoded input."""
    model.eval()
    ids = splits.encode(prediction.source)
    source = model.encode(ids, torch.tensor([ids.size(1)]))
    state = source.state
    for one in prediction.steps[: step + 1]:
        token = torch.tensor([splits.target_vocabulary.id_of(one.read)])
        _, state, _ = model.step(token, state, source)
    return source


@contextmanager
def _recorded(*modules: nn.Module) -> Iterator[list[list[tuple[Any, Any]]]]:
    """The inputs and the output of every call of each module, while the context is open."""
    kept: list[list[tuple[Any, Any]]] = [[] for _ in modules]
    handles = [module.register_forward_hook(
        lambda _, inputs, output, calls=calls: calls.append((inputs, output)))
        for module, calls in zip(modules, kept, strict=True)]
    try:
        yield kept
    finally:
        for handle in handles:
            handle.remove()


def _flat(values: Tensor) -> np.ndarray:
    return values.flatten().numpy()
