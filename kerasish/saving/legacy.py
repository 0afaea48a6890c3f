"""Weights in the HDF5 layout of the first Keras, which published files have.

Each layer has a group, named in the attribute `layer_names` of the file; its attribute
`weight_names` says in which order its arrays are those of the layer. Names are those of the
program that wrote the file, so layers are matched by their order.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from itertools import count, takewhile
from typing import Any

import numpy as np

from kerasish.core.errors import FileFormatError, ShapeError
from kerasish.core.layer import Layer
from kerasish.core.tree import all_layers
from kerasish.core.variable import Variable
from kerasish.saving.hdf5.reader import descend, read_dataset, read_strings, read_text
from kerasish.saving.migration.eras import era_of
from kerasish.saving.migration.optimizers import state_order
from kerasish.saving.migration.weights import flipped, readings
from kerasish.saving.optimizer import restore_optimizer

__all__ = ["legacy_root", "legacy_weights", "read_legacy", "read_legacy_optimizer"]

# The group of what belongs to the model itself.
_TOP = "top_level_model_weights"


def legacy_root(h5: Any) -> Any:
    """Return the group that lists layers, or None if the file is of another layout."""
    for group in (h5, descend(h5, "model_weights")):  # in a file of a whole model
        if group is not None and ("layer_names" in group.attrs or "layer_names0" in group.attrs):
            return group
    return None


def legacy_weights(layer: Layer) -> list[tuple[Layer, Variable]]:
    """Return the weights of a layer in the order of its group, each with the layer that has it."""
    owners = {id(v): each for each in all_layers(layer) for v in each._kerasish_file_variables()}
    ordered = [*layer.trainable_weights, *layer.non_trainable_weights]
    return [(owners[id(v)], v) for v in ordered if id(v) in owners]


def read_legacy(
    model: Any, root: Any, *, skip_mismatch: bool, by_name: bool = False
) -> Iterator[tuple[Variable, np.ndarray]]:
    """Yield the values for the weights of a model.

    Args:
        model: a model with weights.
        root: what `legacy_root` returned.
        skip_mismatch: whether to leave out layers that do not fit.
        by_name: whether a layer of the file goes to the layer of its name, and others are passed
            over, here and there.

    Raises:
        ShapeError: if the file does not fit the model.
        FileFormatError: if it does not hold what it lists.
    """
    theano = _backend(root) == "theano"
    layers = [layer for layer in model._kerasish_sublayers() if legacy_weights(layer)]
    groups = [(name, _find(root, name)) for name in _listed(root, "layer_names")]
    groups = [(name, group) for name, group in groups if _listed(group, "weight_names")]
    if by_name:
        pairs = _by_name(model.name, layers, groups)
    elif len(groups) == len(layers):
        pairs = list(zip(layers, groups, strict=True))
    else:
        raise ShapeError(
            f"{model.name!r} has {len(layers)} layers with weights; the file has {len(groups)}."
        )
    for layer, (name, group) in pairs:
        owned = legacy_weights(layer)
        try:
            found = _read_layer(layer.name, [variable for _, variable in owned], name, group)
            for (owner, variable), (_, value) in zip(owned, found, strict=True):
                yield variable, flipped(owner, variable.name, value) if theano else value
            for each in all_layers(layer):
                yield from each._kerasish_after_loading()
        except ShapeError:
            if not skip_mismatch:
                raise
    if not by_name and (own := model._kerasish_file_variables()):
        yield from _read_layer(model.name, own, _TOP, _find(root, _TOP))


def _by_name(
    model: str, layers: list[Any], groups: list[tuple[str, Any]]
) -> list[tuple[Any, tuple[str, Any]]]:
    """Return the layers and groups of the same name."""
    known = {layer.name: layer for layer in layers}
    pairs = [(known[name], (name, group)) for name, group in groups if name in known]
    if not pairs:
        raise ShapeError(
            f"No layer of {model!r} has the name of one in the file. The model has "
            f"{_some(list(known))}; the file has {_some([name for name, _ in groups])}."
        )
    return pairs


def _some(names: list[str]) -> str:
    return ", ".join(names[:6]) + (", ..." if len(names) > 6 else "") if names else "none"


def read_legacy_optimizer(model: Any, h5: Any, *, build: bool) -> Callable[[], None] | None:
    """Read the variables of an optimizer; return what puts them in place, None if nothing will.

    Args:
        model: the model; nothing is read if it is not compiled.
        h5: the file.
        build: whether the whole model is read; its weights alone come without the optimizer.

    Raises:
        ShapeError: if they do not fit the model.
        FileFormatError: if the file does not hold what it lists.
    """
    group = (
        descend(h5, "optimizer_weights") if build and model._kerasish_engine is not None else None
    )
    if group is None:
        return None
    names, who = _listed(group, "weight_names"), model.optimizer.name
    era = era_of({}, read_text(h5, "keras_version") or "3.0")
    if era is None:
        return restore_optimizer(
            model, len(names), lambda i, shape: _read(group, names[i], shape, who), build=True
        )
    shapes = [_shape(group, name) for name in names]
    state = state_order(names, shapes, len(model.trainable_weights), era.version)
    if state is None:
        warnings.warn(
            f"The state of optimizer {who!r} was not loaded: {era} wrote it in another way.",
            stacklevel=6,
        )
        return None
    rates = [v.value for v in model.optimizer.variables if v.name == "learning_rate"]
    places: list[str | None] = [state.steps, *([state.rate] if rates else []), *state.slots]

    def read(i: int, shape: tuple[int, ...]) -> Any:
        name = places[i]
        return rates[0] if name is None else _read(group, name, shape, who)

    return restore_optimizer(model, len(places), read, build=True)


def _read_layer(
    who: str, variables: list[Variable], name: str, group: Any
) -> list[tuple[Variable, np.ndarray]]:
    weights = _listed(group, "weight_names")
    if len(weights) != len(variables):
        raise ShapeError(
            f"Layer {who!r} has {len(variables)} weights; the file has {len(weights)} for "
            f"it, under {name!r}."
        )
    found = [_shape(group, path) for path in weights]
    plan = readings([variable.shape for variable in variables], found)
    return [
        (variable, reading.convert(_read(group, path, reading.shape, who)))
        for variable, path, reading in zip(variables, weights, plan, strict=True)
    ]


def _shape(group: Any, path: str) -> tuple[int, ...] | None:
    """Return the shape of the array at a path below a group, if there is one."""
    return getattr(descend(group, path), "shape", None)


def _backend(root: Any) -> str:
    """Return what the Keras that wrote a file computed with, if it says so."""
    return (read_text(root, "backend") or "").lower()


def _read(group: Any, path: str, shape: tuple[int, ...], who: str) -> np.ndarray:
    """Return the array at a path below a group."""
    above, _, last = path.rpartition("/")
    return read_dataset(_find(group, above) if above else group, last, shape, who)


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
