"""Inputs as a graph expects them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core.errors import ShapeError
from kerasish.core.symbolic import SymbolicTensor, static_shape, to_aval
from kerasish.training.host_values import INPUT_CAST

__all__ = ["as_avals", "fit_inputs"]


def fit_inputs(given: Any, expected: Any, model: str) -> Any:
    """Return inputs in the structure, the dtypes and the ranks of a graph's input tensors.

    Args:
        given: arrays: one, or a list or dict of them.
        expected: the tensors of the graph: one, or a list or dict of them.
        model: the name of the model, for messages.

    Raises:
        ShapeError: if they do not fit.
    """
    if isinstance(expected, SymbolicTensor):
        alone = isinstance(given, (list, tuple)) and len(given) == 1
        if isinstance(given, Mapping) and len(given) == 1:
            given, alone = list(given.values()), True
        return _fit_one(given[0] if alone else given, expected, model)
    if isinstance(expected, Mapping):
        if not isinstance(given, Mapping) or not set(expected) <= set(given):
            got = sorted(given) if isinstance(given, Mapping) else type(given).__name__
            raise ShapeError(
                f"Model {model!r} takes a dict with the keys {sorted(expected)}; got {got}."
            )
        return {key: _fit_one(given[key], tensor, model) for key, tensor in expected.items()}
    if isinstance(given, Mapping):
        names = [tensor.name for tensor in expected]
        if not set(names) <= set(given):
            raise ShapeError(f"Model {model!r} takes the inputs {names}; got {sorted(given)}.")
        given = [given[name] for name in names]
    if not isinstance(given, (list, tuple)) or len(given) != len(expected):
        count = len(given) if isinstance(given, (list, tuple)) else 1
        raise ShapeError(f"Model {model!r} takes {len(expected)} inputs; got {count}.")
    return [_fit_one(x, tensor, model) for x, tensor in zip(given, expected, strict=True)]


def as_avals(shape: Any, dtype: str) -> Any:
    """Return abstract arrays for a shape, or for a list or dict of shapes."""
    if isinstance(shape, Mapping):
        return {key: as_avals(each, dtype) for key, each in shape.items()}
    if shape and isinstance(shape[0], (list, tuple)):
        return [as_avals(each, dtype) for each in shape]
    return to_aval(shape, dtype)


def _fit_one(x: Any, tensor: SymbolicTensor, model: str) -> Any:
    if x is None and tensor.optional:
        return None
    if isinstance(x, (list, tuple, Mapping)) or not hasattr(x, "shape"):
        several = len(x) if isinstance(x, (list, tuple)) else 0
        raise ShapeError(
            f"Model {model!r} takes one array for its input {tensor.name!r}; got a "
            f"{type(x).__name__}{f' of {several}' if several else ''}."
            + (" Inputs and targets are two arguments: `fit(x, y)`." if several == 2 else "")
        )
    shape = tensor.shape
    if x.ndim == len(shape) - 1 and shape[-1] == 1:
        x = x[..., None]
    elif x.ndim == len(shape) + 1 and x.shape[-1] == 1:
        x = x[..., 0]
    got = static_shape(x.shape)
    fits = len(got) == len(shape) and all(
        a is None or b is None or a == b for a, b in zip(got[1:], shape[1:], strict=True)
    )
    if not fits:
        raise ShapeError(
            f"Model {model!r} takes input of shape {shape} ({tensor.name!r}); got {got}."
        )
    with jax.named_scope(INPUT_CAST):
        return x.astype(tensor.dtype) if hasattr(x, "astype") else jnp.asarray(x, tensor.dtype)
