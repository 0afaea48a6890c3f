"""The weights of a layer: paths, seeds, declaration, lists in Keras's order, and files."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.paths import to_name
from kerasish.core.protocols import LayerLike
from kerasish.core.seeds import SeedGenerator
from kerasish.core.serialization import registry
from kerasish.core.settings import config
from kerasish.core.tree import all_layers, collect_attributes, sublayers, variables_with_paths
from kerasish.core.types import (
    ArrayLike,
    ConstraintLike,
    DTypeLike,
    InitializerLike,
    RegularizerLike,
)
from kerasish.core.variable import Variable

__all__ = [
    "assign_paths",
    "declare_weight",
    "draws_random_numbers",
    "load_arrays",
    "save_arrays",
    "set_weights",
]


def assign_paths(root: LayerLike) -> None:
    """Set the paths of all layers and variables below a root, and the seed of their values."""
    seed = _take_seed(root)
    paths = {id(root): root.name}
    for layer in all_layers(root):
        layer._kerasish_path = paths[id(layer)]
        for name, child in sublayers(layer).items():
            paths.setdefault(id(child), f"{layer._kerasish_path}/{name}")
    for path, variable in variables_with_paths(root):
        variable.path = path
        if not variable.has_value:
            variable.seed = seed


def _take_seed(root: LayerLike) -> int:
    """Return the seed of the weights: the first that the root or a layer in it was built with."""
    seed: int | None = None
    for layer in (root, *all_layers(root)):
        if seed is None:
            seed, layer._kerasish_seed = layer._kerasish_seed, None
    seed = config.next_seed() if seed is None else seed
    # The layers below have no seed now, so that another model around them has its own.
    root._kerasish_seed = seed
    return seed


def declare_weight(
    layer: LayerLike,
    shape: Sequence[int | None] | int | None,
    initializer: InitializerLike,
    dtype: DTypeLike | None,
    *,
    name: str | None,
    trainable: bool,
    autocast: bool,
    regularizer: RegularizerLike,
    constraint: ConstraintLike,
    aggregation: str | None,
) -> Variable:
    """Return a variable with the arguments of `Layer.add_weight`.

    Raises:
        ShapeError: if a size is unknown.
        ArgumentError: if the shape is a string.
    """
    dtype = np.dtype(dtype or layer.variable_dtype)
    if initializer is None:
        initializer = "glorot_uniform" if jnp.issubdtype(dtype, jnp.floating) else "zeros"
    if isinstance(shape, str):
        raise ArgumentError(
            f"add_weight takes the shape first; write `add_weight(shape=..., name={shape!r})`."
        )
    sizes = (shape,) if isinstance(shape, int) else tuple(shape or ())
    if not all(isinstance(n, (int, np.integer)) for n in sizes):
        raise ShapeError(
            f"Layer {layer.name!r} cannot make a weight {name!r} of shape {sizes}: a size is "
            "unknown. Give that size in `Input(shape=...)`."
        )
    return Variable(
        registry.resolve("initializers", initializer),
        sizes,  # type: ignore[arg-type]
        dtype,
        trainable=trainable,
        autocast=autocast,
        aggregation=aggregation,
        name=name or "variable",
        regularizer=registry.resolve("regularizers", regularizer),
        constraint=registry.resolve("constraints", constraint),
    )


def draws_random_numbers(layer: LayerLike) -> bool:
    """Return whether a layer has an attribute `seed`, or a `SeedGenerator` of its own."""
    generators = collect_attributes(layer, SeedGenerator)
    return hasattr(layer, "seed") or any(
        each is not layer._kerasish_seed_generator for each in generators
    )


def set_weights(layer: LayerLike, values: Sequence[ArrayLike]) -> None:
    """Assign all weights, once all values are known to fit; see `Layer.set_weights`."""
    own = layer.weights
    if isinstance(values, Mapping):
        raise ArgumentError(
            f"`set_weights` of {layer.name!r} takes a list of arrays in the order of `weights`; "
            "got a dict. Assign a tree: `model.params = tree`, `model.state = tree`."
        )
    if len(own) != len(values):
        raise ShapeError(f"{layer.name!r} has {len(own)} weights; {len(values)} arrays were given.")
    for variable, value in zip(own, values, strict=True):
        if np.shape(value) != variable.shape:
            raise ShapeError(
                f"The weight {to_name(variable.path)!r} has shape {variable.shape}; the "
                f"array given for it has shape {np.shape(value)}. The leaves of a tree are in "
                "another order: assign the tree to `model.params`."
            )
    if all(isinstance(value, jax.Array) for value in values):
        _warn_of_leaves(layer)
    for variable, value in zip(own, values, strict=True):
        variable.assign(value)


def _warn_of_leaves(layer: LayerLike) -> None:
    """Warn if the leaves of `params` and `state` have the shapes of `weights` in another order."""
    kinds = (
        [each for each in variables_with_paths(layer, kind) if each[1].saved]
        for kind in (True, False)
    )
    leaves = [v for kind in kinds for _, v in sorted(kind, key=lambda each: each[0])]
    own = layer.weights
    moved = [v for v, leaf in zip(own, leaves, strict=True) if v is not leaf]
    if moved and all(v.shape == leaf.shape for v, leaf in zip(own, leaves, strict=True)):
        warnings.warn(
            f"`set_weights` of {layer.name!r} took JAX arrays in the order of `weights`, where "
            f"{to_name(moved[0].path)!r} comes before {to_name(moved[1].path)!r}. If they are "
            "`jax.tree.leaves(params)`, which are sorted by name, assign the tree instead: "
            "`model.params = params`. NumPy arrays are taken without this warning.",
            stacklevel=4,
        )


# Files: the arrays of one layer, without its sublayers.


def save_arrays(layer: LayerLike, store: MutableMapping[str, Any]) -> None:
    """Put the weights of the layer itself into a store, as `"0"`, `"1"`, ..."""
    for i, variable in enumerate(layer._kerasish_file_variables()):
        store[str(i)] = np.array(layer._kerasish_file_value(variable))


def load_arrays(layer: LayerLike, store: Mapping[str, Any]) -> None:
    """Assign the weights of the layer itself from a store.

    Raises:
        ShapeError: if the store has another number of arrays, or one does not fit.
    """
    own = layer._kerasish_file_variables()
    if len(store) != len(own):
        raise ShapeError(
            f"{layer.name!r} has {len(own)} weights of its own; the store holds {len(store)}."
        )
    for i, variable in enumerate(own):
        variable.assign(np.asarray(store[str(i)]))
    for variable, value in layer._kerasish_after_loading():
        variable.assign(value)
