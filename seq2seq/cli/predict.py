"""`predict`: the answers of a saved model to sequences on the command line."""

import argparse
import math

import torch

from seq2seq.cli.files import load
from seq2seq.decoding.beam import check_width


def predict(args: argparse.Namespace) -> None:
    """Print the best answers to each text with their probabilities, and the correct ones."""
    torch.set_num_threads(1)
    width = check_width(args.beam)
    _, experiment = load(args.checkpoint)
    task = experiment.task
    for text in args.text:
        best = experiment.beam(text, width).best
        tokens = task.parse(text)
        right = task.solutions(tokens)
        print(task.format(tokens))
        for answer in best:
            mark = " ✓" if answer.finished and answer.tokens in right else ""
            end = "" if answer.finished else " … (cut off: no end token)"
            print(f"  {math.exp(answer.log_prob):7.2%}  "
                  f"{task.format_target(answer.tokens)}{end}{mark}")
        if right:
            print("  correct:  " + "  or  ".join(map(task.format_target, right)))
