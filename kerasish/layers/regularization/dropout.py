"""Dropout: sets random elements to zero."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.types import Array
from kerasish.layers._shared import register
from kerasish.layers.regularization._noise import (
    Noise,
    broadcast_noise_shape,
    standardize_noise_shape,
    standardize_rate,
)

__all__ = ["Dropout"]


@register()
class Dropout(Noise):
    """Sets a random fraction of the elements to zero in training (Srivastava et al., 2014).

    The others are multiplied by `1 / (1 - rate)`, so that the expected sum
    stays the same.

    Shapes: `(batch, ...) -> (batch, ...)`, unchanged.

    Args:
        rate: fraction of the elements that is set to zero, from 0 to 1.
        noise_shape: shape of the random mask, which is broadcast to the input; None, also for
            single axes, for the size of the input.
        seed: seed of the random numbers. Layers with the same seed draw the same numbers in every
            run; see `SeedGenerator`.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if `rate` is not from 0 to 1, or `noise_shape` is invalid.
        ShapeError: if `noise_shape` does not broadcast to the input.

    Examples:
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
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(seed, **kwargs)
        self.rate = standardize_rate(rate, "Dropout")
        self.noise_shape = standardize_noise_shape(noise_shape)

    def perturb(self, x: Array) -> Array:
        return self.drop(x, self.rate, broadcast_noise_shape(self.noise_shape, x, self.name))
