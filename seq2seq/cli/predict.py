"""`predict`: the answers of a saved model to sequences on the command line."""

import argparse
import io
import math
import sys
from collections.abc import Iterable, Iterator
from itertools import islice

import torch

from seq2seq.cli.files import load, read_text
from seq2seq.decoding.beam import Hypothesis, check_alpha, check_width
from seq2seq.decoding.sampling import Sample, check_sampling
from seq2seq.errors import ConfigError, InputError
from seq2seq.evaluation.metrics import answers
from seq2seq.experiment import Experiment
from seq2seq.tasks import Example, Task, Tokens

LINES_AT_ONCE = 1000  # of a file, so that the first answers appear soon
SAMPLING = {"num": "draws", "temperature": "temperature", "top_k": "top_k", "seed": "seed"}


def predict(args: argparse.Namespace) -> None:
    """Print answers to each text with their probabilities, and the correct ones.

    The answers are the best ones, or with a sampling option, drawn at random.
    """
    torch.set_num_threads(1)
    width, alpha = check_width(args.beam), check_alpha(args.length_normalisation)
    num_best = args.n_best
    if num_best is not None and (not isinstance(num_best, int) or not 1 <= num_best <= width):
        raise ConfigError(f"--n-best is {num_best}: it must be a whole number from 1 to the width "
                          f"of the beam, which is {width}.")
    if num_best is not None and not args.input:
        raise ConfigError("--n-best is for the lines of --input: --beam alone shows the best "
                          "answers to a text.")
    given = {name: getattr(args, option) for name, option in SAMPLING.items()
             if getattr(args, option) is not None}
    if given and width > 1:
        raise ConfigError("Beam search and sampling are two ways to decode: leave out --beam, or "
                          "leave out --temperature, --top-k, --seed and --draws.")
    chosen = {"num": 5, "temperature": 1.0, "top_k": None, "seed": 0} | given
    check_sampling(**chosen)
    if bool(args.input) == bool(args.text):
        raise ConfigError("Give texts to answer, or a file with --input: one of the two.")
    if args.input and given:
        raise ConfigError("--input writes the best answers: leave out --temperature, --top-k, "
                          "--seed and --draws.")
    _, experiment = load(args.checkpoint)
    if args.input:
        lines = sys.stdin if args.input == "-" else io.StringIO(read_text(args.input))
        if num_best is None:
            answer_lines(experiment, lines, width, alpha)
        else:
            n_best_lines(experiment, lines, width, alpha, num_best)
        return
    if given:
        top_k = chosen["top_k"] or "all tokens"
        print(f"{chosen['num']} draws: temperature {chosen['temperature']}, top-k {top_k}, seed "
              f"{chosen['seed']}; with the model's own probability of each answer")
    for text in args.text:
        found: list[Sample] | tuple[Hypothesis, ...] = (
            experiment.sample(text, **chosen) if given
            else experiment.beam(text, width, alpha).best)
        print_answers(experiment, experiment.task.parse(text), found)


def answer_lines(experiment: Experiment, lines: Iterable[str], width: int,
                 alpha: float = 0.0) -> None:
    """Print the best answer to each line, in ordinary spelling, in the same order.

    A line that the task cannot read gets an empty line, and a sentence on the standard error.
    """
    task, num_wrong = experiment.task, 0
    for part in batched(enumerate(lines, 1), LINES_AT_ONCE):
        examples = [example_of(task, number, line) for number, line in part]
        read = [example for example in examples if example]
        num_wrong += len(examples) - len(read)
        found = iter(answers(experiment.model, experiment.splits, read, width, alpha))
        for example in examples:
            print(task.format_target(next(found).tokens) if example else "")
    if num_wrong:
        print(f"Lines without an answer: {num_wrong:,}.", file=sys.stderr)


def n_best_lines(experiment: Experiment, lines: Iterable[str], width: int, alpha: float,
                 num_best: int) -> None:
    """Print the best answers to each line: its number, the score and the answer, with tabs.

    The score is the log-probability in nats, divided by the length penalty. A line that the task
    cannot read has no answers, and a sentence on the standard error.
    """
    for number, line in enumerate(lines, 1):
        if example_of(experiment.task, number, line):
            for found in experiment.beam(line.rstrip("\r\n"), width, alpha).best[:num_best]:
                print(f"{number}\t{found.score:.4f}\t"
                      f"{experiment.task.format_target(found.tokens)}")


def example_of(task: Task, number: int, line: str) -> Example | None:
    """A line as an example; None, with a message on the standard error, if it cannot be read."""
    try:
        return Example(task.parse(line.rstrip("\r\n")), ())
    except InputError as problem:
        print(f"Line {number:,}: {problem}", file=sys.stderr)
        return None


def batched(items: Iterable[tuple[int, str]], size: int) -> Iterator[list[tuple[int, str]]]:
    """`items` in lists of at most `size`."""
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part


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
    if why := task.why_unsolved(tokens):
        print(f"  {why}")
    if right:
        print("  correct:  " + "  or  ".join(map(task.format_target, right)))
