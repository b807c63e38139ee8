"""Where each position of a Transformer looks among its own kind: input at input, output at output.

The attention that leads from the output to the input is a part of every `Prediction`.
"""

from dataclasses import dataclass, field

import numpy as np
import torch

from seq2seq.data import Splits
from seq2seq.inference import Prediction
from seq2seq.model import Seq2Seq
from seq2seq.transformer import TransformerDecoder, TransformerEncoder


@dataclass(frozen=True)
class SelfAttention:
    """Weights of every layer L and head A; each row sums to 1."""

    reading: np.ndarray = field(repr=False)  # (L, A, S, S): a row for each input position
    writing: np.ndarray = field(repr=False)  # (L, A, T, T): a row for each step of the decoder


@torch.no_grad()
def self_attention(model: Seq2Seq, splits: Splits, prediction: Prediction) -> SelfAttention | None:
    """What `model` looked at when it made `prediction`; None for a recurrent one."""
    encoder, decoder = model.eval().encoder, model.decoder
    if not (isinstance(encoder, TransformerEncoder) and isinstance(decoder, TransformerDecoder)):
        return None
    ids = splits.encode(prediction.source)                                   # (1, S)
    lengths = torch.tensor([ids.size(1)])
    _, _, reading = encoder.look(ids, lengths)                               # L x (1, A, S, S)
    read = [splits.target_vocabulary.id_of(step.read) for step in prediction.steps]
    source = model.encode(ids, lengths)
    _, _, _, writing = decoder.look(torch.tensor([read]), source.state, source)
    return SelfAttention(torch.cat(reading).numpy(), torch.cat(writing).numpy())
