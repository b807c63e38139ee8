import math
import subprocess
import sys

import pytest
import torch
from conftest import small_model
from torch import nn

from seq2seq import ModelConfig
from seq2seq.data.vocabulary import EOS, PAD, SOS
from seq2seq.evaluation.metrics import token_loss
from seq2seq.models.parameters import num_parameters, weight_shapes
from seq2seq.models.seq2seq import Seq2Seq, make_generator

V = 14
SOURCE = torch.tensor([[5, 6, 7, 8], [9, 4, 5, 0], [7, 0, 0, 0]])
LENGTHS = torch.tensor([4, 3, 1])
TARGET = torch.tensor([[8, 7, 6, 5, EOS], [5, 4, 9, EOS, PAD], [7, EOS, PAD, PAD, PAD]])


def make(config, seed=0):
    return Seq2Seq(V, V, config, make_generator(seed, "weights")).eval()


@pytest.fixture(params=[{}, {"num_layers": 2}, {"num_layers": 3, "bidirectional": True},
                        {"embedding_dim": 5}, {"dropout": 0.4}],
                ids=["plain", "2-layers", "3-both-ways", "embedding", "dropout"])
def any_shape(request, any_model):
    fields = {name: getattr(any_model, name) for name in ("cell", "attention", "hidden_size")}
    return ModelConfig(**{**fields, "bidirectional": False, **request.param})


def test_forward_equals_repeated_steps(any_shape):
    model = make(any_shape)
    whole = model(SOURCE, LENGTHS, TARGET)
    source = model.encode(SOURCE, LENGTHS)
    token, state = torch.full((3,), SOS), source.state
    for t in range(TARGET.size(1)):
        log_probs, state, weights = model.step(token, state, source)
        assert torch.allclose(log_probs, whole[:, t], atol=1e-5)
        assert torch.allclose(log_probs.exp().sum(1), torch.ones(3), atol=1e-5)
        if weights is not None:
            assert torch.allclose(weights.sum(1), torch.ones(3), atol=1e-5)
            assert bool((weights[~source.mask] == 0).all())
        token = TARGET[:, t]


def test_padding_never_matters(any_shape):
    model = make(any_shape)
    together = model(SOURCE, LENGTHS, TARGET)
    for row, (s, t) in enumerate(zip(LENGTHS.tolist(), (TARGET != PAD).sum(1).tolist(),
                                     strict=True)):
        alone = model(SOURCE[row : row + 1, :s], LENGTHS[row : row + 1], TARGET[row : row + 1, :t])
        assert torch.allclose(alone[0], together[row, :t], atol=1e-5)
        assert token_loss(alone, TARGET[row : row + 1, :t]).item() == pytest.approx(
            token_loss(together[row : row + 1], TARGET[row : row + 1]).item(), abs=1e-5)


def test_free_running_forward_is_greedy(any_model):
    """Teacher forcing 0: each step reads the model's own likeliest token."""
    model = make(any_model)
    free = model(SOURCE, LENGTHS, TARGET, teacher_forcing=0.0)
    source = model.encode(SOURCE, LENGTHS)
    token, state = torch.full((3,), SOS), source.state
    for t in range(TARGET.size(1)):
        log_probs, state, _ = model.step(token, state, source)
        assert torch.equal(log_probs, free[:, t])
        token = log_probs.argmax(1)


def test_teacher_forcing_between_mixes_by_its_own_generator(any_model):
    model = make(any_model)
    halves = [model(SOURCE, LENGTHS, TARGET, 0.5, make_generator(s, "teacher forcing"))
              for s in (1, 1, 2, 3, 4)]
    assert torch.equal(halves[0], halves[1])
    assert any(not torch.equal(halves[0], other) for other in halves[2:])
    stepwise = model(SOURCE, LENGTHS, TARGET, 1 - 1e-12, make_generator(0, "teacher forcing"))
    assert torch.allclose(stepwise, model(SOURCE, LENGTHS, TARGET), atol=1e-5)


