"""The field's measures for a list of answers, each with a 95 % confidence interval.

* exact match: the share of sources whose answer equals a correct one;
* token error rate: edits to the nearest correct answer, divided by its length; character error
  rate: the same on the characters of the written text;
* BLEU (Papineni et al. 2002, doi:10.3115/1073083.1073135), chrF (Popović 2015,
  doi:10.18653/v1/W15-3049) and translation edit rate (Snover et al. 2006), computed by sacrebleu
  (Post 2018, arXiv:1804.08771) on the written text, with its signature.

The interval of exact match is Wilson's (1927), which has a width even if all answers are correct.
The others come from bootstrap resampling of the sources (Koehn 2004). They say how much a figure
would vary with other sources of the same kind, not with another seed of the training.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from seq2seq.evaluation.metrics import Answer, fewest_edits
from seq2seq.i18n import LazyText
from seq2seq.tasks import Task

NUM_RESAMPLES, SEED = 1000, 12345  # as in sacrebleu
COVERED = 0.95  # by an interval
CORPUS_MEASURES = ("bleu", "chrf", "translation_edit_rate")


class Title(NamedTuple):
    """The name of a measure, and what it counts."""

    title: LazyText
    gloss: LazyText


TITLES = {
    "exact_match": Title(LazyText("Exact match"),
                         LazyText("percentage of sources with a fully correct answer")),
    "token_error_rate": Title(
        LazyText("Token error rate"),
        LazyText("edits to the nearest correct answer, per 100 tokens of that answer")),
    "character_error_rate": Title(LazyText("Character error rate"),
                                  LazyText("the same edits, counted in characters")),
    "bleu": Title(LazyText("BLEU"),
                  LazyText("agreement with the correct answers in sequences of 1 to 4 words")),
    "chrf": Title(LazyText("chrF"),
                  LazyText("agreement with the correct answers in sequences of 1 to 6 characters")),
    "translation_edit_rate": Title(
        LazyText("Translation edit rate"),
        LazyText("edits per 100 words; moving several words together counts as one edit"))}
MORE_IS_BETTER = {"exact_match", "bleu", "chrf"}


@dataclass(frozen=True)
class Measure:
    """One figure in percent: `low` and `high` bound its confidence interval.

    BLEU and chrF are from 0 to 100, and more is better. For the error rates less is better; those
    that count edits may exceed 100.
    """

    name: str
    value: float
    low: float
    high: float
    signature: str = ""  # sacrebleu's: the settings that make two figures comparable


def measures(found: Sequence[Answer], task: Task) -> list[Measure]:
    """All measures that suit `task`; [] without answers."""
    return token_measures(found) + (
        text_measures(found, task.format_target) if task.writes_text else [])


def token_measures(found: Sequence[Answer]) -> list[Measure]:
    """Exact match and token error rate; [] without answers."""
    if not found:
        return []
    num_correct = sum(answer.is_correct for answer in found)
    low, high = wilson_interval(num_correct, len(found))
    return [Measure("exact_match", 100 * num_correct / len(found), 100 * low, 100 * high),
            _ratio("token_error_rate", [answer.edits_to_nearest() for answer in found])]


def wilson_interval(num_correct: int, num: int) -> tuple[float, float]:
    """A 95 % confidence interval of the fraction `num_correct / num` (Wilson 1927)."""
    from scipy.stats import binomtest  # here, since SciPy takes long to import
    low, high = binomtest(num_correct, num).proportion_ci(COVERED, "wilson")
    return float(low), float(high)


def text_measures(found: Sequence[Answer],
                  write: Callable[[tuple[str, ...]], str]) -> list[Measure]:
    """Character error rate, BLEU, chrF and translation edit rate; [] without answers.

    `write` turns the tokens of an answer into text in ordinary spelling (`Task.format_target`).
    """
    if not found:
        return []
    written = [write(answer.tokens) for answer in found]
    correct = [[write(target) for target in (a.example.target, *a.example.others)] for a in found]
    edits = [fewest_edits(text, targets) for text, targets in zip(written, correct, strict=True)]
    # BLEU counts sequences of four words: it is undefined where no answer has as many.
    short = all(len(text.split()) < 4 for targets in correct for text in targets)
    return [_ratio("character_error_rate", edits),
            *(_corpus_measure(name, written, correct) for name in CORPUS_MEASURES
              if not (short and name == "bleu"))]


def _corpus_measure(name: str, written: list[str], correct: list[list[str]]) -> Measure:
    # Imported here: it would take each process a part of a second at its start.
    from sacrebleu.metrics import BLEU, CHRF, TER
    # Without `force`, sacrebleu warns of sentences that end in a separate period.
    metric = (BLEU(force=True) if name == "bleu" else CHRF() if name == "chrf" else TER())
    most = max(map(len, correct))
    # sacrebleu reads one list for each place of a reference; None where a source has fewer.
    references: list[Any] = [[targets[i] if i < len(targets) else None for targets in correct]
                             for i in range(most)]
    score = metric.corpus_score(written, references, n_bootstrap=NUM_RESAMPLES)
    told = json.loads(score.format(signature=str(metric.get_signature()), is_json=True))
    # Half the interval's width; both are left out where all resamples have the score 0.
    mean, half = told.get("confidence_mean", score.score), told.get("confidence_var", 0.0)
    return Measure(name, score.score, max(0.0, mean - half), mean + half, told["signature"])


def _ratio(name: str, parts: Sequence[tuple[int, int]]) -> Measure:
    # Sum of the first numbers / sum of the second, in percent.
    counts = np.array(parts, dtype=float)
    rng = np.random.default_rng(SEED)
    sums = np.array([counts[rng.integers(len(counts), size=len(counts))].sum(0)
                     for _ in range(NUM_RESAMPLES)])
    rates = 100 * sums[:, 0] / np.maximum(sums[:, 1], 1)
    low, high = np.quantile(rates, ((1 - COVERED) / 2, (1 + COVERED) / 2))
    over, under = counts.sum(0)
    return Measure(name, float(100 * over / max(under, 1)), float(low), float(high))
