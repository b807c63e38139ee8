"""Four bugs of the notebook on which this lab is based, for learners to find.

None of them stops the training: the loss falls, but the answers are wrong. Each bug replaces a few
lines of the model or of the encoding of targets; everything else, including `train`, is unchanged.
`ModelConfig.fault` selects one.
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn.functional import pad

from seq2seq.data.splits import Splits
from seq2seq.data.vocabulary import EOS, PAD, SOS, Vocabulary
from seq2seq.i18n import LazyText
from seq2seq.models.encoder import Encoded
from seq2seq.models.seq2seq import Seq2Seq


class FirstTokenOnly(Seq2Seq):
    """The encoder reads only the first token of the input.

    The notebook's loop ran over `input_tensor.size(0)`, the number of sequences (1), instead of the
    number of tokens.
    """

    def encode(self, source_ids: Tensor, source_lengths: Tensor) -> Encoded:
        """As `Seq2Seq.encode`, for the first token alone; the rest of the memory is zero."""
        length = source_ids.size(1)
        read = super().encode(source_ids[:, :1], torch.ones_like(source_lengths))
        first = torch.arange(length) < torch.ones_like(source_lengths)[:, None]  # (N, S)
        rest = (0, 0, 0, length - 1)
        return Encoded(read.state, pad(read.memory, rest), pad(read.keys, rest),
                       None if length == 1 else first)


class Forgetful(Seq2Seq):
    """In training, the decoder starts every step from the context vector.

    The notebook called `decoder(decoder_input, encoder_hidden)` inside its loop and never used the
    new state `decoder_hidden`. In decoding it did use the new state, which it had not been trained
    for.
    """

    def forward(self, source_ids: Tensor, source_lengths: Tensor, target_ids: Tensor,
                teacher_forcing: float = 1.0,
                generator: torch.Generator | None = None) -> Tensor:
        """As `Seq2Seq.forward`, but in training every step starts from the initial state."""
        if not self.training:
            return super().forward(source_ids, source_lengths, target_ids, teacher_forcing,
                                   generator)
        source = self.encode(source_ids, source_lengths)
        token, steps = torch.full_like(target_ids[:, 0], SOS), []
        for t in range(target_ids.size(1)):
            log_probs, _, _ = self.step(token, source.state, source)  # the new state is dropped
            steps.append(log_probs)
            forced = torch.rand(len(token), generator=generator) < teacher_forcing
            token = torch.where(forced, target_ids[:, t], log_probs.argmax(1))
        return torch.stack(steps, dim=1)


class Endless(Vocabulary):
    """Targets have no end token, so the model never learns to stop.

    The notebook's targets were the reversed numbers without an end token. Its decoding loop stopped
    at token 1, but no target taught the model to write it.
    """

    end = PAD


class DoubleEnd(Vocabulary):
    """A symbol of the data ("1" if there is one) has the same id as the end token.

    In the notebook, token 1 was the number 1 *and* the end token, so the model never wrote a 1.
    """

    def __init__(self, symbols: tuple[str, ...]) -> None:
        super().__init__(symbols)
        self.doubled = "1" if "1" in self else self.symbols[0]
        self._ids[self.doubled] = EOS


@dataclass(frozen=True)
class Fault:
    """A bug with its title, symptom, cause and cure."""

    name: str
    title: str
    symptom: str
    cause: str
    cure: str
    model: type[Seq2Seq] = Seq2Seq
    vocabulary: type[Vocabulary] = Vocabulary  # of the targets

    def apply_to(self, splits: Splits) -> Splits:
        """The same examples, with this bug in the encoding of their targets."""
        if self.vocabulary is Vocabulary:
            return splits
        return replace(splits, target_vocabulary=self.vocabulary(splits.target_vocabulary.symbols))


FAULTS: dict[str, Fault] = {
    "none": Fault(
        "none", LazyText("No bug"), "The model answers as it was trained to answer.",
        "There is no bug.",
        "There is nothing to repair."),
    "first-token": Fault(
        "first-token", LazyText("Reads only the first token"),
        "Two inputs with the same first token get the same answer. Changing any other token "
        "changes nothing. Even the sequences used for training get wrong answers.",
        "The loop that reads the input counts the sequences instead of the tokens. There is one "
        "sequence at a time, so the loop ends after one token.",
        "Let the loop run over all tokens of the input.",
        model=FirstTokenOnly),
    "forgetful": Fault(
        "forgetful", LazyText("Forgets its previous step"),
        "The loss on the training examples falls, but the held-out loss stays high from the first "
        "epoch on. The model's own answers are wrong, even for the sequences used for training.",
        "In training, the decoder starts every step from the context vector instead of its own "
        "previous hidden state. When it answers, it does keep its hidden state, but it has never "
        "learned to use it.",
        "Pass the hidden state of each step on to the next step.",
        model=Forgetful),
    "endless": Fault(
        "endless", LazyText("Cannot stop"),
        "The answer starts correctly, but does not end: it is cut off at the maximum length. No "
        "answer is correct, although the loss is small.",
        "No training target contains the end token, so the model never learns to stop.",
        "Put the end token after every target, and include it in the loss.",
        vocabulary=Endless),
    "double-end": Fault(
        "double-end", LazyText("One token has two meanings"),
        "Answers stop where one particular token should be, and the model never writes that "
        "token. Sequences without it get correct answers. The loss is small.",
        "The same number represents this token and the end token. Each time the model writes the "
        "token, its answer ends.",
        "Give the end token a number of its own that no token uses.",
        vocabulary=DoubleEnd),
}
