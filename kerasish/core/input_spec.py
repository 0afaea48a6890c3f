"""What a built layer expects of its input, checked before any maths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import numpy as np

from kerasish.core.errors import ArgumentError, ShapeError

__all__ = ["InputSpec", "check_inputs"]


class InputSpec:
    """The rank, the sizes and the dtype that an input must have.

    Args:
        dtype: the dtype.
        shape: the sizes, the batch included, None for any; says `ndim`, too.
        ndim: the exact number of dimensions.
        max_ndim: the largest number of dimensions.
        min_ndim: the least number of dimensions.
        axes: sizes by axis, e.g. `{-1: 784}`.
        allow_last_axis_squeeze: whether `shape` is met without its last axis, or with one more,
            if that has size 1.
        name: the key of this input, where inputs are a dict.
        optional: whether None may stand in its place.

    Raises:
        ArgumentError: if an axis is not below the number of dimensions.

    Examples:
        >>> InputSpec(min_ndim=2, axes={-1: 784}).check((32, 784), "dense")
        >>> InputSpec(shape=(None, 3)).ndim
        2
    """

    def __init__(
        self,
        dtype: Any = None,
        shape: Sequence[int | None] | None = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: Mapping[int, int] | None = None,
        allow_last_axis_squeeze: bool = False,
        name: str | None = None,
        optional: bool = False,
    ) -> None:
        self.dtype = None if dtype is None else np.dtype(dtype).name
        self.shape = None if shape is None else tuple(shape)
        self.ndim = ndim if self.shape is None else len(self.shape)
        self.max_ndim = max_ndim
        self.min_ndim = min_ndim
        self.axes = {int(axis): size for axis, size in (axes or {}).items()}
        self.allow_last_axis_squeeze = allow_last_axis_squeeze
        self.name = name
        self.optional = optional
        most = self.ndim if self.ndim is not None else max_ndim
        if most is not None and any(axis >= most for axis in self.axes):
            raise ArgumentError(
                f"An input of at most {most} dimensions has no axis {max(self.axes)}; axes are "
                "counted from 0."
            )

    def check(self, shape: tuple[Any, ...], who: str, dtype: Any = None) -> None:
        """Compare a shape (sizes may be unknown) with the expectation.

        Args:
            shape: the shape.
            who: the layer, for the message.
            dtype: the dtype of the input; None if it does not matter.

        Raises:
            ShapeError: if it does not fit; `who` is named in the message.
        """
        shown = tuple(n if isinstance(n, int) else None for n in shape)
        if self.dtype is not None and dtype is not None and np.dtype(dtype) != self.dtype:
            raise ShapeError(
                f"Layer {who!r} takes an input of dtype {self.dtype}; it got {np.dtype(dtype)}."
            )
        expected = self.shape
        if self.allow_last_axis_squeeze and expected is not None:
            shape, expected = _squeezed(shape), _squeezed(expected)
        ndim = self.ndim if expected is None else len(expected)
        if ndim is not None and len(shape) != ndim:
            raise ShapeError(
                f"Layer {who!r} takes an input of {ndim} dimensions, batch included; "
                f"it got {len(shape)}: shape {shown}.{_one_axis_less(len(shape), ndim)}"
            )
        if self.max_ndim is not None and len(shape) > self.max_ndim:
            raise ShapeError(
                f"Layer {who!r} takes an input of at most {self.max_ndim} dimensions, batch "
                f"included; it got {len(shape)}: shape {shown}."
            )
        if self.min_ndim is not None and len(shape) < self.min_ndim:
            raise ShapeError(
                f"Layer {who!r} takes an input of at least {self.min_ndim} dimensions, batch "
                f"included; it got {len(shape)}: shape {shown}."
                + _one_axis_less(len(shape), self.min_ndim)
            )
        for axis, size in self.axes.items():
            if isinstance(shape[axis], int) and shape[axis] != size:
                raise ShapeError(
                    f"Layer {who!r} was built for an input of size {size} in axis {axis}; "
                    f"it got {shape[axis]}: shape {shown}."
                )
        if expected is not None and not all(map(_agree, expected, shape)):
            raise ShapeError(f"Layer {who!r} takes an input of shape {self.shape}; it got {shown}.")

    def get_config(self) -> dict[str, Any]:
        """Return the constructor arguments that make an equal one."""
        names = ("dtype", "shape", "ndim", "max_ndim", "min_ndim", "axes", "optional")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> InputSpec:
        """Make one from what `get_config` returned."""
        return cls(**config)

    def __repr__(self) -> str:
        said = [f"{name}={value!r}" for name, value in vars(self).items() if value]
        return f"InputSpec({', '.join(said)})"


def _one_axis_less(got: int, expected: int) -> str:
    """Return how to add the axis that an input lacks, in a sentence after a space."""
    if got != expected - 1 or expected < 3:
        return ""
    if expected == 3:
        return (
            " Add an axis with `x[..., None]`; a recurrent layer before it needs "
            "`return_sequences=True`."
        )
    return " Add an axis with `x[..., None]` for one channel, or `x[None]` for a batch of one."


def _squeezed(shape: tuple[Any, ...]) -> tuple[Any, ...]:
    return shape[:-1] if shape and shape[-1] == 1 else shape


def _agree(expected: Any, size: Any) -> bool:
    return expected is None or not isinstance(size, int) or size == expected


def check_inputs(specs: Any, inputs: Any, who: str) -> None:
    """Compare inputs with what a layer expects of each.

    Args:
        specs: an InputSpec, or a list or dict of them.
        inputs: arrays in that structure.
        who: the layer, for the message.

    Raises:
        ShapeError: if one does not fit, or there are not as many.
        ArgumentError: if one is not an array.
    """
    for spec, x in _pairs(specs, inputs, who):
        if x is None and spec.optional:
            continue
        if not hasattr(x, "shape"):
            raise ArgumentError(
                f"Layer {who!r} takes one array; got {_shown(x)}. Give an array: `np.asarray(x)`."
            )
        spec.check(x.shape, who, x.dtype)


def _pairs(specs: Any, inputs: Any, who: str) -> list[tuple[InputSpec, Any]]:
    if isinstance(specs, InputSpec):
        alone = isinstance(inputs, (list, tuple)) and len(inputs) == 1
        return [(specs, inputs[0] if alone else inputs)]
    if isinstance(specs, Mapping):
        specs = [spec if spec.name else _named(spec, name) for name, spec in specs.items()]
    if isinstance(inputs, Mapping):
        return [(spec, inputs.get(spec.name)) for spec in specs]
    given = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
    if len(given) != len(specs):
        raise ShapeError(f"Layer {who!r} takes {len(specs)} inputs; it got {len(given)}.")
    return list(zip(specs, given, strict=True))


def _named(spec: InputSpec, name: str) -> InputSpec:
    return InputSpec(**vars(spec) | {"name": name})


def _shown(x: Any) -> str:
    if isinstance(x, (list, tuple, dict)) and any(hasattr(y, "shape") for y in jax.tree.leaves(x)):
        return f"a {type(x).__name__} of {len(x)}"
    text = repr(x)
    return f"{type(x).__name__} {text if len(text) <= 60 else text[:57] + '...'}"
