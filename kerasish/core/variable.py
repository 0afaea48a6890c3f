"""A Variable is a declared weight; its value lives where it is owned."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np

from kerasish.core.errors import ArgumentError, PurityError, ShapeError
from kerasish.core.names import path_hash
from kerasish.core.paths import to_name
from kerasish.core.scope import current_scope
from kerasish.core.serialization import registry
from kerasish.core.settings import config

__all__ = ["Fixed", "ValueStore", "Variable", "name_prefix"]

# What the paths of new variables begin with; see `name_scope`.
name_prefix: ContextVar[tuple[str, ...]] = ContextVar("kerasish_name_prefix", default=())

_AGGREGATIONS = (None, "none", "mean", "sum", "only_first_replica")


class ValueStore(Protocol):
    """Whatever owns the value of a variable for a time: a running `fit`, say."""

    def read(self, variable: Variable) -> jax.Array:
        """Return the current value."""
        ...

    def write(self, variable: Variable, value: jax.Array) -> None:
        """Replace the current value."""
        ...

    def on_adopted_elsewhere(self, variable: Variable) -> None:
        """Note that another store owns the value from now on."""
        ...


class Fixed:
    """An initializer that gives one array.

    Args:
        value: the array.
    """

    def __init__(self, value: Any) -> None:
        self.value = value

    def __call__(self, shape: Any, dtype: Any) -> Any:
        return np.asarray(self.value, dtype)


class Variable:
    """A named array that a layer, metric or optimizer declares.

    It can be used wherever an array can: in operators, in `jnp` functions, as
    an argument of `jax.jit`. Inside a pure application (`layer.apply`) it
    stands for the value that was passed in; outside of one, for the value that
    it holds. Nothing is drawn until a value is first asked for.

    Args:
        initializer: a value, the name of an initializer, or a callable `(shape, dtype) -> array`.
        shape: the shape; taken from the value where one is given.
        dtype: the dtype; `kerasish.config.floatx()` unless told otherwise.
        trainable: whether optimizers change it.
        autocast: whether it is cast to the compute dtype of the layer that
            reads it (under a mixed dtype policy).
        aggregation: accepted for Keras's sake: values that are spread over
            devices are one array here.
        synchronization: accepted for Keras's sake.
        name: its name within its parent; `"variable"` by default.
        layout: must be None; arrays say themselves how they are sharded.
        regularizer: a penalty on its value, added to the loss.
        constraint: a projection applied after each update.

    Attributes:
        overwrite_with_gradient: whether its gradient is its next value, for optimizers that
            know of that.

    Raises:
        ShapeError: if an assigned value has another shape.
        ArgumentError: if there is no such `aggregation`, or a `layout`.
        UnknownNameError: if there is no initializer of that name.

    Examples:
        >>> v = Variable([1.0, 2.0], name="v")
        >>> v.assign_add([1.0, 1.0])
        >>> v.numpy()
        array([2., 3.], dtype=float32)
    """

    # In `array @ variable` with a NumPy array it is the variable that computes, on the device.
    __array_priority__ = 100

    def __init__(
        self,
        initializer: Any,
        shape: Sequence[int] | None = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        aggregation: str | None = "none",
        synchronization: str = "auto",
        name: str | None = None,
        layout: None = None,
        regularizer: Callable[[Any], Any] | None = None,
        constraint: Callable[[Any], Any] | None = None,
    ) -> None:
        if aggregation not in _AGGREGATIONS:
            raise ArgumentError(f"aggregation must be one of {_AGGREGATIONS}; got {aggregation!r}.")
        if layout is not None:
            raise ArgumentError(
                f"A Variable takes no layout; got {layout!r}. Assign an array that is sharded as "
                "you want it: `variable.assign(jax.device_put(value, sharding))`."
            )
        if isinstance(initializer, str):
            initializer = registry.resolve("initializers", initializer)
        self.name = name = name or "variable"
        self.aggregation = aggregation
        self.synchronization = synchronization
        self.trainable = trainable
        # Freezing does not move a weight in the order of `weights`.
        self.declared_trainable = trainable
        self.autocast = autocast
        # Whether it is one of the weights of its layer and goes into files.
        self.saved = True
        self.overwrite_with_gradient = False
        self.regularizer = regularizer
        self.constraint = constraint
        self.dtype = np.dtype(dtype or config.floatx())
        self.path: tuple[str, ...] = (*name_prefix.get(), name)
        # Its place in the nested dicts of its layer, if they are more than its name.
        self.keys: tuple[str, ...] = ()
        self.seed: int | None = None
        self.store: ValueStore | None = None
        self._value: jax.Array | None = None
        if callable(initializer):
            self.initializer = initializer
            self.shape = tuple(int(n) for n in shape or ())
        else:
            value = np.asarray(initializer, self.dtype)
            self.shape = value.shape
            self.initializer = Fixed(value)

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy is made of: the value as it is now, wherever it lives."""
        value = self.store.read(self) if self.store is not None else self._value
        return vars(self) | {"store": None, "_value": None if value is None else np.asarray(value)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        if self._value is not None:
            self._value = jnp.asarray(self._value)

    @property
    def has_value(self) -> bool:
        """Whether there is a value to read without drawing one."""
        return self._value is not None or self.store is not None

    @property
    def value(self) -> jax.Array:
        """The array that this variable stands for, here and now."""
        scope = current_scope()
        value = None if scope is None else scope.read(self)
        if value is None:
            if self.store is not None:
                value = self.store.read(self)
            elif scope is not None and scope.building and self._value is None:
                value = jnp.zeros(self.shape, self.dtype)  # being declared: the shape is enough
            else:
                value = self._own()
        if scope is not None and scope.compute_dtype and self.autocast:
            floating = jnp.issubdtype(self.dtype, jnp.floating)
            return value.astype(scope.compute_dtype) if floating else value
        return value

    def draw(self, seed: Any = None) -> np.ndarray | jax.Array:
        """Return a fresh initial value, a function of `seed` and `path` alone.

        Args:
            seed: another seed than the variable's.

        Initializers draw on the host: hundreds of small draws are tens of
        times faster there than as so many device programs.
        """
        if seed is None:
            seed = self.seed = config.next_seed() if self.seed is None else self.seed
        initializer: Any = self.initializer
        value: np.ndarray | jax.Array
        if hasattr(initializer, "draw_at"):
            value = initializer.draw_at(seed, self.path)
        elif hasattr(initializer, "draw"):
            rng = np.random.default_rng((seed, path_hash(*self.path)))
            value = initializer.draw(rng, self.shape, self.dtype)
        else:
            value = initializer(self.shape, self.dtype)
        if np.shape(value) != self.shape:
            raise ShapeError(
                f"The initializer of {self.name!r} was asked for shape {self.shape} "
                f"and returned {np.shape(value)}."
            )
        return value

    def _own(self) -> jax.Array:
        if self._value is None:
            # The value belongs to the process, not to a trace that happens to read it first.
            with jax.ensure_compile_time_eval():
                self._value = jnp.asarray(self.draw(), self.dtype)
        return self._value

    def assign(self, value: Any) -> None:
        """Replace the value.

        Args:
            value: an array of the variable's shape; cast to its dtype.

        Raises:
            ShapeError: if the shape differs.
            PurityError: where a JAX transformation would lose the write.
        """
        value = jnp.asarray(value, self.dtype)
        if value.shape != self.shape:
            raise ShapeError(
                f"The weight {self.name!r} has shape {self.shape} and cannot take a value of "
                f"shape {value.shape}."
            )
        scope = current_scope()
        if scope is not None:
            scope.write(self, value)
        elif isinstance(value, jax.core.Tracer):
            raise PurityError(
                f"{self.name!r} was assigned under a JAX transformation; its value would leak. "
                "Use the pure view, which returns the new state: "
                "`y, state = model.apply(params, state, x)`."
            )
        elif self.store is not None:
            self.store.write(self, value)
        else:
            self._value = value

    def keep(self, value: jax.Array) -> None:
        """Hold a value, whatever scope is open: for what is no part of an application."""
        self._value = value

    def assign_add(self, value: Any) -> None:
        """Add to the value."""
        self.assign(self.value + jnp.asarray(value, self.dtype))

    def assign_sub(self, value: Any) -> None:
        """Subtract from the value."""
        self.assign(self.value - jnp.asarray(value, self.dtype))

    def numpy(self) -> np.ndarray:
        """Return a copy of the value as a NumPy array."""
        return np.array(self.value)

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def T(self) -> jax.Array:
        """The transposed value."""
        return self.value.T

    def astype(self, dtype: Any) -> jax.Array:
        """Return the value in another dtype."""
        return self.value.astype(dtype)

    def __jax_array__(self) -> jax.Array:
        return self.value

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.value, dtype=dtype)

    def __getitem__(self, index: Any) -> jax.Array:
        return self.value[index]

    def __float__(self) -> float:
        return float(self.value)

    def __int__(self) -> int:
        return int(self.value)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __len__(self) -> int:
        return len(self.value)

    def __neg__(self) -> jax.Array:
        return -self.value

    def __abs__(self) -> jax.Array:
        return abs(self.value)

    def __repr__(self) -> str:
        path = to_name(self.path)
        return f"<Variable path={path}, shape={self.shape}, dtype={self.dtype.name}>"


def _add_operators() -> None:
    """Give Variable the operators of an array, in both directions."""
    both = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul")
    for name in (*both, "lt", "le", "gt", "ge"):
        function = getattr(operator, name)
        setattr(Variable, f"__{name}__", lambda self, other, f=function: f(self.value, other))
        if name in both:
            setattr(Variable, f"__r{name}__", lambda self, other, f=function: f(other, self.value))


_add_operators()

# Inside a transformation a Variable is its value; what comes back out is an array.
jax.tree_util.register_pytree_node(
    Variable, lambda variable: ((variable.value,), None), lambda _, leaves: leaves[0]
)
