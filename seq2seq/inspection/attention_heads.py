"""Where every head of a Transformer attends: input to input, output to output, output to input.

The mean of all heads over the input is a part of every `Prediction`.
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
    """Attention weights of every layer L and head A; each row sums to 1."""

    reading: np.ndarray = field(repr=False)  # (L, A, S, S): a row for each input position
    writing: np.ndarray = field(repr=False)  # (L, A, T, T): a row for each step of the decoder
    source: np.ndarray = field(repr=False)  # (L, A, T, S): the same rows, over the input


@torch.no_grad()
def attention_heads(model: Seq2Seq, splits: Splits, prediction: Prediction) -> Heads | None:
    """What `model` attended to when it made `prediction`; None for a recurrent one."""
    encoder, decoder = model.eval().encoder, model.decoder
    if not (isinstance(encoder, TransformerEncoder) and isinstance(decoder, TransformerDecoder)):
        return None
    ids = splits.encode(prediction.source)                                   # (1, S)
    lengths = torch.tensor([ids.size(1)])
    _, _, reading = encoder.forward_with_heads(ids, lengths)                 # L x (1, A, S, S)
    read = [splits.target_vocabulary.id_of(step.read) for step in prediction.steps]
    source = model.encode(ids, lengths)
    _, _, over, writing = decoder.forward_with_heads(torch.tensor([read]), source.state, source)
    return Heads(*(torch.cat(layers).numpy() for layers in (reading, writing, over)))
