"""How far a training is: everything besides the weights that the next step depends on.

That is the optimiser's memory (Adam's two averages for each weight) and the generators of random
numbers. Given back to `train` in another process, the losses go on as if nothing had happened, to
the last digit.
"""

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from seq2seq.errors import CheckpointError
from seq2seq.i18n import LazyText

DAMAGED = LazyText("The saved state of this run does not match its recipe: it is damaged. Press "
                   "Train to run the recipe again.")


class Progress:
    """Filled by `train`, which also takes up what `state` (bytes made by `dump`) has kept.

    `dump` is meant for the end of an epoch: in the middle of one, its batches would be missing.
    """

    def __init__(self, state: bytes = b"") -> None:
        """`state` may come from a file: whatever is wrong with it is a CheckpointError."""
        try:
            self._kept = load(state) if state else {}
        except (SafetensorError, ValueError):
            raise CheckpointError(DAMAGED) from None
        self.epoch = 0  # that has ended
        self.untold: list[float] = []  # losses of steps that nobody was told of yet

    def restore(self, model: nn.Module, optimizer: torch.optim.Optimizer,
                generators: dict[str, torch.Generator]) -> None:
        """Hold these; if something was kept, they become what they were then."""
        self.model, self.optimizer, self.generators = model, optimizer, generators
        if not self._kept:
            return
        parts: dict[str, dict[str, Tensor]] = {}
        for name, tensor in self._kept.items():
            kind, _, rest = name.partition("/")
            parts.setdefault(kind, {})[rest] = tensor
        try:
            model.load_state_dict(parts["model"])
            memory: dict[int, dict[str, Tensor]] = {}
            for name, tensor in parts.get("optimizer", {}).items():
                number, _, key = name.partition("/")
                memory.setdefault(int(number), {})[key] = tensor.clone()
            optimizer.load_state_dict({**optimizer.state_dict(), "state": memory})
            for name, generator in generators.items():
                generator.set_state(parts["generator"][name])
            self.epoch = int(parts["told"]["epoch"])
            self.untold = parts["told"]["losses"].tolist()
        except (KeyError, ValueError, RuntimeError, TypeError):
            raise CheckpointError(DAMAGED) from None
        self._kept = {}

    def dump(self) -> bytes:
        """All of it, with the weights, as safetensors."""
        memory = self.optimizer.state_dict()["state"]
        return save({
            **{f"model/{name}": weight.detach().contiguous()
               for name, weight in self.model.state_dict().items()},
            **{f"optimizer/{number}/{key}": value.detach().contiguous()
               for number, values in memory.items() for key, value in values.items()
               if isinstance(value, Tensor)},
            **{f"generator/{name}": generator.get_state()
               for name, generator in self.generators.items()},
            "told/epoch": torch.tensor(self.epoch),
            "told/losses": torch.tensor(self.untold, dtype=torch.float64)})
