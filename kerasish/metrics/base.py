"""Metric: numbers that add up over batches and give a result at the end."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from kerasish.core import config
from kerasish.core.names import snake_case
from kerasish.core.registry import Registry, resolve
from kerasish.core.scope import Scope
from kerasish.core.tree import own_variables
from kerasish.core.variable import Variable

__all__ = ["Metric", "metrics"]

metrics = Registry("metric", "metrics", instantiate=True)

MetricState = dict[str, jax.Array]


class Metric:
    """The base of metrics.

    A subclass declares its sums with `add_weight`, adds to them in
    `update_state` and computes from them in `result`, as in Keras. From these
    follow four pure functions, which is what training uses: a metric is a
    monoid, so batches can be taken in any order and shards be merged::

        state = metric.init()
        state = metric.update(state, y_true, y_pred)
        state = metric.merge(state, other_state)
        value = metric.compute(state)

    Args:
        dtype: the dtype of the sums; `floatx()` by default.
        name: a name; it is the key in `logs` and `history`.

    Example:
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

    def __init__(self, dtype: Any = None, name: str | None = None) -> None:
        self.name = name or snake_case(type(self).__name__)
        self.dtype = str(dtype or config.floatx())

    def add_weight(
        self, shape: Any = (), initializer: Any = None, dtype: Any = None, name: str = "variable"
    ) -> Variable:
        """Declare a sum (or count, ...). Keep what is returned in an attribute."""
        return Variable(
            resolve("initializers", initializer or "zeros"),
            shape,
            dtype or self.dtype,
            trainable=False,
            name=name,
        )

    add_variable = add_weight

    # The shell.

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Take a batch into account: usually `(y_true, y_pred, sample_weight=None)`."""
        raise NotImplementedError

    def result(self) -> Any:
        """Return the value over everything since the last reset."""
        raise NotImplementedError

    def reset_state(self) -> None:
        """Forget everything."""
        for variable in self.variables:
            variable.assign(variable.draw())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Update, and return the result so far."""
        self.update_state(*args, **kwargs)
        return self.result()

    @property
    def variables(self) -> list[Variable]:
        """The sums."""
        return own_variables(self)

    # The pure view.

    def init(self) -> MetricState:
        """Return the state before the first batch."""
        return {v.name: jnp.asarray(v.draw(), v.dtype) for v in self.variables}

    def update(self, state: MetricState, *args: Any, **kwargs: Any) -> MetricState:
        """Return the state after a further batch."""
        with Scope() as scope:
            for variable in self.variables:
                scope.bind(variable, state[variable.name])
            self.update_state(*args, **kwargs)
            return {v.name: scope.read(v) for v in self.variables}

    def merge(self, state: MetricState, other: MetricState) -> MetricState:
        """Return the state after the batches of both. The sums add up, unless overridden."""
        merged: MetricState = jax.tree.map(jnp.add, state, other)
        return merged

    def compute(self, state: MetricState) -> Any:
        """Return the value that a state stands for."""
        with Scope() as scope:
            for variable in self.variables:
                scope.bind(variable, state[variable.name])
            return jnp.asarray(self.result())

    def get_config(self) -> dict[str, Any]:
        """Return the constructor arguments that make an equal metric."""
        return {"name": self.name, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Metric:
        """Make a metric from what `get_config` returned."""
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"
