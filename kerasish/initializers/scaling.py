"""Initializers whose spread goes with the number of connections."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.initializers.base import Initializer, Seeded, register
from kerasish.initializers.random import truncated_normal

__all__ = [
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "LecunNormal",
    "LecunUniform",
    "VarianceScaling",
]

Axes = Sequence[int] | None


@register()
class VarianceScaling(Seeded):
    """Values whose variance goes with the number of connections.

    A kernel has its inputs and outputs on the last two axes; those before are
    its window, and count for both.

    Args:
        scale: the variance times the number of connections.
        mode: which to count: `"fan_in"`, `"fan_out"` or `"fan_avg"`.
        distribution: `"truncated_normal"`, `"untruncated_normal"` or `"uniform"`.
        seed: makes the values the same everywhere; None draws from the model's seed.
        input_axes: the axes that are inputs, for a kernel of another kind.
        output_axes: the axes that are outputs; given together with `input_axes`.

    Raises:
        ArgumentError: if `mode`, `distribution`, `scale` or the axes cannot be.

    Examples:
        >>> kernel = VarianceScaling(2.0, "fan_in", "uniform", seed=0)((3, 3, 8, 16))
        >>> bool(abs(kernel).max() <= (3 * 2 / (3 * 3 * 8)) ** 0.5)
        True
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: int | None = None,
        input_axes: Axes = None,
        output_axes: Axes = None,
    ) -> None:
        if scale <= 0:
            raise ArgumentError(f"scale must be positive; got {scale}.")
        if mode not in ("fan_in", "fan_out", "fan_avg"):
            raise ArgumentError(f"mode must be 'fan_in', 'fan_out' or 'fan_avg'; got {mode!r}.")
        distribution = "truncated_normal" if distribution == "normal" else distribution
        if distribution not in ("truncated_normal", "untruncated_normal", "uniform"):
            raise ArgumentError(
                "distribution must be 'truncated_normal', 'untruncated_normal' or 'uniform'; "
                f"got {distribution!r}."
            )
        if (input_axes is None) != (output_axes is None):
            raise ArgumentError(
                "input_axes and output_axes are given together; got "
                f"{input_axes!r} and {output_axes!r}."
            )
        self.scale, self.mode, self.distribution, self.seed = scale, mode, distribution, seed
        self.input_axes, self.output_axes = input_axes, output_axes

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        fan_in, fan_out = self._fans(shape)
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        variance = self.scale / max(1.0, fan)
        if self.distribution == "uniform":
            limit = math.sqrt(3 * variance)
            return limit * (2 * rng.random(shape, np.float32) - 1)
        if self.distribution == "untruncated_normal":
            return math.sqrt(variance) * rng.standard_normal(shape, np.float32)
        # The standard deviation of a normal cut off at two of its own.
        return math.sqrt(variance) / 0.87962566103423978 * truncated_normal(rng, shape)

    def _fans(self, shape: tuple[int, ...]) -> tuple[float, float]:
        """Return how many inputs and outputs one output and one input are connected to."""
        if self.input_axes is not None and self.output_axes is not None:
            return _size(shape, self.input_axes), _size(shape, self.output_axes)
        if len(shape) < 2:
            return (shape[0], shape[0]) if shape else (1, 1)
        window = math.prod(shape[:-2])
        return shape[-2] * window, shape[-1] * window


def _size(shape: tuple[int, ...], axes: Sequence[int]) -> int:
    try:
        return math.prod(shape[axis] for axis in axes)
    except IndexError:
        raise ShapeError(
            f"An initializer with the axes {tuple(axes)} was asked for shape {shape}, which has "
            f"{len(shape)}."
        ) from None


class _Named(VarianceScaling):
    """A VarianceScaling with fixed settings and a name of its own."""

    settings: tuple[float, str, str]

    def __init__(
        self, seed: int | None = None, input_axes: Axes = None, output_axes: Axes = None
    ) -> None:
        super().__init__(*self.settings, seed, input_axes, output_axes)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        return {key: config[key] for key in ("seed", "input_axes", "output_axes")}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Initializer:
        return cls(**config)


@register()
class GlorotUniform(_Named):
    """Uniform with variance `2 / (fan_in + fan_out)` (Glorot & Bengio, 2010).

    Args:
        seed: makes the values the same everywhere; None draws from the model's seed.
        input_axes: see `VarianceScaling`.
        output_axes: see `VarianceScaling`.

    Examples:
        >>> variance = float(GlorotUniform(seed=0)((100, 300)).var())
        >>> abs(variance - 2 / (100 + 300)) < 1e-3
        True
    """

    settings = (1.0, "fan_avg", "uniform")


@register()
class GlorotNormal(_Named):
    """Truncated normal with variance `2 / (fan_in + fan_out)` (Glorot & Bengio, 2010).

    Args:
        seed: makes the values the same everywhere; None draws from the model's seed.
        input_axes: see `VarianceScaling`.
        output_axes: see `VarianceScaling`.

    Examples:
        >>> variance = float(GlorotNormal(seed=0)((100, 300)).var())
        >>> abs(variance - 2 / (100 + 300)) < 1e-3
        True
    """

    settings = (1.0, "fan_avg", "truncated_normal")


@register()
class HeUniform(_Named):
    """Uniform with variance `2 / fan_in` (He et al., 2015).

    Args:
        seed: makes the values the same everywhere; None draws from the model's seed.
        input_axes: see `VarianceScaling`.
        output_axes: see `VarianceScaling`.

    Examples:
        >>> variance = float(HeUniform(seed=0)((100, 300)).var())
        >>> abs(variance - 2 / 100) < 1e-3
        True
    """

    settings = (2.0, "fan_in", "uniform")


@register()
class HeNormal(_Named):
    """Truncated normal with variance `2 / fan_in` (He et al., 2015).

    Args:
        seed: makes the values the same everywhere; None draws from the model's seed.
        input_axes: see `VarianceScaling`.
        output_axes: see `VarianceScaling`.

    Examples:
        >>> variance = float(HeNormal(seed=0)((100, 300)).var())
        >>> abs(variance - 2 / 100) < 1e-3
        True
    """

    settings = (2.0, "fan_in", "truncated_normal")


@register()
class LecunUniform(_Named):
    """Uniform with variance `1 / fan_in` (LeCun et al., 1998).

    Args:
        seed: makes the values the same everywhere; None draws from the model's seed.
        input_axes: see `VarianceScaling`.
        output_axes: see `VarianceScaling`.

    Examples:
        >>> variance = float(LecunUniform(seed=0)((100, 300)).var())
        >>> abs(variance - 1 / 100) < 1e-3
        True
    """

    settings = (1.0, "fan_in", "uniform")


@register()
class LecunNormal(_Named):
    """Truncated normal with variance `1 / fan_in` (LeCun et al., 1998).

    Args:
        seed: makes the values the same everywhere; None draws from the model's seed.
        input_axes: see `VarianceScaling`.
        output_axes: see `VarianceScaling`.

    Examples:
        >>> variance = float(LecunNormal(seed=0)((100, 300)).var())
        >>> abs(variance - 1 / 100) < 1e-3
        True
    """

    settings = (1.0, "fan_in", "truncated_normal")
