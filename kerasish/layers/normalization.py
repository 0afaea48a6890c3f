"""Layers that normalize: over the batch, or within each sample."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import jax
import jax.numpy as jnp

from kerasish import constraints, initializers, regularizers
from kerasish.core.errors import ArgumentError, ShapeError
from kerasish.core.input_spec import InputSpec
from kerasish.core.layer import Layer
from kerasish.kernels import batch_normalization
from kerasish.layers._shared import register

__all__ = ["BatchNormalization", "LayerNormalization"]


class _Normalization(Layer):
    """What both share: `gamma * normalized(x) + beta` along some axes."""

    def __init__(
        self,
        axis: Any = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.axis: Any = list(axis) if isinstance(axis, Sequence) else axis
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)
        self.supports_masking = True

    def _add_gamma_and_beta(self, shape: tuple[int | None, ...]) -> None:
        if self.scale:
            self.gamma = self.add_weight(
                shape,
                self.gamma_initializer,
                regularizer=self.gamma_regularizer,
                constraint=self.gamma_constraint,
                name="gamma",
            )
        if self.center:
            self.beta = self.add_weight(
                shape,
                self.beta_initializer,
                regularizer=self.beta_regularizer,
                constraint=self.beta_constraint,
                name="beta",
            )

    def _normalize(self, x: Any, mean: Any, variance: Any, shape: tuple[int, ...]) -> Any:
        """Return `gamma * (x - mean) / sqrt(variance + epsilon) + beta`.

        Args:
            x: the input.
            mean: broadcasts to `x`.
            variance: broadcasts to `x`.
            shape: what gamma and beta are reshaped to, to broadcast to `x`.
        """
        factor = jax.lax.rsqrt(variance + self.epsilon)
        if self.scale:
            factor = factor * self.gamma.value.reshape(shape)
        y = (x - mean) * factor
        return y + self.beta.value.reshape(shape) if self.center else y


@register()
class BatchNormalization(_Normalization):
    """Normalizes each channel over the batch (Ioffe & Szegedy, 2015).

    In training with the mean and variance of the batch, which also move the
    moving averages; otherwise, or when frozen, with the moving averages.

    Shapes: the output has the shape of the input.

    Args:
        axis: the axis of the channels.
        momentum: how much of the moving averages stays at each step.
        epsilon: added to the variance.
        center: whether to add `beta`.
        scale: whether to multiply by `gamma`.
        beta_initializer: where `beta` starts.
        gamma_initializer: where `gamma` starts.
        moving_mean_initializer: where the moving mean starts.
        moving_variance_initializer: where the moving variance starts.
        beta_regularizer: a penalty on `beta`.
        gamma_regularizer: a penalty on `gamma`.
        beta_constraint: a projection of `beta` after each update.
        gamma_constraint: a projection of `gamma` after each update.
        **kwargs: `name`, `trainable`, `dtype`.

    Example:
        >>> import numpy as np
        >>> layer = BatchNormalization()
        >>> x = np.random.default_rng(0).normal(5, 2, (1000, 3)).astype("float32")
        >>> float(abs(layer(x, training=True).mean())) < 1e-3
        True
    """

    foreign_config: ClassVar = {
        "synchronized": None,  # it always is
        "renorm": (False,),
        "renorm_clipping": (None,),
        "renorm_momentum": None,
    }

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
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
        if not isinstance(axis, int):
            raise ArgumentError(f"BatchNormalization normalizes one axis; got axis={axis!r}.")
        self.momentum = momentum
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        if not -len(input_shape) <= self.axis < len(input_shape):
            raise ShapeError(f"Layer {self.name!r}: {input_shape} has no axis {self.axis}.")
        channels = input_shape[self.axis]
        self._add_gamma_and_beta((channels,))
        self.moving_mean = self.add_weight(
            (channels,),
            self.moving_mean_initializer,
            trainable=False,
            autocast=False,
            name="moving_mean",
        )
        self.moving_variance = self.add_weight(
            (channels,),
            self.moving_variance_initializer,
            trainable=False,
            autocast=False,
            name="moving_variance",
        )
        axes = {self.axis: channels} if channels else None
        self.input_spec = InputSpec(ndim=len(input_shape), axes=axes)

    def call(self, x: Any, training: bool | None = None, mask: Any = None) -> Any:
        channels = self.axis % x.ndim
        shape = tuple(n if i == channels else 1 for i, n in enumerate(x.shape))
        # Statistics in 16 bits would be useless.
        wide = x.astype(jnp.promote_types(x.dtype, jnp.float32))
        if training and self.trainable:
            y, mean, variance = self._by_batch(wide, channels, shape, mask)
            for moving, new in ((self.moving_mean, mean), (self.moving_variance, variance)):
                moving.assign(moving.value * self.momentum + new * (1 - self.momentum))
        else:
            mean, variance = self.moving_mean.value, self.moving_variance.value
            y = self._normalize(wide, mean.reshape(shape), variance.reshape(shape), shape)
        return y.astype(x.dtype)

    def _by_batch(
        self, x: Any, channels: int, shape: tuple[int, ...], mask: Any
    ) -> tuple[Any, Any, Any]:
        """Return `x` normalized by the moments of the batch, and these."""
        if mask is not None:
            mask = mask.reshape(mask.shape + (1,) * (x.ndim - mask.ndim))
            axes = tuple(i for i in range(x.ndim) if i != channels)
            mean, variance = _masked_moments(x, axes, mask)
            y = self._normalize(x, mean.reshape(shape), variance.reshape(shape), shape)
            return y, mean, variance
        size = (x.shape[channels],)
        gamma = self.gamma.value if self.scale else jnp.ones(size, x.dtype)
        beta = self.beta.value if self.center else jnp.zeros(size, x.dtype)
        gamma, beta = gamma.astype(x.dtype), beta.astype(x.dtype)
        return batch_normalization(x, gamma, beta, channels, self.epsilon)


def _masked_moments(x: Any, axes: tuple[int, ...], mask: Any) -> tuple[Any, Any]:
    """Return the moments of what the mask keeps, whatever stands elsewhere; 0 if nothing does."""
    kept = jnp.broadcast_to(mask.astype(bool), x.shape)
    count = jnp.maximum(jnp.sum(kept, axes, keepdims=True), 1)
    mean = jnp.sum(jnp.where(kept, x, 0), axes, keepdims=True) / count
    square = jnp.square(jnp.where(kept, x - mean, 0))
    variance = jnp.sum(square, axes, keepdims=True) / count
    return mean.reshape(-1), variance.reshape(-1)


@register()
class LayerNormalization(_Normalization):
    """Normalizes each sample over its features (Ba et al., 2016).

    Shapes: the output has the shape of the input.

    Args:
        axis: the axis or axes of the features.
        epsilon: added to the variance.
        center: whether to add `beta`.
        scale: whether to multiply by `gamma`.
        beta_initializer: where `beta` starts.
        gamma_initializer: where `gamma` starts.
        beta_regularizer: a penalty on `beta`.
        gamma_regularizer: a penalty on `gamma`.
        beta_constraint: a projection of `beta` after each update.
        gamma_constraint: a projection of `gamma` after each update.
        **kwargs: `name`, `trainable`, `dtype`.

    Example:
        >>> import numpy as np
        >>> LayerNormalization()(np.array([[1.0, 3.0]], "float32")).round(2).tolist()
        [[-1.0, 1.0]]
    """

    foreign_config: ClassVar = {"rms_scaling": (False,)}

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self._axes = _axes(self.axis, len(input_shape))
        self._add_gamma_and_beta(tuple(input_shape[i] for i in self._axes))
        self.input_spec = InputSpec(ndim=len(input_shape))

    def call(self, x: Any) -> Any:
        wide = x.astype(jnp.promote_types(x.dtype, jnp.float32))
        shape = tuple(n if i in self._axes else 1 for i, n in enumerate(x.shape))
        mean = jnp.mean(wide, self._axes, keepdims=True)
        variance = jnp.var(wide, self._axes, keepdims=True)
        return self._normalize(wide, mean, variance, shape).astype(x.dtype)


def _axes(axis: Any, ndim: int) -> tuple[int, ...]:
    given = axis if isinstance(axis, list) else [axis]
    if not all(-ndim <= i < ndim for i in given):
        raise ShapeError(f"An input of {ndim} dimensions has no axis {axis}.")
    return tuple(sorted(i % ndim for i in given))
