"""Initializers that draw without regard to the shape, and orthogonal matrices."""

from __future__ import annotations

import math

import numpy as np

from kerasish.core.errors import ShapeError
from kerasish.initializers.base import Seeded, register

__all__ = ["Orthogonal", "RandomNormal", "RandomUniform", "TruncatedNormal", "truncated_normal"]


@register("normal")
class RandomNormal(Seeded):
    """Normal values.

    Args:
        mean: their mean.
        stddev: their standard deviation.
        seed: makes the values the same everywhere; None draws from the model's seed.

    Examples:
        >>> abs(RandomNormal(stddev=0.1, seed=0)((100, 100)).std().item() - 0.1) < 0.01
        True
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        self.mean, self.stddev, self.seed = mean, stddev, seed

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        return self.mean + self.stddev * rng.standard_normal(shape, np.float32)


@register()
class TruncatedNormal(RandomNormal):
    """Normal values; those beyond two standard deviations are drawn again.

    Args:
        mean: their mean.
        stddev: the standard deviation before the truncation.
        seed: makes the values the same everywhere; None draws from the model's seed.

    Examples:
        >>> bool(abs(TruncatedNormal(stddev=0.1, seed=0)((100, 100))).max() <= 0.2)
        True
    """

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        return self.mean + self.stddev * truncated_normal(rng, shape)


@register("uniform")
class RandomUniform(Seeded):
    """Values spread evenly between two bounds.

    Args:
        minval: the lower bound.
        maxval: the upper bound.
        seed: makes the values the same everywhere; None draws from the model's seed.

    Examples:
        >>> bool(RandomUniform(1.0, 2.0, seed=0)((100,)).min() >= 1)
        True
    """

    def __init__(
        self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None
    ) -> None:
        self.minval, self.maxval, self.seed = minval, maxval, seed

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        return self.minval + (self.maxval - self.minval) * rng.random(shape, np.float32)


@register("OrthogonalInitializer")
class Orthogonal(Seeded):
    """An orthogonal matrix, all axes but the last flattened (Saxe et al., 2014).

    Where it is not square, its shorter rows or columns are orthonormal.

    Args:
        gain: a factor.
        seed: makes the values the same everywhere; None draws from the model's seed.

    Examples:
        >>> q = Orthogonal(seed=0)((3, 3))
        >>> abs(q @ q.T).round(4).tolist()
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """

    def __init__(self, gain: float = 1.0, seed: int | None = None) -> None:
        self.gain, self.seed = gain, seed

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        if len(shape) < 2:
            raise ShapeError(f"Orthogonal needs at least two dimensions; got shape {shape}.")
        rows, columns = math.prod(shape[:-1]), shape[-1]
        q, r = np.linalg.qr(rng.standard_normal((max(rows, columns), min(rows, columns))))
        q *= np.sign(np.diag(r))  # makes the distribution uniform
        return self.gain * (q if rows >= columns else q.T).reshape(shape)


def truncated_normal(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Draw standard normal values, again and again where beyond two."""
    values = rng.standard_normal(shape, np.float32)
    flat = values.reshape(-1) if values.ndim else values.reshape(1)
    while (beyond := np.flatnonzero(np.abs(flat) > 2)).size:
        flat[beyond] = rng.standard_normal(beyond.size, np.float32)
    return flat.reshape(shape)
