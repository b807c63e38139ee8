"""The commands and options of `python -m seq2seq`.

Every setting of a model and of its training is an option, generated from its `Setting`; the configs
check the ranges. Errors print one sentence and exit with code 2.
"""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from seq2seq.cli.best_epoch import MEASURES
from seq2seq.cli.evaluate import evaluate
from seq2seq.cli.grade import grade
from seq2seq.cli.inspect import inspect
from seq2seq.cli.predict import predict
from seq2seq.cli.sweep import sweep
from seq2seq.cli.table import show_tasks
from seq2seq.cli.texts import update_texts
from seq2seq.cli.train import train
from seq2seq.config import ModelConfig, TrainConfig, settings
from seq2seq.decoding.sampling import MAX_DRAWS, MAX_TEMPERATURE, MIN_TEMPERATURE
from seq2seq.errors import Seq2SeqError
from seq2seq.tasks.tables.settings import COLUMNS, FORMS, SEPARATORS
from seq2seq.tasks.tables.tokenisation import NAMES

ALIASES = {"num_epochs": ("--epochs",)}
INTERRUPTED = 128 + signal.SIGINT


TABLE_OPTIONS = {
    "separator": f"between the columns: {', '.join(SEPARATORS)}",
    "columns": f"what each column is, in quotes: {', '.join(COLUMNS)}",
    "source-tokens": f"how sources are split: {', '.join(NAMES)}",
    "target-tokens": f"how targets are split: {', '.join(NAMES)}",
    "lower-case": "yes: change all letters to lower case",
    "normalise": f"Unicode normal form of all letters: {', '.join(FORMS)}",
    "vocabulary-size": "different subwords, at most [1 to 2000]",
    "min-count": "tokens that occur less often in training are read as unknown [from 1]",
}


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one sentence."""

    def error(self, message: str) -> NoReturn:
        """Print the message and exit with code 2."""
        print(f"Invalid command: {message}. See “{self.prog} --help”.", file=sys.stderr)
        raise SystemExit(2)


def add_table_options(parser: argparse.ArgumentParser) -> None:
    """Add the settings of a file of pairs."""
    group = parser.add_argument_group(
        "settings of the file of pairs", "They may also stand in its first lines, for example: "
        "#source-tokens: words. What is not given is chosen by looking at the file.")
    for name, values in TABLE_OPTIONS.items():
        group.add_argument(f"--{name}", metavar="VALUE", help=values)


def add_length_normalisation(parser: argparse.ArgumentParser) -> None:
    """Add the option of beam search that prefers longer answers."""
    parser.add_argument("--length-normalisation", metavar="A", default=0.0, type=number,
                        help="with --beam: divide the log-probability of an answer of n tokens by "
                             "((5 + n) / 6)^A, from 0 (not at all) to 1; 0.6 is usual")


def make_parser() -> argparse.ArgumentParser:
    """A parser of the five commands and their options."""
    parser = Parser(prog="python -m seq2seq", allow_abbrev=False,
                    description="Train, evaluate and use sequence-to-sequence models.")
    commands = parser.add_subparsers(metavar="command", required=True)

    def command(name: str, run: Callable[[argparse.Namespace], None], what: str) -> Parser:
        made: Parser = commands.add_parser(name, help=what, description=what, allow_abbrev=False)
        made.set_defaults(run=run)
        return made

    learn = command("train", train, "Train a model and save it after every epoch.")
    learn.add_argument("task", help="name of a task, such as reverse; an unknown name lists all")
    learn.add_argument("--pairs", metavar="FILE", help="train on the pairs in this file (TSV, CSV "
                       "or “source -> target” lines)")
    learn.add_argument("--held-out", metavar="FILE", help="score the model on the pairs in this "
                       "file; they are not used for training")
    add_table_options(learn)
    learn.add_argument("--out", metavar="FILE", help="model file to write (default: the task's "
                       "name)")
    learn.add_argument("--half", action="store_true", help="save 16-bit weights instead of 32-bit "
                                                           "ones")
    learn.add_argument("--log", metavar="FILE", help="write the training events to this file, as "
                       "JSON")
    learn.add_argument("--resume", action="store_true", help="continue a training that was "
                       "stopped, after its last complete epoch, with the same losses")
    learn.add_argument("--keep-best", metavar="MEASURE", help="keep the model of the best epoch "
                       f"by {' or '.join(MEASURES)}, not that of the last")
    learn.add_argument("--patience", metavar="N", type=number, help="with --keep-best: stop when N "
                       "epochs in a row were not better")
    learn.add_argument("--remark", default="", help="text to store in the model file")
    for kind in (ModelConfig, TrainConfig):
        group = learn.add_argument_group("model settings" if kind is ModelConfig else "training "
                                                                                      "settings")
        for name, what in settings(kind).items():
            names = (f"--{name.replace('_', '-')}", *ALIASES.get(name, ()))
            span = ", ".join(what.choices) or (
                f"{what.low:g} to {what.high:g}" if what.low is not None else "")
            text = f"{what.help} [{span}]" if span else what.help
            options: dict[str, Any] = {"dest": name, "help": text.replace("%", "%%")}
            if what.max_characters:
                group.add_argument(*names, metavar="TEXT", **options)
            elif what.low is None and not what.choices:
                group.add_argument(*names, action=argparse.BooleanOptionalAction, **options)
            else:
                group.add_argument(*names, type=number, metavar="VALUE", **options)

    judge = command("evaluate", evaluate, "Score a saved model.")
    judge.add_argument("checkpoint", help="a saved model, or a task, for its pre-trained "
                     "model")
    judge.add_argument("--pairs", metavar="FILE", help="score the model on this file: source, "
                       "correct answer and, in further columns or lines, other correct answers")
    judge.add_argument("--beam", metavar="N", default=1, type=number,
                       help="beam search of width N instead of greedy decoding")
    add_length_normalisation(judge)
    judge.add_argument("--report", metavar="FILE", help="write the scores, where the model fails "
                       "and its wrong answers to this HTML file")

    ask = command("predict", predict, "Show the answers of a saved model.")
    ask.add_argument("checkpoint", help="a saved model, or a task, for its pre-trained "
                     "model")
    ask.add_argument("text", nargs="*", help="one or more inputs; put quotes around an input with "
                                             "spaces")
    ask.add_argument("--input", metavar="FILE", help="answer each line of this file (- is the "
                     "standard input) with one line: the best answer")
    ask.add_argument("--beam", metavar="N", default=1, type=number,
                     help="show the N best answers and their probabilities")
    add_length_normalisation(ask)
    ask.add_argument("--n-best", metavar="N", type=number, help="with --input: N answers to each "
                     "line, each on a line of its own with tabs between the number of the input "
                     "line, the score and the answer; N is at most the width of the beam")
    drawn = ask.add_argument_group("sampling", "Any of these draws answers at random instead.")
    drawn.add_argument("--temperature", metavar="T", type=number,
                       help=f"from {MIN_TEMPERATURE:g} to {MAX_TEMPERATURE:g}; below 1, probable "
                            "tokens are preferred more (default: 1)")
    drawn.add_argument("--top-k", metavar="K", type=number,
                       help="draw from the K most probable tokens (default: from all)")
    drawn.add_argument("--seed", metavar="N", type=number,
                       help="the same seed draws the same answers (default: 0)")
    drawn.add_argument("--draws", metavar="N", type=number,
                       help=f"number of answers, at most {MAX_DRAWS} (default: 5)")

    show = command("tasks", show_tasks, "Train every task with its own recipe and print the "
                                        "results.")
    show.add_argument("--only", nargs="+", metavar="NAME", default=[],
                      help="tasks to train (default: all)")
    show.add_argument("--seed", metavar="N", type=number,
                      help="seed of the examples and the initial weights (default: that of each "
                           "recipe)")
    show.add_argument("--markdown", action="store_true", help="print a Markdown table")

    look = command("inspect", inspect, "Show what would be read from a file of pairs, without "
                   "training.")
    look.add_argument("file", help="a file as for “train pairs --pairs”")
    look.add_argument("--held-out", metavar="FILE", help="held-out pairs, as for “train”")
    add_table_options(look)

    vary = command("sweep", sweep, "Train a recipe with a few values of one or two settings, and "
                                   "print CSV.")
    vary.add_argument("link", help="recipe link, such as ?task=reverse&num_epochs=5")
    vary.add_argument("--over", metavar="SETTING=VALUES", action="append", required=True,
                      help="a setting and its values, such as hidden_size=8,32; once or twice")

    mark = command("grade", grade, "Train the recipe links of a class again, with another seed, "
                   "and print the results as CSV.")
    mark.add_argument("file", help="one learner a line: a name and a recipe link, with a tab "
                      "between them")
    mark.add_argument("--seed", metavar="N", type=number, default=1, help="seed of the examples "
                      "and the initial weights, instead of those in the links (default: 1)")
    mark.add_argument("--goal", metavar="GOAL", help="conditions that a model must meet, such as "
                      "“new>=0.95,parameters<=5000”")

    translate = command("texts", update_texts, "Write all texts of the page to a translation "
                        "file; existing translations are kept.")
    translate.add_argument("language", help="language code, such as de, fr or pt_BR")
    return parser


def number(text: str) -> int | float | str:
    """A text as int or float if possible. The configs check the value later."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return the exit code."""
    try:
        args = make_parser().parse_args(arguments)
        args.run(args)
        sys.stdout.flush()
    except Seq2SeqError as problem:
        print(problem, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of the output has closed it, for example `head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
