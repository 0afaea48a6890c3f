"""Arguments of the first layer of a Sequential: the shape of the input, and initial weights."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np

from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.types import ArrayLike, PyTree, Shape
from kerasish.core.variable import Variable

__all__ = ["set_initial_weights", "take_first_layer_arguments"]


class FirstLayer(Protocol):
    """What `set_initial_weights` needs of a layer."""

    _kerasish_first_weights: list[np.ndarray] | None

    @property
    def name(self) -> str: ...

    @property
    def weights(self) -> list[Variable]: ...


def take_first_layer_arguments(
    given: dict[str, Any],
) -> tuple[Shape | None, list[np.ndarray] | None]:
    """Remove the arguments of a first layer from keyword arguments.

    Args:
        given: the keyword arguments; those found here are removed.

    Returns:
        The shape of the input, batch first, and the initial values of the weights; None for each
        that was not given.

    Raises:
        ArgumentError: if the shape cannot be, or is given twice.
    """
    weights = given.pop("weights", None)
    arrays = None if weights is None else [np.asarray(each) for each in _listed(weights)]
    named = ("input_shape", "input_dim", "batch_input_shape", "batch_shape")
    shapes = {name: given.pop(name) for name in named if given.get(name) is not None}
    for name in named:  # None stands for nothing
        given.pop(name, None)
    if not shapes:
        return None, arrays
    if len(shapes) > 1:
        raise ArgumentError(f"The shape of the input is given twice: {shapes}. Give one of them.")
    ((name, shape),) = shapes.items()
    if name == "input_dim":
        shape = (shape,)
    elif isinstance(shape, (int, np.integer)):
        raise ArgumentError(f"{name} must be a tuple; write `{name}=({shape},)`.")
    sizes: tuple[Any, ...] = tuple(shape) if isinstance(shape, Iterable) else (shape,)
    if not all(_is_size(n) for n in sizes):
        raise ArgumentError(f"{name} must be made of whole numbers and None; got {shape!r}.")
    if name.startswith("batch"):
        return sizes, arrays
    return (given.pop("batch_size", None), *sizes), arrays


def set_initial_weights(layer: FirstLayer) -> None:
    """Set the initializers of a layer that was just built to the `weights` of its constructor.

    Raises:
        ShapeError: if they do not fit.
    """
    arrays = layer._kerasish_first_weights
    if arrays is None:
        return
    declared = layer.weights
    if [v.shape for v in declared] != [array.shape for array in arrays]:
        raise ShapeError(
            f"Layer {layer.name!r} has weights of the shapes {[v.shape for v in declared]}; "
            f"`weights` was given with {[array.shape for array in arrays]}."
        )
    for variable, array in zip(declared, arrays, strict=True):
        variable.initializer = lambda _, dtype, array=array: np.asarray(array, dtype)
    layer._kerasish_first_weights = None


def _listed(weights: PyTree) -> Sequence[ArrayLike]:
    return weights if isinstance(weights, (list, tuple)) else [weights]


def _is_size(n: object) -> bool:
    is_whole = isinstance(n, (int, np.integer)) and not isinstance(n, bool)
    return n is None or (is_whole and int(n) >= 0)  # type: ignore[call-overload]
