"""MultiOptimizer: one optimizer for some weights, another for others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any, NamedTuple

import jax
import numpy as np

from kerasish.core.errors import ArgumentError
from kerasish.core.paths import Path, Tree, keys_to_name
from kerasish.core.serialization.registry import custom_objects as custom_scope
from kerasish.core.serialization.registry import deserialize, serialize
from kerasish.core.variable import Variable
from kerasish.optimizers.base import Optimizer, optimizers
from kerasish.optimizers.state import OptimizerState

__all__ = ["MultiOptimizer", "OptimizerMap"]


class Weight(NamedTuple):
    """What a choice of an optimizer may depend on.

    Attributes:
        path: the path of the weight: `"encoder/dense/kernel"`.
        name: its last part.
        shape: its shape.
        dtype: its dtype.
    """

    path: str
    name: str
    shape: tuple[int, ...]
    dtype: Any


@optimizers.register()
class OptimizerMap(MutableMapping[str, Optimizer]):
    """Which optimizer a weight has, by a pattern of its path.

    Args:
        default_optimizer: that of weights that no pattern fits.
        optimizer_map: optimizers by pattern: regular expressions that fit the whole path, as
            `"encoder/.*"` does `"encoder/dense/kernel"`. A path counts before a pattern.

    Raises:
        ArgumentError: if something is no optimizer, no pattern, or is in the map already.

    Examples:
        >>> from kerasish.optimizers import SGD, Adam
        >>> chosen = OptimizerMap(Adam(), {".*bias": SGD()})
        >>> chosen["dense/kernel"].name, chosen["dense/bias"].name
        ('adam', 'sgd')
    """

    def __init__(self, default_optimizer: Any, optimizer_map: dict[str, Any] | None = None) -> None:
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

    def __setitem__(self, pattern: str, optimizer: Any) -> None:
        if pattern in self._map:
            raise ArgumentError(f"{pattern!r} is in the OptimizerMap already; delete it first.")
        try:
            re.compile(pattern)
        except (re.error, TypeError) as error:
            raise ArgumentError(f"{pattern!r} is no regular expression: {error}.") from error
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

    def get_config(self) -> dict[str, Any]:
        """Return the constructor arguments that make an equal map."""
        default, others = serialize(self.default_optimizer), serialize(self._map)
        return {"default_optimizer": default, "optimizer_map": others}

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None
    ) -> OptimizerMap:
        """Make a map from what `get_config` returned, here or in Keras.

        Args:
            config: that dict.
            custom_objects: classes and functions that it names, by name.
        """
        with custom_scope(custom_objects):
            return cls(**config)


@optimizers.register()
class MultiOptimizer(Optimizer):
    """Leaves each weight to one of several optimizers.

    Args:
        optimizer_map: an `OptimizerMap`, or a function from a weight (with `path`, `name`,
            `shape`, `dtype`) to an optimizer.
        loss_scale_factor: see `Optimizer`.
        name: a name.

    Raises:
        ArgumentError: if it is neither.

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
        optimizer_map: OptimizerMap | Callable[[Weight], Optimizer] | dict[str, Any],
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
        self.numbers = {}
        if isinstance(optimizer_map, OptimizerMap):
            for each in (*optimizer_map.values(), optimizer_map.default_optimizer):
                self._key(each)

    @property
    def optimizers(self) -> list[Optimizer]:
        """The optimizers, each once; with a function, those of the weights that there are."""
        return list(self._kerasish_children.values())

    def _key(self, optimizer: Any) -> str:
        """Return the key of an optimizer among the children, where it is put if it is new."""
        known = next(
            (key for key, each in self._kerasish_children.items() if each is optimizer), None
        )
        if known is None:
            known = str(len(self._kerasish_children))
            self._kerasish_children[known] = self._scaled(_optimizer(optimizer))
        return known

    def _scaled(self, optimizer: Optimizer) -> Optimizer:
        """Have an optimizer divide by the factor that the whole loss is multiplied by."""
        if optimizer.loss_scale_factor not in (None, self.loss_scale_factor):
            raise ArgumentError(
                "The loss has one scale: give `loss_scale_factor` to the MultiOptimizer, and not "
                f"to {optimizer.name!r} within it."
            )
        optimizer.loss_scale_factor = self.loss_scale_factor
        return optimizer

    def _choice(self, path: Any, w: Any) -> str:
        """Return the key of a weight's optimizer; a function is asked once for each weight."""
        name = keys_to_name(path)
        if name not in self._chosen:
            weight = Weight(name, name.rpartition("/")[2], w.shape, w.dtype)
            self._chosen[name] = self._key(self.optimizer_map(weight))
        return self._chosen[name]

    def _split(self, params: Tree, *trees: Tree) -> dict[str, tuple[Tree, ...]]:
        """Return for each child trees in which only its own weights are."""
        leaves, structure = jax.tree_util.tree_flatten_with_path(params)
        keys = [self._choice(path, w) for path, w in leaves]
        flat = [jax.tree.leaves(tree) for tree in (params, *trees)]

        def only(key: str, column: list[Any]) -> Tree:
            own = [leaf if k == key else None for k, leaf in zip(keys, column, strict=True)]
            return jax.tree.unflatten(structure, own)  # type: ignore[no-any-return]

        return {key: tuple(only(key, column) for column in flat) for key in self._kerasish_children}

    def init(self, params: Tree) -> OptimizerState:
        parts = self._split(params)
        inner = {key: self._kerasish_children[key].init(own) for key, (own,) in parts.items()}
        inner["learning_rate"] = np.zeros((), "float32")  # of no use, but files of Keras have it
        return OptimizerState(np.zeros((), "int32"), {}, inner)

    def update(
        self, grads: Tree, state: OptimizerState, params: Tree
    ) -> tuple[Tree, OptimizerState]:
        updates: dict[Any, Any] = {}
        inner = dict(state.inner)
        for key, (own, slopes) in self._split(params, grads).items():
            found, inner[key] = self._kerasish_children[key].update(slopes, state.inner[key], own)
            updates |= dict(jax.tree_util.tree_flatten_with_path(found)[0])
        paths, structure = jax.tree_util.tree_flatten_with_path(params)
        merged = jax.tree.unflatten(structure, [updates[path] for path, _ in paths])
        return merged, OptimizerState(state.step + 1, {}, inner)

    def _kerasish_make_slots(
        self, weights: dict[Path, Variable], state: OptimizerState, *, fill: bool
    ) -> None:
        if not isinstance(self.optimizer_map, OptimizerMap):
            order = dict.fromkeys(self._chosen["/".join(path)] for path in weights)
            self._kerasish_children = {
                key: self._kerasish_children[key] for key in (*order, *self._kerasish_children)
            }
        super()._kerasish_make_slots(weights, state, fill=fill)

    def _kerasish_rates(self) -> list[Variable]:
        return []

    def _kerasish_order(self, weights: list[Path], state: OptimizerState) -> Iterator[Path]:
        yield "inner", "learning_rate"

    @property
    def learning_rate(self) -> Any:
        """There is none; see `optimizers`.

        Raises:
            ArgumentError: always.
        """
        raise ArgumentError(
            "A MultiOptimizer has no learning rate of its own; see those of its `optimizers`."
        )

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        type(self).learning_rate.fget(self)  # type: ignore[attr-defined]

    def get_config(self) -> dict[str, Any]:
        return {
            "optimizer_map": serialize(self.optimizer_map),
            "loss_scale_factor": self.loss_scale_factor,
            "name": self.name,
        }


def _optimizer(given: Any) -> Optimizer:
    if isinstance(given, dict):
        given = deserialize(given)
    if not isinstance(given, Optimizer):
        raise ArgumentError(f"{given!r} is no optimizer; give one of `kerasish.optimizers`.")
    return given
