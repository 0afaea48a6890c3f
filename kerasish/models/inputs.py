"""Inputs as a graph expects them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core.errors import DataError, ShapeError
from kerasish.core.graph.symbolic import SymbolicTensor, static_shape, to_aval
from kerasish.core.surface.shape_advice import shape_advice
from kerasish.core.types import Array, PyTree
from kerasish.training.checks.host_values import INPUT_CAST

__all__ = ["as_avals", "fit_inputs"]


def fit_inputs(given: PyTree, expected: PyTree, model: str) -> PyTree:
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
            raise ShapeError(
                f"Model {model!r} takes a dict with the keys {sorted(expected)}; got "
                f"{_kind(given)}."
            )
        return {key: _fit_one(given[key], tensor, model) for key, tensor in expected.items()}
    if isinstance(given, Mapping):
        names = [tensor.name for tensor in expected]
        if not set(names) <= set(given):
            raise ShapeError(f"Model {model!r} takes the inputs {names}; got {sorted(given)}.")
        given = [given[name] for name in names]
    if not isinstance(given, (list, tuple)) or len(given) != len(expected):
        count = len(given) if isinstance(given, (list, tuple)) else 1
        names = [tensor.name for tensor in expected]
        named = f" Give a list of them, or a dict with the keys {names}." if count == 1 else ""
        raise ShapeError(f"Model {model!r} takes {len(expected)} inputs; got {count}.{named}")
    return [_fit_one(x, tensor, model) for x, tensor in zip(given, expected, strict=True)]


def _kind(given: PyTree) -> str:
    """Return what was given in the place of a dict, with what to do about it."""
    if isinstance(given, Mapping):
        return str(sorted(given))
    if isinstance(given, (list, tuple)):
        return f"a {type(given).__name__}"
    return "one array. Of a DataFrame, give `dict(df)`; of an array, a dict of its parts"


def as_avals(shape: PyTree, dtype: str) -> PyTree:
    """Return abstract arrays for a shape, or for a list or dict of shapes."""
    if isinstance(shape, Mapping):
        return {key: as_avals(each, dtype) for key, each in shape.items()}
    if shape and isinstance(shape[0], (list, tuple)):
        return [as_avals(each, dtype) for each in shape]
    return to_aval(shape, dtype)


def _fit_one(x: Any, tensor: SymbolicTensor, model: str) -> Array | None:
    if x is None and tensor.optional:
        return None
    if isinstance(x, (list, tuple, Mapping)) or not hasattr(x, "shape"):
        raise ShapeError(
            f"Model {model!r} takes one array for its input {tensor.name!r}; got a "
            f"{type(x).__name__}{_several(x)}"
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
            + shape_advice(got, shape)
        )
    if jnp.iscomplexobj(x) and not jnp.issubdtype(tensor.dtype, jnp.complexfloating):
        raise DataError(
            f"Model {model!r} takes {tensor.dtype} for its input {tensor.name!r}; got complex "
            "numbers. Give `x.real`, or both parts: `np.stack([x.real, x.imag], axis=-1)`."
        )
    with jax.named_scope(INPUT_CAST):
        return x.astype(tensor.dtype) if hasattr(x, "astype") else jnp.asarray(x, tensor.dtype)


def _several(given: PyTree) -> str:
    """Return the rest of a sentence on a list in the place of one array."""
    if not isinstance(given, (list, tuple)):
        return "."
    told = f" of {len(given)}."
    if len({getattr(item, "shape", None) for item in given}) == 1 and len(given) > 1:
        told += " If its items are samples, stack them: `np.stack(x)`."
    if 2 <= len(given) <= 3:
        told += " Inputs and targets are two arguments: `fit(x, y)`."
    return told
