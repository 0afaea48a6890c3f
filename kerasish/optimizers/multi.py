"""MultiOptimizer: one optimizer for some weights, another for others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any, NamedTuple, Self

import jax
import numpy as np

from kerasish.core.errors import ArgumentError
from kerasish.core.paths import Path, Tree, from_name, keys_to_name, to_name
from kerasish.core.serialization.registry import custom_objects as custom_scope
from kerasish.core.serialization.registry import deserialize, serialize
from kerasish.core.types import Array, ArrayLike, Config
from kerasish.core.variable import Variable
from kerasish.optimizers.base import Optimizer, optimizers
from kerasish.optimizers.state import OptimizerState

__all__ = ["MultiOptimizer", "OptimizerMap"]


class Weight(NamedTuple):
    """A weight, for which an optimizer is chosen.

    Attributes:
        path: the path of the weight: `"encoder/dense/kernel"`.
        name: its last part.
        shape: its shape.
        dtype: its dtype.
    """

    path: str
    name: str
    shape: tuple[int, ...]
    dtype: np.dtype


@optimizers.register()
class OptimizerMap(MutableMapping[str, Optimizer]):
    """Choose the optimizer of a weight by a pattern of its path.

    Args:
        default_optimizer: the optimizer of weights that no pattern matches.
        optimizer_map: optimizers by pattern: regular expressions that match the whole path, as
            `"encoder/.*"` matches `"encoder/dense/kernel"`. A path takes precedence over patterns.

    Raises:
        ArgumentError: if a value is not an optimizer, or a key is not a pattern or is in the
            map already.

    Examples:
        >>> from kerasish.optimizers import SGD, Adam
        >>> chosen = OptimizerMap(Adam(), {".*bias": SGD()})
        >>> chosen["dense/kernel"].name, chosen["dense/bias"].name
        ('adam', 'sgd')
    """

    def __init__(
        self,
        default_optimizer: Optimizer | Config,
        optimizer_map: Mapping[str, Optimizer | Config] | None = None,
    ) -> None:
        self.default_optimizer = _optimizer(default_optimizer)
        self._map: dict[str, Optimizer] = {}
        for pattern, optimizer in (optimizer_map or {}).items():
            self[pattern] = optimizer

    def __getitem__(self, path: str) -> Optimizer:
        if path in self._map:
            return self._map[path]
        fits = [pattern for pattern in self._map if re.fullmatch(pattern, path)]
        if len(fits) > 1:
            raise ArgumentError(f"Several patterns of the OptimizerMap fit {path!r}: {fits}.")
        return self._map[fits[0]] if fits else self.default_optimizer

    def __setitem__(self, pattern: str, optimizer: Optimizer | Config) -> None:
        if pattern in self._map:
            raise ArgumentError(f"{pattern!r} is in the OptimizerMap already; delete it first.")
        try:
            re.compile(pattern)
        except (re.error, TypeError) as error:
            raise ArgumentError(f"{pattern!r} is not a regular expression: {error}.") from error
        self._map[pattern] = _optimizer(optimizer)

    def __delitem__(self, pattern: str) -> None:
        del self._map[pattern]

    def __iter__(self) -> Iterator[str]:
        return iter(self._map)

    def __len__(self) -> int:
        return len(self._map)

    def __call__(self, weight: Weight) -> Optimizer:
        """Return the optimizer of a weight."""
        return self[weight.path]

    def get_config(self) -> Config:
        """Return the constructor arguments that make an equal map."""
        default, others = serialize(self.default_optimizer), serialize(self._map)
        return {"default_optimizer": default, "optimizer_map": others}

    @classmethod
    def from_config(cls, config: Config, custom_objects: dict[str, Any] | None = None) -> Self:
        """Make a map from what `get_config` returned, here or in Keras.

        Args:
            config: that dict.
            custom_objects: classes and functions that it names, by name.
        """
        with custom_scope(custom_objects):
            return cls(**config)


@optimizers.register()
class MultiOptimizer(Optimizer):
    """Update each weight by one of several optimizers.

    Args:
        optimizer_map: an `OptimizerMap`, or a function from a weight (with `path`, `name`,
            `shape`, `dtype`) to an optimizer.
        loss_scale_factor: see `Optimizer`.
        name: a name.

    Raises:
        ArgumentError: if `optimizer_map` is neither.

    Attributes:
        optimizers: the optimizers, each once.

    Examples:
        >>> from kerasish.optimizers import SGD, Adam
        >>> optimizer = MultiOptimizer(OptimizerMap(Adam(0.01), {"encoder/.*": SGD(0.1)}))
        >>> [each.name for each in optimizer.optimizers]
        ['sgd', 'adam']
    """

    def __init__(
        self,
        optimizer_map: OptimizerMap | Callable[[Weight], Optimizer] | Config,
        loss_scale_factor: float | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(0.0, loss_scale_factor=loss_scale_factor, name=name)
        if isinstance(optimizer_map, dict):
            optimizer_map = deserialize(optimizer_map)
        if not callable(optimizer_map):
            raise ArgumentError(
                "MultiOptimizer needs an OptimizerMap, or a function from a weight to an "
                f"optimizer; got {optimizer_map!r}."
            )
        self.optimizer_map = optimizer_map
        self._chosen: dict[str, str] = {}
        self._kerasish_hyperparams = {}
        if isinstance(optimizer_map, OptimizerMap):
            for each in (*optimizer_map.values(), optimizer_map.default_optimizer):
                self._key(each)

    @property
    def optimizers(self) -> list[Optimizer]:
        """The optimizers, each once; with a function, those of the weights that there are."""
        return list(self._kerasish_inner_optimizers.values())

    def _key(self, optimizer: Optimizer | Config) -> str:
        """Return the key of an inner optimizer; a new one is added."""
        known = next(
            (k for k, each in self._kerasish_inner_optimizers.items() if each is optimizer), None
        )
        if known is None:
            known = str(len(self._kerasish_inner_optimizers))
            self._kerasish_inner_optimizers[known] = self._scaled(_optimizer(optimizer))
        return known

    def _scaled(self, optimizer: Optimizer) -> Optimizer:
        """Set the loss scale of an inner optimizer, which divides gradients by it."""
        if optimizer.loss_scale_factor not in (None, self.loss_scale_factor):
            raise ArgumentError(
                "The loss has one scale: give `loss_scale_factor` to the MultiOptimizer, and not "
                f"to {optimizer.name!r} within it."
            )
        optimizer.loss_scale_factor = self.loss_scale_factor
        return optimizer

    def _choice(self, name: str, w: Array) -> str:
        """Return the key of a weight's optimizer; a function is called once for each weight."""
        if name not in self._chosen:
            weight = Weight(name, from_name(name)[-1], w.shape, w.dtype)
            self._chosen[name] = self._key(self.optimizer_map(weight))
        return self._chosen[name]

    def _split(self, params: Tree, *trees: Tree) -> dict[str, tuple[Tree, ...]]:
        """Return for each inner optimizer the trees, with only its own weights in them."""
        leaves, structure = jax.tree_util.tree_flatten_with_path(params)
        keys = [self._choice(keys_to_name(path), w) for path, w in leaves]
        flat = [jax.tree.leaves(tree) for tree in (params, *trees)]

        def only(key: str, column: list[Array]) -> Tree:
            own = [leaf if k == key else None for k, leaf in zip(keys, column, strict=True)]
            tree: Tree = jax.tree.unflatten(structure, own)
            return tree

        return {
            key: tuple(only(key, column) for column in flat)
            for key in self._kerasish_inner_optimizers
        }

    def _kerasish_init(self, params: Tree) -> OptimizerState:
        inner = {
            key: self._kerasish_inner_optimizers[key]._kerasish_init(own)
            for key, (own,) in self._split(params).items()
        }
        inner["learning_rate"] = np.zeros((), "float32")  # unused, but files of Keras have it
        return OptimizerState(np.zeros((), "int32"), {}, inner)

    def _kerasish_update(
        self, grads: Tree, state: OptimizerState, params: Tree
    ) -> tuple[Tree, OptimizerState]:
        updates: dict[Any, Any] = {}
        inner = dict(state.inner)
        for key, (own, own_grads) in self._split(params, grads).items():
            update = self._kerasish_inner_optimizers[key]._kerasish_update
            found, inner[key] = update(own_grads, state.inner[key], own)
            updates |= dict(jax.tree_util.tree_flatten_with_path(found)[0])
        paths, structure = jax.tree_util.tree_flatten_with_path(params)
        merged = jax.tree.unflatten(structure, [updates[path] for path, _ in paths])
        return merged, OptimizerState(state.step + 1, {}, inner)

    def _kerasish_create_formula_slots(
        self, weights: dict[Path, Variable], state: OptimizerState, *, fill: bool
    ) -> None:
        if not isinstance(self.optimizer_map, OptimizerMap):
            order = dict.fromkeys(self._chosen[to_name(path)] for path in weights)
            self._kerasish_inner_optimizers = {
                key: self._kerasish_inner_optimizers[key]
                for key in (*order, *self._kerasish_inner_optimizers)
            }
        super()._kerasish_create_formula_slots(weights, state, fill=fill)

    def _kerasish_rate_variables(self) -> list[Variable]:
        return []

    def _kerasish_slot_paths(self, weights: list[Path], state: OptimizerState) -> Iterator[Path]:
        yield "inner", "learning_rate"

    @property
    def learning_rate(self) -> Variable | Array:
        """Not available; see the learning rates of `optimizers`.

        Raises:
            ArgumentError: always.
        """
        raise ArgumentError(
            "A MultiOptimizer has no learning rate of its own; see those of its `optimizers`."
        )

    @learning_rate.setter
    def learning_rate(self, value: ArrayLike) -> None:
        type(self).learning_rate.fget(self)  # type: ignore[attr-defined]

    def get_config(self) -> Config:
        return {
            "optimizer_map": serialize(self.optimizer_map),
            "loss_scale_factor": self.loss_scale_factor,
            "name": self.name,
        }


def _optimizer(given: Optimizer | Config) -> Optimizer:
    if isinstance(given, dict):
        given = deserialize(given)
    if not isinstance(given, Optimizer):
        raise ArgumentError(f"{given!r} is not an optimizer; give one of `kerasish.optimizers`.")
    return given
