"""Loss: per-sample values, weighted and reduced to a scalar."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from kerasish.core.dtypes import policy_of
from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.names import snake_case
from kerasish.core.scope import copy_metadata, get_metadata
from kerasish.core.serialization.registry import Registry, serialize
from kerasish.core.settings import config
from kerasish.core.surface.representation import representation
from kerasish.core.types import Array, DTypeLike, PyTree
from kerasish.functional import align

__all__ = ["Loss", "LossFunctionWrapper", "losses"]

losses = Registry("loss", "losses", instantiate=True)

_REDUCTIONS = (None, "none", "sum", "sum_over_batch_size", "mean", "mean_with_sample_weight")


class Loss:
    """The base of losses. A subclass gives `call(y_true, y_pred)`, a value for each sample.

    Args:
        name: a name.
        reduction: `"sum_over_batch_size"` (the default; `"mean"` is the same
            without weights), `"sum"`, `"mean_with_sample_weight"` (divides by
            the sum of the weights) or None (`"none"`): a value for each sample.
        dtype: the dtype to compute in, or a policy that says it; `floatx()` by default.

    Raises:
        ArgumentError: if there is no such reduction.

    Examples:
        >>> class Cubed(Loss):
        ...     def call(self, y_true, y_pred):
        ...         return jnp.mean(jnp.abs(y_pred - y_true) ** 3, axis=-1)
        >>> float(Cubed()([[0.0], [2.0]], [[1.0], [2.0]]))
        0.5
    """

    def __init__(
        self,
        name: str | None = None,
        reduction: str | None = "sum_over_batch_size",
        dtype: DTypeLike | None = None,
    ) -> None:
        if reduction not in _REDUCTIONS:
            raise ArgumentError(
                f"reduction must be 'sum_over_batch_size', 'sum', 'mean', "
                f"'mean_with_sample_weight' or None; got {reduction!r}."
            )
        self.name = name or snake_case(type(self).__name__)
        self.reduction = reduction
        self.dtype = policy_of(dtype or config.floatx()).compute_dtype

    def call(self, y_true: Array, y_pred: Array) -> Array:
        """Return the loss of each sample, `(batch, ...)`."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return representation(self)

    def _kerasish_counts(self, y_true: Array) -> Any:
        """Return which targets count at all; None for all of them."""
        return None

    def __call__(self, y_true: Array, y_pred: Array, sample_weight: Array | None = None) -> PyTree:
        """Return the reduced loss.

        Args:
            y_true: the targets.
            y_pred: the predictions.
            sample_weight: a weight for each sample, or for each value that `call` returns.

        Returns:
            A scalar; under `reduction=None` the weighted values.

        Raises:
            ShapeError: if the weights do not fit the values.
        """
        mask = get_metadata(y_pred, "mask")
        target, prediction = jnp.asarray(y_true), jnp.asarray(y_pred)
        prediction = prediction.astype(self.dtype)
        copy_metadata(y_pred, prediction)
        values = jnp.asarray(self.call(target, prediction), self.dtype)
        counts = self._kerasish_counts(target)
        if counts is not None:
            counts = counts.reshape(values.shape)
            mask = counts if mask is None else mask.astype(bool) & counts
        return reduce_weighted(values, sample_weight, mask, self.reduction)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor arguments that make an equal loss."""
        return {"name": self.name, "reduction": self.reduction}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Loss:
        """Make a loss from what `get_config` returned."""
        return cls(**config)


@losses.register()
class LossFunctionWrapper(Loss):
    """A loss made of a function `(y_true, y_pred, **kwargs) -> value of each sample`.

    Args:
        fn: the function.
        reduction: see `Loss`.
        name: a name; the function's by default.
        dtype: see `Loss`.
        **kwargs: passed on to the function at each call.

    Examples:
        >>> def distance(y_true, y_pred):
        ...     return jnp.abs(y_true - y_pred).max(-1)
        >>> loss = LossFunctionWrapper(distance, reduction="sum")
        >>> float(loss([[0.0, 1.0], [2.0, 2.0]], [[1.0, 3.0], [2.0, 2.0]]))
        2.0
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: DTypeLike | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name or getattr(fn, "__name__", "loss"), reduction, dtype)
        self.fn = fn
        self.fn_arguments = kwargs

    def call(self, y_true: Array, y_pred: Array) -> Array:
        result: Array = self.fn(*align(y_true, y_pred), **self.fn_arguments)
        return result

    def _kerasish_counts(self, y_true: Array) -> Any:
        counts = getattr(self.fn, "counts", None)
        return None if counts is None else counts(y_true, **self.fn_arguments)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config() | {k: serialize(v) for k, v in self.fn_arguments.items()}
        if type(self) is LossFunctionWrapper:
            config["fn"] = serialize(self.fn)
        # A class of its own takes only the arguments that its constructor names.
        known = inspect.signature(type(self).__init__).parameters
        return config if "kwargs" in known else {k: v for k, v in config.items() if k in known}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Loss:
        if "fn" in config:
            config = config | {"fn": losses.get(config["fn"])}
        return cls(**config)


def broadcast_weight(weight: Array, values: Array) -> Array:
    """Return weights that meet `values` axis by axis, or explain why they do not fit.

    Raises:
        ShapeError: if they do not fit.
    """
    weight = jnp.asarray(weight, values.dtype)
    if weight.ndim == values.ndim + 1 and weight.shape[-1] == 1:
        weight = weight[..., 0]
    fits = weight.ndim <= values.ndim and all(
        a == b or a == 1 for a, b in zip(weight.shape, values.shape, strict=False)
    )
    if not fits:
        raise ShapeError(
            f"sample_weight has shape {weight.shape}, which does not fit values of shape "
            f"{values.shape}: one weight for each sample is wanted."
        )
    return weight.reshape(weight.shape + (1,) * (values.ndim - weight.ndim))


def reduce_weighted(
    values: Array, weight: Array | None, mask: Array | None, reduction: str | None
) -> Any:
    """Reduce the losses of samples to one number.

    Args:
        values: `(batch, ...)`, or one value for the whole batch.
        weight: a weight for each sample or value; None for 1.
        mask: which values count at all, a sequence as long as any of it does; None for all.
        reduction: see `Loss`.
    """
    if weight is not None and values.ndim == 0:
        # Each sample has the value of the batch.
        values = jnp.broadcast_to(values, jnp.shape(weight))
    size: Array | int = values.size
    factor = None if weight is None else broadcast_weight(weight, values)
    if mask is not None:
        mask = jnp.any(mask.astype(bool), axis=tuple(range(values.ndim, mask.ndim)))
        mask = broadcast_weight(mask, values)
        # What is masked out does not count in the mean either.
        size = jnp.sum(jnp.broadcast_to(mask, values.shape))
        factor = mask if factor is None else factor * mask
    if factor is not None:
        values = values * factor
    if reduction in (None, "none"):
        return values
    total = jnp.sum(values)
    if reduction == "sum":
        return total
    if reduction == "mean_with_sample_weight" and factor is not None:
        size = jnp.sum(factor)
    return total / jnp.maximum(jnp.asarray(size, total.dtype), config.epsilon())
