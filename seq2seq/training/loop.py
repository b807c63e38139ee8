"""The training loop: the file a student reads first.

`train` is a generator. It yields what happened (a step, an epoch) and otherwise knows nobody:
no page, no file, no progress bar. Whoever iterates over it decides what to do with the events,
and stops it by no longer asking. A `None` among them says that a part of an evaluation is done.
"""

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from seq2seq.config import TrainConfig
from seq2seq.data.frames import make_batches
from seq2seq.data.splits import Splits
from seq2seq.data.vocabulary import PAD
from seq2seq.decoding.greedy import Parts, finish
from seq2seq.errors import TrainingError
from seq2seq.evaluation.metrics import answers_parts, evaluate_parts, token_loss
from seq2seq.models.cells import Dropout
from seq2seq.models.seq2seq import Seq2Seq, make_generator
from seq2seq.tasks import Example
from seq2seq.training.events import EpochEnd, Sample, StepEnd
from seq2seq.training.state import Progress

# Rows that are answered again after every epoch, always the same: where their lengths lie among
# those of the scored examples.
SAMPLE_QUANTILES = (0.2, 0.6, 0.95)
WARM_UP = 0.03  # share of all steps in which the learning rate rises
FLOOR = 0.02  # what is left of the learning rate at the end


def train(model: Seq2Seq, splits: Splits, config: TrainConfig,
          progress: Progress | None = None) -> Iterator[StepEnd | EpochEnd | None]:
    """Train `model` in place on `splits.train`, yielding an event for each step and epoch.

    The same model, splits and config give the same losses to the last bit, in any process:
    random choices come from generators seeded by `config.seed`, and sums are made by one thread,
    in one order. TrainingError when the loss is no longer a finite number.

    With the `progress` that an earlier call has made, after the epoch where that one stood still.
    """
    # More threads would add up in another order; for models this small they are slower, too.
    torch.set_num_threads(1)
    random = {name: make_generator(config.seed, name)
              for name in ("shuffling", "teacher forcing", "dropout")}
    batches = make_batches(splits, config.batch_size, random["shuffling"])
    set_dropout_generator(model, random["dropout"])
    parameters = list(model.parameters())
    optimizer = make_optimizer(parameters, config)
    progress = progress or Progress()
    progress.restore(model, optimizer, random)
    num_steps, step = config.num_epochs * len(batches), progress.epoch * len(batches)
    for epoch in range(progress.epoch + 1, config.num_epochs + 1):
        loss_sum, num_tokens = 0.0, 0
        for batch in batches.epoch(epoch):
            step += 1
            if not model.training:  # whoever looks in between may have asked it for an answer
                model.train()
            set_learning_rate(optimizer, config, step / num_steps)
            log_probs = model(batch.source, batch.source_lengths, batch.target_ids,
                              config.teacher_forcing, random["teacher forcing"])
            loss = token_loss(log_probs, batch.target_ids)
            optimizer.zero_grad()
            smoothed(loss, log_probs, batch.target_ids, config.label_smoothing).backward()
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
        progress.epoch = epoch
        marks = yield from evaluate_parts(model, splits)
        samples = yield from sample_parts(model, splits)
        yield EpochEnd(epoch, loss_sum / num_tokens, marks.held_out_loss, marks.token_accuracy,
                       marks.scores["new"], marks.scores, samples)


def smoothed(loss: Tensor, log_probs: Tensor, target_ids: Tensor, share: float) -> Tensor:
    """What the gradient follows: `share` of it asks for every token alike (Szegedy et al. 2016).

    It keeps a model from growing too sure, and is not what is shown: that is the plain loss.
    """
    if share == 0:
        return loss
    every_token = -log_probs.mean(2)[target_ids != PAD].mean()
    return (1 - share) * loss + share * every_token


def make_optimizer(parameters: list[nn.Parameter], config: TrainConfig) -> torch.optim.Optimizer:
    """SGD, Adam (Kingma & Ba 2015) or AdamW (Loshchilov & Hutter 2019), in their fused form."""
    if config.optimizer == "sgd":
        return torch.optim.SGD(parameters, lr=config.learning_rate)
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[config.optimizer]
    return kind(parameters, lr=config.learning_rate, betas=(0.9, 0.99), fused=True)


def set_learning_rate(optimizer: torch.optim.Optimizer, config: TrainConfig,
                      progress: float) -> None:
    """Set the rate for a step, where `progress` in (0, 1] is how much of the run it completes."""
    factor = 1.0
    if config.schedule == "cosine":
        rise = min(1.0, progress / WARM_UP)
        fall = FLOOR + (1 - FLOOR) * (1 + math.cos(math.pi * progress)) / 2
        factor = rise * fall
    for group in optimizer.param_groups:
        group["lr"] = config.learning_rate * factor


def set_dropout_generator(model: Seq2Seq, generator: torch.Generator) -> None:
    """Let every dropout layer draw from `generator`."""
    for module in model.modules():
        if isinstance(module, Dropout):
            module.generator = generator


def sample_examples(splits: Splits) -> tuple[Example, ...]:
    """The fixed rows: held-out examples where there are any, from short to long.

    Their lengths are spread over the range, so the rows are about as hard as the set that is
    scored; short ones alone would turn right long before it does.
    """
    rows = sorted(splits.sets["new"] or splits.memorised, key=lambda e: len(e.source))
    if len(rows) <= len(SAMPLE_QUANTILES):
        return tuple(rows)
    return tuple(rows[int(share * (len(rows) - 1))] for share in SAMPLE_QUANTILES)


def sample_rows(model: Seq2Seq, splits: Splits) -> tuple[Sample, ...]:
    """The fixed rows with the model's present answers."""
    return finish(sample_parts(model, splits))


def sample_parts(model: Seq2Seq, splits: Splits) -> Parts[tuple[Sample, ...]]:
    """As `sample_rows`, in parts."""
    found = yield from answers_parts(model, splits, sample_examples(splits))
    return tuple(Sample(a.example.source, a.example.target, a.tokens, a.finished) for a in found)
