"""The whole model: encoder and decoder together.

To answer: call `encode` once, then `step` for each token. To train: call `forward`, which gives
log p(y_t | y_1 … y_{t-1}, x) for every token of a known target. With full teacher forcing all
inputs of the decoder are known beforehand, and one call of the decoder computes all steps.

Shape letters: N sequences, S input positions, T output steps, V vocabulary, H hidden, F frame size.
"""

import math
import random

import torch
from torch import Tensor, nn

from seq2seq.config import ModelConfig
from seq2seq.data.vocabulary import SOS
from seq2seq.models.decoder import Decoder
from seq2seq.models.encoder import Encoded, Encoder
from seq2seq.models.input_feeding import INPUT_FEEDING, InputFeedingDecoder
from seq2seq.models.transformer import TransformerDecoder, TransformerEncoder


def make_generator(seed: int, purpose: str) -> torch.Generator:
    """A generator for one purpose. Different purposes get independent numbers from one seed."""
    bits = random.Random(f"{seed}/{purpose}").getrandbits(63)
    return torch.Generator().manual_seed(bits)


def make_pair(source_size: int, target_size: int, config: ModelConfig, frame_size: int = 0
              ) -> tuple[Encoder, Decoder] | tuple[TransformerEncoder, TransformerDecoder]:
    """The encoder and the decoder of the architecture that `config` names."""
    if config.cell == "transformer":
        return (TransformerEncoder(source_size, config, frame_size),
                TransformerDecoder(target_size, config))
    kind = InputFeedingDecoder if config.attention in INPUT_FEEDING else Decoder
    return Encoder(source_size, config, frame_size), kind(target_size, config)


class Seq2Seq(nn.Module):
    """An encoder-decoder for vocabularies of `source_size` and `target_size` tokens.

    The sizes include the special tokens PAD, SOS, EOS and UNK. If `frame_size` is not 0, the
    inputs are vectors of that many numbers instead of tokens.
    """

    def __init__(self, source_size: int, target_size: int, config: ModelConfig,
                 generator: torch.Generator, frame_size: int = 0) -> None:
        super().__init__()
        self.config = config
        # PyTorch's layers draw initial weights from the global generator, which the whole process
        # shares. It is restored afterwards, and `initialise` draws the weights from `generator`.
        with torch.random.fork_rng(devices=[]):
            encoder, decoder = make_pair(source_size, target_size, config, frame_size)
        self.encoder: Encoder | TransformerEncoder = encoder
        self.decoder: Decoder | TransformerDecoder = decoder
        initialise(self, generator)

    def encode(self, source: Tensor, source_lengths: Tensor) -> Encoded:
        """Ids (N, S), or frames (N, S, F), and lengths (N,) -> the encoded input."""
        memory, state = self.encoder(source, source_lengths)
        positions = torch.arange(source.size(1))
        mask = positions < source_lengths[:, None]                           # (N, S)
        return Encoded(self.decoder.initial_state(state, memory), memory, self.decoder.keys(memory),
                       None if bool(mask.all()) else mask)

    def step(self, token_ids: Tensor, state: Tensor, source: Encoded,
             weights: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor | None]:
        """One decoding step: tokens (N,) -> log-probabilities (N, V), state, weights (N, S).

        See `Decoder.step`.
        """
        return self.decoder.step(token_ids, state, source, weights)

    def hidden(self, state: Tensor) -> Tensor:
        """The hidden state of the decoder's top layer (N, H), for figures."""
        return self.decoder.hidden(state)

    def forward(self, source: Tensor, source_lengths: Tensor, target_ids: Tensor,
                teacher_forcing: float = 1.0,
                generator: torch.Generator | None = None) -> Tensor:
        """Log-probabilities (N, T, V) of every next token along the targets (N, T).

        At each step the decoder reads the correct previous token with probability
        `teacher_forcing`, otherwise its own most probable one (scheduled sampling, Bengio et al.
        2015, arXiv:1506.03099, with one draw from `generator` for each token). 1 is pure teacher
        forcing (Williams & Zipser 1989).
        """
        encoded = self.encode(source, source_lengths)
        num_rows, num_steps = target_ids.shape
        start = target_ids.new_full((num_rows, 1), SOS)                      # (N, 1)
        if teacher_forcing == 1.0:
            inputs = torch.cat([start, target_ids[:, :-1]], dim=1)           # (N, T)
            return self.decoder(inputs, encoded.state, encoded)[0]
        token, state, steps = start[:, 0], encoded.state, []
        for t in range(num_steps):
            log_probs, state, _ = self.step(token, state, encoded)           # (N, V)
            steps.append(log_probs)
            forced = torch.rand(num_rows, generator=generator) < teacher_forcing
            token = torch.where(forced, target_ids[:, t], log_probs.argmax(1))
        return torch.stack(steps, dim=1)


def initialise(model: nn.Module, generator: torch.Generator) -> None:
    """Draw all weights from `generator`, with the distributions of PyTorch's layers.

    Embeddings: normal with mean 0 and variance 1. Linear layers: uniform in ±1/√(number of
    inputs). Recurrent layers: uniform in ±1/√H.
    """
    for module in model.modules():
        if isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, generator=generator)
        elif isinstance(module, nn.Linear | nn.RNNBase):
            inputs = module.hidden_size if isinstance(module, nn.RNNBase) else module.in_features
            bound = 1 / math.sqrt(inputs)
            for weight in module.parameters():
                nn.init.uniform_(weight, -bound, bound, generator=generator)
