"""Any optax transformation as an optimizer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from kerasish.core.errors import ArgumentError
from kerasish.core.paths import Path, Tree, keys_to_name
from kerasish.core.variable import Variable
from kerasish.optimizers.base import Optimizer
from kerasish.optimizers.state import OptimizerState

__all__ = ["OptaxOptimizer"]


class OptaxOptimizer(Optimizer):
    """Any optax transformation, as it is.

    Args:
        transformation: what to update the weights with. If it was made by
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
        self.inner = transformation
        numbers = getattr(transformation.init({}), "hyperparams", {})
        self.numbers = {k: Variable(v, dtype=v.dtype, name=k) for k, v in numbers.items()}

    @property
    def transformation(self) -> optax.GradientTransformation:
        return self.inner

    def init(self, params: Tree) -> OptimizerState:
        inner = self.inner.init(params)
        numbers = dict(getattr(inner, "hyperparams", {}))
        return OptimizerState(np.zeros((), "int32"), numbers, _by_path(inner))

    def update(
        self, grads: Tree, state: OptimizerState, params: Tree
    ) -> tuple[Tree, OptimizerState]:
        inner = self._restored(state.inner, params)
        if state.hyperparams:
            inner = inner._replace(hyperparams=dict(state.hyperparams))
        updates, inner = self.inner.update(grads, inner, params)
        numbers = dict(inner.hyperparams) if state.hyperparams else {}
        return updates, OptimizerState(state.step + 1, numbers, _by_path(inner))

    def _restored(self, leaves: dict[str, Any], params: Tree) -> Any:
        """Return the state of the transformation that `_by_path` took apart."""
        like = jax.eval_shape(self.inner.init, params)
        paths, structure = jax.tree_util.tree_flatten_with_path(like)
        return jax.tree.unflatten(structure, [leaves[keys_to_name(path)] for path, _ in paths])

    @property
    def learning_rate(self) -> Any:
        """The learning rate, if the transformation lets it be seen."""
        if "learning_rate" not in self.numbers:
            raise ArgumentError(
                "This optax transformation keeps its learning rate to itself. Make it with "
                "`optax.inject_hyperparams(optax.adam)(learning_rate=1e-3)` so that it can be "
                "read and changed, or use one of `kerasish.optimizers`."
            )
        return self.numbers["learning_rate"]

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self.learning_rate.assign(value)

    def _kerasish_rates(self) -> list[Variable]:
        return [self.numbers[name] for name in ("learning_rate",) if name in self.numbers]

    def _kerasish_order(self, weights: list[Path], state: OptimizerState) -> Iterator[Path]:
        # Random keys are not numbers; they stay in the state and have no variables.
        numeric = (
            k for k, v in state.inner.items() if not jnp.issubdtype(v.dtype, jax.dtypes.extended)
        )
        yield from (("inner", key) for key in sorted(numeric))

    def get_config(self) -> dict[str, Any]:
        raise ArgumentError(
            "An optax transformation cannot be written to a file; the model is saved without its "
            "optimizer. Compile again after loading."
        )


def _by_path(state: Any) -> dict[str, Any]:
    """Return the arrays of a transformation's state by their paths: `"0/mu/dense/kernel"`."""
    leaves, _ = jax.tree_util.tree_flatten_with_path(state)
    return {
        keys_to_name(path): leaf if hasattr(leaf, "dtype") else np.asarray(leaf)
        for path, leaf in leaves
    }
