"""Weights in the HDF5 layout of the first Keras, which published files have.

Each layer has a group, named in the attribute `layer_names` of the file; its attribute
`weight_names` says in which order its arrays are those of the layer. Names are those of the
program that wrote the file, so layers are matched by their order.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, takewhile
from typing import Any

import numpy as np

from kerasish.core.errors import FileFormatError, ShapeError
from kerasish.core.variable import Variable
from kerasish.saving.hdf5 import descend, read_dataset, read_strings

__all__ = ["legacy_root", "read_legacy"]


def legacy_root(h5: Any) -> Any:
    """Return the group that lists layers, or None if the file is of another layout."""
    for group in (h5, descend(h5, "model_weights")):  # in a file of a whole model
        if group is not None and ("layer_names" in group.attrs or "layer_names0" in group.attrs):
            return group
    return None


def read_legacy(
    model: Any, root: Any, *, skip_mismatch: bool
) -> Iterator[tuple[Variable, np.ndarray]]:
    """Yield the values for the weights of a model.

    Args:
        model: a model with weights.
        root: what `legacy_root` returned.
        skip_mismatch: whether to leave out layers that do not fit.

    Raises:
        ShapeError: if the file does not fit the model.
        FileFormatError: if it does not hold what it lists.
    """
    layers = [layer for layer in model.layers if layer.weights]
    groups = [(name, _find(root, name)) for name in _listed(root, "layer_names")]
    groups = [(name, group) for name, group in groups if _listed(group, "weight_names")]
    if len(groups) != len(layers):
        raise ShapeError(
            f"{model.name!r} has {len(layers)} layers with weights; the file has {len(groups)}."
        )
    for layer, (name, group) in zip(layers, groups, strict=True):
        try:
            yield from _read_layer(layer, name, group)
        except ShapeError:
            if not skip_mismatch:
                raise


def _read_layer(layer: Any, name: str, group: Any) -> list[tuple[Variable, np.ndarray]]:
    variables = [*layer.trainable_weights, *layer.non_trainable_weights]
    weights = _listed(group, "weight_names")
    if len(weights) != len(variables):
        raise ShapeError(
            f"Layer {layer.name!r} has {len(variables)} weights; the file has {len(weights)} for "
            f"it, under {name!r}."
        )
    found = []
    for variable, path in zip(variables, weights, strict=True):
        above, _, last = path.rpartition("/")
        holder = _find(group, above) if above else group
        found.append((variable, read_dataset(holder, last, variable.shape, layer.name)))
    return found


def _find(group: Any, path: str) -> Any:
    found = descend(group, path)
    if not hasattr(found, "keys"):
        raise FileFormatError(f"The file lists {path!r} and does not hold it.")
    return found


def _listed(group: Any, attribute: str) -> list[str]:
    """Return the names in an attribute, which may have been too long for one."""
    parts = [attribute] if attribute in group.attrs else []
    parts += takewhile(group.attrs.__contains__, (f"{attribute}{i}" for i in count()))
    return [name for part in parts for name in read_strings(group, part)]
