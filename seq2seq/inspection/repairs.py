"""Which single changes repair a wrong answer.

Each trial changes one thing and decodes again: the attention at the first wrong step, the token
that this step writes, the search, the weights, or one input token. A trial *repairs* the answer if
the new answer is correct. That does not show that the changed thing caused the error.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from seq2seq.data.splits import Splits
from seq2seq.data.vocabulary import EOS, SOS, SPECIALS
from seq2seq.decoding.beam import ALPHA, beam_search, repeat_source
from seq2seq.decoding.greedy import Prediction
from seq2seq.errors import InputError
from seq2seq.evaluation.metrics import answers, max_steps
from seq2seq.models.encoder import Encoded
from seq2seq.models.seq2seq import Seq2Seq
from seq2seq.tasks import Example, Task, Tokens

KINDS = ("attention", "token", "beam", "epoch", "input")
BEAMS = ((2, 0.0), (3, 0.0), (5, 0.0), (8, 0.0), (5, ALPHA))  # width, length normalisation
MAX_CHANGES = 150  # changed inputs that are tried
END = SPECIALS[EOS]


@dataclass(frozen=True)
class Trial:
    """The answer after one change. Positions and steps are counted from 0."""

    kind: str  # one of `KINDS`
    tokens: Tokens  # the answer, without the end token
    finished: bool  # whether it has an end token
    is_correct: bool
    repairs_step: bool = False  # whether the first wrong token is now the expected one
    position: int | None = None  # attention, input: the input position
    token: str | None = None  # token: the forced one; input: the new one, None if it was removed
    width: int | None = None  # beam
    alpha: float = 0.0  # beam: length normalisation
    epoch: float | None = None  # epoch
    source: Tokens = ()  # input: the changed input


@dataclass(frozen=True)
class Repairs:
    """All trials for one answer; none if the answer is correct or no correct one is known."""

    prediction: Prediction
    target: Tokens | None  # the correct answer that shares the longest beginning with the answer
    step: int | None = None  # the first wrong one
    expected_prob: float = math.nan  # of the expected token at this step, from 0 to 1
    rank: int = 0  # of the expected token among all tokens, from 1
    trials: tuple[Trial, ...] = field(default=(), repr=False)

    @property
    def expected(self) -> str | None:
        """The token that the target has at `step`; None without a wrong step."""
        if self.step is None or self.target is None:
            return None
        return (*self.target, END)[self.step]

    @property
    def written(self) -> str | None:
        """The token that the model wrote at `step`."""
        return None if self.step is None else self.prediction.steps[self.step].token

    def of(self, kind: str) -> list[Trial]:
        """The trials of one kind."""
        return [trial for trial in self.trials if trial.kind == kind]

    @property
    def successful(self) -> list[Trial]:
        """The trials that repair the answer."""
        return [trial for trial in self.trials if trial.is_correct]


def find_repairs(model: Seq2Seq, splits: Splits, prediction: Prediction,
                 by_epoch: Mapping[float, Prediction] | None = None) -> Repairs:
    """Try all changes on an answer of `model`; `by_epoch` holds the answers of other snapshots."""
    task, source = splits.task, prediction.source
    solutions = task.solutions(source)
    if not solutions or prediction.is_correct:
        return Repairs(prediction, prediction.target)
    written = tuple(step.token for step in prediction.steps)
    target = max(solutions, key=lambda one: _common((*one, END), written))
    step = _common((*target, END), written)
    if step == len(written):  # the answer was cut off before the first wrong token
        return Repairs(prediction, target)
    expected, limit = (*target, END)[step], max_steps(splits, len(source))
    encoded, state, log_probs = _before(model, splits, prediction, step)
    known = expected == END or expected in splits.target_vocabulary
    token = splits.target_vocabulary.id_of(expected)

    last = torch.tensor([SOS if step == 0 else splits.target_vocabulary.id_of(written[step - 1])])
    rows: list[tuple[str, list[int], int | None]] = []  # kind, ids from `step` on, input position
    if prediction.attention is not None:
        looks = torch.eye(prediction.attention.shape[1])
        rows += [("attention", row, i) for i, row in enumerate(
            _continue(model, encoded, state, last, limit - step, weights=looks))]
    if known:
        rows += [("token", row, None) for row in
                 _continue(model, encoded, state, last, limit - step, first=token)]
    trials: list[Trial] = []
    for kind, row, position in rows:
        finished = row[-1] == EOS
        tokens = prediction.tokens[:step] + splits.target_vocabulary.decode(
            row[:-1] if finished else row)
        trials.append(Trial(kind, tokens, finished, finished and tokens in solutions,
                            splits.target_vocabulary.decode(row[:1])[0] == expected, position,
                            expected if kind == "token" else None))
    for width, alpha in BEAMS:
        p = beam_search(model, splits, source, limit, width, alpha).best[0]
        trials.append(Trial("beam", p.tokens, p.finished, p.finished and p.tokens in solutions,
                            width=width, alpha=alpha))
    for epoch, q in sorted((by_epoch or {}).items()):
        trials.append(Trial("epoch", q.tokens, q.finished, q.finished and q.tokens in solutions,
                            epoch=epoch))
    trials += _changed_inputs(model, splits, source)
    return Repairs(prediction, target, step, float(log_probs[token].exp()) if known else 0.0,
                   1 + int((log_probs > log_probs[token]).sum()) if known else 0, tuple(trials))


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """The length of the common beginning."""
    length = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        length += 1
    return length


@torch.no_grad()
def _before(model: Seq2Seq, splits: Splits, prediction: Prediction,
            step: int) -> tuple[Encoded, Tensor, Tensor]:
    """The encoded input, the state before `step`, and the log-probabilities (V,) at `step`."""
    model.eval()
    ids = splits.encode(prediction.source)
    encoded = model.encode(ids, torch.tensor([ids.size(1)]))
    state = before = encoded.state
    log_probs = torch.empty(0)
    for one in prediction.steps[: step + 1]:
        before = state
        token = torch.tensor([splits.target_vocabulary.id_of(one.read)])
        log_probs, state, _ = model.step(token, state, encoded)
    return encoded, before, log_probs[0]


@torch.no_grad()
def _continue(model: Seq2Seq, source: Encoded, state: Tensor, last: Tensor, limit: int,
              weights: Tensor | None = None, first: int | None = None) -> list[list[int]]:
    """Greedy continuations of at most `limit` ids, up to and including EOS.

    One for each row of `weights` (R, S), which the first step uses as attention weights, or one
    that begins with the id `first`.
    """
    rows = 1 if weights is None else len(weights)
    source = repeat_source(source, rows)
    state, token = state.repeat_interleave(rows, dim=1), last.repeat(rows)
    ended, found = torch.zeros(rows, dtype=torch.bool), list[Tensor]()
    while len(found) < limit and not bool(ended.all()):
        log_probs, state, _ = model.step(token, state, source, weights)
        token, weights = log_probs.argmax(1), None
        if first is not None:
            token, first = torch.tensor([first]), None
        found.append(token)
        ended |= token == EOS
    return [row[: row.index(EOS) + 1] if EOS in row else row
            for row in torch.stack(found, dim=1).tolist()]


def _changed_inputs(model: Seq2Seq, splits: Splits, source: Tokens) -> list[Trial]:
    """One input token removed or replaced, wherever the correct answer to the result is known."""
    task = splits.task
    if task.frame_size:
        return []
    changes: dict[Tokens, tuple[int, str | None]] = {}
    examples: list[Example] = []
    for position, token in _changes(source, splits.source_vocabulary.symbols):
        put = () if token is None else (token,)
        changed = (*source[:position], *put, *source[position + 1 :])
        if changed in changes or changed == source or not _is_input(task, changed):
            continue
        changes[changed] = position, token
        right = task.solutions(changed)
        if right:
            examples.append(Example(changed, right[0], right[1:]))
    return [Trial("input", answer.tokens, answer.finished, answer.is_correct,
                  position=changes[example.source][0], token=changes[example.source][1],
                  source=example.source)
            for example, answer in zip(examples, answers(model, splits, examples), strict=True)]


def _changes(source: Tokens, symbols: Tokens) -> list[tuple[int, str | None]]:
    """Every removal, then at each position as many new tokens as `MAX_CHANGES` allows."""
    num = max(1, MAX_CHANGES // len(source) - 1)
    found: list[tuple[int, str | None]] = [(i, None) for i in range(len(source))]
    for i, old in enumerate(source):
        others = [symbol for symbol in symbols if symbol != old]
        apart = max(1, len(others) / num)
        found += [(i, others[int(k * apart)]) for k in range(min(num, len(others)))]
    return found


def _is_input(task: Task, tokens: Tokens) -> bool:
    """Whether the task accepts these tokens as they are."""
    try:
        return bool(tokens) and task.parse(task.format(tokens)) == tokens
    except InputError:
        return False
