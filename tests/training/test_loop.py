import math
import subprocess
import sys
import threading
from dataclasses import replace

import pytest
import torch
from conftest import SMALL, small_model
from torch import nn

from seq2seq import EpochEnd, Experiment, ModelConfig, StepEnd, TrainConfig
from seq2seq.data.splits import Batches
from seq2seq.data.vocabulary import SOS
from seq2seq.errors import TrainingError
from seq2seq.evaluation.metrics import answers
from seq2seq.models.seq2seq import make_generator
from seq2seq.tasks import get_task
from seq2seq.training.loop import sample_examples, set_learning_rate


def losses(model: ModelConfig, config: TrainConfig = SMALL, task="reverse") -> list[float]:
    return [e.loss for e in Experiment(task, model).fit(config) if isinstance(e, StepEnd)]


def test_the_notebooks_step_computes_what_its_mathematics_says():
    """Its settings, repaired: whole input read, state carried, EOS in the target.

    The same training is written out here with PyTorch's bare layers, one sequence at a time,
    each step fed with the model's own guess, plain gradient descent, and must agree.
    """
    task = get_task("notebook")
    config = replace(task.train, num_epochs=2)
    experiment = Experiment("notebook")
    ours = [e.loss for e in experiment.fit(config) if isinstance(e, StepEnd)]

    start = Experiment("notebook", train=config)  # the same weights before any step
    weights = start.model.state_dict()
    size = len(start.splits.source_vocabulary)
    layers = {"encoder.embedding": nn.Embedding(size, 256),
              "encoder.recurrence.layers": nn.GRU(256, 256),
              "decoder.embedding": nn.Embedding(size, 256),
              "decoder.recurrence.layers": nn.GRU(256, 256),
              "decoder.out": nn.Linear(256, size)}
    for name, layer in layers.items():
        layer.load_state_dict({k: weights[f"{name}.{k}"] for k in layer.state_dict()})
    embed_in, read, embed_out, write, out = layers.values()
    parameters = [p for layer in layers.values() for p in layer.parameters()]
    by_hand = []
    batches = Batches(start.splits, 1, make_generator(config.seed, "shuffling"))
    for _ in range(2):
        for batch in batches.epoch(1):
            hidden = torch.zeros(1, 1, 256)
            for token in batch.source[0]:  # the whole input, not only its first token
                _, hidden = read(embed_in(token).view(1, 1, -1), hidden)
            guess, loss = torch.tensor(SOS), torch.tensor(0.0)
            for wanted in batch.target_ids[0]:  # five numbers and the end token
                output, hidden = write(embed_out(guess).relu().view(1, 1, -1), hidden)
                log_probs = out(output[0]).log_softmax(1)
                loss = loss - log_probs[0, wanted]
                guess = log_probs[0].argmax()
            loss = loss / 6
            by_hand.append(loss.item())
            for p, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
                p.data -= config.learning_rate * gradient
    assert ours == pytest.approx(by_hand, abs=1e-5)
    assert ours[0] == pytest.approx(math.log(size), abs=0.7)
    assert sum(ours[5:]) < sum(ours[:5])


def test_one_batch_can_be_learned_by_heart(any_model):
    pairs = "\n".join(["1 2 3 -> 3 2 1", "4 5 -> 5 4", "6 -> 6", "2 4 6 1 -> 1 6 4 2"])
    model = replace(any_model, hidden_size=24)
    experiment = Experiment("pairs", model, pairs=pairs)
    for _ in experiment.fit(TrainConfig(num_epochs=60, batch_size=4, learning_rate=0.02, seed=1)):
        pass
    assert all(a.is_correct for a in answers(experiment.model, experiment.splits,
                                             experiment.splits.train))
    assert experiment.scores() == {"memorised": 1.0, "new": None, "longer": None}


@pytest.mark.parametrize("change", [
    {}, {"teacher_forcing": 0.5}, {"teacher_forcing": 0.0}, {"optimizer": "sgd"},
    {"optimizer": "adam", "schedule": "constant"}], ids=str)
