"""Where weights start. Values are drawn on the host, by NumPy.

Drawing hundreds of weights on the device costs seconds of compilation; on the
host it costs next to nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core import config
from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.registry import Registry, serialize

__all__ = [
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Identity",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "Orthogonal",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
    "get",
    "serialize",
]

initializers = Registry("initializer", "initializers", instantiate=True)
register = initializers.register
get = initializers.get


class Initializer:
    """The base of initializers. A subclass gives `draw`.

    Calling one with a shape and dtype returns a first value, as in Keras.
    """

    seed: int | None = None
    foreign_config: ClassVar = {"input_axes": (None,), "output_axes": (None,)}

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        """Return a first value, drawn from `rng`.

        Args:
            rng: the source of randomness.
            shape: the shape of the weight.
            dtype: its dtype.
        """
        raise NotImplementedError

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> jax.Array:
        """Return a first value; the same each time if the initializer has a seed."""
        rng = np.random.default_rng(config.next_seed() if self.seed is None else self.seed)
        return jnp.asarray(self.draw(rng, tuple(shape), np.dtype(dtype or config.floatx())))

    def get_config(self) -> dict[str, Any]:
        """Return the constructor arguments that make an equal initializer."""
        return {k: serialize(v) for k, v in vars(self).items() if not k.startswith("_")}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Initializer:
        """Make an initializer from what `get_config` returned."""
        return cls(**config)


class _Seeded(Initializer):
    """An initializer that draws; with a seed of its own, the same values everywhere."""

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        rng = rng if self.seed is None else np.random.default_rng(self.seed)
        return self.sample(rng, shape).astype(dtype)

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        """Return a sample in any float dtype."""
        raise NotImplementedError


@register("zero")
class Zeros(Initializer):
    """All zeros."""

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        return np.zeros(shape, dtype)


@register("one")
class Ones(Initializer):
    """All ones."""

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        return np.ones(shape, dtype)


@register()
class Constant(Initializer):
    """One value everywhere.

    Args:
        value: the value, or an array that broadcasts to the shape.
    """

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        return np.broadcast_to(np.asarray(self.value, dtype), shape).copy()


@register("IdentityInitializer")
class Identity(Initializer):
    """The identity matrix, times `gain`; for two-dimensional weights."""

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        if len(shape) != 2:
            raise ShapeError(f"Identity makes matrices; it was asked for shape {shape}.")
        return (self.gain * np.eye(*shape)).astype(dtype)


@register("normal")
class RandomNormal(_Seeded):
    """Normal values.

    Args:
        mean: their mean.
        stddev: their standard deviation.
        seed: makes the values the same everywhere; None draws from the model's seed.
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        self.mean, self.stddev, self.seed = mean, stddev, seed

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        return self.mean + self.stddev * rng.standard_normal(shape, np.float32)


@register()
class TruncatedNormal(RandomNormal):
    """Normal values; those beyond two standard deviations are drawn again."""

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        return self.mean + self.stddev * _truncated_normal(rng, shape)


@register("uniform")
class RandomUniform(_Seeded):
    """Values spread evenly between two bounds.

    Args:
        minval: the lower bound.
        maxval: the upper bound.
        seed: makes the values the same everywhere; None draws from the model's seed.
    """

    def __init__(
        self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None
    ) -> None:
        self.minval, self.maxval, self.seed = minval, maxval, seed

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        return self.minval + (self.maxval - self.minval) * rng.random(shape, np.float32)


@register()
class VarianceScaling(_Seeded):
    """Values whose variance goes with the number of connections.

    Args:
        scale: the variance times the number of connections.
        mode: which to count: `"fan_in"`, `"fan_out"` or `"fan_avg"`.
        distribution: `"truncated_normal"`, `"untruncated_normal"` or `"uniform"`.
        seed: makes the values the same everywhere; None draws from the model's seed.

    Raises:
        ArgumentError: if `mode`, `distribution` or `scale` cannot be.
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: int | None = None,
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
        self.scale, self.mode, self.distribution, self.seed = scale, mode, distribution, seed

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        fan_in, fan_out = _fans(shape)
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        variance = self.scale / max(1.0, fan)
        if self.distribution == "uniform":
            limit = math.sqrt(3 * variance)
            return limit * (2 * rng.random(shape, np.float32) - 1)
        if self.distribution == "untruncated_normal":
            return math.sqrt(variance) * rng.standard_normal(shape, np.float32)
        # The standard deviation of a normal cut off at two of its own.
        return math.sqrt(variance) / 0.87962566103423978 * _truncated_normal(rng, shape)


class _Named(VarianceScaling):
    """A VarianceScaling with fixed settings and a name of its own."""

    settings: tuple[float, str, str]

    def __init__(self, seed: int | None = None) -> None:
        super().__init__(*self.settings, seed=seed)

    def get_config(self) -> dict[str, Any]:
        return {"seed": self.seed}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Initializer:
        return cls(seed=config.get("seed"))


@register()
class GlorotUniform(_Named):
    """Uniform with variance `2 / (fan_in + fan_out)` (Glorot & Bengio, 2010)."""

    settings = (1.0, "fan_avg", "uniform")


@register()
class GlorotNormal(_Named):
    """Truncated normal with variance `2 / (fan_in + fan_out)` (Glorot & Bengio, 2010)."""

    settings = (1.0, "fan_avg", "truncated_normal")


@register()
class HeUniform(_Named):
    """Uniform with variance `2 / fan_in` (He et al., 2015)."""

    settings = (2.0, "fan_in", "uniform")


@register()
class HeNormal(_Named):
    """Truncated normal with variance `2 / fan_in` (He et al., 2015)."""

    settings = (2.0, "fan_in", "truncated_normal")


@register()
class LecunUniform(_Named):
    """Uniform with variance `1 / fan_in` (LeCun et al., 1998)."""

    settings = (1.0, "fan_in", "uniform")


@register()
class LecunNormal(_Named):
    """Truncated normal with variance `1 / fan_in` (LeCun et al., 1998)."""

    settings = (1.0, "fan_in", "truncated_normal")


@register("OrthogonalInitializer")
class Orthogonal(_Seeded):
    """An orthogonal matrix, all axes but the last flattened (Saxe et al., 2014).

    Args:
        gain: a factor.
        seed: makes the values the same everywhere; None draws from the model's seed.
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


def _fans(shape: tuple[int, ...]) -> tuple[float, float]:
    """Return how many inputs and outputs one output and one input are connected to."""
    if len(shape) < 2:
        return (shape[0], shape[0]) if shape else (1, 1)
    receptive = math.prod(shape[:-2])
    return shape[-2] * receptive, shape[-1] * receptive


def _truncated_normal(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Draw standard normal values, again and again where beyond two."""
    values = rng.standard_normal(shape, np.float32)
    flat = values.reshape(-1) if values.ndim else values.reshape(1)
    while (beyond := np.flatnonzero(np.abs(flat) > 2)).size:
        flat[beyond] = rng.standard_normal(beyond.size, np.float32)
    return flat.reshape(shape)
