"""Activations as layers."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from kerasish import activations
from kerasish.core.layer import Layer
from kerasish.layers._shared import register

__all__ = ["Activation", "ReLU", "Softmax"]


@register()
class Activation(Layer):
    """Applies an activation function.

    Args:
        activation: a name or a function.
        **kwargs: `name`, `trainable`, `dtype`.

    Example:
        >>> import numpy as np
        >>> Activation("relu")(np.array([[-1.0, 2.0]], "float32")).tolist()
        [[0.0, 2.0]]
    """

    def __init__(self, activation: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)
        self.supports_masking = True

    def call(self, x: Any) -> Any:
        return self.activation(x)


@register()
class ReLU(Layer):
    """Rectified linear unit, see `kerasish.activations.relu`.

    Args:
        max_value: the largest value returned; None for no bound.
        negative_slope: the slope below `threshold`.
        threshold: where the slope changes.
        **kwargs: `name`, `trainable`, `dtype`.

    Example:
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
        self.max_value = max_value
        self.negative_slope = negative_slope
        self.threshold = threshold
        self.supports_masking = True

    def call(self, x: Any) -> Any:
        return activations.relu(x, self.negative_slope, self.max_value, self.threshold)


@register()
class Softmax(Layer):
    """Softmax along an axis.

    Args:
        axis: the axis that sums to 1.
        **kwargs: `name`, `trainable`, `dtype`.

    Example:
        >>> import numpy as np
        >>> Softmax()(np.zeros((1, 2), "float32")).tolist()
        [[0.5, 0.5]]
    """

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis
        self.supports_masking = True

    def call(self, x: Any, mask: Any = None) -> Any:
        if mask is not None:
            x = jnp.where(mask, x, jnp.finfo(x.dtype).min / 2)
        return activations.softmax(x, self.axis)
