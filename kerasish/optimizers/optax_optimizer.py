"""OptaxOptimizer: any optax transformation as an optimizer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np
import optax

from kerasish.core.errors import ArgumentError
from kerasish.core.paths import Path, Tree, keys_to_name
from kerasish.core.surface.reserved import Shadowable
from kerasish.core.types import Array, ArrayLike, Config, PyTree
from kerasish.core.variable import Variable
from kerasish.optimizers.base import Optimizer
from kerasish.optimizers.state import OptimizerState

__all__ = ["OptaxOptimizer"]


class OptaxOptimizer(Optimizer):
    """Any optax transformation, unchanged.

    Args:
        transformation: the transformation. If it was made by
            `optax.inject_hyperparams`, callbacks can change its learning rate.
        name: a name.

    Examples:
        >>> import optax
        >>> optimizer = OptaxOptimizer(optax.inject_hyperparams(optax.adabelief)(learning_rate=0.1))
        >>> optimizer.name
        'optax'
    """

    def __init__(self, transformation: optax.GradientTransformation, name: str = "optax") -> None:
        super().__init__(0.0, name=name)
        self._kerasish_transformation = transformation
        hyperparams = getattr(transformation.init({}), "hyperparams", {})
        self._kerasish_hyperparams = {
            name: Variable(v, dtype=v.dtype, name=name) for name, v in hyperparams.items()
        }

    transformation = Shadowable(lambda self: self._kerasish_transformation)
    transformation.__doc__ = "The transformation that this optimizer was made from."

    def _kerasish_init(self, params: Tree) -> OptimizerState:
        inner = self._kerasish_transformation.init(params)
        hyperparams = dict(getattr(inner, "hyperparams", {}))
        return OptimizerState(np.zeros((), "int32"), hyperparams, _flatten_state(inner))

    def _kerasish_update(
        self, grads: Tree, state: OptimizerState, params: Tree
    ) -> tuple[Tree, OptimizerState]:
        inner = _restore_state(self._kerasish_transformation, state.inner, params)
        if state.hyperparams:
            inner = inner._replace(hyperparams=dict(state.hyperparams))
        updates, inner = self._kerasish_transformation.update(grads, inner, params)
        hyperparams = dict(inner.hyperparams) if state.hyperparams else {}
        new = OptimizerState(state.step + 1, hyperparams, _flatten_state(inner))
        return updates, new

    @property
    def learning_rate(self) -> Variable | Array:
        """The learning rate, if the transformation was made by `optax.inject_hyperparams`."""
        if "learning_rate" not in self._kerasish_hyperparams:
            raise ArgumentError(
                "This optax transformation keeps its learning rate to itself. Make it with "
                "`optax.inject_hyperparams(optax.adam)(learning_rate=1e-3)` so that it can be "
                "read and changed, or use one of `kerasish.optimizers`."
            )
        return self._kerasish_hyperparams["learning_rate"]

    @learning_rate.setter
    def learning_rate(self, value: ArrayLike) -> None:
        cast(Variable, self.learning_rate).assign(value)

    def _kerasish_rate_variables(self) -> list[Variable]:
        return [
            self._kerasish_hyperparams[name]
            for name in ("learning_rate",)
            if name in self._kerasish_hyperparams
        ]

    def _kerasish_slot_paths(self, weights: list[Path], state: OptimizerState) -> Iterator[Path]:
        # Random keys are not numeric; they stay in the state and have no variables.
        numeric = (
            k for k, v in state.inner.items() if not jnp.issubdtype(v.dtype, jax.dtypes.extended)
        )
        yield from (("inner", key) for key in sorted(numeric))

    def get_config(self) -> Config:
        raise ArgumentError(
            "An optax transformation cannot be written to a file; the model is saved without its "
            "optimizer. Compile again after loading."
        )


def _flatten_state(state: PyTree) -> dict[str, Any]:
    """Return the arrays of a transformation's state by name: `"0/mu/dense/kernel"`."""
    leaves, _ = jax.tree_util.tree_flatten_with_path(state)
    return {
        keys_to_name(keys): leaf if hasattr(leaf, "dtype") else np.asarray(leaf)
        for keys, leaf in leaves
    }


def _restore_state(
    transformation: optax.GradientTransformation, leaves: dict[str, Any], params: Tree
) -> PyTree:
    """Return the state of a transformation from its arrays by name."""
    like = jax.eval_shape(transformation.init, params)
    found, structure = jax.tree_util.tree_flatten_with_path(like)
    return jax.tree.unflatten(structure, [leaves[keys_to_name(keys)] for keys, _ in found])
