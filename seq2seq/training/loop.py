"""The training loop: forward pass, loss, backward pass, clipped gradient, update.

`train` is a generator of events, one for each step and each epoch. It prints, draws and saves
nothing; its caller does, and ends the training early by leaving the loop over the events.

Shape letters: N sequences in a batch, T target tokens, V vocabulary.
"""

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from seq2seq.config import TrainConfig
from seq2seq.data.frames import make_batches
from seq2seq.data.splits import Splits
from seq2seq.data.vocabulary import PAD
from seq2seq.errors import TrainingError
from seq2seq.evaluation.metrics import answers_sliced, evaluate_sliced, token_loss
from seq2seq.models.cells import Dropout
from seq2seq.models.seq2seq import Seq2Seq, make_generator
from seq2seq.tasks import Example
from seq2seq.time_slices import Sliced, finish
from seq2seq.training.events import EpochEnd, Sample, StepEnd
from seq2seq.training.state import TrainingState

SAMPLE_QUANTILES = (0.2, 0.6, 0.95)  # of the lengths: which examples `sample_examples` returns
WARM_UP = 0.03  # fraction of all steps in which the learning rate rises
MIN_RATE = 0.02  # learning rate at the end, as a fraction of the largest


def train(model: Seq2Seq, splits: Splits, config: TrainConfig,
          state: TrainingState | None = None) -> Iterator[StepEnd | EpochEnd | None]:
    """Train `model` in place on `splits.train`. Yields an event after each step and each epoch.

    A None among them ends a time slice of an evaluation (`seq2seq.time_slices`): a server
    trains several models in turns, and an evaluation may take longer than a turn.

    The same model, splits and config give the same losses to the last bit, in any process. A
    `state` that an earlier call has filled continues after its last complete epoch.
    Raises TrainingError when loss or gradient is no longer finite.
    """
    # One thread adds numbers in one order, so sums are reproducible; for small models it is faster.
    torch.set_num_threads(1)
    random = {name: make_generator(config.seed, name)
              for name in ("shuffling", "teacher forcing", "dropout")}
    batches = make_batches(splits, config.batch_size, random["shuffling"])
    set_dropout_generator(model, random["dropout"])
    parameters = list(model.parameters())
    optimizer = make_optimizer(parameters, config)
    state = state or TrainingState()
    state.attach(model, optimizer, random)
    num_steps, step = config.num_epochs * len(batches), state.epoch * len(batches)
    for epoch in range(state.epoch + 1, config.num_epochs + 1):
        loss_sum, num_tokens = 0.0, 0
        for batch in batches.epoch(epoch):
            step += 1
            if not model.training:  # the caller may have decoded an answer since the last event
                model.train()
            set_learning_rate(optimizer, config, step / num_steps)
            log_probs = model(batch.source, batch.source_lengths, batch.target_ids,
                              config.teacher_forcing, random["teacher forcing"])  # (N, T, V)
            if not batch.num_target_tokens:
                continue  # every example of it is left out of training (`data.left_out`)
            loss = token_loss(log_probs, batch.target_ids)
            optimizer.zero_grad()
            smoothed_loss(loss, log_probs, batch.target_ids, config.label_smoothing).backward()
            # g = g * min(1, clip_norm / |g|) (Pascanu et al. 2013, arXiv:1211.5063)
            norm = nn.utils.clip_grad_norm_(parameters, config.clip_norm)
            event = StepEnd(epoch, step, loss.item(), norm.item())
            if not (math.isfinite(event.loss) and math.isfinite(event.grad_norm)):
                raise TrainingError(
                    "Training diverged in epoch {epoch}: the loss was no longer a finite number. "
                    "Lower the learning rate (it was {rate:g}) and train "
                    "again.", epoch=epoch, rate=config.learning_rate)
            optimizer.step()
            loss_sum += event.loss * batch.num_target_tokens
            num_tokens += batch.num_target_tokens
            yield event
        if not num_tokens:
            raise TrainingError("Every example of epoch {epoch} is left out of training: leave "
                                "out less, or train without a curriculum.", epoch=epoch)
        state.epoch = epoch
        found = yield from evaluate_sliced(model, splits)
        samples = yield from sample_answers_sliced(model, splits)
        yield EpochEnd(epoch, loss_sum / num_tokens, found.held_out_loss, found.token_accuracy,
                       found.scores["new"], found.scores, samples)


