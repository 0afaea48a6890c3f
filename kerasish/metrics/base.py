"""Metric: numbers that add up over batches and give a result at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core.dtypes import policy_of
from kerasish.core.errors import ArgumentError, NotBuiltError
from kerasish.core.names import snake_case, unique_name
from kerasish.core.scope import Scope
from kerasish.core.serialization.registry import Registry, resolve
from kerasish.core.settings import config
from kerasish.core.surface.representation import representation
from kerasish.core.tree import collect_attributes, own_variables
from kerasish.core.types import DTypeLike, InitializerLike, PyTree
from kerasish.core.variable import Variable

__all__ = ["Metric", "metrics"]

metrics = Registry("metric", "metrics", instantiate=True)

MetricState = dict[str, jax.Array]


class Metric:
    """The base of metrics.

    A subclass declares its sums with `add_weight`, adds to them in
    `update_state` and computes from them in `result`, as in Keras. It may hold
    other metrics, whose sums are then among its own. From these follow four
    pure functions, which is what training uses: a metric is a monoid, so
    batches can be taken in any order and shards be merged::

        state = metric.init()
        state = metric.update(state, y_true, y_pred)
        state = metric.merge(state, other_state)
        value = metric.compute(state)

    Args:
        dtype: the dtype of the sums; `floatx()` by default.
        name: a name; it is the key in `logs` and `history`.

    Examples:
        >>> class Largest(Metric):
        ...     def __init__(self, name="largest"):
        ...         super().__init__(name=name)
        ...         self.top = self.add_weight(name="top")
        ...     def update_state(self, y_true, y_pred, sample_weight=None):
        ...         self.top.assign(jnp.maximum(self.top, jnp.max(y_pred)))
        ...     def result(self):
        ...         return self.top
        >>> metric = Largest()
        >>> metric.update_state(None, jnp.array([1.0, 5.0]))
        >>> float(metric.result())
        5.0
    """

    def __init__(self, dtype: DTypeLike | None = None, name: str | None = None) -> None:
        self.name = name or snake_case(type(self).__name__)
        self.dtype = policy_of(dtype or config.floatx()).variable_dtype

    def add_variable(
        self,
        shape: Sequence[int],
        initializer: InitializerLike | None = None,
        dtype: DTypeLike | None = None,
        aggregation: str | None = "sum",
        name: str | None = None,
    ) -> Variable:
        """Declare a sum (or count, ...). Keep what is returned in an attribute.

        Args:
            shape: its shape.
            initializer: what it begins with; zeros by default.
            dtype: its dtype; the metric's by default.
            aggregation: accepted as in Keras; `merge` says how shards are put together.
            name: its name.
        """
        return Variable(
            resolve("initializers", initializer or "zeros"),
            shape,
            dtype or self.dtype,
            trainable=False,
            name=name or "variable",
        )

    def add_weight(
        self,
        shape: Sequence[int] = (),
        initializer: InitializerLike | None = None,
        dtype: DTypeLike | None = None,
        name: str | None = None,
    ) -> Variable:
        """Declare a sum (or count, ...). Keep what is returned in an attribute."""
        return self.add_variable(shape, initializer, dtype, name=name)

    # The shell.

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Take a batch into account: usually `(y_true, y_pred, sample_weight=None)`."""
        raise NotImplementedError

    def result(self) -> PyTree:
        """Return the value over everything since the last reset."""
        raise NotImplementedError

    def reset_state(self) -> None:
        """Forget everything."""
        for variable in self.variables:
            variable.assign(variable.draw())

    def __call__(self, *args: Any, **kwargs: Any) -> PyTree:
        """Update, and return the result so far."""
        self.update_state(*args, **kwargs)
        return self.result()

    @property
    def variables(self) -> list[Variable]:
        """The sums, those of metrics inside this one last."""
        found = own_variables(self)
        for metric in collect_attributes(self, Metric):
            found += metric.variables
        # The state holds them by name: of several that are called alike the later get numbers.
        taken: set[str] = set()
        for variable in found:
            variable.name = unique_name(variable.name, taken)
            taken.add(variable.name)
        return found

    # The pure view.

    def init(self) -> MetricState:
        """Return the state before the first batch."""
        with self._kerasish_bound(
            {v.name: jnp.asarray(v.draw(), v.dtype) for v in self.variables}
        ) as scope:
            self.reset_state()
            return {v.name: scope.read(v) for v in self.variables}

    def update(self, state: MetricState, *args: Any, **kwargs: Any) -> MetricState:
        """Return the state after a further batch."""
        with self._kerasish_bound(state) as scope:
            self.update_state(*args, **kwargs)
            return {v.name: scope.read(v) for v in self.variables}

    # A subclass may have attributes of these names for other ends.
    _kerasish_init, _kerasish_update = init, update

    def merge(self, state: MetricState, other: MetricState) -> MetricState:
        """Return the state after the batches of both. The sums add up, unless overridden."""
        merged: MetricState = jax.tree.map(jnp.add, state, other)
        return merged

    def compute(self, state: MetricState) -> Any:
        """Return the value that a state stands for."""
        with self._kerasish_bound(state):
            return jax.tree.map(jnp.asarray, self.result())

    _kerasish_compute = compute

    @contextmanager
    def _kerasish_bound(self, state: MetricState) -> Iterator[Scope]:
        """Give the sums the values of a state for a time."""
        with Scope() as scope:
            for variable in self.variables:
                scope.bind(variable, state[variable.name])
            yield scope

    def _kerasish_ensure_built(self, *args: Any, **kwargs: Any) -> None:
        """Declare sums whose shapes come from a first batch, by following it abstractly.

        Args:
            *args: what `update_state` takes: arrays, or shapes and dtypes.
            **kwargs: likewise.
        """
        if not self.variables:
            jax.eval_shape(
                lambda args, kwargs: self._kerasish_update({}, *args, **kwargs), args, kwargs
            )

    def _kerasish_check_built(self) -> None:
        """Raise NotBuiltError if the sums are still to be declared by a first batch."""
        if not self.variables:
            raise NotBuiltError(
                f"{type(self).__name__} takes the number of its outputs from a first batch; call "
                "`update_state` before asking for the result."
            )

    # The pure view as Keras has it: a list of arrays in the order of `variables`.

    def stateless_update_state(
        self, metric_variables: Sequence[Any], *args: Any, **kwargs: Any
    ) -> list[jax.Array]:
        """Return new values of the variables, after a further batch."""
        return list(
            self._kerasish_update(
                self._kerasish_by_name(metric_variables), *args, **kwargs
            ).values()
        )

    def stateless_result(self, metric_variables: Sequence[Any]) -> Any:
        """Return the value that values of the variables stand for."""
        return self._kerasish_compute(self._kerasish_by_name(metric_variables))

    def stateless_reset_state(self) -> list[jax.Array]:
        """Return the values of the variables before the first batch."""
        return list(self._kerasish_init().values())

    def _kerasish_by_name(self, values: Sequence[Any]) -> MetricState:
        names = [v.name for v in self.variables]
        if len(names) != len(values):
            raise ArgumentError(
                f"{self.name!r} has {len(names)} variables ({', '.join(names)}); "
                f"{len(values)} values were given."
            )
        return dict(zip(names, map(jnp.asarray, values), strict=True))

    def get_config(self) -> dict[str, Any]:
        """Return the constructor arguments that make an equal metric."""
        return {"name": self.name, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Metric:
        """Make a metric from what `get_config` returned."""
        return cls(**config)

    def __repr__(self) -> str:
        return representation(self)
