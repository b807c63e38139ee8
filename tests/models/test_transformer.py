"""The Transformer against PyTorch's own layers, and what is special about it."""

import pytest
import torch
from conftest import SMALL
from test_seq2seq import LENGTHS, SOURCE, TARGET, make
from torch import Tensor, nn

from seq2seq import EpochEnd, Experiment, ModelConfig, TrainConfig
from seq2seq.data.vocabulary import SOS
from seq2seq.models.transformer import NUM_HEADS, attend

CONFIG = ModelConfig(cell="transformer", hidden_size=8, num_layers=2)


def copy_linear(to: nn.Linear, weight: Tensor, bias: Tensor) -> None:
    to.weight.data, to.bias.data = weight.clone(), bias.clone()


def as_torch_layer(layer: nn.Module, source: tuple[Tensor, Tensor] | None = None) -> nn.Module:
    """PyTorch's own layer with our weights; `source` is one layer's part of `decoder.memory_kv`."""
    kind = nn.TransformerDecoderLayer if source else nn.TransformerEncoderLayer
    made = kind(8, NUM_HEADS, dim_feedforward=16, dropout=0.0, batch_first=True, norm_first=True)
    ours = [layer.self_attention_norm, *([layer.cross_attention_norm] if source else []),
            layer.feed_forward_norm]
    for i, norm in enumerate(ours, 1):
        getattr(made, f"norm{i}").load_state_dict(norm.state_dict())
    made.linear1.load_state_dict(layer.feed_forward[0].state_dict())
    made.linear2.load_state_dict(layer.feed_forward[2].state_dict())
    made.self_attn.in_proj_weight.data = layer.qkv.weight.data
    made.self_attn.in_proj_bias.data = layer.qkv.bias.data
    made.self_attn.out_proj.load_state_dict(layer.self_attention_out.state_dict())
    if source:
        attention = made.multihead_attn
        query = layer.cross_attention_query
        attention.in_proj_weight.data = torch.cat([query.weight.data, source[0]])
        attention.in_proj_bias.data = torch.cat([query.bias.data, source[1]])
        attention.out_proj.load_state_dict(layer.cross_attention_out.state_dict())
    return made


def test_it_is_the_textbooks_transformer():
    """The same numbers as PyTorch's own pre-norm layers, causal mask and padding included."""
    model = make(CONFIG)
    with torch.no_grad():
        for p in model.parameters():  # normalisations, too, shall change something
            p.add_(torch.rand(p.shape, generator=torch.Generator().manual_seed(0)) / 10)
    encoder, decoder = model.encoder, model.decoder
    start = torch.arange(SOURCE.size(1))
    end = (LENGTHS[:, None] - 1 - start).clamp(min=0)
    x = encoder.embedding(SOURCE) + encoder.from_start(start) + encoder.from_end(end)
    padding = start >= LENGTHS[:, None]
    for layer in encoder.layers:
        x = as_torch_layer(layer)(x, src_key_padding_mask=padding)
    memory = encoder.norm(x)
    inputs = torch.cat([torch.full((3, 1), SOS), TARGET[:, :-1]], dim=1)
    x = decoder.embedding(inputs) + decoder.from_start(torch.arange(5))
    weights, biases = decoder.memory_kv.weight.data, decoder.memory_kv.bias.data
    (k1, k2, v1, v2), (bk1, bk2, bv1, bv2) = weights.chunk(4), biases.chunk(4)
    parts = [(torch.cat([k1, v1]), torch.cat([bk1, bv1])),
             (torch.cat([k2, v2]), torch.cat([bk2, bv2]))]
    causal = torch.ones(5, 5, dtype=torch.bool).triu(1)
    for layer, part in zip(decoder.layers, parts, strict=True):
        x = as_torch_layer(layer, part)(x, memory, tgt_mask=causal,
                                        memory_key_padding_mask=padding)
    by_torch = decoder.out(decoder.norm(x)).log_softmax(2)
    assert torch.allclose(model(SOURCE, LENGTHS, TARGET), by_torch, atol=1e-5)


def test_the_state_grows_by_one_position_a_step():
    model = make(CONFIG)
    source = model.encode(SOURCE, LENGTHS)
    state = source.state
    assert state.shape == (5, 3, 0, 8)
    assert torch.equal(model.hidden(state), torch.zeros(3, 8))
    for t in range(1, 4):
        _, longer, _ = model.step(TARGET[:, t], state, source)
        assert longer.shape == (5, 3, t, 8)
        assert torch.equal(longer[:, :, :-1], state)
        state = longer
        assert model.hidden(state).abs().sum() > 0


def test_the_weights_of_all_heads_can_be_seen():
    model = make(CONFIG)
    source = model.encode(SOURCE, LENGTHS)
    _, _, weights = model.decoder(TARGET, source.state, source)
    _, _, heads, _ = model.decoder.forward_with_heads(TARGET, source.state, source)
    assert [h.shape for h in heads] == [(3, NUM_HEADS, 5, 4)] * 2
    assert torch.allclose(torch.cat(heads, dim=1).mean(1), weights, atol=1e-6)


def test_checkpoints_keep_the_names_of_the_first_version():
    model = make(CONFIG)
    parts = ("norm_look", "norm_think", "ask", "look", "think.0", "think.2", "norm_source",
             "ask_source", "look_source")
    layer = {key for key in model.state_dict() if key.startswith("decoder.layers.1.")}
    assert layer == {f"decoder.layers.1.{part}.{kind}" for part in parts
                     for kind in ("weight", "bias")}
    assert "decoder.source.weight" in model.state_dict()
    other = make(CONFIG, seed=1)
    other.load_state_dict(model.state_dict())
    for name, weight in other.named_parameters():
        assert torch.equal(weight, model.get_parameter(name)), name
    with pytest.raises(RuntimeError, match=r"Missing key.*self_attention_out"):
        other.load_state_dict({k: v for k, v in model.state_dict().items() if ".look." not in k})


def test_an_odd_width_has_one_head():
    x = torch.rand(2, 3, 5)
    assert attend(x, x, x, None)[1].shape == (2, 1, 3, 3)


@pytest.mark.parametrize("change", [{"attention": "none"}, {"attention": "additive"},
                                    {"bidirectional": False}, {"embedding_dim": 3}], ids=str)
def test_what_it_leaves_no_choice_about_is_set(change):
    assert ModelConfig(cell="transformer", **change) == ModelConfig(cell="transformer")


def test_it_learns_and_survives_a_file(tmp_path):
    config = TrainConfig(num_epochs=3, num_examples=3000, min_length=2, max_length=6)
    experiment = Experiment("reverse", ModelConfig(cell="transformer", hidden_size=32), config)
    last = [e for e in experiment.fit() if isinstance(e, EpochEnd)][-1]
    assert last.exact_match >= 0.95
    answer = experiment.predict("3 1 4 1 5")
    assert answer.is_correct
    assert answer.attention.shape == (6, 5)
    assert answer.steps[0].state.shape == (32,)
    again = Experiment.load(experiment.save(tmp_path / "transformer"))
    assert again.predict("3 1 4 1 5").log_prob == pytest.approx(answer.log_prob)
    small = Experiment("reverse", CONFIG, SMALL)
    assert small.predict("1 2").steps[-1].attention.shape == (2,)