def smoothed_loss(loss: Tensor, log_probs: Tensor, target_ids: Tensor, epsilon: float) -> Tensor:
    """The loss with label smoothing (Szegedy et al. 2016, arXiv:1512.00567, section 7), in nats.

        (1 - ε) * loss + ε * mean over the V tokens v of -log p(v)

    for a plain `loss` (), `log_probs` (N, T, V) and `target_ids` (N, T). That is the cross-entropy
    with a target distribution that gives ε of the probability to all tokens equally; so the model
    becomes less overconfident. Only the gradient uses it; the loss curve shows the plain loss.
    """
    if epsilon == 0:
        return loss
    uniform = -log_probs.mean(2)[target_ids != PAD].mean()
    return (1 - epsilon) * loss + epsilon * uniform


def make_optimizer(parameters: list[nn.Parameter], config: TrainConfig) -> torch.optim.Optimizer:
    """A new optimizer: SGD, Adam or AdamW.

    Adam (Kingma & Ba 2015, arXiv:1412.6980) averages the gradient over about 10 steps and its
    square over about 100. AdamW (Loshchilov & Hutter 2019, arXiv:1711.05101) adds weight decay.
    """
    if config.optimizer == "sgd":
        return torch.optim.SGD(parameters, lr=config.learning_rate)
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[config.optimizer]
    return kind(parameters, lr=config.learning_rate, betas=(0.9, 0.99), fused=True)


def set_learning_rate(optimizer: torch.optim.Optimizer, config: TrainConfig,
                      progress: float) -> None:
    """Set the learning rate of the step that completes the fraction `progress` of a run."""
    for group in optimizer.param_groups:
        group["lr"] = learning_rate(config, progress)


def learning_rate(config: TrainConfig, progress: float) -> float:
    """The learning rate of the step that completes the fraction `progress` in (0, 1] of a run.

    Cosine schedule (Loshchilov & Hutter 2017, arXiv:1608.03983) with linear warm-up:

        rate * min(1, progress / WARM_UP) * (m + (1 - m) (1 + cos(π progress)) / 2),  m = MIN_RATE
    """
    factor = 1.0
    if config.schedule == "cosine":
        warm_up = min(1.0, progress / WARM_UP)
        factor = warm_up * (MIN_RATE + (1 - MIN_RATE) * (1 + math.cos(math.pi * progress)) / 2)
    return config.learning_rate * factor


def set_dropout_generator(model: Seq2Seq, generator: torch.Generator) -> None:
    """Make all dropout layers draw from `generator`."""
    for module in model.modules():
        if isinstance(module, Dropout):
            module.generator = generator


def sample_examples(splits: Splits) -> tuple[Example, ...]:
    """Three examples, from short to long, that are decoded after every epoch.

    They are held out if any examples are. Their lengths are spread over the whole range, so they
    are about as hard as the test set; short ones alone would be correct long before it is.
    """
    examples = sorted(splits.sets["new"] or splits.memorised, key=lambda e: len(e.source))
    if len(examples) <= len(SAMPLE_QUANTILES):
        return tuple(examples)
    return tuple(examples[int(q * (len(examples) - 1))] for q in SAMPLE_QUANTILES)


def sample_answers(model: Seq2Seq, splits: Splits) -> tuple[Sample, ...]:
    """The model's current answers to `sample_examples`."""
    return finish(sample_answers_sliced(model, splits))


def sample_answers_sliced(model: Seq2Seq, splits: Splits) -> Sliced[tuple[Sample, ...]]:
    """As `sample_answers`, in time slices."""
    found = yield from answers_sliced(model, splits, sample_examples(splits))
    return tuple(Sample(a.example.source, a.example.target, a.tokens, a.finished) for a in found)
