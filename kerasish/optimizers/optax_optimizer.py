"""Any optax transformation as an optimizer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import jax
import numpy as np
import optax

from kerasish.core.errors import ArgumentError, NotBuiltError
from kerasish.core.tree import Tree
from kerasish.core.variable import Variable
from kerasish.optimizers.base import Optimizer
from kerasish.optimizers.state import Address, OptimizerState, found_at, nested

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
        return OptimizerState(np.zeros((), "int32"), dict(getattr(inner, "hyperparams", {})), inner)

    def update(
        self, grads: Tree, state: OptimizerState, params: Tree
    ) -> tuple[Tree, OptimizerState]:
        inner = state.inner
        if state.hyperparams:
            inner = inner._replace(hyperparams=dict(state.hyperparams))
        updates, inner = self.inner.update(grads, inner, params)
        numbers = dict(inner.hyperparams) if state.hyperparams else {}
        return updates, OptimizerState(state.step + 1, numbers, inner)

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

    def _rates(self) -> list[Variable]:
        return [self.numbers[name] for name in ("learning_rate",) if name in self.numbers]

    def _order(self, weights: list[Address], state: OptimizerState) -> Iterator[Address]:
        return iter(())

    def assemble(self, parts: Tree) -> OptimizerState:
        raise ArgumentError(
            "An optax transformation does not keep its state in variables. Use `init` and "
            "`update` of its own, or `optimizer.transformation`, in a loop of yours."
        )

    def stateless_apply(
        self,
        optimizer_variables: Sequence[Any],
        grads: Sequence[Any],
        trainable_variables: Sequence[Any],
    ) -> tuple[list[Any], list[Any]]:
        """Return new weights and a new state, within the steps of a model.

        Args:
            optimizer_variables: the arrays of the state, in the order of its leaves.
            grads: a gradient for each weight.
            trainable_variables: the values of the weights.

        Raises:
            NotBuiltError: outside of the steps of a model, where the weights are not known.
        """
        if not self.built:
            raise NotBuiltError(
                "An optax transformation knows of no weights but in the steps of a model. Use "
                "`init` and `update` of its own in a loop of yours."
            )
        params = nested(dict(zip(self._weights, trainable_variables, strict=True)))
        structure = jax.tree.structure(jax.eval_shape(self.init, params))
        state = jax.tree.unflatten(structure, optimizer_variables)
        slopes = nested(dict(zip(self._weights, grads, strict=True)))
        params, state = self._stepped(slopes, state, params)
        return [found_at(params, path) for path in self._weights], jax.tree.leaves(state)

    def get_config(self) -> dict[str, Any]:
        raise ArgumentError(
            "An optax transformation cannot be written to a file; the model is saved without its "
            "optimizer. Compile again after loading."
        )