def test_same_recipe_same_losses_to_the_last_bit(change):
    model = small_model("lstm", "additive", dropout=0.3, num_layers=2, bidirectional=True)
    config = replace(SMALL, **change)
    first = losses(model, config)
    torch.manual_seed(99)  # the global generator must play no part
    assert losses(model, config) == first
    assert losses(model, replace(config, seed=4)) != first


def test_same_losses_among_other_trainings_and_in_a_new_process():
    model = small_model("gru", "dot", dropout=0.2)
    alone = losses(model)
    others = [threading.Thread(target=losses, args=(small_model(), replace(SMALL, seed=s)))
              for s in range(3)]
    for other in others:
        other.start()
    among = losses(model)
    for other in others:
        other.join()
    assert among == alone
    code = ("from conftest import SMALL, small_model; from test_loop import losses;"
            "print(losses(small_model('gru', 'dot', dropout=0.2)))")
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                         env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": "5"})
    assert eval(out.stdout) == alone


def test_events_count_steps_and_epochs():
    experiment = Experiment("reverse", small_model())
    events = list(experiment.fit(SMALL))
    assert events == experiment.history
    steps = [e for e in events if isinstance(e, StepEnd)]
    epochs = [e for e in events if isinstance(e, EpochEnd)]
    assert [e.step for e in steps] == list(range(1, len(steps) + 1))
    assert [e.epoch for e in epochs] == [1, 2]
    assert isinstance(events[-1], EpochEnd)
    last = epochs[-1]
    assert last.exact_match == last.scores["new"]
    assert len(last.samples) == 3
    assert {s.source for s in last.samples} <= {e.source for e in experiment.splits.new}
    assert list(experiment.snapshots) == [0, 1, 2]


def test_a_stopped_run_keeps_its_last_state():
    experiment = Experiment("reverse", small_model())
    run = experiment.fit(SMALL)
    for event in run:
        if isinstance(event, StepEnd) and event.step == 3:
            break
    run.close()
    assert len(experiment.history) == 3
    before = Experiment("reverse", small_model(), SMALL)
    assert experiment.predict("1 2 3").steps[0].log_prob != pytest.approx(
        before.predict("1 2 3").steps[0].log_prob)


def test_a_loss_that_explodes_ends_with_a_remedy():
    config = replace(SMALL, optimizer="sgd", learning_rate=10.0, clip_norm=1000.0, num_epochs=200)
    experiment = Experiment("reverse", small_model("rnn"))
    with torch.no_grad():
        experiment.model.decoder.out.weight.fill_(math.nan)
    run = experiment.fit(config)
    next(run)
    with torch.no_grad():
        experiment.model.decoder.out.weight.fill_(math.nan)
    with pytest.raises(TrainingError, match=r"in epoch 1: .*Lower the learning rate"):
        list(run)


def test_the_learning_rate_rises_then_falls():
    parameter = nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter])
    rates = []
    for progress in (0.01, 0.03, 0.5, 1.0):
        set_learning_rate(optimizer, TrainConfig(learning_rate=1.0), progress)
        rates.append(optimizer.param_groups[0]["lr"])
    assert rates == pytest.approx([1 / 3, 1.0, 0.51, 0.02], abs=0.01)
    set_learning_rate(optimizer, TrainConfig(learning_rate=1.0, schedule="constant"), 0.01)
    assert optimizer.param_groups[0]["lr"] == 1.0


def test_it_learns_to_reverse_what_it_has_never_seen(trained):
    scores = trained.scores()
    assert scores["new"] >= 0.9
    assert trained.predict("3 1 4 1 5").is_correct


def test_the_rows_shown_are_as_long_as_what_is_scored():
    splits = Experiment("reverse", small_model(), replace(SMALL, max_length=10)).splits
    shown = [len(e.source) for e in sample_examples(splits)]
    lengths = sorted(len(e.source) for e in splits.new)
    assert shown == sorted(shown)
    assert shown[-1] >= lengths[int(0.9 * (len(lengths) - 1))]
    assert shown[-1] - shown[0] >= 3
