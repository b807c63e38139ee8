"""Names of weights in checkpoints, where they differ from the names in the code.

Checkpoints keep the names of the first version, so every version of the program opens every file.
The code uses the papers' terms. The translation happens here and nowhere else.
"""

from typing import Any

from torch import nn


def use_stored_names(module: nn.Module, stored: dict[str, str]) -> None:
    """Let `state_dict` and `load_state_dict` call the submodule `name` `stored[name]`.

    >>> layer = nn.ModuleDict({"feed_forward": nn.Linear(2, 2)})
    >>> use_stored_names(layer, {"feed_forward": "think"})
    >>> list(layer.state_dict())
    ['think.weight', 'think.bias']
    >>> layer.load_state_dict(layer.state_dict())
    <All keys matched successfully>
    """
    def write(_: nn.Module, state_dict: dict[str, Any], prefix: str, *rest: Any) -> None:
        for name, old in stored.items():
            rename(state_dict, f"{prefix}{name}.", f"{prefix}{old}.")

    def read(_: nn.Module, state_dict: dict[str, Any], prefix: str, *rest: Any) -> None:
        for name, old in stored.items():
            rename(state_dict, f"{prefix}{old}.", f"{prefix}{name}.")

    module.register_state_dict_post_hook(write)
    module.register_load_state_dict_pre_hook(read)


def rename(state_dict: dict[str, Any], old: str, new: str) -> None:
    """Replace the prefix `old` of keys by `new`, in place."""
    for key in [key for key in state_dict if key.startswith(old)]:
        state_dict[new + key.removeprefix(old)] = state_dict.pop(key)
