"""`train`: train a model and save it after every epoch, and when it is stopped."""

import argparse
import os
import shlex
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any

from tqdm import tqdm

from seq2seq.cli.bars import progress_bars
from seq2seq.cli.best_epoch import BestEpoch
from seq2seq.cli.files import by_source, read_examples, read_table, table_settings
from seq2seq.cli.resuming import Resuming
from seq2seq.config import ModelConfig, TrainConfig, settings
from seq2seq.data.splits import splits_of, unknown_shares
from seq2seq.errors import CheckpointError, ConfigError
from seq2seq.experiment import Experiment
from seq2seq.files.checkpoint import read_provenance, with_suffix
from seq2seq.files.event_log import EventLog
from seq2seq.files.provenance import OWN_DATA, Provenance, describe_file
from seq2seq.recipe import Recipe
from seq2seq.tasks import PairsTask, get_task
from seq2seq.tasks.tables.recipe import proposed_recipe
from seq2seq.tasks.tables.report import report
from seq2seq.tasks.tables.settings import READERS
from seq2seq.training.events import EpochEnd, Started, StepEnd
from seq2seq.training.loop import sample_answers
from seq2seq.training.state import TrainingState


def train(args: argparse.Namespace) -> None:
    """Train the model that the arguments describe."""
    out = check_out(args.out or args.task)
    with progress_bars():
        experiment, data = make_experiment(args)
    config = experiment.recipe.train
    provenance = Provenance(date.today().isoformat(), command_of(args), data, 0.0, {},
                            args.remark)
    print(f"{args.task}: {experiment.num_parameters:,} parameters, "
          f"{len(experiment.splits.train):,} examples, {len(experiment.splits.new):,} held out")
    best = BestEpoch(args.keep_best or "", args.patience or 0)
    if best.measure and not experiment.splits.new:
        raise ConfigError("--keep-best needs held-out examples, and there are none: give a file "
                          "with --held-out.")
    resuming = Resuming(out, experiment.recipe, data)
    if args.resume:
        state, earlier = resuming.read(best), read_provenance(out)
    else:
        state, earlier = TrainingState(), None
        resuming.delete()
    before = earlier.cpu_seconds if earlier else 0.0
    start, at, ended = time.process_time(), (0, 0), 0

    def save(remark: str = "") -> Provenance:
        nonlocal provenance
        seconds = before + time.process_time() - start
        provenance = replace(provenance, cpu_seconds=round(seconds, 1),
                             remark=" ".join(filter(None, (args.remark, remark))))
        experiment.save(out, provenance, args.half)
        return provenance

    steps_per_epoch = -(-len(experiment.splits.slots) // config.batch_size)
    steps = config.num_epochs * steps_per_epoch
    log = EventLog(Started(config.num_epochs, steps_per_epoch, experiment.num_parameters,
                           bool(experiment.splits.new),
                           sample_answers(experiment.model, experiment.splits)))
    with asked_to_stop() as signals, tqdm(total=steps, unit="step", disable=None) as bar:
        for event in experiment.fit(state=state):
            log.add(event)
            if isinstance(event, StepEnd):
                at = event.epoch, event.step
                bar.update()
                bar.set_postfix(loss=f"{event.loss:.3f}", refresh=False)
            else:
                ended = event.epoch
                if best.improves(event):
                    provenance = replace(provenance, scores=event.scores)
                    is_last = ended == config.num_epochs
                    save("" if is_last else f"Epoch {ended} of {config.num_epochs}.")
                resuming.write(state, best)
                bar.write(line_of(event, config, before + time.process_time() - start))
            if (signals and ended < config.num_epochs) or best.is_over:
                break
    if args.log:
        log.write(Path(args.log))
    if ended < config.num_epochs and not best.is_over:
        told = f"Stopped during epoch {max(at[0], ended)} of {config.num_epochs}"
        if best.measure and best.epoch:
            print(f"{told}: {out.name} has the model of epoch {best.epoch}, the best so far.")
        else:
            if ended < at[0]:  # the scores are those of an earlier epoch
                provenance = replace(provenance, scores={})
            save(f"{told}.")
            print(f"{told}: the model is saved in {out.name}.")
        if state.epoch:
            print("Continue after the last complete epoch with --resume.")
        raise KeyboardInterrupt
    resuming.delete()
    if best.measure:
        print(f"Epoch {best.epoch} of {ended} was the best by {best.measure}: its model is kept.")
    print(f"Saved in {out.name} after {provenance.cpu_seconds:.0f} CPU seconds.")


def make_experiment(args: argparse.Namespace) -> tuple[Experiment, str]:
    """The untrained experiment, and a description of its data."""
    task = get_task(args.task)
    model = replace(task.model, **chosen(args, ModelConfig))
    config = replace(task.train, **chosen(args, TrainConfig))
    if not args.pairs:
        if args.held_out:
            raise ConfigError("--held-out needs --pairs: give both files.")
        experiment = Experiment(task.name, model, config)
        return experiment, (f"{OWN_DATA}: {len(experiment.splits.train):,} examples, "
                            f"seed {config.seed}")
    if config.fresh:
        raise ConfigError("--fresh does not work with --pairs: a file has a fixed list of "
                          "examples. Leave one of them out, or use --no-fresh.")
    if isinstance(task, PairsTask):
        table, shift = read_table(task, args.pairs, args.held_out, table_settings(args))
        read = get_task(task.name, table)
        assert isinstance(read, PairsTask)
        model, config = proposed_recipe(read)
        proposed = Recipe(task.name, model, config).differences(
            Recipe(task.name, task.model, task.train))
        model = replace(model, **chosen(args, ModelConfig))
        config = replace(config, **chosen(args, TrainConfig))
        experiment = Experiment(task.name, model, config, table)
        num_dropped = 0  # the report names them
        print("\n".join(report(read, shift)))
        print(f"Settings proposed for so many pairs, unless options set them: {proposed}.")
        for name, share in unknown_shares(experiment.splits).items():
            if share and not read.held_out:
                print(f"{share:.1%} of the {name} tokens of the held-out pairs are unknown: they "
                      "do not occur in the training pairs.")
    elif given := table_settings(args):
        raise ConfigError(f"--{min(given).replace('_', '-')} is for the task pairs: the task "
                          f"{task.name} has tokens of its own. Write such a setting into the "
                          "first lines of the file.")
    else:
        examples = read_examples(args.pairs, task)
        held_out = by_source(read_examples(args.held_out, task)) if args.held_out else []
        data = splits_of(task, examples, held_out)
        num_dropped = len(examples) - len(data.train)
        experiment = Experiment(task.name, model, config, data=data)
    if num_dropped:
        print(f"{num_dropped:,} training pairs have a held-out source: they are not trained on.")
    splits = experiment.splits
    words = describe_file(Path(args.pairs), len(splits.train))
    if args.held_out:
        words += "; held out " + describe_file(Path(args.held_out),
                                               len(splits.new) + len(splits.longer))
    return experiment, words


def chosen(args: argparse.Namespace, kind: type) -> dict[str, Any]:
    """The settings given on the command line."""
    values = {name: getattr(args, name) for name in settings(kind)}
    return {name: value for name, value in values.items() if value is not None}


def command_of(args: argparse.Namespace) -> str:
    """The command line, with file names but without their folders."""
    words = ["python", "-m", "seq2seq", "train", args.task]
    for option in ("pairs", "held_out", "out"):
        if name := getattr(args, option):
            words += [f"--{option.replace('_', '-')}", Path(name).name]
    for name in (*READERS, "keep-best", "patience"):
        if value := getattr(args, name.replace("-", "_")):
            words += [f"--{name}", str(value)]
    for kind in (ModelConfig, TrainConfig):
        for name, value in chosen(args, kind).items():
            option = name.replace("_", "-")
            if isinstance(value, bool):
                words.append(f"--{option}" if value else f"--no-{option}")
            else:
                words += [f"--{option}", str(value)]
    return shlex.join([*words, *(["--half"] if args.half else [])])


def check_out(name: str) -> Path:
    """The path of the output file. CheckpointError, before the training, if it is not writable."""
    path = with_suffix(name)
    if path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise CheckpointError(f"The model cannot be saved as {name}: its folder does not exist "
                              "or cannot be written to. Choose another --out.")
    return path


def line_of(event: EpochEnd, config: TrainConfig, seconds: float) -> str:
    """The results of an epoch as a line of text."""
    parts = [f"epoch {event.epoch} of {config.num_epochs}", f"loss {event.train_loss:.3f}"]
    if event.held_out_loss is not None:
        parts.append(f"held-out loss {event.held_out_loss:.3f}")
    parts += [f"{name} {score:.1%}" for name, score in event.scores.items() if score is not None]
    return " · ".join([*parts, f"{seconds:.0f} CPU s"])


@contextmanager
def asked_to_stop() -> Iterator[list[int]]:
    """Collect SIGINT and SIGTERM in a list. A second signal stops the process."""
    received: list[int] = []

    def receive(number: int, _: FrameType | None) -> None:
        received.append(number)
        signal.signal(number, before[signal.Signals(number)])

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, receive)
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
