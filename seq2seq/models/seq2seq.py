"""The whole model: an encoder and a decoder, and the ways to use them together.

`encode` once, then `step` again and again, is how an answer is written. `forward` does the same
over a known target, for training; with full teacher forcing it needs one call of the decoder,
because every input is known beforehand.
"""

import math
import random

import torch
from torch import Tensor, nn

from seq2seq.config import ModelConfig
from seq2seq.data.vocabulary import SOS
from seq2seq.models.decoder import Decoder
from seq2seq.models.encoder import Encoded, Encoder
from seq2seq.models.input_feeding import FED_BACK, FeedingDecoder
from seq2seq.models.transformer import TransformerDecoder, TransformerEncoder


def make_generator(seed: int, purpose: str) -> torch.Generator:
    """A stream of random numbers of its own for each purpose, all following from one seed."""
    bits = random.Random(f"{seed}/{purpose}").getrandbits(63)
    return torch.Generator().manual_seed(bits)


def make_pair(source_size: int, target_size: int, config: ModelConfig, frame_size: int = 0
              ) -> tuple[Encoder, Decoder] | tuple[TransformerEncoder, TransformerDecoder]:
    """The two halves of the architecture that `config` names."""
    if config.cell == "transformer":
        return (TransformerEncoder(source_size, config, frame_size),
                TransformerDecoder(target_size, config))
    kind = FeedingDecoder if config.attention in FED_BACK else Decoder
    return Encoder(source_size, config, frame_size), kind(target_size, config)


class Seq2Seq(nn.Module):
    """An encoder-decoder from `source_size` to `target_size` symbols (sizes include PAD…UNK).

    Where `frame_size` is not 0, it reads vectors of so many numbers instead of symbols.
    """

    def __init__(self, source_size: int, target_size: int, config: ModelConfig,
                 generator: torch.Generator, frame_size: int = 0) -> None:
        super().__init__()
        self.config = config
        # The layers fill themselves from torch's global generator, which others share: it is put
        # back as it was, and the weights are drawn again from our own.
        with torch.random.fork_rng(devices=[]):
            encoder, decoder = make_pair(source_size, target_size, config, frame_size)
        self.encoder: Encoder | TransformerEncoder = encoder
        self.decoder: Decoder | TransformerDecoder = decoder
        initialise(self, generator)

    def encode(self, source: Tensor, source_lengths: Tensor) -> Encoded:
        """Ids (N, S), or frames (N, S, F), and lengths (N,) -> what the decoder may know of it."""
        memory, state = self.encoder(source, source_lengths)
        positions = torch.arange(source.size(1))
        mask = positions < source_lengths[:, None]                          # (N, S)
        return Encoded(self.decoder.initial_state(state, memory), memory, self.decoder.keys(memory),
                       None if bool(mask.all()) else mask)

    def step(self, token_ids: Tensor, state: Tensor, source: Encoded,
             weights: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor | None]:
        """One decoding step, see `Decoder.step`."""
        return self.decoder.step(token_ids, state, source, weights)

    def hidden(self, state: Tensor) -> Tensor:
        """What the decoder's top layer holds in `state`: (N, H), to be looked at."""
        return self.decoder.hidden(state)

    def forward(self, source: Tensor, source_lengths: Tensor, target_ids: Tensor,
                teacher_forcing: float = 1.0,
                generator: torch.Generator | None = None) -> Tensor:
        """Log-probabilities (N, T, V) of every target token, given those before it.

        At each step the decoder reads the right previous token with probability
        `teacher_forcing`, otherwise its own likeliest one (scheduled sampling, Bengio et al.
        2015, arXiv:1506.03099): 1 is the textbook's training, 0 the notebook's. The draws come
        from `generator`.
        """
        encoded = self.encode(source, source_lengths)
        num_rows, num_steps = target_ids.shape
        start = target_ids.new_full((num_rows, 1), SOS)
        if teacher_forcing == 1.0:
            inputs = torch.cat([start, target_ids[:, :-1]], dim=1)
            return self.decoder(inputs, encoded.state, encoded)[0]
        token, state, steps = start[:, 0], encoded.state, []
        for t in range(num_steps):
            log_probs, state, _ = self.step(token, state, encoded)
            steps.append(log_probs)
            forced = torch.rand(num_rows, generator=generator) < teacher_forcing
            token = torch.where(forced, target_ids[:, t], log_probs.argmax(1))
        return torch.stack(steps, dim=1)


def initialise(model: nn.Module, generator: torch.Generator) -> None:
    """Fill all weights as PyTorch's own layers do, but from `generator`.

    Embeddings are drawn from a normal distribution, everything else evenly from ±1/√(inputs).
    """
    for module in model.modules():
        if isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, generator=generator)
        elif isinstance(module, nn.Linear | nn.RNNBase):
            inputs = module.hidden_size if isinstance(module, nn.RNNBase) else module.in_features
            bound = 1 / math.sqrt(inputs)
            for weight in module.parameters():
                nn.init.uniform_(weight, -bound, bound, generator=generator)


def weight_shapes(source_size: int, target_size: int, config: ModelConfig,
                  frame_size: int = 0) -> dict[str, torch.Size]:
    """Names and shapes of all weights of such a model, known before any memory is taken."""
    with torch.device("meta"):
        encoder, decoder = make_pair(source_size, target_size, config, frame_size)
    parts: dict[str, nn.Module] = {"encoder": encoder, "decoder": decoder}
    return {f"{part}.{name}": weight.shape for part, module in parts.items()
            for name, weight in module.state_dict().items()}


def num_parameters(source_size: int, target_size: int, config: ModelConfig,
                   frame_size: int = 0) -> int:
    """How many numbers training can change in such a model."""
    with torch.device("meta"):
        encoder, decoder = make_pair(source_size, target_size, config, frame_size)
    return sum(map(count_parameters, (encoder, decoder)))


def count_parameters(module: nn.Module) -> int:
    """How many numbers training can change in a module; others are not counted."""
    return sum(weight.numel() for weight in module.parameters() if weight.requires_grad)
