"""`evaluate`: the scores of a saved model."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from seq2seq.cli.files import by_source, load, read_examples
from seq2seq.decoding.beam import check_alpha, check_width
from seq2seq.errors import InputError, shorten
from seq2seq.evaluation.measures import Measure, measures
from seq2seq.evaluation.metrics import Answer, answers, exact_match
from seq2seq.reports.error_analysis import error_analysis
from seq2seq.reports.html_page import HtmlPage
from seq2seq.tasks import Example


def evaluate(args: argparse.Namespace) -> None:
    """Print the scores on the pairs of a file, or on the task's three sets."""
    torch.set_num_threads(1)
    width, alpha = check_width(args.beam), check_alpha(args.length_normalisation)
    path, experiment = load(args.checkpoint)
    how = f"beam of {width}" if width > 1 else "greedy"
    how += f", length normalisation {alpha:g}" if width > 1 and alpha else ""
    print(f"{path.name}: {experiment.task.name}, {experiment.num_parameters:,} parameters, {how}")

    def answered(examples: Sequence[Example]) -> list[Answer]:
        return answers(experiment.model, experiment.splits, examples, width, alpha)

    if args.pairs:
        found = answered(by_source(read_examples(args.pairs, experiment.task)))
        by_set = {Path(args.pairs).name: found}
    else:
        sets: dict[str, Sequence[Example]] = {**experiment.splits.sets}
        if experiment.task.is_table:  # all held-out sources, not only 200
            sets |= {"new": experiment.splits.new, "longer": experiment.splits.longer}
        by_set = {name: answered(examples) for name, examples in sets.items()}
        for name, part in by_set.items():
            score = exact_match(part)
            print(f"{name:<10} " + ("–" if score is None
                                    else f"{score:6.1%} of {len(part):,} correct"))
        name = "new" if by_set["new"] else "longer"
        found = by_set[name]
        print(f"\nThe set {name}:")
    print("\n".join(lines_of(measures(found, experiment.task), experiment.task.name, len(found))))
    if args.report:
        write_report(Path(args.report), error_analysis(
            path.name, f"{experiment.task.name}, {experiment.num_parameters:,} parameters, {how}",
            by_set, experiment.task))


def write_report(path: Path, page: HtmlPage) -> None:
    """Write a report to a file. InputError if it cannot be written."""
    try:
        page.save(path)
    except OSError as problem:
        raise InputError(f"The report {shorten(str(path), 200)} cannot be written "
                         f"({problem.strerror}): choose another file.") from None
    print(f"Report: {path} ({len(page.html) / 1000:,.0f} kB)")


def lines_of(found: list[Measure], task: str, num_sources: int) -> list[str]:
    """A line for each measure: its value, its 95 % confidence interval and its settings."""
    names = {m.name: m.name.replace("_", " ") for m in found}
    names |= {"bleu": "BLEU", "chrf": "chrF"}
    error_rate = "sequence error rate"
    if task == "spelling":  # a sequence is a word and a token a phoneme
        names["token_error_rate"], error_rate = "PER", "WER"
    rows = [(names[m.name], m) for m in found]
    if found:
        exact = found[0]
        rows.insert(1, (error_rate, replace(exact, value=100 - exact.value, low=100 - exact.high,
                                            high=100 - exact.low)))
    wide = max((len(name) for name, _ in rows), default=0)
    return [f"{'sources':<{wide}}  {num_sources:,}", *(
        f"{name:<{wide}}  {m.value:6.2f}  (95 % interval {m.low:.2f} to {m.high:.2f})"
        f"  {m.signature}".rstrip() for name, m in rows)]
