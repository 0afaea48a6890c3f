"""Activations as layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp

from kerasish import activations
from kerasish.core.errors import ArgumentError
from kerasish.core.layer import Layer
from kerasish.core.types import ActivationLike, Array
from kerasish.layers._shared import register

__all__ = ["ELU", "Activation", "LeakyReLU", "ReLU", "Softmax"]


@register()
class Activation(Layer):
    """Applies an activation function.

    Args:
        activation: activation function, by name or as a function.
        **kwargs: `name`, `trainable`, `dtype`.

    Examples:
        >>> import numpy as np
        >>> Activation("relu")(np.array([[-1.0, 2.0]], "float32")).tolist()
        [[0.0, 2.0]]
    """

    activation: Callable[..., Array]

    def __init__(self, activation: ActivationLike, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)
        self.supports_masking = True

    def call(self, inputs: Array) -> Array:
        return self.activation(inputs)


@register()
class ReLU(Layer):
    """Rectified linear unit, see `kerasish.activations.relu`.

    Args:
        max_value: the largest value returned; None for no bound.
        negative_slope: the slope below `threshold`.
        threshold: where the slope changes.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if one of these is negative.

    Examples:
        >>> import numpy as np
        >>> ReLU(max_value=6)(np.array([[-1.0, 8.0]], "float32")).tolist()
        [[0.0, 6.0]]
    """

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        for argument, value in (
            ("max_value", 0 if max_value is None else max_value),
            ("negative_slope", negative_slope),
            ("threshold", threshold),
        ):
            if value is None or value < 0:
                raise ArgumentError(f"ReLU needs a {argument} of at least 0; got {value!r}.")
        self.max_value = max_value
        self.negative_slope = negative_slope
        self.threshold = threshold
        self.supports_masking = True

    def call(self, inputs: Array) -> Array:
        return activations.relu(inputs, self.negative_slope, self.max_value, self.threshold)


@register()
class LeakyReLU(Layer):
    """`x` above zero, `negative_slope * x` below; see `kerasish.activations.leaky_relu`.

    Args:
        negative_slope: the slope below zero.
        **kwargs: `name`, `trainable`, `dtype`; `alpha` is the old name of `negative_slope`.

    Raises:
        ArgumentError: if it is negative.

    Examples:
        >>> import numpy as np
        >>> LeakyReLU(0.5)(np.array([[-1.0, 2.0]], "float32")).tolist()
        [[-0.5, 2.0]]
    """

    def __init__(self, negative_slope: float = 0.3, **kwargs: Any) -> None:
        negative_slope = kwargs.pop("alpha", negative_slope)
        super().__init__(**kwargs)
        if negative_slope is None or negative_slope < 0:
            raise ArgumentError(
                f"LeakyReLU needs a negative_slope of at least 0; got {negative_slope!r}."
            )
        self.negative_slope = negative_slope
        self.supports_masking = True

    def call(self, inputs: Array) -> Array:
        return activations.leaky_relu(inputs, self.negative_slope)


@register()
class ELU(Layer):
    """`x` above zero, `alpha * (exp(x) - 1)` below; see `kerasish.activations.elu`.

    Args:
        alpha: what the function tends to far below zero, less the sign.
        **kwargs: `name`, `trainable`, `dtype`.

    Examples:
        >>> import numpy as np
        >>> np.round(np.asarray(ELU()(np.array([[-1.0, 2.0]], "float32"))), 2)
        array([[-0.63,  2.  ]], dtype=float32)
    """

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alpha = alpha
        self.supports_masking = True

    def call(self, inputs: Array) -> Array:
        return activations.elu(inputs, self.alpha)


@register()
class Softmax(Layer):
    """Softmax along an axis.

    What a mask leaves out is 0, also where it leaves out everything.

    Args:
        axis: the axis (or axes) that sums to 1.
        **kwargs: `name`, `trainable`, `dtype`.

    Examples:
        >>> import numpy as np
        >>> Softmax()(np.zeros((1, 2), "float32")).tolist()
        [[0.5, 0.5]]
    """

    def __init__(self, axis: int | Sequence[int] = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis if isinstance(axis, int) else list(axis)
        self.supports_masking = True

    def call(self, inputs: Array, mask: Array | None = None) -> Array:
        axis = tuple(self.axis) if isinstance(self.axis, list) else self.axis
        if mask is None:
            return activations.softmax(inputs, axis)
        kept = mask if mask.dtype == bool else mask > 0.5
        lowest = jnp.finfo(inputs.dtype).min / 2
        return jnp.where(kept, activations.softmax(jnp.where(kept, inputs, lowest), axis), 0)
