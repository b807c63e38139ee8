"""The attention weights of each head of a Transformer: encoder, decoder and cross-attention.

`Prediction.attention` holds the mean of the cross-attention over all layers and heads.
"""

from dataclasses import dataclass, field

import numpy as np
import torch

from seq2seq.data.splits import Splits
from seq2seq.decoding.greedy import Prediction
from seq2seq.models.seq2seq import Seq2Seq
from seq2seq.models.transformer import TransformerDecoder, TransformerEncoder


@dataclass(frozen=True)
class Heads:
    """Attention weights for L layers, A heads, S input positions, T steps; each row sums to 1."""

    reading: np.ndarray = field(repr=False)  # (L, A, S, S) encoder self-attention
    writing: np.ndarray = field(repr=False)  # (L, A, T, T) decoder self-attention
    source: np.ndarray = field(repr=False)  # (L, A, T, S) cross-attention


@torch.no_grad()
def attention_heads(model: Seq2Seq, splits: Splits, prediction: Prediction) -> Heads | None:
    """The weights with which `model` made `prediction`; None for a recurrent model."""
    encoder, decoder = model.eval().encoder, model.decoder
    if not (isinstance(encoder, TransformerEncoder) and isinstance(decoder, TransformerDecoder)):
        return None
    ids = splits.encode(prediction.source)                                   # (1, S)
    lengths = torch.tensor([ids.size(1)])
    _, _, reading = encoder.forward_with_heads(ids, lengths)                 # L x (1, A, S, S)
    read = [splits.target_vocabulary.id_of(step.read) for step in prediction.steps]
    source = model.encode(ids, lengths)
    _, _, cross, writing = decoder.forward_with_heads(torch.tensor([read]), source.state, source)
    return Heads(*(torch.cat(layers).numpy() for layers in (reading, writing, cross)))
