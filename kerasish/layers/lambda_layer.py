"""Lambda: a function as a layer."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Unpack

import jax.numpy as jnp

from kerasish import activations
from kerasish.core.errors import ArgumentError
from kerasish.core.layer import Layer
from kerasish.core.serialization import registry
from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.types import Array, Config, PyTree
from kerasish.layers._shared import register

__all__ = ["Lambda"]


@register()
class Lambda(Layer):
    """A layer that calls a function: `function(x)`.

    A model with one is saved with the function's code, and loaded only with
    `safe_mode=False`. A layer class of your own is the better choice.

    Args:
        function: takes the input, and `mask` or `training` if it has arguments of
            these names.
        output_shape: accepted and kept in the config; shapes are found out by
            tracing the function.
        mask: the mask of the output, or a function `(inputs, mask)` that gives it.
        arguments: further keyword arguments of the function.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if `function` is not callable, or `arguments` is not a dict.

    Examples:
        >>> import numpy as np
        >>> Lambda(lambda x: 2 * x)(np.ones((1, 2), "float32")).tolist()
        [[2.0, 2.0]]
        >>> Lambda(lambda x, n: n * x, arguments={"n": 3})(np.ones((1, 2), "float32")).tolist()
        [[3.0, 3.0]]
    """

    def __init__(
        self,
        function: Callable[..., Any],
        output_shape: PyTree | None = None,
        mask: Array | None = None,
        arguments: dict[str, Any] | None = None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        if not callable(function):
            raise ArgumentError(f"Lambda takes a function; got {function!r}.")
        if not isinstance(arguments or {}, dict):
            raise ArgumentError(f"arguments is a dict of keyword arguments; got {arguments!r}.")
        self.function = function
        self.arguments = arguments or {}
        # `output_shape` and `mask` say other things of a layer than what is given here.
        self._given = {"output_shape": output_shape, "mask": mask}
        self._takes = _named_arguments(function)
        self.supports_masking = mask is not None

    def call(self, inputs: Array, mask: Array | None = None, training: bool | None = None) -> Array:
        offered = {"mask": mask, "training": training}
        more = {name: value for name, value in offered.items() if name in self._takes}
        return self.function(inputs, **{**self.arguments, **more})

    def compute_mask(self, inputs: Array, mask: Array | None = None) -> Array | None:
        given = self._given["mask"]
        if callable(given):
            return given(inputs, mask)
        return None if given is None else jnp.asarray(given)

    @classmethod
    def from_config(
        cls,
        config: Config,
        custom_objects: dict[str, Any] | None = None,
        safe_mode: bool | None = None,
    ) -> Any:
        """Make a layer from what `get_config` returned.

        Args:
            config: that dict.
            custom_objects: classes and functions that it names, by name.
            safe_mode: whether to refuse code; by default that of `load_model`, or else True.

        Raises:
            UnsafeModelError: if it holds code, unless `safe_mode` is False.
        """
        if safe_mode is not None:
            with registry.trusting(safe_mode):
                return cls.from_config(config, custom_objects)
        function = config.get("function")
        if isinstance(function, str):  # one of ours, by its name
            config = config | {"function": activations.get(function)}
        return super().from_config(config, custom_objects)

    def get_config(self) -> Config:
        config = super().get_config()
        config.pop("output_shape", None)
        given = {name: value for name, value in self._given.items() if value is not None}
        return config | registry.serialize(given)


def _named_arguments(function: Callable[..., Any]) -> frozenset[str]:
    try:
        return frozenset(inspect.signature(function).parameters)
    except ValueError:  # some functions written in C do not tell
        return frozenset()
