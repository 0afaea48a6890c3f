"""LossScaleOptimizer: an optimizer with a dynamic loss scale."""

from __future__ import annotations

from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import ArgumentError
from kerasish.core.paths import Path, Tree
from kerasish.core.serialization.registry import serialize
from kerasish.core.types import Array, ArrayLike, Config
from kerasish.core.variable import Variable
from kerasish.optimizers.base import Optimizer, optimizers
from kerasish.optimizers.optax_optimizer import OptaxOptimizer
from kerasish.optimizers.state import OptimizerState

__all__ = ["LossScaleOptimizer", "with_loss_scale"]


@optimizers.register()
class LossScaleOptimizer(Optimizer):
    """Scale the loss, so that small gradients do not underflow in float16, and unscale gradients.

    A step whose gradients are not finite is skipped, and the scale is halved; after enough finite
    steps it is doubled (Micikevicius et al., 2018).

    Args:
        inner_optimizer: the optimizer that makes the steps.
        initial_scale: the first scale.
        dynamic_growth_steps: the number of finite steps after which to double the scale.
        name: a name.

    Raises:
        ArgumentError: if there is no inner optimizer, it has a loss scale of its own, or a
            number is not valid.

    Examples:
        >>> from kerasish.optimizers import SGD
        >>> optimizer = LossScaleOptimizer(SGD(0.1), initial_scale=8.0)
        >>> float(optimizer.scale_loss(2.0))
        16.0
    """

    def __init__(
        self,
        inner_optimizer: Optimizer | str | Config,
        initial_scale: float = 32768.0,
        dynamic_growth_steps: int = 2000,
        name: str | None = None,
    ) -> None:
        super().__init__(0.0, name=name)
        inner = optimizers.get(inner_optimizer)
        if not isinstance(inner, Optimizer) or inner.loss_scale_factor:
            raise ArgumentError(
                "LossScaleOptimizer needs an optimizer that has no loss_scale_factor; got "
                f"{inner_optimizer!r}."
            )
        if initial_scale <= 0 or dynamic_growth_steps < 1:
            raise ArgumentError(
                "initial_scale must be above 0 and dynamic_growth_steps at least 1; got "
                f"{initial_scale} and {dynamic_growth_steps}."
            )
        self.inner_optimizer = inner
        self.initial_scale, self.dynamic_growth_steps = initial_scale, dynamic_growth_steps
        self._kerasish_inner_optimizers = {"inner_optimizer": inner}
        self._kerasish_hyperparams = {}

    def _kerasish_init(self, params: Tree) -> OptimizerState:
        inner = {
            "learning_rate": np.zeros((), "float32"),  # unused, but files of Keras have it
            "step_counter": np.zeros((), "int32"),
            "dynamic_scale": np.asarray(self.initial_scale, "float32"),
            "inner_optimizer": self.inner_optimizer._kerasish_init(params),
        }
        return OptimizerState(np.zeros((), "int32"), {}, inner)

    def _kerasish_update(
        self, grads: Tree, state: OptimizerState, params: Tree
    ) -> tuple[Tree, OptimizerState]:
        scale, counter = state.inner["dynamic_scale"], state.inner["step_counter"]
        inner_state = state.inner["inner_optimizer"]

        def make_step() -> tuple[Tree, tuple[Array, Array, OptimizerState]]:
            unscaled = jax.tree.map(lambda g: g / scale.astype(g.dtype), grads)
            updates, new = self.inner_optimizer._kerasish_update(unscaled, inner_state, params)
            grows = counter >= self.dynamic_growth_steps - 1
            after = jnp.where(grows, 0, counter + 1), jnp.where(grows, scale * 2, scale)
            return updates, (*after, new)

        def skip() -> tuple[Tree, tuple[Array, Array, OptimizerState]]:
            zeros = jax.tree.map(jnp.zeros_like, params)
            return zeros, (jnp.zeros_like(counter), scale / 2, inner_state)

        finite = [jnp.all(jnp.isfinite(g)) for g in jax.tree.leaves(grads)]
        updates, after = jax.lax.cond(jnp.all(jnp.stack(finite)), make_step, skip)
        names = ("step_counter", "dynamic_scale", "inner_optimizer")
        return updates, state._replace(inner=state.inner | dict(zip(names, after, strict=True)))

    def scale_loss(self, loss: Array | float, state: OptimizerState | None = None) -> Array | float:
        if state is not None:
            scale = state.inner["dynamic_scale"]
        else:
            scale = self.dynamic_scale if self.built else self.initial_scale
        return loss * jnp.asarray(scale, jnp.result_type(loss, "float16"))

    @property
    def dynamic_scale(self) -> Array:
        """The scale now, once the optimizer is built."""
        return self._kerasish_slots[("inner", "dynamic_scale")].value

    def _kerasish_rate_variables(self) -> list[Variable]:
        return []

    def _kerasish_slot_paths(self, weights: list[Path], state: OptimizerState) -> Iterator[Path]:
        names = ("learning_rate", "step_counter", "dynamic_scale")
        yield from (("inner", name) for name in names)

    @property
    def iterations(self) -> Variable | Array:
        """How many updates were made."""
        return self.inner_optimizer.iterations

    @property
    def learning_rate(self) -> Variable | Array:
        """The learning rate of the inner optimizer."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: ArrayLike) -> None:
        self.inner_optimizer.learning_rate = value

    def get_config(self) -> Config:
        return {
            "name": self.name,
            "inner_optimizer": serialize(self.inner_optimizer),
            "initial_scale": self.initial_scale,
            "dynamic_growth_steps": self.dynamic_growth_steps,
        }


def with_loss_scale(optimizer: Optimizer) -> Optimizer:
    """Return an optimizer with a dynamic loss scale, unless it has a scale or is one of optax.

    Args:
        optimizer: the optimizer. An optax transformation has to bring its own loss scale.
    """
    takes_none = isinstance(optimizer, (LossScaleOptimizer, OptaxOptimizer))
    return optimizer if takes_none or optimizer.loss_scale_factor else LossScaleOptimizer(optimizer)
