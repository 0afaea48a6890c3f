"""JaxLayer: a JAX function as a layer."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any, Unpack

import jax
import jax.numpy as jnp

from kerasish.core.errors import ArgumentError
from kerasish.core.layer import Layer
from kerasish.core.scope import current_scope
from kerasish.core.serialization.registry import serialize
from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.types import Config, PyTree
from kerasish.core.variable import Variable
from kerasish.layers._shared import register
from kerasish.layers.interop.variable_tree import LazyValues, VariableTree, placeholder_shapes

__all__ = ["JaxLayer"]


@register()
class JaxLayer(Layer):
    """Calls a JAX function with weights that the layer holds.

    The function says by the names of its arguments what it wants, in any order: `params`,
    `state`, `rng`, `inputs` and `training`; `inputs` it must want. With `state` it returns the
    outputs and the new state, otherwise the outputs alone.

    Args:
        call_fn: the function.
        init_fn: makes the first values; its arguments are among `rng`, `inputs` and `training`.
            It returns the parameters, or parameters and state if `call_fn` wants a state.
            Sizes that are not known, such as the batch's, are 1 in its inputs.
        params: the first parameters, nested dicts and lists of arrays, instead of `init_fn`.
        state: the first state, likewise.
        seed: what the key for `init_fn` is made of; drawn if it is None.
        native_serialization_platforms: accepted as in Keras; without effect.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if a function wants an argument that there is not, or there are no first
            values to be had.

    Examples:
        >>> import numpy as np
        >>> def scale(params, inputs):
        ...     return inputs * params["factor"]
        >>> layer = JaxLayer(scale, params={"factor": np.full((1, 3), 2.0, "float32")})
        >>> layer(np.ones((1, 3), "float32")).tolist()
        [[2.0, 2.0, 2.0]]
        >>> [weight.name for weight in layer.trainable_weights]
        ['factor']
    """

    def __init__(
        self,
        call_fn: Callable[..., Any],
        init_fn: Callable[..., Any] | None = None,
        params: PyTree | None = None,
        state: PyTree | None = None,
        seed: int | None = None,
        native_serialization_platforms: Sequence[str] | None = None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        known = ("params", "state", "rng", "inputs", "training")
        self.call_fn, self.init_fn, self.seed = call_fn, init_fn, seed
        self._arguments = _arguments(call_fn, "call_fn", known, "inputs")
        if init_fn is not None:
            self._init_arguments = _arguments(init_fn, "init_fn", ("rng", "inputs", "training"))
        missing = [
            name
            for name, value in (("params", params), ("state", state))
            if name in self._arguments and value is None
        ]
        if missing and init_fn is None:
            raise ArgumentError(
                f"`call_fn` wants `{missing[0]}`: give JaxLayer `{missing[0]}` or an `init_fn` "
                "that makes it."
            )
        self._given = params, state
        self._params: VariableTree | None = None
        self._state: VariableTree | None = None
        self.held: list[Variable] = []

    def call(self, inputs: PyTree, training: bool = False) -> PyTree:
        if self._params is None:
            self._declare(inputs, training)
        assert self._params is not None and self._state is not None
        values: dict[str, Any] = {"inputs": inputs, "training": training}
        if "params" in self._arguments:
            values["params"] = self._params.value()
        if "state" in self._arguments:
            values["state"] = self._state.value()
        scope = current_scope()
        if "rng" in self._arguments and scope is not None:
            values["rng"] = scope.next_key()
        outputs = self.call_fn(**{name: values[name] for name in self._arguments})
        if "state" in self._arguments:
            outputs, state = outputs
            self._state.assign(state)
        return outputs

    def _declare(self, inputs: PyTree, training: bool) -> None:
        """Declare the weights, whose shapes may depend on those of the inputs."""
        params, state = self._given
        first = None
        if params is None and state is None and self.init_fn is not None:
            first = LazyValues(self._make(placeholder_shapes(inputs), training), self.seed)
            params, state = first.shapes()
        self._params = VariableTree(params, True, "params", first)
        offset = len(self._params.variables)
        self._state = VariableTree(state, False, "state", first, offset)
        self.held = [*self._params.variables, *self._state.variables]

    def _make(self, shapes: PyTree, training: bool) -> Callable[[jax.Array], tuple[Any, Any]]:
        def make(key: jax.Array) -> tuple[Any, Any]:
            inputs = jax.tree.map(lambda x: jnp.zeros(x.shape, x.dtype), shapes)
            values = {"rng": key, "inputs": inputs, "training": training}
            assert self.init_fn is not None
            found = self.init_fn(**{name: values[name] for name in self._init_arguments})
            return found if "state" in self._arguments else (found, None)

        return make

    def get_config(self) -> Config:
        params, state = self._given
        return {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": serialize(self.dtype_policy),
            "call_fn": serialize(self.call_fn),
            "init_fn": serialize(self.init_fn),
            "params": serialize(params),
            "state": serialize(state),
            "seed": self.seed,
        }


def _arguments(
    function: Callable[..., Any], role: str, known: tuple[str, ...], needed: str | None = None
) -> tuple[str, ...]:
    """Return the names of a function's arguments.

    Raises:
        ArgumentError: if one is not known, or the needed one is missing.
    """
    names = tuple(inspect.signature(function).parameters)
    for name in names:
        if name not in known:
            raise ArgumentError(
                f"`{role}` wants `{name}`; its arguments can be {', '.join(known)}."
            )
    if needed is not None and needed not in names:
        raise ArgumentError(f"`{role}` must have an argument called `{needed}`; it has {names}.")
    return names
