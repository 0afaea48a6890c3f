"""Means and sums: what almost every metric is made of."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core.scope import get_metadata
from kerasish.core.serialization.registry import serialize
from kerasish.core.types import Array, DTypeLike, PyTree
from kerasish.metrics.base import Metric, metrics
from kerasish.metrics.counting import as_array, spread

__all__ = ["Mean", "MeanMetricWrapper", "Sum"]


@functools.partial(jax.jit, static_argnames="dtype")
def _sums(values: Array, sample_weight: Array | None, *, dtype: str) -> tuple[Any, Any]:
    """Return the sums of values and of their weights."""
    values = jnp.asarray(values, dtype)
    weight = spread(sample_weight, values, dtype)
    # A sample counts as much as its weight, however many values it has.
    inner = tuple(range(1, values.ndim))
    return jnp.sum(jnp.mean(values * weight, inner)), jnp.sum(jnp.mean(weight, inner))


class _Average(Metric):
    """A total and a count."""

    def __init__(self, name: str, dtype: DTypeLike | None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_weight(name="total")
        self.count = self.add_weight(name="count")

    def add(self, values: Array, sample_weight: Array | None) -> None:
        """Take values into the mean."""
        total, count = _sums(as_array(values), as_array(sample_weight), dtype=self.dtype)
        self.total.assign_add(total)
        self.count.assign_add(count)

    def result(self) -> PyTree:
        # 0 before the first batch, as in Keras, not nan.
        count = self.count.value
        return jnp.where(count == 0, 0, self.total.value / jnp.maximum(count, 1e-38))


@metrics.register()
class Mean(_Average):
    """The weighted mean of values.

    Args:
        name: a name.
        dtype: the dtype of the sums.

    Examples:
        >>> mean = Mean()
        >>> mean.update_state([1.0, 3.0])
        >>> float(mean.result())
        2.0
    """

    def __init__(self, name: str = "mean", dtype: DTypeLike | None = None) -> None:
        super().__init__(name, dtype)

    def update_state(self, values: Array, sample_weight: Array | None = None) -> None:
        self.add(values, sample_weight)


@metrics.register()
class Sum(Metric):
    """The weighted sum of values.

    Args:
        name: a name.
        dtype: the dtype of the sum.

    Examples:
        >>> total = Sum()
        >>> total.update_state([1.0, 3.0], sample_weight=[1.0, 0.5])
        >>> float(total.result())
        2.5
    """

    def __init__(self, name: str = "sum", dtype: DTypeLike | None = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_weight(name="total")

    def update_state(self, values: Array, sample_weight: Array | None = None) -> None:
        values = jnp.asarray(values, self.dtype)
        self.total.assign_add(jnp.sum(values * spread(sample_weight, values, self.dtype)))

    def result(self) -> PyTree:
        return self.total.value


class MeanMetricWrapper(_Average):
    """The mean of a function of targets and predictions.

    Args:
        fn: `(y_true, y_pred, **kwargs) -> value of each sample`.
        name: a name; the function's by default.
        dtype: the dtype of the sums.
        **kwargs: passed on to the function at each call.

    Examples:
        >>> import numpy as np
        >>> metric = MeanMetricWrapper(lambda y_true, y_pred: abs(y_true - y_pred).max(-1), "worst")
        >>> metric.update_state(np.array([[0.0, 1.0]]), np.array([[1.0, 3.0]]))
        >>> float(metric.result())
        2.0
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        name: str | None = None,
        dtype: DTypeLike | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name or str(getattr(fn, "__name__", "metric")), dtype)
        self.fn = fn
        self.fn_arguments = kwargs

    def update_state(
        self, y_true: Array, y_pred: Array, sample_weight: Array | None = None
    ) -> None:
        mask = get_metadata(y_pred, "mask")
        values = self.fn(y_true, y_pred, **self.fn_arguments)
        if mask is not None:
            mask = mask.astype(self.dtype)
            sample_weight = (
                mask if sample_weight is None else mask * weight_like(sample_weight, mask)
            )
        self.add(values, sample_weight)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config() | {k: serialize(v) for k, v in self.fn_arguments.items()}
        if type(self) is MeanMetricWrapper:
            config["fn"] = serialize(self.fn)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Metric:
        if "fn" in config:
            config = config | {"fn": metrics.get(config["fn"])}
        return cls(**config)


def weight_like(weight: Array, mask: Array) -> Array:
    """Return a weight for each sample with ones for the further axes of the mask."""
    weight = jnp.asarray(weight, mask.dtype)
    return weight.reshape(weight.shape + (1,) * (mask.ndim - weight.ndim))


# A file may hold one: a metric that a user made of a function.
metrics.register()(MeanMetricWrapper)