def test_the_whole_input_is_encoded(any_model):
    """The notebook encoded only the first token: here every one of them changes the context.

    The Transformer has no context vector: there it changes what the decoder looks back at.
    """
    model = make(any_model)

    def context(ids):
        source = model.encode(ids, LENGTHS[:1])
        return source.memory[:, 0] if any_model.cell == "transformer" else source.state

    before = context(SOURCE[:1])
    for position in range(4):
        changed = SOURCE[:1].clone()
        changed[0, position] = 10
        assert not torch.allclose(context(changed), before)


def test_uniform_logits_cost_log_of_the_vocabulary():
    model = make(small_model())
    nn.init.zeros_(model.decoder.out.weight)
    nn.init.zeros_(model.decoder.out.bias)
    loss = token_loss(model(SOURCE, LENGTHS, TARGET), TARGET)
    assert loss.item() == pytest.approx(math.log(V), abs=1e-6)


def test_a_gru_without_attention_is_the_textbooks():
    """The same numbers as a forward pass written out with PyTorch's own layers."""
    model = make(ModelConfig(hidden_size=16, bidirectional=False))
    weights = model.state_dict()

    def layer(kind, name, *args, **kw):
        made = kind(*args, **kw)
        made.load_state_dict({k: weights[f"{name}.{k}"] for k in made.state_dict()})
        return made

    embed_in = layer(nn.Embedding, "encoder.embedding", V, 16)
    read = layer(nn.GRU, "encoder.recurrence.layers", 16, 16, batch_first=True)
    embed_out = layer(nn.Embedding, "decoder.embedding", V, 16)
    write = layer(nn.GRU, "decoder.recurrence.layers", 16, 16, batch_first=True)
    out = layer(nn.Linear, "decoder.out", 16, V)
    _, context = read(embed_in(SOURCE[:1]))
    inputs = torch.tensor([[SOS, 8, 7, 6, 5]])
    states, _ = write(torch.relu(embed_out(inputs)), context)
    by_hand = torch.log_softmax(out(states), dim=2)
    assert torch.allclose(model(SOURCE[:1], LENGTHS[:1], TARGET[:1]), by_hand, atol=1e-6)


def test_attention_can_be_given(any_model):
    model = make(any_model)
    source = model.encode(SOURCE[:1], LENGTHS[:1])
    given = torch.tensor([[0.0, 0.0, 1.0, 0.0]])
    _, _, used = model.step(torch.tensor([SOS]), source.state, source, given)
    assert (used is None) == (any_model.attention == "none")
    assert used is None or torch.equal(used, given)


def test_sizes_are_known_before_memory_is_taken(any_shape):
    model = make(any_shape)
    assert weight_shapes(V, V, any_shape) == {k: v.shape for k, v in model.state_dict().items()}
    assert num_parameters(V, V, any_shape) == sum(p.numel() for p in model.parameters()
                                                  if p.requires_grad)


def test_no_process_imports_the_compiler_for_a_models_size():
    program = ("import sys\nfrom seq2seq import ModelConfig\n"
               "from seq2seq.models.parameters import num_parameters\n"
               "for cell in ('lstm', 'transformer'):\n"
               "    num_parameters(9, 9, ModelConfig(cell=cell, attention='dot'))\n"
               "print('torch._dynamo' in sys.modules)")
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "False\n"


def test_weights_come_from_the_seed_and_leave_torchs_generator_alone(any_model):
    before = torch.random.get_rng_state()
    one, two, other = make(any_model, 1), make(any_model, 1), make(any_model, 2)
    assert torch.equal(before, torch.random.get_rng_state())
    for (name, a), b, c in zip(one.named_parameters(), two.parameters(), other.parameters(),
                               strict=True):
        assert torch.equal(a, b)
        assert "norm" in name or not torch.equal(a, c)  # a normalisation begins by changing nothing


def test_without_attention_nothing_is_merged_that_nobody_reads():
    """What is shown of the encoder is what it learns: the states of its forward layer."""
    def reads(attention: str, length: int) -> torch.Tensor:
        encoder = make(small_model("gru", attention, bidirectional=True)).encoder
        return encoder(SOURCE[:1, :length], torch.tensor([length]))[0][:, :2]

    # A forward state knows what has been read so far; a merged one what comes after it, too.
    torch.testing.assert_close(reads("none", 2), reads("none", 4))
    assert not torch.allclose(reads("dot", 2), reads("dot", 4))
