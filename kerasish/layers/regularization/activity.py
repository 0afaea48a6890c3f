"""ActivityRegularization: a penalty on activations."""

from __future__ import annotations

from typing import Unpack

from kerasish import regularizers
from kerasish.core.errors import ArgumentError
from kerasish.core.layer import Layer
from kerasish.core.surface.layer_options import BaseOptions
from kerasish.core.types import Array, Config
from kerasish.layers._shared import register

__all__ = ["ActivityRegularization"]


@register()
class ActivityRegularization(Layer):
    """Returns its input, and adds a penalty on it to the loss.

    Shapes: `(batch, ...) -> (batch, ...)`, unchanged.

    Args:
        l1: the factor of the sum of absolute values, averaged over the batch.
        l2: the factor of the sum of squares, averaged over the batch.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if a factor is negative.

    Examples:
        >>> import numpy as np
        >>> ActivityRegularization(l2=0.1)(np.ones((1, 2), "float32")).tolist()
        [[1.0, 1.0]]
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Unpack[BaseOptions]) -> None:
        for name, value in (("l1", l1), ("l2", l2)):
            if value is None or value < 0:
                raise ArgumentError(
                    f"ActivityRegularization needs {name} of at least 0; got {value!r}."
                )
        super().__init__(activity_regularizer=regularizers.L1L2(l1, l2), **kwargs)
        self.l1 = l1
        self.l2 = l2
        self.supports_masking = True

    def call(self, inputs: Array) -> Array:
        return inputs

    def get_config(self) -> Config:
        config = super().get_config()
        del config["activity_regularizer"]  # made of l1 and l2
        return config
