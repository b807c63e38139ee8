"""Checkpoints: weights in the safetensors format, with the recipe as JSON in the header.

A file contains numbers and text, never code (no pickle). An uploaded file is checked against its
recipe (names, shapes, number types, finite values) before a model of that size is allocated.
"""

import base64
import json
import os
import zlib
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load as load_bytes
from safetensors.torch import save as save_bytes
from torch import Tensor, nn

from seq2seq.errors import CheckpointError, InputError, Seq2SeqError
from seq2seq.files.provenance import Provenance
from seq2seq.i18n import LazyText
from seq2seq.recipe import Recipe
from seq2seq.tasks.tables.parsing import allowed
from seq2seq.tasks.tables.subwords import fingerprint

SUFFIX = ".safetensors"
MAX_BYTES = 64 * 2**20
MAX_PLAIN = 1_000_000  # characters of a table that is written as it is; larger ones are compressed
# Allowed number types. All are read as 32 bits; 16 bits don't change the scores noticeably.
NUMBER_TYPES = {"F32", "F16", "BF16"}
NOT_OURS = LazyText("This file is not a model saved by this page. Choose a .safetensors file saved "
                    "here.")


def dump_weights(model: nn.Module, recipe: Recipe | None = None,
                 provenance: Provenance | None = None, half: bool = False) -> bytes:
    """The weights as safetensors bytes, with recipe and provenance in the header if given.

    With `half`, each weight has 16 bits (3 digits). CheckpointError if one is too large for that.
    """
    metadata = {}
    if recipe is not None and len(recipe.pairs) > MAX_PLAIN:
        # The header of a safetensors file may have 100 MB.
        packed = zlib.compress(recipe.pairs.encode())
        metadata["pairs"] = base64.b64encode(packed).decode()
        metadata["recipe"] = json.dumps({**json.loads(recipe.to_json()), "pairs": ""})
    elif recipe is not None:
        metadata["recipe"] = recipe.to_json()
    if provenance is not None:
        metadata["made"] = provenance.to_json()
    weights = {k: v.detach().contiguous() for k, v in model.state_dict().items()}
    if half:
        weights = {name: weight.half() for name, weight in weights.items()}
        if not all(bool(weight.isfinite().all()) for weight in weights.values()):
            raise CheckpointError("A weight is too large for 16 bits: save it in full precision.")
    return save_bytes(weights, metadata or None)


def load_weights(model: nn.Module, weights: bytes) -> None:
    """Load bytes of `dump_weights` into a model of the same recipe.

    CheckpointError if they do not fit: a file on the server's disk may be damaged.
    """
    try:
        model.load_state_dict(load_bytes(weights))
    except (SafetensorError, RuntimeError, ValueError):
        raise CheckpointError("The saved weights of this run do not match its recipe: they are "
                              "damaged. Press Train to run the recipe again.") from None


def with_suffix(path: str | Path) -> Path:
    """`path` with the ending .safetensors."""
    path = Path(path)
    return path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX)


def write_checkpoint(path: str | Path, model: nn.Module, recipe: Recipe,
                     provenance: Provenance | None = None, half: bool = False) -> Path:
    """Write weights, recipe and provenance to `path` atomically; returns the path.

    CheckpointError if writing fails; no incomplete file remains.
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
    """The recipe in a file's header. It reads no weights.

    CheckpointError if the file is not a checkpoint of this package.
    """
    metadata = _read_metadata(path)
    try:
        text = metadata["recipe"]
        if "pairs" in metadata:
            text = json.dumps({**json.loads(text), "pairs": _unpacked(metadata["pairs"])})
        recipe = Recipe.from_json(text)
        # Earlier files contain a fingerprint of the subwords in place of the subwords.
        expected = metadata.get("subwords")
        if expected and fingerprint(recipe.make_task().subwords) != expected:
            raise CheckpointError("The subwords of this model were learnt by another version of "
                                  "the package tokenizers: install the version in "
                                  "requirements.txt of the lab that saved it.")
        return recipe
    except Seq2SeqError as problem:
        raise CheckpointError("The file's recipe cannot be used. {problem}",
                              problem=problem.args[0]) from None
    except (KeyError, ValueError, TypeError, zlib.error):
        raise CheckpointError(NOT_OURS) from None


def _unpacked(text: str) -> str:
    # At most as much as a table may have here: a small file could unpack to gigabytes.
    most = 4 * allowed().characters
    unpacker = zlib.decompressobj()
    data = unpacker.decompress(base64.b64decode(text), most)
    if not unpacker.eof:
        raise InputError("Its table has more than {most:,} characters, the limit here.",
                         most=allowed().characters)
    return data.decode()


def read_provenance(path: str | Path) -> Provenance | None:
    """The provenance in a file's header, or None. CheckpointError as for `read_recipe`."""
    text = _read_metadata(path).get("made")
    return None if text is None else Provenance.from_json(text)


def _read_metadata(path: str | Path) -> dict[str, str]:
    """The texts in a file's header. CheckpointError if it is no safetensors file or too large."""
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
    """Name -> weight (float32). CheckpointError unless names and shapes are the `expected` ones.

    Shapes are checked in the file's header before any weight is read.
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
