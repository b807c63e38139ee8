"""Scores against an independent NumPy computation from a model's file and the data.

Also: free-running answers never depend on targets, and evaluation never changes training.
"""

import argparse
import csv
from dataclasses import replace

import numpy as np
import pytest
from conftest import ROOT, small_model
from papers import Paper
from safetensors.numpy import load_file

from seq2seq import Experiment, TrainConfig
from seq2seq.cli.evaluate import evaluate as evaluate_file
from seq2seq.data.splits import make_splits
from seq2seq.evaluation.metrics import Evaluation, answers, evaluate
from seq2seq.files import pretrained
from seq2seq.models.seq2seq import Seq2Seq
from seq2seq.tasks import get_task
from seq2seq.training import loop
from seq2seq.training.events import StepEnd

EOS, FIRST = 2, 4  # as the vocabulary says: PAD, SOS, EOS, UNK, then the alphabet


def distance(one, two):
    """Wagner & Fischer (1974), by the book."""
    row = list(range(len(two) + 1))
    for i, a in enumerate(one, 1):
        before, row = row, [i]
        for j, b in enumerate(two, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (a != b)))
    return row[-1]


def from_file(name):
    """A ready model as NumPy program, its task's two lists of ids, and its recipe's sets."""
    path = pretrained.ready(name)
    experiment = Experiment.load(path)
    weights = {key: value.astype(float) for key, value in load_file(path).items()}
    task = experiment.task
    targets = task.target_alphabet or task.alphabet
    return (Paper(weights, experiment.recipe.model),
            {token: FIRST + i for i, token in enumerate(task.alphabet)},
            {token: FIRST + i for i, token in enumerate(targets)}, experiment)


@pytest.mark.parametrize("name", ["reverse", "sort-letters", "addition", "weather"])
def test_scores_are_those_of_a_numpy_program_that_reads_the_file(name):
    paper, source_ids, target_ids, experiment = from_file(name)
    found = evaluate(experiment.model, experiment.splits)
    longest = max(len(e.target) for part in (experiment.splits.train, experiment.splits.new,
                                             experiment.splits.longer) for e in part)
    for key, examples in experiment.splits.sets.items():
        assert 100 <= len(examples) <= 200
        right, errors, surprise, count = 0, 0, 0.0, 0
        for example in examples:
            source = [source_ids[token] for token in example.source]
            target = [*(target_ids[token] for token in example.target), EOS]
            paper.start(source)
            token, written = 1, []
            while token != EOS and len(written) < max(len(source), longest) + 5:
                token = int(paper.step(token)[0].argmax())
                written.append(token)
            right += written == target
            errors += min(len(target), distance(written, target))
            count += len(target)
            if key == "new":
                log_probs, _ = paper.run(source, target)
                surprise -= log_probs[np.arange(len(target)), target].sum()
        assert found.scores[key] == pytest.approx(right / len(examples), abs=1e-12)
        if key == "new":
            assert found.token_accuracy == pytest.approx(1 - errors / count, abs=1e-12)
            assert found.held_out_loss == pytest.approx(surprise / count, abs=1e-5)


def test_word_and_phoneme_error_rates_are_those_of_the_file(capsys, tmp_path):
    """`evaluate spelling --pairs FILE` against the file's lines and the textbook's distance."""
    lines = (ROOT / "assets" / "spelling" / "held-out.tsv").read_text("utf-8").splitlines()[1:121]
    lines += lines[:7]  # lines that are there twice are one source
    (tmp_path / "few.tsv").write_text("\n".join(lines), "utf-8")
    known = {}
    for word, *sounds in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
        known[word] = [sound.split() for sound in sounds if sound.strip()]
    evaluate_file(argparse.Namespace(checkpoint="spelling", pairs=str(tmp_path / "few.tsv"),
                                     beam=1, length_normalisation=0.0, report=None))
    said = capsys.readouterr().out
    experiment = Experiment.load(pretrained.ready("spelling"))
    wrong = edits = phonemes = 0
    for word, sounds in known.items():
        answer = experiment.predict(word)
        wrong += not answer.finished or list(answer.tokens) not in sounds
        near = min(sounds, key=lambda s: (distance(answer.tokens, s), -len(s)))
        edits, phonemes = edits + distance(answer.tokens, near), phonemes + len(near)
    assert f"sources      {len(known)}\n" in said
    assert f"WER          {100 * wrong / len(known):6.2f} " in said
    assert f"PER          {100 * edits / phonemes:6.2f} " in said


MODEL = small_model(attention="dot")
RUNS = {
    "plain": ("addition", TrainConfig(num_epochs=2, num_examples=300, max_length=1)),
    "fresh": ("addition", TrainConfig(num_epochs=3, num_examples=200, max_length=2, fresh=True)),
    "table": ("pairs", TrainConfig(num_epochs=1)),
    "words": ("spelling", TrainConfig(num_epochs=1, num_examples=600)),
    "verbs": ("scan-jump", TrainConfig(num_epochs=1, num_examples=600)),
}


@pytest.mark.parametrize("run", RUNS)
def test_what_is_held_out_goes_through_no_training_step(run, monkeypatch):
    """Checks the tensors that the model is trained on, not the lists that they were made from."""
    name, config = RUNS[run]
    task = get_task(name)
    splits = make_splits(task, config)
    model = Experiment(name, MODEL, config).model
    names = splits.source_vocabulary
    seen = set()
    plain = Seq2Seq.forward

    def watched(self, source, lengths, *rest):
        if self.training:
            seen.update(names.decode(row[:n]) for row, n in
                        zip(source.tolist(), lengths.tolist(), strict=True))
        return plain(self, source, lengths, *rest)

    monkeypatch.setattr(Seq2Seq, "forward", watched)
    for _ in loop.train(model, splits, config):
        pass
    held_out = {e.source for e in (*splits.new, *splits.longer)}
    assert held_out
    assert seen == set(splits.trained_on)
    assert not {task.key(s) for s in seen} & {task.key(s) for s in held_out}


def test_no_answer_and_no_score_needs_a_target(monkeypatch):
    experiment = Experiment("addition", MODEL, TrainConfig(num_examples=200, max_length=2))
    model, splits = experiment.model, experiment.splits
    lies = {part: tuple(replace(e, target=("9",) * (1 + i % 3), others=())
                        for i, e in enumerate(getattr(splits, part)))
            for part in ("train", "new", "longer")}
    lied = replace(splits, **lies)
    monkeypatch.setattr(Seq2Seq, "forward", None)  # the only call that is given targets
    for width in (1, 3):
        for examples, others in zip(splits.sets.values(), lied.sets.values(), strict=True):
            true = answers(model, splits, examples[:20], width)
            told = answers(model, splits, others[:20], width)
            assert [(a.tokens, a.finished) for a in true] == [(a.tokens, a.finished) for a in told]


def test_being_scored_changes_nothing_that_is_learned(monkeypatch):
    """Evaluation draws no random numbers from the generator of the training."""
    config = TrainConfig(num_epochs=3, num_examples=150, max_length=4, teacher_forcing=0.5)
    model = replace(MODEL, dropout=0.3)

    def losses():
        return [e.loss for e in Experiment("reverse", model, config).fit()
                if isinstance(e, StepEnd)]

    scored = losses()
    nothing = Evaluation(dict.fromkeys(("memorised", "new", "longer")), None, None)

    def unscored(*_):
        yield
        return nothing

    monkeypatch.setattr(loop, "evaluate_sliced", unscored)
    assert losses() == scored
