"""`predict`: the answers of a saved model to sequences on the command line."""

import argparse
import math

import torch

from seq2seq.cli.files import load
from seq2seq.decoding.beam import Hypothesis, check_width
from seq2seq.decoding.sampling import Sample, check_sampling
from seq2seq.errors import ConfigError
from seq2seq.experiment import Experiment
from seq2seq.tasks import Tokens

SAMPLING = {"num": "draws", "temperature": "temperature", "top_k": "top_k", "seed": "seed"}


def predict(args: argparse.Namespace) -> None:
    """Print answers to each text with their probabilities, and the correct ones.

    The answers are the best ones, or with a sampling option, drawn at random.
    """
    torch.set_num_threads(1)
    width = check_width(args.beam)
    given = {name: getattr(args, option) for name, option in SAMPLING.items()
             if getattr(args, option) is not None}
    if given and width > 1:
        raise ConfigError("Beam search and sampling are two ways to decode: leave out --beam, or "
                          "leave out --temperature, --top-k, --seed and --draws.")
    chosen = {"num": 5, "temperature": 1.0, "top_k": None, "seed": 0} | given
    check_sampling(**chosen)
    _, experiment = load(args.checkpoint)
    if given:
        top_k = chosen["top_k"] or "all tokens"
        print(f"{chosen['num']} draws: temperature {chosen['temperature']}, top-k {top_k}, seed "
              f"{chosen['seed']}; with the model's own probability of each answer")
    for text in args.text:
        found: list[Sample] | tuple[Hypothesis, ...] = (
            experiment.sample(text, **chosen) if given else experiment.beam(text, width).best)
        print_answers(experiment, experiment.task.parse(text), found)


def print_answers(experiment: Experiment, tokens: Tokens,
                  found: list[Sample] | tuple[Hypothesis, ...]) -> None:
    """Print the answers to a source, and the correct ones where they are known."""
    task = experiment.task
    right = task.solutions(tokens)
    print(task.format(tokens))
    vocabulary = experiment.splits.source_vocabulary
    unread = [] if task.frame_size else [t for t in tokens if t not in vocabulary]
    if unread:
        print(f"  not in the vocabulary, read as unknown: {', '.join(dict.fromkeys(unread))}")
    for answer in found:
        mark = " ✓" if answer.finished and answer.tokens in right else ""
        end = "" if answer.finished else " … (cut off: no end token)"
        print(f"  {math.exp(answer.log_prob):7.2%}  "
              f"{task.format_target(answer.tokens)}{end}{mark}")
    if right:
        print("  correct:  " + "  or  ".join(map(task.format_target, right)))
