"""Models as bytes and files: safetensors for the weights, the recipe as JSON in its header.

No pickle anywhere: a file can hold numbers and text, never code. A file from a stranger is
checked against the recipe it claims (names, shapes, number type, finiteness) before a model of
that size is made.
"""

import os
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load as load_bytes
from safetensors.torch import save as save_bytes
from torch import Tensor, nn

from seq2seq.errors import CheckpointError, Seq2SeqError
from seq2seq.files.provenance import Provenance
from seq2seq.i18n import LazyText
from seq2seq.recipe import Recipe

SUFFIX = ".safetensors"
MAX_BYTES = 64 * 2**20
# How numbers may be stored. All are read as 32 bits: half as many lose nothing that scores show.
NUMBER_TYPES = {"F32", "F16", "BF16"}
NOT_OURS = LazyText("This file is not a model saved by this page. Choose a .safetensors file saved "
                    "here.")


def dump_weights(model: nn.Module, recipe: Recipe | None = None,
                 provenance: Provenance | None = None, half: bool = False) -> bytes:
    """The weights as one safetensors blob, with recipe and note in its header when given.

    With `half`, each number takes 16 bits (3 digits). CheckpointError if one is too large for it.
    """
    texts = {"recipe": recipe, "made": provenance}
    metadata = {name: text.to_json() for name, text in texts.items() if text is not None}
    weights = {k: v.detach().contiguous() for k, v in model.state_dict().items()}
    if half:
        weights = {name: weight.half() for name, weight in weights.items()}
        if not all(bool(weight.isfinite().all()) for weight in weights.values()):
            raise CheckpointError("A weight is too large for 16 bits: save it in full precision.")
    return save_bytes(weights, metadata or None)


def load_weights(model: nn.Module, weights: bytes) -> None:
    """Put a blob made by `dump_weights` into a model of the same recipe.

    CheckpointError if it is none, as a file that outlived a restart may have been damaged.
    """
    try:
        model.load_state_dict(load_bytes(weights))
    except (SafetensorError, RuntimeError, ValueError):
        raise CheckpointError("The saved weights of this run do not match its recipe: they are "
                              "damaged. Press Train to run the recipe again.") from None


def with_suffix(path: str | Path) -> Path:
    """`path`, ending in .safetensors."""
    path = Path(path)
    return path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX)


def write_checkpoint(path: str | Path, model: nn.Module, recipe: Recipe,
                     provenance: Provenance | None = None, half: bool = False) -> Path:
    """Write the model, its recipe and how it was made to `path`, whole or not at all.

    CheckpointError when the disk refuses: nothing half-written is left behind.
    """
    path = with_suffix(path)
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(dump_weights(model, recipe, provenance, half))
        os.replace(part, path)
    except OSError as problem:
        part.unlink(missing_ok=True)
        raise CheckpointError("The model could not be saved ({why}). Free some space on the "
                              "server's disk and save again.", why=problem.strerror) from None
    return path


def read_recipe(path: str | Path) -> Recipe:
    """The recipe in a file's header; nothing else of the file is read yet.

    CheckpointError says what is wrong with a file that is not one of ours.
    """
    metadata = _read_metadata(path)
    try:
        return Recipe.from_json(metadata["recipe"])
    except Seq2SeqError as problem:
        raise CheckpointError("The file's recipe cannot be used. {problem}",
                              problem=problem.args[0]) from None
    except (KeyError, ValueError, TypeError):
        raise CheckpointError(NOT_OURS) from None


def read_provenance(path: str | Path) -> Provenance | None:
    """How the model in a file was made, where the file says so.

    CheckpointError like `read_recipe`.
    """
    text = _read_metadata(path).get("made")
    return None if text is None else Provenance.from_json(text)


def _read_metadata(path: str | Path) -> dict[str, str]:
    """The texts in a file's header. CheckpointError if it is no safetensors file of our size."""
    try:
        file_path = with_suffix(path)
        if file_path.stat().st_size > MAX_BYTES:
            raise CheckpointError("The file is larger than {most} MB: no model saved by this page "
                                  "is that large.", most=MAX_BYTES >> 20)
        with safe_open(file_path, "pt") as file:
            return file.metadata() or {}
    except CheckpointError:
        raise
    except FileNotFoundError:
        name = with_suffix(path).name
        raise CheckpointError("There is no file {name}: save a model first.",
                              name=name) from None
    except (SafetensorError, OSError, ValueError, TypeError):
        raise CheckpointError(NOT_OURS) from None


def read_weights(path: str | Path, expected: dict[str, torch.Size]) -> dict[str, Tensor]:
    """The weights in a file, which must have exactly the `expected` names and shapes: float32.

    Shapes are compared in the file's header, before any number is read.
    """
    damaged = CheckpointError("The weights in this file do not match its recipe: the file is "
                              "damaged. Choose the original file.")
    try:
        with safe_open(with_suffix(path), "pt") as file:
            slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118
            found = {name: torch.Size(part.get_shape()) for name, part in slices.items()}
            types = {part.get_dtype() for part in slices.values()}
            if found != expected or not types <= NUMBER_TYPES:
                raise damaged
            tensors = {name: file.get_tensor(name).float() for name in found}
    except (SafetensorError, OSError):
        raise damaged from None
    if not all(bool(t.isfinite().all()) for t in tensors.values()):
        raise CheckpointError("Some weights in this file are not numbers: the file is damaged. "
                              "Choose the original file.")
    return tensors
