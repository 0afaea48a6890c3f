"""A function as a layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from kerasish.core.errors import ArgumentError
from kerasish.core.layer import Layer
from kerasish.layers._shared import register

__all__ = ["Lambda"]


@register()
class Lambda(Layer):
    """Calls a function.

    A model with one is saved with the function's code, and loaded only with
    `safe_mode=False`. A layer class of your own is the better choice.

    Args:
        function: takes the input (and `mask`, if it names one).
        output_shape: accepted for Keras's sake; shapes are found out by tracing.
        mask: the mask of the output, or a function `(inputs, mask)` that gives it.
        arguments: further keyword arguments of the function.
        **kwargs: `name`, `trainable`, `dtype`.

    Example:
        >>> import numpy as np
        >>> Lambda(lambda x: 2 * x)(np.ones((1, 2), "float32")).tolist()
        [[2.0, 2.0]]
    """

    foreign_config: ClassVar = {"output_shape": None, "mask": None}

    def __init__(
        self,
        function: Callable[..., Any],
        output_shape: Any = None,
        mask: Any = None,
        arguments: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not callable(function):
            raise ArgumentError(f"Lambda takes a function; got {function!r}.")
        self.function = function
        self.arguments = arguments or {}
        self._mask = mask
        self.supports_masking = mask is not None

    def call(self, x: Any) -> Any:
        return self.function(x, **self.arguments)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        return self._mask(inputs, previous_mask) if callable(self._mask) else self._mask
