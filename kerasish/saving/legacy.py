"""Weights in the legacy HDF5 layout of Keras 1 and 2, which many published files have.

Each layer has a group, listed in the attribute `layer_names` of the file. The attribute
`weight_names` of a group lists its arrays in the order of the layer's weights. Names depend on the
program that wrote the file, so layers are matched by their order.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from itertools import count, takewhile
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish.core.errors import FileFormatError, ShapeError
from kerasish.core.layer import Layer
from kerasish.core.tree import all_layers
from kerasish.core.variable import Variable
from kerasish.saving.hdf5.reader import find_group, read_dataset, read_strings, read_text
from kerasish.saving.migration.eras import era_of
from kerasish.saving.migration.optimizers import order_state
from kerasish.saving.migration.weights import conversions, flip_theano_kernel
from kerasish.saving.model_protocol import SaveableModel
from kerasish.saving.optimizer import restore_optimizer

if TYPE_CHECKING:
    import h5py

__all__ = ["legacy_root", "ordered_weights", "read_legacy_optimizer", "read_legacy_weights"]

# The group of the weights of the model itself.
_TOP = "top_level_model_weights"


def legacy_root(h5: h5py.Group) -> h5py.Group:
    """Return the group that lists the layers, or None if the file has another layout."""
    for group in (h5, find_group(h5, "model_weights")):  # in a file with a whole model
        if group is not None and ("layer_names" in group.attrs or "layer_names0" in group.attrs):
            return group
    return None


def ordered_weights(layer: Layer) -> list[tuple[Layer, Variable]]:
    """Return the weights of a layer in the order of its group, with the layers that own them."""
    owners = {id(v): each for each in all_layers(layer) for v in each._kerasish_file_variables()}
    ordered = [*layer.trainable_weights, *layer.non_trainable_weights]
    return [(owners[id(v)], v) for v in ordered if id(v) in owners]


def read_legacy_weights(
    model: SaveableModel, root: h5py.Group, *, skip_mismatch: bool, by_name: bool = False
) -> Iterator[tuple[Variable, np.ndarray]]:
    """Yield the variables of a model and their values in the file.

    Args:
        model: a model with weights.
        root: the result of `legacy_root`.
        skip_mismatch: whether to skip layers whose weights do not match.
        by_name: whether to match layers by name and to skip the others.

    Raises:
        ShapeError: if the file does not match the model.
        FileFormatError: if an array is listed but missing.
    """
    theano = _backend(root) == "theano"
    layers = [layer for layer in model._kerasish_sublayers() if ordered_weights(layer)]
    groups = [(name, _find_listed(root, name)) for name in _names_in(root, "layer_names")]
    groups = [(name, group) for name, group in groups if _names_in(group, "weight_names")]
    if by_name:
        pairs = _by_name(model.name, layers, groups)
    elif len(groups) == len(layers):
        pairs = list(zip(layers, groups, strict=True))
    else:
        raise ShapeError(
            f"{model.name!r} has {len(layers)} layers with weights; the file has {len(groups)}."
        )
    for layer, (name, group) in pairs:
        owned = ordered_weights(layer)
        try:
            found = _read_layer(layer.name, [variable for _, variable in owned], name, group)
            for (owner, variable), (_, value) in zip(owned, found, strict=True):
                yield variable, flip_theano_kernel(owner, variable.name, value) if theano else value
            for each in all_layers(layer):
                yield from each._kerasish_after_loading()
        except ShapeError:
            if not skip_mismatch:
                raise
    if not by_name and (own := model._kerasish_file_variables()):
        yield from _read_layer(model.name, own, _TOP, _find_listed(root, _TOP))


def _by_name(
    model: str, layers: list[Any], groups: list[tuple[str, Any]]
) -> list[tuple[Any, tuple[str, Any]]]:
    """Return pairs of layers and groups with the same name."""
    known = {layer.name: layer for layer in layers}
    pairs = [(known[name], (name, group)) for name, group in groups if name in known]
    if not pairs:
        raise ShapeError(
            f"No layer of {model!r} has the name of a layer in the file. The model has "
            f"{_shorten(list(known))}; the file has {_shorten([name for name, _ in groups])}."
        )
    return pairs


def _shorten(names: list[str]) -> str:
    return ", ".join(names[:6]) + (", ..." if len(names) > 6 else "") if names else "none"


def read_legacy_optimizer(
    model: SaveableModel, h5: h5py.Group, *, build: bool
) -> Callable[[], None] | None:
    """Read the variables of an optimizer; return a function that assigns them, or None.

    Args:
        model: the model; nothing is read if it is not compiled.
        h5: the file.
        build: whether the whole model is loaded; otherwise the optimizer is not restored.

    Raises:
        ShapeError: if the variables do not match the model.
        FileFormatError: if an array is listed but missing.
    """
    group = (
        find_group(h5, "optimizer_weights")
        if build and model._kerasish_engine is not None
        else None
    )
    if group is None:
        return None
    names, who = _names_in(group, "weight_names"), model.optimizer.name
    era = era_of({}, read_text(h5, "keras_version") or "3.0")
    if era is None:
        return restore_optimizer(
            model, len(names), lambda i, shape: _read_array(group, names[i], shape, who), build=True
        )
    shapes = [_shape(group, name) for name in names]
    state = order_state(names, shapes, len(model.trainable_weights), era.version)
    if state is None:
        warnings.warn(
            f"The state of optimizer {who!r} was not loaded: {era} wrote it in another format.",
            stacklevel=6,
        )
        return None
    rates = [v.value for v in model.optimizer.variables if v.name == "learning_rate"]
    sources: list[str | None] = [state.steps, *([state.rate] if rates else []), *state.slots]

    def read_variable(i: int, shape: tuple[int, ...]) -> np.ndarray:
        name = sources[i]
        return np.asarray(rates[0]) if name is None else _read_array(group, name, shape, who)

    return restore_optimizer(model, len(sources), read_variable, build=True)


def _read_layer(
    who: str, variables: list[Variable], name: str, group: h5py.Group
) -> list[tuple[Variable, np.ndarray]]:
    weights = _names_in(group, "weight_names")
    if len(weights) != len(variables):
        raise ShapeError(
            f"Layer {who!r} has {len(variables)} weights; the file has {len(weights)} for "
            f"it, under {name!r}."
        )
    found = [_shape(group, path) for path in weights]
    plan = conversions([variable.shape for variable in variables], found)
    return [
        (variable, reading.convert(_read_array(group, path, reading.shape, who)))
        for variable, path, reading in zip(variables, weights, plan, strict=True)
    ]


def _shape(group: h5py.Group, path: str) -> tuple[int, ...] | None:
    """Return the shape of the array at a path below a group, or None."""
    return getattr(find_group(group, path), "shape", None)


def _backend(root: h5py.Group) -> str:
    """Return the name of the backend that wrote the file, or an empty string."""
    return (read_text(root, "backend") or "").lower()


def _read_array(group: h5py.Group, path: str, shape: tuple[int, ...], who: str) -> np.ndarray:
    """Return the array at a path below a group."""
    above, _, last = path.rpartition("/")
    return read_dataset(_find_listed(group, above) if above else group, last, shape, who)


def _find_listed(group: h5py.Group, path: str) -> h5py.Group:
    found = find_group(group, path)
    if not hasattr(found, "keys"):
        raise FileFormatError(f"The file lists {path!r} but does not contain it.")
    return found


def _names_in(group: h5py.Group, attribute: str) -> list[str]:
    """Return the names in an attribute, which may be split over several attributes."""
    parts = [attribute] if attribute in group.attrs else []
    parts += takewhile(group.attrs.__contains__, (f"{attribute}{i}" for i in count()))
    return [name for part in parts for name in read_strings(group, part)]
