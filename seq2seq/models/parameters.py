"""The shapes and the number of a model's weights, known without making the model."""

from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from seq2seq.config import ModelConfig
from seq2seq.models.seq2seq import make_pair


class WithoutInitialisation(TorchFunctionMode):
    """Skips `torch.nn.init`: weights on the meta device have no values to draw.

    PyTorch would import its compiler for them, which takes each process 1 s and 70 MB.
    """

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if getattr(func, "__module__", None) == "torch.nn.init":
            return args[0] if args else kwargs["tensor"]
        return func(*args, **kwargs)


def weight_shapes(source_size: int, target_size: int, config: ModelConfig,
                  frame_size: int = 0) -> dict[str, torch.Size]:
    """Name in checkpoints -> shape, for all weights of such a model. Allocates no memory."""
    with torch.device("meta"), WithoutInitialisation():
        encoder, decoder = make_pair(source_size, target_size, config, frame_size)
    parts: dict[str, nn.Module] = {"encoder": encoder, "decoder": decoder}
    return {f"{part}.{name}": weight.shape for part, module in parts.items()
            for name, weight in module.state_dict().items()}


def num_parameters(source_size: int, target_size: int, config: ModelConfig,
                   frame_size: int = 0) -> int:
    """The number of trainable parameters of such a model. Allocates no memory."""
    with torch.device("meta"), WithoutInitialisation():
        encoder, decoder = make_pair(source_size, target_size, config, frame_size)
    return sum(map(count_parameters, (encoder, decoder)))


def count_parameters(module: nn.Module) -> int:
    """The number of trainable parameters of a module."""
    return sum(weight.numel() for weight in module.parameters() if weight.requires_grad)
