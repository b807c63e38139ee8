"""`evaluate`: the scores of a saved model."""

import argparse

import torch

from seq2seq.cli.files import by_source, load, read_examples
from seq2seq.decoding.beam import check_width
from seq2seq.evaluation.metrics import answers, exact_match, token_error_rate


def evaluate(args: argparse.Namespace) -> None:
    """Print the scores on the pairs of a file, or on the task's three sets."""
    torch.set_num_threads(1)
    width = check_width(args.beam)
    path, experiment = load(args.checkpoint)
    examples = by_source(read_examples(args.pairs, experiment.task)) if args.pairs else []
    how = f"beam of {width}" if width > 1 else "greedy"
    print(f"{path.name}: {experiment.task.name}, {experiment.num_parameters:,} parameters, {how}")
    if not args.pairs:
        for name, part in experiment.splits.sets.items():
            score = exact_match(answers(experiment.model, experiment.splits, part, width))
            print(f"{name:<10} " + ("–" if score is None
                                    else f"{score:6.1%} of {len(part):,} correct"))
        return
    found = answers(experiment.model, experiment.splits, examples, width)
    right, errors = exact_match(found), token_error_rate(found)
    assert right is not None
    assert errors is not None
    # For pronunciations, a sequence is a word and a token a phone.
    sequences, tokens = (("WER", "PER") if experiment.task.name == "spelling"
                   else ("sequence error rate", "token error rate"))
    lines = {"sources": f"{len(found):,}", "exact match": f"{right:.2%}",
             sequences: f"{1 - right:.2%}  (share of sources with a wrong answer)",
             tokens: f"{errors:.2%}  (edits to the nearest correct answer / its length)"}
    width = max(map(len, lines))
    print("\n".join(f"{name:<{width}}  {value}" for name, value in lines.items()))
