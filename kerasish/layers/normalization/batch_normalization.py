"""BatchNormalization: normalization over the batch."""

from __future__ import annotations

from typing import Unpack

import jax.numpy as jnp

from kerasish import initializers
from kerasish.core.errors import ShapeError
from kerasish.core.input_spec import InputSpec
from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.types import Array, ConstraintLike, InitializerLike, RegularizerLike, Shape
from kerasish.core.variable import Variable
from kerasish.kernels import batch_normalization
from kerasish.layers._shared import broadcast_along, register
from kerasish.layers.normalization._renorm import (
    renorm_correction,
    renorm_limits,
    stddev_initializer,
)
from kerasish.layers.normalization._shared import Normalization, single_axis, upcast

__all__ = ["BatchNormalization"]


@register()
class BatchNormalization(Normalization):
    """`gamma * (x - mean) / sqrt(variance + epsilon) + beta`, by batch (Ioffe & Szegedy, 2015).

    In training, mean and variance of each channel are those of the batch, and update the moving
    averages; in inference, or when frozen, the moving averages are used. Masked timesteps are
    excluded.

    With `renorm`, what is normalized by the batch is then corrected towards
    what moving averages of their own would have given (Ioffe, 2017); good for
    small batches.

    Shapes: `(batch, ...) -> (batch, ...)`, unchanged.

    Args:
        axis: the channel axis.
        momentum: momentum of the moving averages.
        epsilon: added to the variance for numerical stability.
        center: whether to add `beta`.
        scale: whether to multiply by `gamma`.
        beta_initializer: initializer of `beta`.
        gamma_initializer: initializer of `gamma`.
        moving_mean_initializer: initializer of the moving mean.
        moving_variance_initializer: initializer of the moving variance.
        beta_regularizer: regularizer of `beta`.
        gamma_regularizer: regularizer of `gamma`.
        beta_constraint: constraint of `beta`, applied after each update.
        gamma_constraint: constraint of `gamma`, applied after each update.
        renorm: whether to correct as said above.
        renorm_clipping: bounds of the correction: `"rmin"` and `"rmax"` of its
            factor, `"dmax"` of its shift in either direction.
        renorm_momentum: momentum of the moving averages of `renorm`.
        synchronized: accepted; the batch is always that of all devices.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if `axis` is not one axis, or the bounds cannot be.
        ShapeError: if the input has no such axis.

    Examples:
        >>> import numpy as np
        >>> layer = BatchNormalization()
        >>> x = np.random.default_rng(0).normal(5, 2, (1000, 3)).astype("float32")
        >>> float(abs(layer(x, training=True).mean())) < 1e-3
        True
    """

    moving_mean: Variable
    moving_variance: Variable
    moving_stddev: Variable
    renorm_mean: Variable
    renorm_stddev: Variable

    axis: int

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: InitializerLike = "zeros",
        gamma_initializer: InitializerLike = "ones",
        moving_mean_initializer: InitializerLike = "zeros",
        moving_variance_initializer: InitializerLike = "ones",
        beta_regularizer: RegularizerLike = None,
        gamma_regularizer: RegularizerLike = None,
        beta_constraint: ConstraintLike = None,
        gamma_constraint: ConstraintLike = None,
        renorm: bool = False,
        renorm_clipping: dict[str, float] | None = None,
        renorm_momentum: float = 0.99,
        synchronized: bool = False,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(
            axis,
            epsilon,
            center,
            scale,
            beta_initializer,
            gamma_initializer,
            beta_regularizer,
            gamma_regularizer,
            beta_constraint,
            gamma_constraint,
            **kwargs,
        )
        self.axis = single_axis(
            self.axis, f"BatchNormalization normalizes one axis; got axis={axis!r}."
        )
        self.momentum = momentum
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)
        self.renorm = renorm
        # An empty dict where there is none to speak of, as in Keras's config.
        self.renorm_clipping = (renorm_clipping or {}) if renorm else renorm_clipping
        self.renorm_momentum = renorm_momentum
        self.synchronized = synchronized
        self._limits = renorm_limits(renorm_clipping or {})

    def build(self, input_shape: Shape) -> None:
        if not -len(input_shape) <= self.axis < len(input_shape):
            raise ShapeError(f"Layer {self.name!r}: {input_shape} has no axis {self.axis}.")
        channels = input_shape[self.axis]
        self.add_gamma_and_beta((channels,))
        mean, variance = self.moving_mean_initializer, self.moving_variance_initializer
        self.moving_mean = self._add_moving_average("moving_mean", channels, mean)
        self.moving_variance = self._add_moving_average("moving_variance", channels, variance)
        if self.renorm:
            self.moving_stddev = self._add_moving_average(
                "moving_stddev", channels, stddev_initializer(variance)
            )
            self.renorm_mean = self._add_moving_average("renorm_mean", channels, mean)
            self.renorm_stddev = self._add_moving_average(
                "renorm_stddev", channels, stddev_initializer(variance)
            )
        axes = {self.axis: channels} if channels else None
        self.input_spec = InputSpec(ndim=len(input_shape), axes=axes)

    def _add_moving_average(
        self, name: str, channels: int | None, initializer: InitializerLike
    ) -> Variable:
        return self.add_weight((channels,), initializer, trainable=False, autocast=False, name=name)

    def call(self, inputs: Array, training: bool | None = None, mask: Array | None = None) -> Array:
        x32 = upcast(inputs)
        if training and self.trainable:
            return self._normalize_by_batch(x32, mask).astype(inputs.dtype)
        mean, variance = self._broadcast_along(
            inputs, self.moving_mean.value, self.moving_variance.value
        )
        return self.normalize(x32, mean, variance, mean.shape).astype(inputs.dtype)

    def _normalize_by_batch(self, x: Array, mask: Array | None) -> Array:
        """Return `x` normalized by the moments of the batch, which the averages follow."""
        size = (x.shape[self.axis],)
        gamma = self.gamma.value if self.scale else jnp.ones(size, x.dtype)
        beta = self.beta.value if self.center else jnp.zeros(size, x.dtype)
        gamma, beta = gamma.astype(x.dtype), beta.astype(x.dtype)
        if not self.renorm:
            y, mean, variance = self._normalized(x, mask, gamma, beta)
            self._update_average(self.moving_variance, variance, self.momentum)
        else:
            y, mean, variance = self._normalized(x, mask, jnp.ones_like(gamma), 0 * beta)
            r, d = self._renorm_correction(mean, jnp.sqrt(variance + self.epsilon))
            factor, shift = self._broadcast_along(x, r * gamma, d * gamma + beta)
            y = y * factor + shift
        self._update_average(self.moving_mean, mean, self.momentum)
        return y

    def _normalized(
        self, x: Array, mask: Array | None, gamma: Array, beta: Array
    ) -> tuple[Array, Array, Array]:
        """Return `x` normalized by the moments of the batch, and these."""
        channels = self.axis % x.ndim
        if mask is None:
            return batch_normalization(x, gamma, beta, channels, self.epsilon)
        mask = mask.reshape(mask.shape + (1,) * (x.ndim - mask.ndim))
        mean, variance = _masked_moments(x, channels, mask)
        middle, spread = self._broadcast_along(x, mean, variance)
        factor, shift = self._broadcast_along(x, gamma, beta)
        return (x - middle) / jnp.sqrt(spread + self.epsilon) * factor + shift, mean, variance

    def _renorm_correction(self, mean: Array, stddev: Array) -> tuple[Array, Array]:
        """Move the averages of `renorm`; return the correction by what they were before."""
        usual = self.renorm_mean.value, self.renorm_stddev.value
        found = renorm_correction(mean, stddev, *usual, self._limits, self.epsilon)
        self._update_average(self.renorm_mean, mean, self.renorm_momentum)
        self._update_average(self.renorm_stddev, stddev, self.renorm_momentum)
        self._update_average(self.moving_stddev, stddev, self.momentum)
        variance = jnp.square(self.moving_stddev.value) - self.epsilon
        self.moving_variance.assign(jnp.maximum(variance, 0))
        return found

    def _update_average(self, average: Variable, new: Array, momentum: float) -> None:
        average.assign(average.value * momentum + new * (1 - momentum))

    def _broadcast_along(self, x: Array, *vectors: Array) -> tuple[Array, ...]:
        return tuple(broadcast_along(vector, x.ndim, self.axis) for vector in vectors)


def _masked_moments(x: Array, channels: int, mask: Array) -> tuple[Array, Array]:
    """Return the moments of what the mask keeps, whatever stands elsewhere; 0 if nothing does."""
    axes = tuple(i for i in range(x.ndim) if i != channels)
    kept = jnp.broadcast_to(mask.astype(bool), x.shape)
    count = jnp.maximum(jnp.sum(kept, axes, keepdims=True), 1)
    mean = jnp.sum(jnp.where(kept, x, 0), axes, keepdims=True) / count
    square = jnp.square(jnp.where(kept, x - mean, 0))
    variance = jnp.sum(square, axes, keepdims=True) / count
    return mean.reshape(-1), variance.reshape(-1)
