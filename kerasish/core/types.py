"""The types that signatures are written in.

Signatures name what users pass: an `Array`, a `Shape`, an `ActivationLike`. Types that stand for
more than one form, such as `PyTree`, say in words what a type checker cannot.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import jax
import jax.typing
import numpy as np

__all__ = [
    "JSON",
    "ActivationLike",
    "Array",
    "ArrayLike",
    "Config",
    "ConstraintLike",
    "DTypeLike",
    "InitializerLike",
    "Logs",
    "Params",
    "PyTree",
    "RegularizerLike",
    "Shape",
]

Array: TypeAlias = jax.Array
"""An array on a device, or a tracer of one."""

ArrayLike: TypeAlias = jax.typing.ArrayLike
"""What `jnp.asarray` turns into an array without looking into containers."""

PyTree: TypeAlias = Any
"""Nested lists, tuples and dicts with arrays (or the declared kind of leaf) at their ends."""

Params: TypeAlias = dict[str, Any]
"""Weights as nested dicts: by the names of sublayers, then of weights."""

Shape: TypeAlias = tuple[int | None, ...]
"""Sizes of axes; None for one that is not known yet."""

DTypeLike: TypeAlias = str | type | np.dtype[Any]
"""A dtype by name, as a NumPy or JAX type, or as `numpy.dtype`."""

Config: TypeAlias = dict[str, Any]
"""Settings of an object in a form that JSON can hold: what `get_config` returns."""

JSON: TypeAlias = Any
"""A value as `json.loads` returns it: dicts, lists, strings, numbers, booleans and None."""

Logs: TypeAlias = dict[str, float]
"""Values of the loss and the metrics by name, as callbacks receive them."""

ActivationLike: TypeAlias = str | Callable[..., Array] | Config | None
"""An activation by name, as a function, or as the config of one; None for the identity."""

InitializerLike: TypeAlias = str | Callable[..., ArrayLike] | Config | ArrayLike | None
"""An initializer by name, as an object or a function `(shape, dtype)`, or as a config."""

RegularizerLike: TypeAlias = str | Callable[..., ArrayLike] | Config | None
"""A regularizer by name, as an object or a function of the weight, or as a config."""

ConstraintLike: TypeAlias = str | Callable[..., ArrayLike] | Config | None
"""A constraint by name, as an object or a function of the weight, or as a config."""
