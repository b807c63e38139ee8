import numpy as np
import pytest
from conftest import SMALL, small_model

from seq2seq import Experiment
from seq2seq.evaluation.metrics import answers


@pytest.mark.parametrize("task", ["reverse", "copy-letters", "sort", "notebook", "pairs"])
def test_a_prediction_tells_its_whole_story(any_model, task):
    experiment = Experiment(task, any_model, SMALL)
    text = experiment.task.example
    p = experiment.predict(text)
    assert p.source == experiment.task.parse(text)
    assert p.target == experiment.task.solve(p.source)
    assert len(p.steps) == len(p.tokens) + p.finished
    assert p.encoder_states.shape == (len(p.source), any_model.hidden_size)
    assert p.steps[0].read == "<start token>"
    for before, step in zip(p.steps, p.steps[1:], strict=False):
        assert step.read == before.token
    for step in p.steps:
        assert step.token == step.top[0][0]
        assert step.log_prob == step.top[0][1]
        assert [lp for _, lp in step.top] == sorted((lp for _, lp in step.top), reverse=True)
        assert step.state.shape == (any_model.hidden_size,)
        if any_model.attention == "none":
            assert step.attention is None
        else:
            assert step.attention.shape == (len(p.source),)
            assert step.attention.sum() == pytest.approx(1, abs=1e-5)
    assert p.log_prob == pytest.approx(sum(s.log_prob for s in p.steps))
    assert (p.attention is None) == (any_model.attention == "none")


def test_one_at_a_time_and_all_at_once_agree(small_experiment):
    examples = [e for s in small_experiment.splits.sets.values() for e in s][:60]
    together = answers(small_experiment.model, small_experiment.splits, examples)
    for answer in together[::5]:
        alone = small_experiment.predict(small_experiment.task.format(answer.example.source))
        assert alone.tokens == answer.tokens[: len(alone.tokens)]
        assert alone.finished == answer.finished
        assert alone.is_correct == answer.is_correct


def test_forcing_its_own_choice_changes_nothing(small_experiment):
    free = small_experiment.predict("1 2 3 4")
    forced = {t: step.token for t, step in enumerate(free.steps)}
    again = small_experiment.predict("1 2 3 4", forced=forced)
    assert again.tokens == free.tokens
    assert again.log_prob == free.log_prob


def test_forcing_another_token_is_obeyed(trained):
    p = trained.predict("3 1 4 1 5", forced={0: "9", 2: "<end token>"})
    assert p.tokens[0] == "9"
    assert len(p.tokens) == 2
    assert p.finished
    assert p.steps[1].read == "9"


def test_given_attention_is_used(trained):
    weights = [0.0, 0.0, 1.0, 0.0, 0.0]
    p = trained.predict("3 1 4 1 5", attention={0: weights})
    assert np.array_equal(p.steps[0].attention, np.float32(weights))
    assert p.tokens[0] == "4"  # it writes what it is made to look at


def test_without_context_the_input_cannot_matter(small_experiment):
    one, two = (small_experiment.predict(t, zero_context=True) for t in ("1 2 3", "9 8 7"))
    assert one.tokens == two.tokens
    assert one.log_prob == pytest.approx(two.log_prob)


def test_decoding_ends_even_if_the_model_never_says_end():
    experiment = Experiment("reverse", small_model(), SMALL)
    experiment.model.decoder.out.bias.data[2] = -1e9
    p = experiment.predict("1 2 3")
    assert not p.finished
    assert not p.is_correct
    assert len(p.tokens) == len(p.steps) == experiment.splits.max_target_length + 5


def test_attention_on_reversal_runs_along_the_anti_diagonal(trained):
    hits = total = 0
    for answer in trained.answers("new")[:60]:
        attention = trained.predict(" ".join(answer.example.source)).attention
        length = len(answer.example.source)
        for t in range(min(length, len(attention))):
            hits += int(attention[t].argmax() == length - 1 - t)
            total += 1
    assert hits / total > 0.8
