"""Weights in safetensors files: arrays by name, readable from any JAX program."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import ArgumentError, FileFormatError, NotBuiltError, ShapeError
from kerasish.core.paths import to_name
from kerasish.core.serialization.class_hooks import has_hook
from kerasish.core.tree import all_layers, variables_with_paths
from kerasish.core.variable import Variable
from kerasish.saving.files import atomic_write, target
from kerasish.saving.model_protocol import SaveableModel

__all__ = ["ENDING", "prepare_safetensors", "read_safetensors"]

ENDING = ".safetensors"

# Names of dtypes in the file format.
_DTYPES = {
    "BOOL": "bool",
    "BF16": "bfloat16",
    "C64": "complex64",
    "F8_E4M3": "float8_e4m3fn",
    "F8_E5M2": "float8_e5m2",
} | {f"{kind[0].upper()}{n}": f"{kind}{n}" for kind in ("int", "uint") for n in (8, 16, 32, 64)}
_DTYPES |= {f"F{n}": f"float{n}" for n in (16, 32, 64)}


def prepare_safetensors(
    model: SaveableModel, filepath: str | os.PathLike[str], overwrite: bool
) -> Callable[[], None]:
    """Take a snapshot of the weights, and return a function that writes it, in any thread."""
    path = target(filepath, ENDING, overwrite)
    library = _library()
    if not model.built:
        raise NotBuiltError(f"{model.name!r} has no weights to save yet; call it on data once.")
    _reject_hooks(model)
    values = {
        name: layer._kerasish_file_value(variable)
        for layer, own in _weights_by_name(model)
        for name, variable in own.items()
    }
    for name, value in values.items():
        if value.dtype.name not in _DTYPES.values():
            raise ArgumentError(
                f"The weight {name!r} is of dtype {value.dtype.name}, which safetensors files do "
                "not support; save it to a `.weights.h5` file."
            )

    def write() -> None:
        # The library writes the memory as it is, so the arrays must be C-contiguous.
        arrays = {name: np.array(value, order="C") for name, value in values.items()}
        with atomic_write(path) as temporary:
            library.numpy.save_file(arrays, temporary, metadata={"format": "flax"})

    return write


def read_safetensors(model: SaveableModel, path: Path, skip_mismatch: bool) -> None:
    """Load the weights of all layers, or none if an error occurs.

    Raises:
        FileFormatError: if the file is damaged.
        ShapeError: if the file does not match the model.
    """
    arrays = _read(path)
    layers = list(_weights_by_name(model))
    if not skip_mismatch:
        _check_names({name for _, own in layers for name in own}, set(arrays))
    found: list[tuple[Variable, Any]] = []
    for layer, own in layers:
        try:
            _check_shapes(own, arrays)
        except ShapeError:
            if skip_mismatch:
                continue
            raise
        found += [(variable, arrays[name]) for name, variable in own.items()]
        found += layer._kerasish_after_loading()
    for variable, value in found:
        variable.assign(value)


def _weights_by_name(model: SaveableModel) -> Iterator[tuple[Any, dict[str, Variable]]]:
    """Yield each layer and its own weights by name: their paths in `model.params`, joined by `/`.

    Weights that a layer excludes from files, such as LoRA factors, are excluded here as well.
    """
    names = {id(variable): to_name(path) for path, variable in variables_with_paths(model)}
    for layer in all_layers(model):
        yield layer, {names[id(v)]: v for v in layer._kerasish_file_variables()}


def _reject_hooks(model: SaveableModel) -> None:
    for layer in all_layers(model):
        if has_hook(layer, "save_own_variables"):
            raise ArgumentError(
                f"Layer {layer.name!r} ({type(layer).__name__}) writes its own state by "
                "`save_own_variables`, which safetensors files do not support; save it to a "
                "`.weights.h5` file."
            )


def _check_names(own: set[str], found: set[str]) -> None:
    if own != found:
        parts = [
            f"{what} {', '.join(map(repr, sorted(names)[:8]))}{', ...' if len(names) > 8 else ''}"
            for what, names in (("it lacks", own - found), ("the model has no", found - own))
            if names
        ]
        raise ShapeError(f"The weights in the file are not those of the model: {'; '.join(parts)}.")


def _check_shapes(own: dict[str, Variable], arrays: dict[str, np.ndarray]) -> None:
    for name, variable in own.items():
        shape = arrays[name].shape if name in arrays else None
        if shape != variable.shape:
            raise ShapeError(
                f"The weight {name!r} has shape {variable.shape}; the file has {shape} for it."
            )


def _read(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of a file by name."""
    library = _library()
    try:
        return {
            name: np.frombuffer(entry["data"], jnp.dtype(_DTYPES[entry["dtype"]])).reshape(
                entry["shape"]
            )
            for name, entry in library.deserialize(path.read_bytes())
        }
    except (OSError, KeyError, ValueError, library.SafetensorError) as error:
        raise FileFormatError(
            f"{str(path)!r} is not a safetensors file, is damaged, or has an unknown dtype: "
            f"{error}."
        ) from error


def _library() -> ModuleType:
    try:
        import safetensors.numpy
    except ModuleNotFoundError as error:
        raise ArgumentError(
            "Files that end in '.safetensors' require the package safetensors: `pip install "
            "kerasish[safetensors]`."
        ) from error
    return safetensors
