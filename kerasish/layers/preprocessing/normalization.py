"""Normalization by the mean and variance of a data set, computed by `adapt`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol, Unpack, runtime_checkable

import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import ArgumentError, DataError, ShapeError
from kerasish.core.layer import Layer
from kerasish.core.settings import config
from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.types import Array, ArrayLike, Config, Shape
from kerasish.core.variable import Variable
from kerasish.layers._shared import register
from kerasish.layers.normalization._shared import normalize_axes, standardize_axis

__all__ = ["Normalization"]


@register()
class Normalization(Layer):
    """`(x - mean) / sqrt(variance)`, with the mean and variance of a data set.

    They are given, or computed by `adapt`, before training, and are not trained.

    Shapes: `(batch, ...) -> (batch, ...)`, unchanged.

    Args:
        axis: the axis or axes along which each place has a mean and a variance of its own;
            None for one mean and one variance of everything.
        mean: the mean, if it is known already; goes with `variance`.
        variance: the variance.
        invert: whether to return `x * sqrt(variance) + mean` instead.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if `axis` is not an integer or a list of integers, or one of `mean` and
            `variance` is missing.
        ShapeError: if there is no such axis, its size is unknown, or the mean does not fit it.

    Examples:
        >>> data = np.array([[0.0, 10.0], [2.0, 30.0]], "float32")
        >>> layer = Normalization()
        >>> layer.adapt(data)
        >>> layer(data).tolist()
        [[-1.0, -1.0], [1.0, 1.0]]
    """

    adapt_mean: Variable
    adapt_variance: Variable
    count: Variable

    def __init__(
        self,
        axis: int | Sequence[int] | None = -1,
        mean: ArrayLike | Sequence[Any] | None = None,
        variance: ArrayLike | Sequence[Any] | None = None,
        invert: bool = False,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        setting = standardize_axis([] if axis is None else axis)
        self.axis = tuple(setting) if isinstance(setting, list) else (setting,)
        if (mean is None) != (variance is None):
            raise ArgumentError(
                "Normalization takes the mean and the variance together; got "
                f"mean={mean!r} and variance={variance!r}."
            )
        self.input_mean = mean
        self.input_variance = variance
        self.invert = invert
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        kept = normalize_axes(list(self.axis), len(input_shape))
        shape = tuple(n for i in kept if (n := input_shape[i]) is not None)
        if len(shape) < len(kept):
            raise ShapeError(
                f"Layer {self.name!r} keeps a mean for each place along axis {self.axis}, whose "
                f"size must be known; the input has shape {tuple(input_shape)}."
            )
        self._stat_shape = shape
        self._broadcast_shape = tuple(
            n if n and i in kept else 1 for i, n in enumerate(input_shape)
        )
        if self.input_mean is None or self.input_variance is None:
            self.adapt_mean = self.add_weight(shape, "zeros", trainable=False, name="mean")
            self.adapt_variance = self.add_weight(shape, "ones", trainable=False, name="variance")
            # Of no use any more, but files have it.
            self.count = self.add_weight((), "zeros", dtype="int32", trainable=False, name="count")
        else:
            self._given = [self._fit(self.input_mean), self._fit(self.input_variance)]

    def _fit(self, given: ArrayLike | Sequence[Any]) -> np.ndarray:
        """Return a mean or a variance that was given in the form that meets an input."""
        value = np.asarray(given, "float32")
        for shape in (self._stat_shape, self._broadcast_shape):
            try:
                return np.broadcast_to(value, shape).reshape(self._broadcast_shape)
            except ValueError:
                continue
        raise ShapeError(
            f"Layer {self.name!r} keeps a mean of shape {self._stat_shape}, for axis {self.axis}; "
            f"got one of shape {value.shape}."
        )

    @property
    def mean(self) -> Array | None:
        """The mean, in a shape that meets an input; None before there are weights."""
        return self._moments()[0] if self.built else None

    @property
    def variance(self) -> Array | None:
        """The variance, likewise."""
        return self._moments()[1] if self.built else None

    def _moments(self) -> list[Array]:
        if self.input_mean is not None:
            return [jnp.asarray(each) for each in self._given]
        weights = (self.adapt_mean, self.adapt_variance)
        return [each.value.reshape(self._broadcast_shape) for each in weights]

    def adapt(self, data: ArrayLike | Iterable[Any]) -> None:
        """Compute the mean and variance of data; earlier statistics are replaced.

        Args:
            data: an array, or anything that gives batches: arrays, or tuples that begin with
                one. All of it is read.

        Raises:
            ArgumentError: if the layer was given a mean, or there are no data.
            ShapeError: if the layer was built for data of another shape.
            DataError: if there is a number among the data that is not finite.
        """
        if self.input_mean is not None:
            raise ArgumentError(
                f"Layer {self.name!r} was given its mean and variance: there is nothing to adapt."
            )
        total, mean, spread = 0, np.zeros(()), np.zeros(())
        for batch in _batches(data):
            if not self.built:
                self.build(batch.shape)
                self._kerasish_assign_paths()
            self._check(batch.shape)
            kept = normalize_axes(list(self.axis), batch.ndim)
            over = tuple(i for i in range(batch.ndim) if i not in kept)
            count = int(np.prod([batch.shape[i] for i in over]))
            if not count:
                continue
            _check_numbers(batch, kept)
            # Chan, Golub & LeVeque (1979): sums of squares about means, put together.
            here = batch.mean(over, dtype="float64")
            away = here - mean
            spread = spread + batch.var(over, dtype="float64") * count
            spread = spread + away**2 * (total * count / (total + count))
            mean, total = mean + away * (count / (total + count)), total + count
        if not total:
            raise ArgumentError(f"Layer {self.name!r} cannot adapt to data that hold no sample.")
        self.adapt_mean.assign(mean.astype("float32"))
        self.adapt_variance.assign((spread / total).astype("float32"))

    def _check(self, shape: tuple[int, ...]) -> None:
        """Raise unless data have the axes that there are means for."""
        fits = len(shape) == len(self._broadcast_shape) and all(
            m in (1, n) for m, n in zip(self._broadcast_shape, shape, strict=True)
        )
        if not fits:
            raise ShapeError(
                f"Layer {self.name!r} keeps a mean of shape {self._stat_shape}, for axis "
                f"{self.axis}; got data of shape {shape}."
            )

    def call(self, inputs: Array) -> Array:
        inputs = inputs.astype(self.compute_dtype)
        mean, variance = (each.astype(self.compute_dtype) for each in self._moments())
        if self.invert:
            return inputs * jnp.sqrt(variance) + mean
        return (inputs - mean) / jnp.maximum(jnp.sqrt(variance), config.epsilon())

    def get_config(self) -> Config:
        given = {"mean": self.input_mean, "variance": self.input_variance}
        return super().get_config() | {
            name: None if value is None else np.asarray(value).tolist()
            for name, value in given.items()
        }


def _check_numbers(batch: np.ndarray, kept: Sequence[int]) -> None:
    """Raise if there is a number that is not finite, which would be in the mean for ever."""
    if batch.dtype.kind not in "fc" or np.isfinite(batch).all():
        return
    what, wrong = ("NaN", np.isnan(batch))
    if not wrong.any():
        what, wrong = "infinity", np.isinf(batch)
    if list(kept) == [batch.ndim - 1]:
        rows = wrong.reshape(-1, batch.shape[-1])
        column = int(rows.any(0).argmax())
        where = f"Column {column} holds {what} in {int(rows[:, column].sum())} of {len(rows)} rows"
    else:
        where = f"The data hold {what} in {int(wrong.sum())} of {wrong.size} places"
    raise DataError(f"{where}; fill or drop them.")


@runtime_checkable
class _Indexable(Protocol):
    """Batches by index, as a `PyDataset` has them."""

    def __getitem__(self, index: int) -> Any: ...

    def __len__(self) -> int: ...


def _batches(data: ArrayLike | Iterable[Any]) -> Iterator[np.ndarray]:
    """Yield the arrays that data consist of."""
    if hasattr(data, "shape") or isinstance(data, (list, tuple)):
        yield np.asarray(data)
        return
    if not isinstance(data, Iterable) and isinstance(data, _Indexable):
        data = (data[i] for i in range(len(data)))
    if not isinstance(data, Iterable):
        raise ArgumentError(
            f"adapt takes an array, or something that gives batches; got {type(data).__name__}."
        )
    for batch in data:
        yield np.asarray(batch[0] if isinstance(batch, (list, tuple)) else batch)
