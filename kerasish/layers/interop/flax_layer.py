"""FlaxLayer: a Flax module as a layer."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Unpack

import jax
import jax.numpy as jnp

from kerasish.core.errors import ArgumentError
from kerasish.core.layer import Layer
from kerasish.core.scope import current_scope
from kerasish.core.surface.layer_options import LayerOptions
from kerasish.core.types import Array, Config, PyTree
from kerasish.core.variable import Variable
from kerasish.layers._shared import register
from kerasish.layers.interop.variable_tree import LazyValues, VariableTree, placeholder_shapes

__all__ = ["FlaxLayer"]


@register()
class FlaxLayer(Layer):
    """Holds the variables of a Flax module and calls it, as linen or as NNX.

    The parameters of the module are the trainable weights, in `params` nested as Flax has them:
    `module.apply({"params": layer.params, **layer.state}, x)`; all its other variables (batch
    statistics and the like) are the others, and are updated in training. Dropout draws from the
    random numbers of the model. A linen module gets the training flag by an argument
    called `training` or `train`, or the contrary by `deterministic`, if it has one; an NNX module
    by its `train()` and `eval()`.

    Args:
        module: an instance of `flax.linen.Module` or `flax.nnx.Module`.
        method: the method to call, by name or as a function of the module and the inputs;
            `__call__` by default.
        variables: what `module.init` of linen returned, for the first values; drawn if it is
            None. An NNX module has its own.
        **kwargs: `name`, `trainable`, `dtype`.

    Raises:
        ArgumentError: if it is not a Flax module.

    Examples:
        >>> import flax.linen as nn
        >>> import numpy as np
        >>> layer = FlaxLayer(nn.Dense(2))
        >>> layer(np.ones((4, 3), "float32")).shape
        (4, 2)
        >>> [(weight.name, weight.shape) for weight in layer.weights]
        [('bias', (2,)), ('kernel', (3, 2))]
    """

    def __init__(
        self,
        module: Any,
        method: str | Callable[..., Any] | None = None,
        variables: PyTree | None = None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        # Flax takes seconds to import, and a module of it has imported it already.
        from flax import linen, nnx

        if not isinstance(module, (linen.Module, nnx.Module)):
            raise ArgumentError(
                "FlaxLayer takes an instance of flax.linen.Module or flax.nnx.Module; got "
                f"{type(module).__name__}."
            )
        self.module = module
        kind = Linen if isinstance(module, linen.Module) else Nnx
        self._form: Linen | Nnx = kind(module, method, variables)
        self._params: VariableTree | None = None
        self._state: VariableTree | None = None
        self.held: list[Variable] = []

    def call(self, inputs: PyTree, *more: PyTree, training: bool = False) -> PyTree:
        inputs = (inputs, *more)
        if self._params is None:
            first, params, state = self._form.first(placeholder_shapes(inputs))
            self._params = VariableTree(params, True, "params", first)
            self._state = VariableTree(state, False, "state", first, len(self._params.variables))
            self.held = [*self._params.variables, *self._state.variables]
        assert self._state is not None
        scope = current_scope()
        rng = None if scope is None or scope.rng is None else scope.next_key()
        values = self._params.value(), self._state.value()
        outputs, state = self._form.apply(*values, inputs, rng, training)
        if training:
            self._state.assign(state)
        return outputs

    def get_config(self) -> Config:
        """Refuse: a module of Flax is Python code, which no file of a model holds.

        Raises:
            ArgumentError: always.
        """
        raise ArgumentError(
            f"{self.name!r} holds a Flax module, which is Python code and is not written to a "
            "file. Save the weights with `save_weights`, and build the model again to load them."
        )


class Linen:
    """Calls a linen module; see `FlaxLayer`."""

    def __init__(self, module: Any, method: Any, variables: PyTree) -> None:
        self.module, self.method, self.given = module, method, variables
        function = getattr(module, method) if isinstance(method, str) else method
        self._accepted = inspect.signature(function or module.__call__).parameters

    def first(self, inputs: PyTree) -> tuple[LazyValues | None, Any, Any]:
        """Return the first values: how to draw them, the parameters, the rest."""
        if self.given is not None:
            return None, *_split(self.given)

        def make(key: jax.Array) -> tuple[Any, Any]:
            zeros = [jnp.zeros(x.shape, x.dtype) for x in inputs]
            flags = self._flags(False)
            return _split(self.module.init(key, *zeros, method=self.method, **flags))

        first = LazyValues(make)
        return first, *first.shapes()

    def apply(
        self, params: PyTree, state: PyTree, inputs: PyTree, rng: Array | None, training: bool
    ) -> tuple[Any, Any]:
        """Return the outputs and the new state."""
        variables = {"params": params, **state} if params else dict(state)
        arguments: dict[str, Any] = {"method": self.method, **self._flags(training)}
        if rng is not None:
            arguments["rngs"] = {"dropout": rng}
        if not training or not state:
            return self.module.apply(variables, *inputs, **arguments), state
        outputs, new = self.module.apply(variables, *inputs, mutable=list(state), **arguments)
        return outputs, new

    def _flags(self, training: bool) -> dict[str, bool]:
        flags = {"training": training, "train": training, "deterministic": not training}
        return {name: flag for name, flag in flags.items() if name in self._accepted}


def _split(variables: PyTree) -> tuple[Any, Any]:
    rest = {name: tree for name, tree in variables.items() if name != "params"}
    return variables.get("params", {}), rest


class Nnx:
    """Calls an NNX module; see `FlaxLayer`."""

    def __init__(self, module: Any, method: Any, variables: PyTree) -> None:
        from flax import nnx

        if variables is not None:
            raise ArgumentError("An NNX module has its variables; FlaxLayer takes no others.")
        self.nnx, self.method = nnx, method
        parts: Any = self._split(module)
        self.graph, self.params, self.draws, self.rest = parts

    def _split(self, module: Any) -> Any:
        return self.nnx.split(module, self.nnx.Param, self.nnx.RngState, ...)

    def first(self, inputs: PyTree) -> tuple[LazyValues | None, Any, Any]:
        """Return the first values, which the module has."""
        return None, self.params, self.rest

    def apply(
        self, params: PyTree, state: PyTree, inputs: PyTree, rng: Array | None, training: bool
    ) -> tuple[Any, Any]:
        """Return the outputs and the new state."""
        module = self.nnx.merge(self.graph, params, self._draws(rng), state)
        (module.train if training else module.eval)()
        method = self.method or "__call__"
        call = getattr(module, method) if isinstance(method, str) else lambda *x: method(module, *x)
        outputs = call(*inputs)
        return outputs, self._split(module)[3]

    def _draws(self, rng: Array | None) -> Any:
        """Return the random streams of the module, restarted by a key."""
        if rng is None:
            return self.draws
        leaves, structure = jax.tree.flatten(self.draws)
        fresh = [
            jax.random.fold_in(rng, i) if jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key) else leaf
            for i, leaf in enumerate(leaves)
        ]
        return jax.tree.unflatten(structure, fresh)
