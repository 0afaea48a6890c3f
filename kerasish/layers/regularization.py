"""Layers that only do something in training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core.errors import ArgumentError
from kerasish.core.layer import Layer
from kerasish.layers._shared import register
from kerasish.random import next_key

__all__ = ["Dropout"]


@register()
class Dropout(Layer):
    """Zeroes a share of the elements in training (Srivastava et al., 2014).

    The others are multiplied by `1 / (1 - rate)`, so that the expected sum
    stays the same.

    Shapes: the output has the shape of the input.

    Args:
        rate: the share that becomes zero, from 0 to 1.
        noise_shape: the shape of the pattern, broadcast to the input; None for
            the input's own.
        seed: makes the pattern depend on this as well as on the run's seed.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if `rate` is no number from 0 to 1.

    Example:
        >>> import numpy as np
        >>> x = np.ones((2, 3), "float32")
        >>> Dropout(0.5)(x).tolist()  # not in training: nothing happens
        [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]
    """

    def __init__(
        self,
        rate: float,
        noise_shape: Sequence[int | None] | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not isinstance(rate, (int, float)) or not 0 <= rate <= 1:
            raise ArgumentError(f"Dropout needs a rate from 0 to 1; got {rate!r}.")
        self.rate = rate
        self.noise_shape = noise_shape
        self.seed = seed
        self.supports_masking = True

    def call(self, x: Any, training: bool | None = None) -> Any:
        if not training or self.rate == 0:
            return x
        if self.rate == 1:
            return jnp.zeros_like(x)
        key = next_key()
        if self.seed is not None:
            key = jax.random.fold_in(key, self.seed)
        pattern = self.noise_shape or (None,) * x.ndim
        shape = tuple(n if m is None else m for n, m in zip(x.shape, pattern, strict=True))
        kept = jax.random.bernoulli(key, 1 - self.rate, shape)
        return jnp.where(kept, x / (1 - self.rate), jnp.zeros((), x.dtype))
