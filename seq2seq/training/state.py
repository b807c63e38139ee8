"""The state of a training: everything that its next step depends on, as bytes.

That is the weights, the optimiser's state (Adam's two averages for each weight), the states of the
random generators and the number of complete epochs. `train` in another process continues from it
with the same losses to the last digit.
"""

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from seq2seq.errors import CheckpointError
from seq2seq.i18n import LazyText

DAMAGED = LazyText("The saved state of this run does not match its recipe: it is damaged. Press "
                   "Train to run the recipe again.")


class TrainingState:
    """The state of the training that `train` runs with it.

    Given the bytes of `dump`, `train` continues from them. They are valid at the end of an epoch:
    the position within an epoch is not stored.
    """

    def __init__(self, state: bytes = b"") -> None:
        """`state` may come from a file. CheckpointError if it is damaged."""
        try:
            self._saved = load(state) if state else {}
        except (SafetensorError, ValueError):
            raise CheckpointError(DAMAGED) from None
        self.epoch = 0  # the last complete epoch
        self.unreported: list[float] = []  # losses of the steps since the last reported one

    def attach(self, model: nn.Module, optimizer: torch.optim.Optimizer,
               generators: dict[str, torch.Generator]) -> None:
        """Use these objects from now on. Saved bytes, if given, are loaded into them first.

        CheckpointError if the bytes do not fit the model.
        """
        self.model, self.optimizer, self.generators = model, optimizer, generators
        if not self._saved:
            return
        parts: dict[str, dict[str, Tensor]] = {}
        for name, tensor in self._saved.items():
            kind, _, rest = name.partition("/")
            parts.setdefault(kind, {})[rest] = tensor
        try:
            model.load_state_dict(parts["model"])
            optimizer_state: dict[int, dict[str, Tensor]] = {}
            for name, tensor in parts.get("optimizer", {}).items():
                number, _, key = name.partition("/")
                optimizer_state.setdefault(int(number), {})[key] = tensor.clone()
            optimizer.load_state_dict({**optimizer.state_dict(), "state": optimizer_state})
            for name, generator in generators.items():
                generator.set_state(parts["generator"][name])
            self.epoch = int(parts["told"]["epoch"])
            self.unreported = parts["told"]["losses"].tolist()
        except (KeyError, ValueError, RuntimeError, TypeError):
            raise CheckpointError(DAMAGED) from None
        self._saved = {}

    def dump(self) -> bytes:
        """The whole state, including the weights, in the safetensors format."""
        optimizer_state = self.optimizer.state_dict()["state"]
        return save({
            **{f"model/{name}": weight.detach().contiguous()
               for name, weight in self.model.state_dict().items()},
            **{f"optimizer/{number}/{key}": value.detach().contiguous()
               for number, values in optimizer_state.items() for key, value in values.items()
               if isinstance(value, Tensor)},
            **{f"generator/{name}": generator.get_state()
               for name, generator in self.generators.items()},
            "told/epoch": torch.tensor(self.epoch),  # names of the first version of the format
            "told/losses": torch.tensor(self.unreported, dtype=torch.float64)})
