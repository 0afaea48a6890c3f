"""Optimizer: Keras's names around an optax transformation."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from kerasish.core.errors import ArgumentError
from kerasish.core.names import snake_case
from kerasish.core.registry import Registry, deserialize, known_config, serialize
from kerasish.core.tree import Tree
from kerasish.core.variable import Variable

__all__ = ["OptaxOptimizer", "Optimizer", "OptimizerState", "optimizers"]

optimizers = Registry("optimizer", "optimizers", instantiate=True)

# Numbers (learning rate, momentum, ...) by name, as they are at one step.
Numbers = dict[str, Any]


class OptimizerState(NamedTuple):
    """What an optimizer carries from step to step.

    Attributes:
        step: how many updates were made, an int32 scalar.
        hyperparams: the numbers that may be changed between steps, float32 scalars.
        inner: the state of the optax transformation.
    """

    step: Any
    hyperparams: dict[str, jax.Array]
    inner: Any


class Optimizer:
    """The base of optimizers: a rule, and what can be put around any rule.

    `init(params)` and `update(grads, state, params)` are pure; together they
    are an `optax.GradientTransformation`, given by `transformation`. All
    numbers are leaves of the state: changing one never compiles anything.

    A subclass gives `rule(numbers)`, the optax transformation from gradients
    to what is added to the weights.

    Args:
        learning_rate: a number, or a schedule: a function of the step.
        weight_decay: this share of the weights, times the learning rate, is
            taken off at each step.
        clipnorm: the largest norm of each gradient.
        clipvalue: the largest absolute value in any gradient.
        global_clipnorm: the largest norm of all gradients together.
        name: a name.
        **numbers: the numbers of the rule.

    Raises:
        ArgumentError: if a number is negative, or more than one way of
            clipping is asked for.

    Attributes:
        iterations: how many updates were made.
        numbers: the numbers that may be changed at any time, by name.
        undecayed: patterns of the paths of weights that do not decay.
    """

    # The order of the slots in Keras's files: group after group; within one, weight by weight.
    slot_groups: ClassVar[tuple[tuple[str, ...], ...]] = ()

    # Keys of Keras's config that there is no argument for; see `registry.known_config`.
    foreign_config: ClassVar[dict[str, tuple[Any, ...] | None]] = {
        "use_ema": (False, None),
        "ema_momentum": None,
        "ema_overwrite_frequency": None,
        "loss_scale_factor": (None,),
        "gradient_accumulation_steps": (None,),
    }

    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        name: str | None = None,
        **numbers: float,
    ) -> None:
        self.name = name or snake_case(type(self).__name__)
        self.clipnorm, self.clipvalue, self.global_clipnorm = clipnorm, clipvalue, global_clipnorm
        if sum(value is not None for value in (clipnorm, clipvalue, global_clipnorm)) > 1:
            raise ArgumentError(
                "Only one of clipnorm, clipvalue and global_clipnorm can be given; got "
                f"clipnorm={clipnorm}, clipvalue={clipvalue}, global_clipnorm={global_clipnorm}."
            )
        self.schedule: Callable[[Any], Any] | None = None
        if isinstance(learning_rate, dict):
            learning_rate = deserialize(learning_rate)
        if callable(learning_rate) and not isinstance(learning_rate, Variable):
            self.schedule = learning_rate
            learning_rate = float(learning_rate(0))
        numbers["learning_rate"] = learning_rate
        if weight_decay is not None:
            numbers["weight_decay"] = weight_decay
        for key, value in numbers.items():
            if not isinstance(value, (int, float, Variable, jax.Array)) or float(value) < 0:
                raise ArgumentError(f"{key} must be a number of at least 0; got {value!r}.")
        self.numbers = {k: Variable(float(v), dtype="float32", name=k) for k, v in numbers.items()}
        self.iterations = Variable(0, dtype="int32", name="iterations", trainable=False)
        self.undecayed: tuple[str, ...] = ()

    # The pure view.

    def rule(self, numbers: Numbers) -> optax.GradientTransformation:
        """Return the transformation from gradients to what is added to the weights."""
        raise NotImplementedError

    @property
    def transformation(self) -> optax.GradientTransformation:
        """This optimizer as an optax transformation."""
        return optax.GradientTransformation(self.init, self.update)

    def init(self, params: Tree) -> OptimizerState:
        """Return the state before the first step."""
        numbers = {name: v.value for name, v in self.numbers.items()}
        return OptimizerState(np.zeros((), "int32"), numbers, self._chain(numbers).init(params))

    def update(
        self, grads: Tree, state: OptimizerState, params: Tree
    ) -> tuple[Tree, OptimizerState]:
        """Return what to add to the weights, and the new state."""
        numbers = dict(state.hyperparams)
        if self.schedule is not None:
            numbers["learning_rate"] = jnp.asarray(self.schedule(state.step), "float32")
        updates, inner = self._chain(numbers).update(grads, state.inner, params)
        return updates, OptimizerState(state.step + 1, numbers, inner)

    def _chain(self, numbers: Numbers) -> optax.GradientTransformation:
        """Put clipping before the rule and weight decay after it."""
        steps = [self.rule(numbers)]
        if self.clipnorm is not None:
            steps.insert(0, _clip_each(self.clipnorm))
        if self.clipvalue is not None:
            steps.insert(0, optax.clip(self.clipvalue))
        if self.global_clipnorm is not None:
            steps.insert(0, optax.clip_by_global_norm(self.global_clipnorm))
        if "weight_decay" in numbers:
            share = -numbers["learning_rate"] * numbers["weight_decay"]
            steps.append(optax.add_decayed_weights(share, mask=self._decayed))
        return optax.chain(*steps)

    def _decayed(self, params: Tree) -> Tree:
        """Return which weights decay, in the structure of `params`."""

        def decays(path: Any, _: Any) -> bool:
            name = "/".join(str(part.key) for part in path)
            return not any(re.search(pattern, name) for pattern in self.undecayed)

        marks: Tree = jax.tree_util.tree_map_with_path(decays, params)
        return marks

    # The shell.

    @property
    def learning_rate(self) -> Any:
        """The learning rate now. Assign a number to change it; nothing is recompiled."""
        if self.schedule is not None:
            return jnp.asarray(self.schedule(self.iterations.value), "float32")
        return self.numbers["learning_rate"]

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        if self.schedule is not None:
            raise ArgumentError(
                "The learning rate follows a schedule and cannot be set; give the optimizer a "
                "number as `learning_rate` if a callback is to change it."
            )
        self.numbers["learning_rate"].assign(value)

    def exclude_from_weight_decay(
        self, var_list: Sequence[Variable] | None = None, var_names: Sequence[str] | None = None
    ) -> None:
        """Leave some weights out of the decay.

        Args:
            var_list: those weights.
            var_names: patterns (regular expressions) of their paths, e.g. `["bias", "gamma"]`.
        """
        exact = tuple(f"^{re.escape('/'.join(v.path))}$" for v in var_list or ())
        self.undecayed = (*self.undecayed, *exact, *(var_names or ()))

    def get_config(self) -> dict[str, Any]:
        """Return the constructor arguments that make an equal optimizer."""
        config = {name: float(variable) for name, variable in self.numbers.items()}
        if self.schedule is not None:
            config["learning_rate"] = serialize(self.schedule)
        return config | {
            "name": self.name,
            "weight_decay": config.get("weight_decay"),
            "clipnorm": self.clipnorm,
            "clipvalue": self.clipvalue,
            "global_clipnorm": self.global_clipnorm,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Optimizer:
        """Make an optimizer from what `get_config` returned, here or in Keras.

        Raises:
            ArgumentError: if it asks for a setting that is not there yet.
        """
        return cls(**known_config(cls, config))


class OptaxOptimizer(Optimizer):
    """Any optax transformation, as it is.

    Args:
        transformation: what to update the weights with. If it was made by
            `optax.inject_hyperparams`, callbacks can change its learning rate.
        name: a name.
    """

    def __init__(self, transformation: optax.GradientTransformation, name: str = "optax") -> None:
        super().__init__(0.0, name=name)
        self.inner = transformation
        numbers = getattr(transformation.init({}), "hyperparams", {})
        self.numbers = {k: Variable(v, dtype=v.dtype, name=k) for k, v in numbers.items()}

    def rule(self, numbers: Numbers) -> optax.GradientTransformation:
        return self.inner

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

    def get_config(self) -> dict[str, Any]:
        raise ArgumentError(
            "An optax transformation cannot be written to a file; the model is saved without its "
            "optimizer. Compile again after loading."
        )


def _clip_each(largest: float) -> optax.GradientTransformation:
    """Scale each gradient down to a norm of at most `largest`."""

    def clip(g: jax.Array) -> jax.Array:
        norm = jnp.sqrt(jnp.sum(jnp.square(g)))
        return jnp.where(norm > largest, g * (largest / jnp.maximum(norm, 1e-38)), g)

    return optax.stateless(lambda grads, _: jax.tree.map(clip, grads))
